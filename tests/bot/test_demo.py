"""The demo command: starts by itself, keeps what was done, ends with all it started."""

import asyncio
import signal
import socket
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.demo_process import Demo

pytestmark = pytest.mark.slow

INSPECTOR, OFFICER, GROUP = 101, 103, -1_002_000_000_101
STOP_SECONDS = 12.0


async def read(demo: Demo, path: str) -> dict[str, Any]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{demo.url}/sandbox/{path}") as got,
    ):
        found: dict[str, Any] = await got.json()
        return found


async def act(demo: Demo, path: str, body: dict[str, Any]) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{demo.url}/sandbox/{path}", json=body) as got,
    ):
        assert got.status == 200, await got.text()


async def words(demo: Demo, chat: str) -> str:
    """All texts and button labels of a chat."""
    messages = (await read(demo, f"chats/{chat}"))["messages"]
    keys = [key["text"] for m in messages for row in m.get("inline_keyboard") or [] for key in row]
    return "\n".join([*(m.get("text") or "" for m in messages), *keys])


async def until_said(demo: Demo, chat: str, text: str) -> None:
    for _ in range(200):
        if text in await words(demo, chat):
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"{text} did not come")


async def chat_of(demo: Demo, person: int) -> str:
    chats = (await read(demo, "chats"))["chats"]
    return next(str(c["key"]) for c in chats if c.get("user_id") == person)


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


async def test_demo__stopped_and_started__keeps_chats_draft_and_clock(tmp_path: Path) -> None:
    demo = Demo(tmp_path / "demo")
    assert await demo.start() is None, await demo.errors()
    labels = [user["label"]["en"] for user in (await read(demo, "users"))["users"]]
    assert labels == ["Inspector", "Officer", "Citizen", "Organiser"]
    await until_said(demo, str(GROUP), "覆盖率")
    await act(demo, f"people/{INSPECTOR}/start", {})
    chat = await chat_of(demo, INSPECTOR)
    await until_said(demo, chat, "开始检查")
    await act(demo, f"people/{INSPECTOR}/send", {"text": "柳州市示范医院"})
    await act(demo, "clock", {"advance_seconds": 7_200})

    began = time.monotonic()
    assert await demo.stop(signal.SIGINT) == 0
    assert time.monotonic() - began < STOP_SECONDS
    assert not answers(demo.port)
    before = await _restarted(demo, chat)
    assert "开始检查" in before

    assert await demo.stop(signal.SIGTERM) == 0
    again = Demo(demo.data, demo.port)
    assert await again.start("--reset") is None
    chats = (await read(again, "chats"))["chats"]
    assert INSPECTOR not in {c.get("user_id") for c in chats if c.get("started")}
    assert abs((await read(again, "clock"))["offset_seconds"]) < 60
    assert await again.stop() == 0


async def _restarted(demo: Demo, chat: str) -> str:
    """Start the same demo again; its clock still runs two hours ahead."""
    assert await demo.start() is None, await demo.errors()
    now = datetime.fromisoformat((await read(demo, "clock"))["now"])
    assert now - datetime.now(UTC) > timedelta(hours=1, minutes=55)
    return await words(demo, chat)


async def test_demo__killed_hard__takes_its_children_along(tmp_path: Path) -> None:
    demo = Demo(tmp_path / "demo")
    assert await demo.start() is None, await demo.errors()
    assert answers(demo.port)
    await demo.stop(signal.SIGKILL)
    for _ in range(int(STOP_SECONDS * 10)):
        if not answers(demo.port) and not _runs(demo.data):
            return
        await asyncio.sleep(0.1)
    raise AssertionError("a child outlived the demo")


def _runs(data: Path) -> bool:
    """Whether any process still has to do with this demo's data."""
    wanted = str(data).encode()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if wanted in (process / "environ").read_bytes() + (process / "cmdline").read_bytes():
                return True
        except OSError:
            continue
    return False


async def test_demo__port_taken__says_so_in_one_line_and_touches_nothing(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        demo = Demo(tmp_path / "demo", other.getsockname()[1])
        assert await demo.start("--reset") == 1
    said = await demo.errors()
    assert said.count("\n") == 1
    assert f"port {demo.port} cannot be used" in said
    assert not demo.data.exists()
