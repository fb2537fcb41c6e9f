"""A bot on the sandbox without a region: what the pipeline needs, started in half a second."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.app import App, build, close, running
from bot.pacer import Limits
from bot.page import origin
from bot.settings import load_settings
from sandbox import server
from sandbox.client import Client, Person, plain
from storage import inbox
from storage.database import open_engine
from storage.tables import InboxRow
from storage.vault import Vault
from tests.world import BOT_ID, FAST, TOKEN, environment

ADMIN, ANNA, BODO = 104, 101, 102


@dataclass
class Small:
    """The parts that a test talks to."""

    client: Client
    app: App
    engine: AsyncEngine
    anna: Person
    bodo: Person
    admin: Person
    database_file: Path | None

    async def rows(self, table: Any, *where: Any) -> list[Any]:
        """Rows as a second session reads them."""
        statement = select(table.__table__).where(*where)
        async with self.engine.connect() as connection:
            return list((await connection.execute(statement)).all())

    async def add(self, table: Any, **values: Any) -> None:
        """Put one row there, as an earlier moment of the deployment left it."""
        async with self.engine.begin() as connection:
            await connection.execute(insert(table.__table__).values(**values))

    async def leave(self, *bodies: dict[str, Any]) -> None:
        """Store updates as a process did that ended before it handled them."""
        rows = [
            (body["update_id"], origin(body).chat_id, json.dumps(body).encode()) for body in bodies
        ]
        async with self.engine.begin() as connection:
            await inbox.store(connection, Vault(b"tests"), BOT_ID, rows, self.app.now())

    async def until(
        self, table: Any, *where: Any, count: int = 1, seconds: float = 15
    ) -> list[Any]:
        """Wait for ``count`` rows."""
        found: list[Any] = []
        for _ in range(int(seconds / 0.05)):
            found = await self.rows(table, *where)
            if len(found) >= count:
                return found
            await asyncio.sleep(0.05)
        raise AssertionError(f"{len(found)} rows of {table.__tablename__} instead of {count}")

    async def said(self, person: Person) -> list[str]:
        """Texts of the bot's messages in a private chat."""
        return [plain(m) for m in await person.sees() if m["from"]["is_bot"]]

    async def states(self) -> dict[int, int]:
        """State of every update."""
        return {row.update_id: row.state for row in await self.rows(InboxRow)}


@asynccontextmanager
async def small(
    url: str,
    tmp_path: Path,
    now: datetime,
    *,
    limits: Limits = FAST,
    strict: bool = False,
    language: str = "zh-hans",
    run: bool = True,
    **settings: str,
) -> AsyncIterator[Small]:
    """Start a sandbox and a bot on it.

    Args:
        url: An empty, migrated database.
        tmp_path: For the bot's data.
        now: The sandbox's time.
        limits: What the bot keeps to.
        strict: Whether the sandbox refuses what is above Telegram's ceilings.
        language: Of everybody's phone.
        run: Whether the bot's loops run; a test may run parts itself.
        **settings: More environment.
    """
    telegram = await server.start(port=0, tokens=[TOKEN], state_dir=None, limits=strict)
    engine = open_engine(url)
    try:
        async with Client(telegram.url) as client:
            await client.clock(to=now.isoformat())
            anna, bodo, admin = [
                await client.person(i, name, language_code=language)
                for i, name in ((ANNA, "安"), (BODO, "波"), (ADMIN, "管"))
            ]
            values = environment(telegram.url, tmp_path / "data", url) | settings
            app = await build(load_settings(values, Path("no-env-file")), limits=limits)
            file = Path(url.partition("///")[2]) if url.startswith("sqlite") else None
            made = Small(client, app, engine, anna, bodo, admin, file)
            try:
                if run:
                    async with running(app):
                        yield made
                else:
                    yield made
            finally:
                await close(app)
    finally:
        await engine.dispose()
        await telegram.close()
        await asyncio.sleep(0)
