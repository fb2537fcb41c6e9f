"""Faults, flood limits, clock, events, restarts: what the house's own tests lean on."""

import asyncio
import socket
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from telegram.error import NetworkError, RetryAfter, TelegramError
from telegram.ext import ExtBot

from sandbox import server as sandbox_server
from sandbox.client import Client, Person, Refused
from sandbox.limits import Limits


def texts(messages: list[dict[str, Any]]) -> list[str]:
    return [m.get("text", "") for m in messages]


@pytest.mark.parametrize(
    ("fault", "aiogram_error", "done"),
    [
        ({"kind": "http_500"}, TelegramServerError, False),
        ({"kind": "429", "retry_after": 7}, TelegramRetryAfter, False),
        ({"kind": "drop_before"}, TelegramNetworkError, False),
        ({"kind": "drop_after"}, TelegramNetworkError, True),
        ({"kind": "timeout", "seconds": 0.05}, TelegramNetworkError, False),
        ({"kind": "error", "description": "Bad Request: X_INVALID"}, TelegramBadRequest, False),
        ({"kind": "token_revoked", "count": 1}, TelegramUnauthorizedError, False),
    ],
)
async def test_fault__once_for_one_method__meets_that_call_only(
    aio: Bot,
    client: Client,
    anna: Person,
    fault: dict[str, Any],
    aiogram_error: type[Exception],
    done: bool,
) -> None:
    await client.fault(method="sendMessage", chat_id=anna.id, **fault)
    await aio.get_me()
    with pytest.raises(aiogram_error):
        await aio.send_message(anna.id, "甲")
    assert texts(await anna.sees()) == (["/start", "甲"] if done else ["/start"])
    await aio.send_message(anna.id, "乙")
    assert texts(await anna.sees())[-1] == "乙"


async def test_fault__bad_gateway_and_broken_json__ptb_raises_what_it_should(
    ptb: ExtBot[None], client: Client, anna: Person
) -> None:
    await client.fault("http_502")
    with pytest.raises(NetworkError):
        await ptb.send_message(anna.id, "x")
    await client.fault("bad_json")
    with pytest.raises(TelegramError, match="Invalid server response"):
        await ptb.send_message(anna.id, "x")
    await client.fault("429", retry_after=3, count=0)
    for _ in range(2):
        with pytest.raises(RetryAfter) as caught:
            await ptb.send_message(anna.id, "x")
        assert caught.value.retry_after == timedelta(seconds=3)
    await client.clear_faults()
    assert (await ptb.send_message(anna.id, "x")).text == "x"
    with pytest.raises(Refused, match="unknown fault kind"):
        await client.fault("earthquake")


async def test_fault__updates_doubled_and_reversed__same_numbers_other_order(
    aio: Bot, client: Client, anna: Person
) -> None:
    await anna.send("二")
    await client.fault("duplicate_update")
    await client.fault("reorder_updates")
    first = [u.update_id for u in await aio.get_updates()]
    assert len(first) == 3
    assert first == [first[0], first[0] - 1, first[0] - 1]


async def test_fault__delay_and_slow_network__answers_come_later(
    aio: Bot, client: Client, anna: Person
) -> None:
    await client.fault("delay", seconds=0.2)
    started = time.monotonic()
    await aio.send_message(anna.id, "x")
    assert time.monotonic() - started >= 0.2
    await client.post("/sandbox/settings", {"network_delay_ms": 100})
    started = time.monotonic()
    await aio.get_me()
    assert time.monotonic() - started >= 0.1


def test_limits__thirty_a_second_over_all_chats__the_next_waits() -> None:
    now = [100.0]
    limits = Limits(lambda: now[0])
    assert [limits.take(1, chat) for chat in range(1, 31)] == [0] * 30
    assert limits.take(1, 31) == 1
    assert limits.take(2, 31) == 0
    now[0] += 1.0
    assert limits.take(1, 31) == 0


def test_limits__one_chat__burst_of_three_then_one_a_second() -> None:
    now = [100.0]
    limits = Limits(lambda: now[0])
    assert [limits.take(1, 7) for _ in range(4)] == [0, 0, 0, 1]
    now[0] += 1.0
    assert [limits.take(1, 7), limits.take(1, 7)] == [0, 1]


def test_limits__group__twenty_a_minute_strictly() -> None:
    now = [100.0]
    limits = Limits(lambda: now[0])
    for _ in range(20):
        assert limits.take(1, -5) == 0
        now[0] += 1.0
    assert limits.take(1, -5) == 40
    now[0] += 40.0
    assert limits.take(1, -5) == 0


async def test_limits__on__429_with_retry_after_and_presses_are_free(
    aio: Bot, ptb: ExtBot[None], client: Client, anna: Person
) -> None:
    await client.post("/sandbox/settings", {"limits": True})
    for number in range(3):
        await aio.send_message(anna.id, str(number))
    with pytest.raises(TelegramRetryAfter) as caught:
        await aio.send_message(anna.id, "x")
    assert caught.value.retry_after == 1
    with pytest.raises(RetryAfter):
        await ptb.send_message(anna.id, "x")
    for _ in range(5):
        with pytest.raises(TelegramBadRequest, match="query is too old"):
            await aio.answer_callback_query("1")


