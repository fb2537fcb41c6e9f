"""A whole deployment in one process: our Telegram over real HTTP, the bot unchanged, a database.

Tests act as people over the sandbox's control API and read what people see; nothing of the bot
is patched. Only the address of the Bot API and of the clock differ from production.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.app import App, build, close, running
from bot.pacer import Limits
from bot.settings import Settings, load_settings
from sandbox import server
from sandbox.client import Client, Person
from services.campaigns import CampaignStore
from services.demo import DemoPeople, load_demo
from storage.database import open_engine, reading
from storage.migrate import upgrade
from storage.tables import (
    CardRow,
    InboxRow,
    InboxState,
    JobRow,
    JobState,
    OutboxRow,
    OutboxState,
)
from storage.workspace import Workspace

TOKEN = "700000001:tests-only"
BOT_ID = 700000001
INSPECTOR, CITIZEN, OFFICER, ORGANISER, SECOND = 101, 102, 103, 104, 105
GROUP = -1_002_000_000_101

FAST = Limits(overall_count=10_000, group_count=10_000, chat_seconds=0.0)
"""No pacing: the sandbox's limits are off."""


_UNFINISHED = (
    select(InboxRow.__table__.c.update_id).where(  # type: ignore[attr-defined]
        InboxRow.__table__.c.state == InboxState.NEW  # type: ignore[attr-defined]
    ),
    select(OutboxRow.__table__.c.id).where(  # type: ignore[attr-defined]
        OutboxRow.__table__.c.state.in_(  # type: ignore[attr-defined]
            [OutboxState.WAITING, OutboxState.SENDING]
        )
    ),
    select(JobRow.__table__.c.id).where(  # type: ignore[attr-defined]
        JobRow.__table__.c.state.in_(  # type: ignore[attr-defined]
            [JobState.WAITING, JobState.RUNNING]
        )
    ),
    select(CardRow.__table__.c.chat_id).where(  # type: ignore[attr-defined]
        CardRow.__table__.c.shown < CardRow.__table__.c.wanted  # type: ignore[attr-defined]
    ),
)


@dataclass
class World:
    """The parts that a test talks to."""

    client: Client
    app: App
    engine: AsyncEngine
    settings: Settings
    inspector: Person
    officer: Person
    organiser: Person
    citizen: Person
    group: dict[str, Any]

    async def rows(self, table: Any, *where: Any) -> list[Any]:
        """Rows of a table as a second session reads them."""
        statement = select(table.__table__)
        for condition in where:
            statement = statement.where(condition)
        async with self.engine.connect() as connection:
            return list((await connection.execute(statement)).all())

    async def card(self, person: Person) -> dict[str, Any]:
        """The newest message that has buttons in a person's chat with the bot."""
        for message in reversed(await person.sees()):
            if message.get("inline_keyboard"):
                return message
        raise AssertionError("no card with buttons")

    async def settled(self) -> None:
        """Wait until the bot has nothing left to do: nothing waits, nothing is on its way."""
        calm = 0
        for _ in range(3_000):
            calm = calm + 1 if await self._calm() else 0
            if calm == 2:
                return
            await asyncio.sleep(0.01)
        raise AssertionError("the bot did not come to rest")

    async def _calm(self) -> bool:
        answer = await self.app.session.raw("getWebhookInfo", {})
        if answer.result["pending_update_count"] or self.app.sender.busy:
            return False
        if self.app.sender.results or len(self.app.nursery):
            return False
        async with reading(self.engine) as connection:
            for statement in _UNFINISHED:
                if (await connection.execute(statement)).first() is not None:
                    return False
        return True


def environment(root: str, data: Path, database_url: str | None) -> dict[str, str]:
    """Settings of a bot on the sandbox."""
    made = {
        "BOT_TOKEN": TOKEN,
        "BOT_API_URL": root,
        "CLOCK_URL": f"{root}/sandbox/clock",
        "DATA_DIR": str(data),
        "BOT_ADMINS": str(ORGANISER),
        "SECRET_KEY": "tests",
    }
    if database_url is not None:
        made["DATABASE_URL"] = database_url
    return made


async def load_region(engine: AsyncEngine, now: datetime) -> None:
    """The demo region with people and group, without inspections."""
    async with engine.begin() as connection:
        ws = Workspace(connection, now)
        people = DemoPeople(inspector=INSPECTOR, officer=OFFICER, organiser=ORGANISER, group=GROUP)
        await load_demo(ws, CampaignStore(), BOT_ID, people, now, inspections=False)
        await ws.flush()


async def populate(client: Client, language: str) -> tuple[list[Person], dict[str, Any]]:
    """People with phones and the office group."""
    names = ((INSPECTOR, "林检"), (CITIZEN, "小莫"), (OFFICER, "韦经办"), (ORGANISER, "覃主任"))
    people = [await client.person(i, name, language_code=language) for i, name in names]
    group = await client.group(
        "专班群", people[2:], id=GROUP, type="supergroup", bot="administrator"
    )
    return people, group


@asynccontextmanager
async def world(
    database_url: str,
    tmp_path: Path,
    now: datetime,
    *,
    language: str = "zh-hans",
    limits: Limits = FAST,
) -> AsyncIterator[World]:
    """Start everything; stop everything."""
    running_server = await server.start(port=0, tokens=[TOKEN], state_dir=None, limits=False)
    engine = open_engine(database_url)
    try:
        async with Client(running_server.url) as client:
            await client.clock(to=now.isoformat())
            people, group = await populate(client, language)
            await upgrade(engine)
            await load_region(engine, now)
            values = environment(running_server.url, tmp_path / "data", database_url)
            settings = load_settings(values, Path("no-env-file"))
            app = await build(settings, limits=limits)
            try:
                async with running(app):
                    made = World(client, app, engine, settings, *_order(people), group)
                    yield made
            finally:
                await close(app)
    finally:
        await engine.dispose()
        await running_server.close()
        await asyncio.sleep(0)


def _order(people: list[Person]) -> tuple[Person, Person, Person, Person]:
    inspector, citizen, officer, organiser = people
    return inspector, officer, organiser, citizen
