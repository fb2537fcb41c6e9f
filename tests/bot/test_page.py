"""Who is at fault: the database, whose updates wait, or the update, which is set aside."""

import asyncpg
import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.page import is_database_away
from storage.database import open_engine
from storage.tables import InspectionRow, SettingRow
from tests.databases import HAS_POSTGRES, SERVER, Databases, empty_postgres

SETTINGS = SettingRow.__table__  # type: ignore[attr-defined]
needs_postgres = pytest.mark.skipif(not HAS_POSTGRES, reason="no PostgreSQL server")


async def failure(engine: AsyncEngine, *statements: object) -> Exception:
    """What a transaction with these statements raises."""
    try:
        async with engine.begin() as connection:
            for statement in statements:
                await connection.execute(statement)  # type: ignore[call-overload]
    except Exception as error:
        return error
    raise AssertionError("it worked")


async def test_mistake_in_a_statement__is_not_an_outage(engine: AsyncEngine) -> None:
    assert not is_database_away(await failure(engine, text("SELECT * FROM nothing")))


async def test_row_that_is_there_already__is_not_an_outage(engine: AsyncEngine) -> None:
    row = insert(SETTINGS).values(key="k", value="v")
    assert not is_database_away(await failure(engine, row, row))


async def test_number_that_no_column_holds__is_not_an_outage(engine: AsyncEngine) -> None:
    rows = InspectionRow.__table__  # type: ignore[attr-defined]
    query = select(rows).where(rows.c.id == 10**30)
    assert not is_database_away(await failure(engine, query))


async def test_full_disk__is_an_outage(databases: Databases) -> None:
    engine = open_engine(databases.sqlite_url())
    big = insert(SETTINGS).values(key="k", value="x" * 5_000_000)
    error = await failure(engine, text("PRAGMA max_page_count=10"), big)
    await engine.dispose()
    assert is_database_away(error)


@pytest.mark.postgres
@needs_postgres
async def test_server__that_lets_nobody_in__is_an_outage() -> None:
    async with empty_postgres() as url:
        admin = await asyncpg.connect(SERVER)
        engine = open_engine(url)
        try:
            name = url.rpartition("/")[2]
            await admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
            assert is_database_away(await failure(engine))
        finally:
            await engine.dispose()
            await admin.close()


@pytest.mark.postgres
@needs_postgres
async def test_connection__that_the_server_ends_meanwhile__is_an_outage() -> None:
    async with empty_postgres() as url:
        admin = await asyncpg.connect(SERVER)
        engine = open_engine(url)
        try:
            async with engine.connect() as connection:
                pid = (await connection.execute(text("SELECT pg_backend_pid()"))).scalar_one()
                await admin.execute("SELECT pg_terminate_backend($1)", pid)
                with pytest.raises(Exception) as caught:
                    await connection.execute(text("SELECT 1"))
            assert is_database_away(caught.value)
        finally:
            await engine.dispose()
            await admin.close()


async def test_server__that_is_not_there__is_an_outage() -> None:
    engine = open_engine("postgresql+asyncpg://nobody@127.0.0.1:1/nothing")
    error = await failure(engine)
    await engine.dispose()
    assert is_database_away(error)
