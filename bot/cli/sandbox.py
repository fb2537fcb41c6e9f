"""``inspection-bot sandbox``: a Telegram of our own, a demo region, and the bot, unchanged.

The sandbox and the bot are children of this command, run as an operator would run them; only the
Bot API's address and the clock's differ from production. Children end with this command, also
when it is killed: see ``bot.cli.child``.
"""

import argparse
import asyncio
import os
import shutil
import signal
import socket
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from bot.cli.demo_world import (
    GROUP,
    INSPECTOR,
    OFFICER,
    ORGANISER,
    DemoWorld,
)
from bot.cli.deployment import opened
from bot.errors import StartError
from bot.settings import Settings, load_settings
from services.campaigns import CampaignStore
from services.demo import DemoPeople, load_demo
from storage.workspace import Workspace

TOKEN = "700000001:sandbox-only-not-a-secret"  # noqa: S105 - accepted by the sandbox only
HOST = "127.0.0.1"
PROGRAM = str(Path(__file__).resolve().parents[2])
LAST_PORT = 65_535
START_SECONDS = 60.0
"""What each child gets to answer at the start, also on a slow machine."""
BOT_STOP_SECONDS, SERVER_STOP_SECONDS = 9.0, 2.5
"""Together under the twelve seconds that a stop may take."""


def add_parser(commands: Any) -> None:
    """The command's arguments."""
    parser = commands.add_parser(
        "sandbox", help="try everything on this machine: no token, no network"
    )
    parser.add_argument("--port", type=_port, default=8080, help="port of the page (default 8080)")
    parser.add_argument("--data", type=Path, default=Path("demo-data"), help="where state is kept")
    parser.add_argument("--reset", action="store_true", help="forget the former state first")


def _port(written: str) -> int:
    if not written.isdecimal() or not 1 <= int(written) <= LAST_PORT:
        raise argparse.ArgumentTypeError(f"must be a number from 1 to {LAST_PORT}")
    return int(written)


def main(args: argparse.Namespace) -> int:
    """Run until Ctrl-C or SIGTERM; returns the exit code."""
    return asyncio.run(_run(args))


async def _run(args: argparse.Namespace) -> int:
    _need_port(args.port)
    data = args.data.absolute()
    _prepare(data, forget=args.reset)
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    print("Starting the sandbox and the bot ...", flush=True)
    running = asyncio.ensure_future(_serve(args.port, data))
    stop = asyncio.ensure_future(stopping.wait())
    await asyncio.wait({running, stop}, return_when=asyncio.FIRST_COMPLETED)
    if running.done():
        stop.cancel()
        return await running
    print("\nStopping ...", flush=True)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    return 0


async def _serve(port: int, data: Path) -> int:
    """Start everything and watch it; returns only when a child ended by itself."""
    root = f"http://{HOST}:{port}"
    environment = {
        "BOT_TOKEN": TOKEN,
        "BOT_API_URL": root,
        "CLOCK_URL": f"{root}/sandbox/clock",
        "DATA_DIR": str(data / "bot"),
        "BOT_ADMINS": str(ORGANISER),
        "LOG_LEVEL": "WARNING",
    }
    state = ["--port", str(port), "--state", str(data / "telegram"), "--token", TOKEN]
    async with (
        _child(["sandbox", *state], {}, SERVER_STOP_SECONDS, data) as server,
        # The bot loads while the demo is made, and runs once it is.
        _child(["bot", "run"], environment, BOT_STOP_SECONDS, data) as bot,
        DemoWorld.connected(root, TOKEN) as world,
    ):
        _go(server)
        await _until(world.answers, server, "the sandbox")
        await _load(load_settings(environment, Path("no-env-file")))
        first_time = await world.populate()
        _go(bot)
        await _until(world.bot_listens, bot, "the bot")
        if first_time:
            await world.first_words()
        print(f"\n  Ready: {root}/\n\n  Ctrl-C stops; everything is kept in {data}.\n", flush=True)
        ends = {
            asyncio.ensure_future(server.wait()): "sandbox",
            asyncio.ensure_future(bot.wait()): "bot",
        }
        done, _ = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        raise StartError(f"the {ends[done.pop()]} stopped by itself; its last lines stand above")


def _need_port(port: int) -> None:
    """Say that a port is taken before anything is touched.

    Raises:
        StartError: The port is taken, or may not be used.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise StartError(
                f"port {port} cannot be used: {error.strerror}. "
                "Choose another one: inspection-bot sandbox --port 8090, or make demo PORT=8090"
            ) from error


def _prepare(data: Path, *, forget: bool) -> None:
    try:
        if forget and data.exists():
            shutil.rmtree(data)
        data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StartError(f"--data: {data} cannot be used: {error.strerror}") from error


@asynccontextmanager
async def _child(
    arguments: list[str], extra: dict[str, str], stop_seconds: float, folder: Path
) -> AsyncIterator[Process]:
    """A child that loads, waits for ``_go``, and is stopped at the end of the block."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot.cli.child", *arguments),
        env={**kept, "PYTHONPATH": PROGRAM, **extra},
        cwd=folder,  # the .env of a real deployment, where this was started, is not the demo's
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C is for this command, which stops them in order
    )
    try:
        yield child
    finally:
        with suppress(ProcessLookupError):
            child.terminate()
        try:
            await asyncio.wait_for(child.wait(), stop_seconds)
        except TimeoutError:
            child.kill()
            await child.wait()


def _go(child: Process) -> None:
    if child.stdin is not None:
        child.stdin.write(b"\n")


async def _until(happened: Any, child: Process, what: str) -> None:
    """Wait until ``happened()``; a child that ends before has said why on standard error."""
    for _ in range(int(START_SECONDS * 20)):
        if await happened():
            return
        if child.returncode is not None:
            raise StartError(f"{what} could not start; its last lines stand above")
        await asyncio.sleep(0.05)
    raise StartError(f"{what} did not answer within {START_SECONDS:.0f} seconds")


async def _load(settings: Settings) -> None:
    """Put the demo region into the bot's database, once."""
    people = DemoPeople(inspector=INSPECTOR, officer=OFFICER, organiser=ORGANISER, group=GROUP)
    async with opened(settings, print) as deployment, deployment.engine.begin() as connection:
        ws = Workspace(connection, deployment.now())
        await load_demo(ws, CampaignStore(), settings.bot_id, people, deployment.now())
        await ws.flush()