async def test_big_video__declared_25_mb__costs_nothing_and_cannot_be_fetched(
    aio: Bot, anna: Person
) -> None:
    seen = await anna.generate("video", generate={"bytes": 25 * 1024 * 1024})
    assert seen["media"]["size"] == 26214400
    message = (await aio.get_updates())[-1].message
    assert message is not None
    assert message.video is not None
    assert message.video.file_size == 26214400
    with pytest.raises(TelegramBadRequest, match="file is too big"):
        await aio.get_file(message.video.file_id)


async def test_upload__over_50_mb__413(server: sandbox_server.Server, anna: Person) -> None:
    form = aiohttp.FormData()
    form.add_field("chat_id", str(anna.id))
    form.add_field("document", b"\0" * (50 * 1024 * 1024 + 1), filename="big.bin")
    async with aiohttp.ClientSession() as session:
        url = f"{server.url}/bot123456:TEST/sendDocument"
        async with session.post(url, data=form) as answer:
            body = await answer.json()
    assert (answer.status, body["description"]) == (413, "Request Entity Too Large")


async def test_everything_people_send__reaches_the_bot_as_its_kind(aio: Bot, anna: Person) -> None:
    sent = ["photo", "document", "voice", "video", "audio", "animation", "sticker", "video_note"]
    for kind in sent:
        await anna.generate(kind)
    await anna.act("location", latitude=24.0, longitude=109.0)
    await anna.act("contact")
    album = await anna.act("album", caption="两张")
    await anna.act("forward", message_id=1)
    assert len(album["messages"]) == 2
    messages = [u.message for u in await aio.get_updates() if u.message][1:]
    kinds = [str(m.content_type) for m in messages]
    assert [k.rsplit(".")[-1].lower() for k in kinds] == [
        *sent, "location", "contact", "photo", "photo", "text",
    ]  # fmt: skip
    assert messages[-2].media_group_id == messages[-3].media_group_id
    assert messages[-1].forward_origin is not None
    photo = messages[0].photo
    assert photo is not None
    stream = await aio.download(photo[-1].file_id)
    assert stream is not None
    assert stream.read(2) == b"\xff\xd8"


async def test_page_files__uploaded__served_with_name_type_and_no_sniffing(
    server: sandbox_server.Server, anna: Person
) -> None:
    seen = await anna.upload("document", b"<script>", "坏.html", "text/html", caption="x")
    async with (
        aiohttp.ClientSession() as session,
        session.get(server.url + seen["media"]["url"]) as answer,
    ):
        assert await answer.read() == b"<script>"
        assert answer.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.content_type == "application/octet-stream"


async def test_clock__moved__messages_are_dated_by_it(
    aio: Bot, client: Client, anna: Person
) -> None:
    monday = datetime(2027, 1, 4, 1, 0, tzinfo=UTC)
    told = await client.clock(to="2027-01-04T09:00:00+08:00")
    ahead = monday - datetime.now(UTC)
    assert abs(told["offset_seconds"] - ahead.total_seconds()) < 2
    message = await aio.send_message(anna.id, "周一")
    assert abs(message.date - monday) < timedelta(seconds=3)
    fast = await client.clock(speed=1000)
    await asyncio.sleep(0.05)
    later = await client.clock()
    assert later["offset_seconds"] - fast["offset_seconds"] > 20
    with pytest.raises(Refused, match="zone"):
        await client.clock(to="2027-01-04T09:00:00")


async def test_events__server_sent_and_polled__tell_the_same_in_order(
    server: sandbox_server.Server, aio: Bot, client: Client, anna: Person
) -> None:
    since = await client.seq()
    await aio.send_chat_action(anna.id, "typing")
    sent = await aio.send_message(anna.id, "一")
    await aio.edit_message_text("二", chat_id=anna.id, message_id=sent.message_id)
    await aio.delete_message(anna.id, sent.message_id)
    polled = (await client.events(since))["events"]
    kinds = [e["type"] for e in polled if e["type"] not in ("log", "unread")]
    assert kinds == ["typing", "message_new", "message_edited", "message_deleted"]
    assert [e["seq"] for e in polled] == list(range(since + 1, since + 1 + len(polled)))
    assert [e["message"]["text"] for e in polled if "message" in e] == ["一", "二"]
    lines: list[bytes] = []
    async with aiohttp.ClientSession() as session:
        headers = {"Accept": "text/event-stream"}
        url = f"{server.url}/sandbox/events?since={since}"
        async with session.get(url, headers=headers) as stream:
            async for line in stream.content:
                lines.append(line)
                if line.startswith(b"id: %d" % polled[-1]["seq"]):
                    break
    assert sum(line.startswith(b"data: ") for line in lines) == len(polled) - 1
    log = [e["entry"] for e in polled if e["type"] == "log"]
    assert [(entry["method"], entry["ok"]) for entry in log][:2] == [
        ("sendChatAction", True),
        ("sendMessage", True),
    ]
    assert not any("一" in str(entry) for entry in log)


