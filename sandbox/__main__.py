"""``python -m sandbox``: run the sandbox until it is told to stop."""

import argparse
import asyncio
import gc
import logging
import os
import signal
import sys
from pathlib import Path

from sandbox import server


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox",
        description="A Telegram Bot API on this machine, with a page of phones.",
    )
    parser.add_argument("--port", type=int, default=8081, help="0 takes a free one")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--state", type=Path, help="folder to keep chats in between runs")
    parser.add_argument(
        "--token", action="append", help="valid bot token, may be repeated (123456:TEST)"
    )
    parser.add_argument(
        "--limits",
        action=argparse.BooleanOptionalAction,
        default=False,
        help="enforce Telegram's flood limits",
    )
    return parser.parse_args()


async def _run(arguments: argparse.Namespace) -> int:
    try:
        running = await server.start(
            port=arguments.port,
            tokens=arguments.token or ["123456:TEST"],
            state_dir=arguments.state,
            limits=arguments.limits,
            host=arguments.host,
        )
    except OSError as error:
        problem = os.strerror(error.errno) if error.errno else str(error)
        sys.stderr.write(f"cannot listen on {arguments.host}:{arguments.port}: {problem}\n")
        return 1
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{running.url}\n")
    sys.stdout.flush()
    # What is kept lives long: without this the collector walks all of it again and again.
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()
    await running.close()
    return 0


def main() -> int:
    """Parse the command line and run."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    return asyncio.run(_run(_arguments()))


if __name__ == "__main__":
    sys.exit(main())
