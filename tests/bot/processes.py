"""Bots as processes of their own, which a test may stop or kill."""

import asyncio
import multiprocessing
import os
import signal
import sys
from collections.abc import Mapping
from multiprocessing.process import BaseProcess
from pathlib import Path

ROOT = Path(__file__).parents[2]

_forks = multiprocessing.get_context("forkserver")
# The imports are paid once; every start after that is a fork of a process that did nothing else.
_forks.set_forkserver_preload(["bot.__main__", "bot.app"])


def _run(environment: Mapping[str, str], log: str) -> None:
    os.environ.update(environment)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(output, 1)
    os.dup2(output, 2)
    # Not at the top: the parent must not need what only the bot's process uses.
    from bot.__main__ import main

    sys.exit(main(["run"]))


class BotProcess:
    """``inspection-bot run`` that can be killed and started again.

    Args:
        environment: The deployment.
        log: Where all its starts write.
    """

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        self._environment = dict(environment)
        self.log = log
        self.starts = 0
        self._process: BaseProcess | None = None

    async def start(self) -> None:
        """Start it; does not wait until it is ready."""
        self._process = _forks.Process(
            target=_run, args=(self._environment, str(self.log)), daemon=True
        )
        self.starts += 1
        await asyncio.to_thread(self._process.start)

    async def kill(self) -> None:
        """SIGKILL: no handler runs, nothing is flushed."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> int | None:
        """SIGTERM; gives the exit code."""
        return await self._end(signal.SIGTERM)

    async def _end(self, number: signal.Signals) -> int | None:
        process, self._process = self._process, None
        if process is None or process.pid is None:
            return None
        os.kill(process.pid, number)
        await asyncio.to_thread(process.join, 20)
        return process.exitcode


def command() -> list[str]:
    """The command line as an operator starts it."""
    return [sys.executable, "-m", "bot", "run"]
