"""The databases that tests run on: a SQLite file always, PostgreSQL where a server is present.

``REQUIRE_ALL=1`` (set by CI) turns a missing server into a failure instead of fewer tests.
"""

import asyncio
import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import SQLModel

from storage.database import open_engine
from storage.migrate import upgrade

SERVER = os.environ.get("TEST_POSTGRES", "postgresql://root@127.0.0.1:5432/postgres")
REQUIRE_ALL = os.environ.get("REQUIRE_ALL") == "1"


def _reachable() -> bool:
    async def look() -> bool:
        try:
            connection = await asyncpg.connect(SERVER, timeout=3)
        except (OSError, asyncpg.PostgresError, TimeoutError):
            return False
        await connection.close()
        return True

    return asyncio.run(look())


HAS_POSTGRES = _reachable()
if REQUIRE_ALL and not HAS_POSTGRES:
    raise RuntimeError(f"PostgreSQL is required but not reachable at {SERVER}")


async def _on_server(statement: str) -> None:
    connection = await asyncpg.connect(SERVER)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def url_of(name: str) -> str:
    """SQLAlchemy URL of a database on the test server."""
    return SERVER.replace("postgresql://", "postgresql+asyncpg://").rpartition("/")[0] + f"/{name}"


@asynccontextmanager
async def empty_postgres() -> AsyncIterator[str]:
    """URL of a new, empty database that is dropped afterwards."""
    name = f"inspection_test_{secrets.token_hex(6)}"
    await _on_server(f"CREATE DATABASE {name}")
    try:
        yield url_of(name)
    finally:
        await _on_server(f"DROP DATABASE {name} WITH (FORCE)")


class Databases:
    """Migrated once, handed out empty to every test."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._template = folder / "template.db"
        self.postgres: str | None = None

    async def prepare(self) -> None:
        engine = open_engine(f"sqlite+aiosqlite:///{self._template}")
        await upgrade(engine)
        await engine.dispose()

    def sqlite_url(self) -> str:
        """A new SQLite file with the present schema."""
        path = self._folder / f"{secrets.token_hex(6)}.db"
        path.write_bytes(self._template.read_bytes())
        return f"sqlite+aiosqlite:///{path}"

    async def postgres_url(self) -> str:
        """The test run's PostgreSQL database, emptied."""
        if self.postgres is None:
            name = f"inspection_test_{secrets.token_hex(6)}"
            await _on_server(f"CREATE DATABASE {name}")
            self.postgres = name
            engine = open_engine(url_of(name))
            await upgrade(engine)
            await engine.dispose()
        engine = open_engine(url_of(self.postgres))
        await empty(engine)
        await engine.dispose()
        return url_of(self.postgres)

    async def drop(self) -> None:
        if self.postgres is not None:
            await _on_server(f"DROP DATABASE {self.postgres} WITH (FORCE)")


async def empty(engine: AsyncEngine) -> None:
    """Remove all rows of a PostgreSQL database."""
    names = ", ".join(table.name for table in SQLModel.metadata.sorted_tables)
    async with engine.begin() as connection:
        await connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY"))
