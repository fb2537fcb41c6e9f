"""Opening the database: SQLite by default, PostgreSQL by its URL, one behaviour on both.

SQLite runs in WAL mode with ``synchronous=FULL`` (an answer that was confirmed survives a power
cut; grouping makes it affordable) and with transactions that we begin ourselves: with the
driver's defaults, a transaction whose first statement is a savepoint survives the outer rollback.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

BUSY_TIMEOUT_MS = 5_000
"""How long a writer waits for another process before it reports a locked database."""


def open_engine(url: str) -> AsyncEngine:
    """Make the engine for a SQLAlchemy URL (``sqlite+aiosqlite`` or ``postgresql+asyncpg``)."""
    if make_url(url).get_backend_name() == "sqlite":
        engine = create_async_engine(
            url,
            connect_args={"isolation_level": None, "timeout": BUSY_TIMEOUT_MS / 1000},
            query_cache_size=2_000,
        )
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        event.listen(engine.sync_engine, "begin", _begin_sqlite)
        return engine
    return create_async_engine(url, pool_pre_ping=True, pool_size=5, query_cache_size=2_000)


def _prepare_sqlite(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        "foreign_keys=ON",
        "secure_delete=ON",
        "cache_size=-65536",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    options = connection.get_execution_options()
    mode = "DEFERRED" if options.get("read_only") else "IMMEDIATE"
    connection.exec_driver_sql(f"BEGIN {mode}")


@asynccontextmanager
async def reading(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A connection for looking only: it takes no write lock and leaves nothing behind."""
    async with engine.connect() as connection:
        connection = await connection.execution_options(read_only=True)
        yield connection
        await connection.rollback()


def sync_url(url: str) -> str:
    """The same database for tools that work synchronously (migrations run through asyncio)."""
    return make_url(url).render_as_string(hide_password=False)