async def test_events__too_far_back__says_read_again(
    server: sandbox_server.Server, client: Client, anna: Person
) -> None:
    server.world.events.clear()
    assert [e["type"] for e in (await client.events(1))["events"]] == ["resync"]


async def test_client__helpers__wait_read_and_write_down(
    aio: Bot, client: Client, anna: Person
) -> None:
    async def later() -> None:
        await asyncio.sleep(0.1)
        markup: Any = {"inline_keyboard": [[{"text": "开始检查", "callback_data": "s"}]]}
        await aio.send_message(anna.id, "欢迎", reply_markup=markup)

    speaking = asyncio.create_task(later())
    assert (await client.wait_for("欢", anna))["text"] == "欢迎"
    await speaking
    await client.quiet(0.05)
    assert await anna.transcript() == "安娜: /start\nbot: 欢迎\n  [开始检查]"
    assert (await anna.tap("开始", wait=0))["action"] == "callback"
    with pytest.raises(AssertionError, match="no button '没有'"):
        await anna.tap("没有")
    with pytest.raises(AssertionError, match="there is:\n安娜: /start"):
        await client.wait_for("不会来", anna, timeout=0.1)


async def test_restart__state_kept__chats_files_updates_and_clock_go_on(tmp_path: Path) -> None:
    first = await sandbox_server.start(state_dir=tmp_path)
    async with Client(first.url) as client:
        anna = await client.person(1001, "安娜", label={"zh": "检查人"})
        await anna.start("join")
        group = await client.group("群", [anna], is_forum=True, bot="administrator")
        topic = await client.change_group(group["key"], "topic", name="周报")
        photo = await anna.generate("photo", caption="图")
        await client.clock(offset_seconds=86400)
        before = await client.state()
    await first.close()

    second = await sandbox_server.start(state_dir=tmp_path)
    async with Client(second.url) as client, aiohttp.ClientSession() as session:
        after = await client.state()
        async with session.get(second.url + photo["media"]["url"]) as answer:
            assert (await answer.read())[:2] == b"\xff\xd8"
    bot = Bot("123456:TEST", session=AiohttpSession(api=TelegramAPIServer.from_base(second.url)))
    updates = await bot.get_updates()
    sent = await bot.send_message(
        group["id"], "新的", message_thread_id=topic["message_thread_id"]
    )
    await bot.session.close()
    await second.close()
    for part in ("users", "chats", "bots"):
        assert after[part] == before[part]
    assert after["seq"] > before["seq"]
    assert after["clock"]["offset_seconds"] == pytest.approx(86400, abs=1)
    assert updates[0].message is not None
    assert updates[0].message.text == "/start join"
    newest = max(m["message_id"] for m in before["chats"][-1]["messages"])
    assert sent.message_id == newest + 1


async def test_killed__while_writing__what_was_said_half_a_second_ago_is_there(
    tmp_path: Path,
) -> None:
    command = (sys.executable, "-m", "sandbox", "--port", "0", "--state", str(tmp_path))
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    url = (await process.stdout.readline()).decode().strip()
    async with Client(url) as client:
        anna = await client.person(1001, "安娜")
        for number in range(20):
            await anna.send(f"第{number}句")
        await asyncio.sleep(0.6)
        for number in range(20, 40):
            await anna.send(f"第{number}句")
    process.kill()
    await process.wait()
    again = await sandbox_server.start(state_dir=tmp_path)
    async with Client(again.url) as client:
        said = texts((await client.chat("1001:123456"))["messages"])
        updates = len(again.world.mailboxes[123456].pending)
        more = await client.post("/sandbox/people/1001/send", {"text": "还在"})
    await again.close()
    assert said == [f"第{number}句" for number in range(len(said))]
    assert 20 <= len(said) <= 40
    assert updates == len(said)
    assert more["message_id"] == len(said) + 1


async def test_reset__asked_for__forgets_people_also_on_disk(tmp_path: Path) -> None:
    running = await sandbox_server.start(state_dir=tmp_path)
    async with Client(running.url) as client:
        anna = await client.person(1001, "安娜")
        await anna.generate("document")
        await asyncio.sleep(0.4)
        await client.post("/sandbox/reset")
        assert (await client.state())["users"] == []
    await running.close()
    again = await sandbox_server.start(state_dir=tmp_path)
    async with Client(again.url) as client:
        state = await client.state()
    await again.close()
    assert (state["users"], state["chats"]) == ([], [])
    assert list((tmp_path / "files").iterdir()) == []


async def test_command_line__port_taken__one_clear_line_and_exit_1() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "sandbox", "--port", port, stderr=asyncio.subprocess.PIPE
        )
        _, said = await process.communicate()
    assert process.returncode == 1
    assert said.decode().startswith(f"cannot listen on 127.0.0.1:{port}: ")
    assert len(said.decode().splitlines()) == 1
