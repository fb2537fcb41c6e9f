"""The demo as a newcomer starts it: ``inspection-bot sandbox`` in a process of its own."""

import asyncio
import os
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

START_SECONDS = 100.0


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Demo:
    """One run of the demo.

    Args:
        data: Where it keeps its state.
        port: Port of its page.
    """

    def __init__(self, data: Path, port: int | None = None) -> None:
        self.data = data
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.said: list[str] = []
        self._process: Process | None = None

    @property
    def pid(self) -> int:
        """Of the command itself, not of its children."""
        assert self._process is not None
        return self._process.pid

    async def start(self, *arguments: str) -> int | None:
        """Start it and wait for its page's address; gives the exit code if it ended before."""
        environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
        for name in ("BOT_TOKEN", "DATABASE_URL", "BOT_API_URL"):
            environment.pop(name, None)
        command = ("sandbox", "--port", str(self.port), "--data", str(self.data), *arguments)
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", *command, stdout=PIPE, stderr=PIPE, env=environment
        )
        assert self._process.stdout is not None
        async with asyncio.timeout(START_SECONDS):
            while line := await self._process.stdout.readline():
                self.said.append(line.decode())
                if self.url in self.said[-1]:
                    return None
            return await self._process.wait()

    async def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """End it by a signal, as Ctrl-C or a service manager does; gives the exit code."""
        assert self._process is not None
        if self._process.returncode is None:
            self._process.send_signal(number)
        return await self._process.wait()

    async def errors(self) -> str:
        """What it wrote on standard error, once it has ended."""
        assert self._process is not None
        assert self._process.stderr is not None
        return (await self._process.stderr.read()).decode()
