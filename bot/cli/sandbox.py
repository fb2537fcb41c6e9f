"""``inspection-bot sandbox``: a Telegram of our own, a demo region, and the bot, unchanged.

The sandbox and the bot are children of this command, exactly as an operator would start them;
only the Bot API's address and the clock's differ from production.
"""

import argparse
import asyncio
import contextlib
import os
import shutil
import signal
import sys
from pathlib import Path
from typing import Any

import aiohttp

from bot.app import StartError
from bot.cli.deployment import opened
from bot.settings import Settings, load_settings
from services.campaigns import CampaignStore
from services.demo import DemoPeople, load_demo
from storage.workspace import Workspace

TOKEN = "700000001:sandbox-only-not-a-secret"  # noqa: S105 - accepted by the sandbox only
START_SECONDS = 30.0
INSPECTOR, CITIZEN, OFFICER, ORGANISER = 101, 102, 103, 104
GROUP = -1_002_000_000_101

PEOPLE = (
    (INSPECTOR, {"zh": "检查人", "en": "Inspector"}, "林检", 1),
    (CITIZEN, {"zh": "群众", "en": "Citizen"}, "小莫", 2),
    (OFFICER, {"zh": "经办人", "en": "Officer"}, "韦经办", 3),
    (ORGANISER, {"zh": "牵头部门", "en": "Organiser"}, "覃主任", 4),
)


def add_parser(commands: Any) -> None:
    """The command's arguments."""
    parser = commands.add_parser(
        "sandbox", help="try everything on this machine: no token, no network"
    )
    parser.add_argument("--port", type=int, default=8080, help="port of the page (default 8080)")
    parser.add_argument("--data", type=Path, default=Path("demo-data"), help="where state is kept")
    parser.add_argument("--reset", action="store_true", help="forget the former state first")


def main(args: argparse.Namespace) -> int:
    """Run until Ctrl-C; returns the exit code."""
    with contextlib.suppress(KeyboardInterrupt):
        return asyncio.run(_run(args))
    return 0


async def _run(args: argparse.Namespace) -> int:
    if args.reset and args.data.exists():
        shutil.rmtree(args.data)
    args.data.mkdir(parents=True, exist_ok=True)
    root = f"http://127.0.0.1:{args.port}"
    environment = {
        "BOT_TOKEN": TOKEN,
        "BOT_API_URL": root,
        "CLOCK_URL": f"{root}/sandbox/clock",
        "DATA_DIR": str(args.data / "bot"),
        "BOT_ADMINS": str(ORGANISER),
        "LOG_LEVEL": "WARNING",
    }
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    server = await _start(
        ["-m", "sandbox", "--port", str(args.port), "--state", str(args.data / "telegram")]
        + ["--token", TOKEN],
        {},
    )
    bot: asyncio.subprocess.Process | None = None
    try:
        await _ready(f"{root}/sandbox/health", server)
        settings = load_settings(environment, Path("no-env-file"))
        await _people(root)
        await _demo(settings)
        bot = await _start(["-m", "bot", "run"], environment)
        await _greet(root, bot)
        print(f"\n  Ready: {root}/\n  Stop with Ctrl-C; everything is kept in {args.data}\n")
        sys.stdout.flush()
        ended = await _first_end(stopping, server, bot)
        if ended:
            print(f"inspection-bot: the {ended} stopped by itself; see above", file=sys.stderr)
            return 1
        print("Stopping …")
        return 0
    finally:
        for child in (bot, server):
            if child is not None:
                await _stop(child)


async def _start(arguments: list[str], extra: dict[str, str]) -> asyncio.subprocess.Process:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *arguments,
        env={**kept, "PYTHONPATH": str(Path(__file__).resolve().parents[2]), **extra},
        stdout=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )


async def _stop(child: asyncio.subprocess.Process) -> None:
    if child.returncode is not None:
        return
    child.terminate()
    try:
        await asyncio.wait_for(child.wait(), 12)
    except TimeoutError:
        child.kill()
        await child.wait()


async def _ready(url: str, child: asyncio.subprocess.Process) -> None:
    async with aiohttp.ClientSession() as session:
        for _ in range(int(START_SECONDS * 10)):
            if child.returncode is not None:
                raise StartError("the sandbox could not start; is the port taken? Try --port")
            with contextlib.suppress(aiohttp.ClientError):
                async with session.get(url) as response:
                    if response.status == 200:
                        return
            await asyncio.sleep(0.1)
    raise StartError("the sandbox did not answer in time")


async def _people(root: str) -> None:
    """Four people with phones, and the office group with the bot as administrator."""
    async with aiohttp.ClientSession() as session:

        async def post(path: str, body: dict[str, Any]) -> dict[str, Any]:
            async with session.post(f"{root}/sandbox/{path}", json=body) as response:
                answer: dict[str, Any] = await response.json()
                if response.status != 200:
                    raise StartError(f"the sandbox refused {path}")
                return answer

        async with session.get(f"{root}/sandbox/users") as response:
            known = {user["id"] for user in (await response.json())["users"]}
        for number, label, name, order in PEOPLE:
            if number not in known:
                await post(
                    "users",
                    {
                        "id": number,
                        "first_name": name,
                        "language_code": "zh-hans",
                        "label": label,
                        "order": order,
                    },
                )
        await post(
            "groups",
            {
                "id": GROUP,
                "title": "柳州市专项整治专班群",
                "type": "supergroup",
                "creator": ORGANISER,
                "members": [ORGANISER, OFFICER, INSPECTOR],
                "bot": "administrator",
            },
        )


async def _demo(settings: Settings) -> None:
    async with opened(settings, print) as deployment:
        async with deployment.engine.begin() as connection:
            ws = Workspace(connection, deployment.now())
            await load_demo(
                ws,
                CampaignStore(),
                settings.bot_id,
                DemoPeople(
                    inspector=INSPECTOR, officer=OFFICER, organiser=ORGANISER, group=GROUP
                ),
                deployment.now(),
            )
            await ws.flush()


async def _greet(root: str, child: asyncio.subprocess.Process) -> None:
    """Wait for the bot, and let each phone open its chat with it once."""
    async with aiohttp.ClientSession() as session:
        for _ in range(int(START_SECONDS * 10)):
            if child.returncode is not None:
                raise StartError("the bot could not start; see above")
            async with session.get(f"{root}/sandbox/log") as response:
                methods = {line["method"] for line in (await response.json())["log"]}
            if "getUpdates" in methods:
                break
            await asyncio.sleep(0.1)
        else:
            raise StartError("the bot did not start in time")
        async with session.get(f"{root}/sandbox/chats") as response:
            started = {
                chat.get("user_id")
                for chat in (await response.json())["chats"]
                if chat.get("started")
            }
        for number, *_ in PEOPLE:
            if number not in started:
                await session.post(f"{root}/sandbox/people/{number}/start", json={})


async def _first_end(
    stopping: asyncio.Event,
    server: asyncio.subprocess.Process,
    bot: asyncio.subprocess.Process,
) -> str | None:
    waits = {
        asyncio.ensure_future(stopping.wait()): None,
        asyncio.ensure_future(server.wait()): "sandbox",
        asyncio.ensure_future(bot.wait()): "bot",
    }
    done, pending = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    return next((waits[task] for task in done if waits[task] is not None), None)
