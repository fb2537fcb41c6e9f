"""SIGTERM ends the bot within ten seconds, whatever is under way, and nothing is lost."""

import asyncio
import os
import signal
from datetime import datetime
from pathlib import Path
from time import monotonic

import pytest
from sqlalchemy import select

from sandbox import server
from sandbox.client import Client, plain
from storage.database import open_engine, reading
from storage.tables import CardRow, InboxRow, InboxState
from tests.bot.processes import ROOT, BotProcess, command
from tests.databases import Databases
from tests.world import TOKEN, environment

WELCOME = "医疗机构专项检查助手"
STOP_SECONDS = 10.0
START_SECONDS = 90.0
"""The first start imports everything, on a machine that may be busy."""


@pytest.mark.slow
async def test_sigterm__with_work_in_flight__ends_in_time_and_goes_on_at_the_next_start(
    databases: Databases, tmp_path: Path, now: datetime
) -> None:
    telegram = await server.start(port=0, tokens=[TOKEN], state_dir=None, limits=False)
    url = databases.sqlite_url()
    engine = open_engine(url)
    values = environment(telegram.url, tmp_path / "data", url)
    again = BotProcess(values, tmp_path / "log")
    try:
        async with Client(telegram.url) as client:
            await client.clock(to=now.isoformat())
            anna = await client.person(101, "安", language_code="zh-hans")
            bodo = await client.person(102, "波", language_code="zh-hans")
            process = await asyncio.create_subprocess_exec(
                *command(),
                cwd=ROOT,
                env={**os.environ, **values},
                stderr=asyncio.subprocess.PIPE,
            )
            await anna.start()
            await client.wait_for(WELCOME, anna, timeout=START_SECONDS)
            # What follows is done by the server at once, but its answer does not come.
            await client.fault("delay", method="editMessageText", seconds=60, count=0)
            await client.fault("delay", method="sendMessage", seconds=60, count=0)
            await bodo.start()
            await anna.send("/language")
            await client.wait_for("请选择语言", anna, timeout=START_SECONDS)
            begun = monotonic()
            process.send_signal(signal.SIGTERM)
            _, errors = await asyncio.wait_for(process.communicate(), STOP_SECONDS + 5)
            assert monotonic() - begun < STOP_SECONDS
            assert process.returncode == 0
            assert b"Traceback" not in errors
            assert b" ERROR " not in errors
            async with reading(engine) as connection:
                inbox = (await connection.execute(select(InboxRow.__table__))).all()  # type: ignore[attr-defined]
                cards = (await connection.execute(select(CardRow.__table__))).all()  # type: ignore[attr-defined]
            assert {row.state for row in inbox} <= {InboxState.HANDLED, InboxState.NEW}
            assert any(row.shown < row.wanted for row in cards)

            await client.clear_faults()
            await anna.tap("English", wait=0)
            await again.start()
            await client.wait_for("Inspection campaign assistant", anna, timeout=START_SECONDS)
            assert WELCOME in plain(await bodo.newest())
            assert await again.stop() == 0
            async with reading(engine) as connection:
                inbox = (await connection.execute(select(InboxRow.__table__))).all()  # type: ignore[attr-defined]
                cards = (await connection.execute(select(CardRow.__table__))).all()  # type: ignore[attr-defined]
            assert [row.state for row in inbox] == [InboxState.HANDLED] * 4
            assert all(row.shown == row.wanted for row in cards)
    finally:
        await again.kill()
        await engine.dispose()
        await telegram.close()
