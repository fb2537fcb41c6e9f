"""``table`` and ``due`` on the command line."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.cli import due, table
from bot.cli.deployment import Deployment
from bot.clock import Clock
from bot.settings import load_settings
from campaigns.errors import CampaignError
from storage.workspace import OUTBOX
from tests.services import table_world

TOKEN = f"{table_world.BOT}:tests-only"


@dataclass(slots=True)
class Shell:
    """Runs commands on one deployment and keeps what they print."""

    deployment: Deployment
    lines: list[str]

    async def run(self, line: list[str]) -> int:
        parser = ArgumentParser()
        commands = parser.add_subparsers()
        for module in (table, due):
            module.add_parser(commands)
        args: Namespace = parser.parse_args(line)
        run: Callable[..., object] = args.run
        assert run in (table.run, due.run)
        return int(await args.run(args, self.deployment))


@pytest.fixture
async def shell(engine: AsyncEngine, database_url: str, tmp_path: Path) -> Shell:
    async with engine.begin() as connection:
        await table_world.build(connection)
        await table_world.submit_week(connection)
        await table_world.bind_group(
            connection, thread_id=7, bound_at=datetime(2026, 11, 18, tzinfo=UTC)
        )
    values = {
        "BOT_TOKEN": TOKEN,
        "DATA_DIR": str(tmp_path),
        "DATABASE_URL": database_url,
        "SECRET_KEY": "tests",
    }
    lines: list[str] = []
    settings = load_settings(values, tmp_path / "no-env-file")
    return Shell(Deployment(settings, engine, Clock(), lines.append), lines)


async def test_table__xlsx_for_a_unit__says_what_it_wrote(shell: Shell, tmp_path: Path) -> None:
    out = tmp_path / "new" / "two.xlsx"
    week = ["--from", "2026-11-16", "--to", "2026-11-22"]
    code = await shell.run(
        ["table", "guangxi-2026", "表二", "--unit", "LZ", *week, "--out", str(out)]
    )
    assert (code, shell.lines) == (
        0,
        [f"{out}: guangxi-2026, 柳州市, 2026-11-16 to 2026-11-22, as of record 18"],
    )
    values = [v for row in load_workbook(out).active.iter_rows(values_only=True) for v in row]
    assert values.count(1.75) == 1


@pytest.mark.parametrize(("ending", "magic"), [("pdf", b"%PDF"), ("png", b"\x89PNG")])
async def test_table__other_formats__are_what_they_say(
    shell: Shell, tmp_path: Path, ending: str, magic: bytes
) -> None:
    out = tmp_path / f"one.{ending}"
    line = ["table", "guangxi-2026", "table1", "--unit", "CZ", "--to", "2026-11-22"]
    assert await shell.run([*line, "--out", str(out)]) == 0
    written = sorted(tmp_path.glob(f"one*.{ending}"))
    assert written
    assert all(path.read_bytes().startswith(magic) for path in written)
    assert len(shell.lines) == len(written)


@pytest.mark.parametrize(
    ("line", "key"),
    [
        (["nowhere", "table1", "--unit", "LZ"], "campaign-unknown"),
        (["guangxi-2026", "table9", "--unit", "LZ"], "table-unknown"),
        (["guangxi-2026", "table1", "--unit", "XX"], "unit-unknown"),
    ],
)
async def test_table__unknown_names__are_refused(
    shell: Shell, tmp_path: Path, line: list[str], key: str
) -> None:
    out = tmp_path / "x.xlsx"
    with pytest.raises(CampaignError) as refusal:
        await shell.run(["table", *line, "--out", str(out)])
    assert refusal.value.key == key
    assert not out.exists()


async def test_due__monday_nine__shown_then_queued_once(shell: Shell) -> None:
    at = ["due", "--at", "2026-11-23T09:00"]
    line = (
        "weekly: campaign 1, unit 2, group -100200300, topic 7, 2026-11-16 to 2026-11-22, "
        "due since 2026-11-23 01:00 UTC"
    )
    assert await shell.run(at) == 0
    assert await shell.run([*at, "--queue"]) == 0
    assert await shell.run([*at, "--queue"]) == 0
    assert shell.lines == [
        line,
        "1 due at 2026-11-23 01:00 UTC.",
        line,
        "1 queued at 2026-11-23 01:00 UTC.",
        "0 queued at 2026-11-23 01:00 UTC.",
    ]
    async with shell.deployment.engine.connect() as connection:
        rows = (await connection.execute(OUTBOX.select())).all()
    assert {row.kind for row in rows} == {"tables_message", "tables_picture", "tables_file"}
