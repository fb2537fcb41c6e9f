"""The schema: every migration goes up, down and up again, and the tables match the models."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, func, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import SQLModel

from storage.database import open_engine
from storage.migrate import current, downgrade, revisions, upgrade
from storage.tables import SettingRow
from tests.conftest import BACKENDS
from tests.databases import empty_postgres


@pytest.fixture(params=BACKENDS)
async def blank(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    if request.param == "sqlite":
        engine = open_engine(f"sqlite+aiosqlite:///{tmp_path / 'blank.db'}")
        yield engine
        await engine.dispose()
    else:
        async with empty_postgres() as url:
            engine = open_engine(url)
            yield engine
            await engine.dispose()


async def test_migrations__each_up_down_up__end_at_the_newest(blank: AsyncEngine) -> None:
    steps = revisions()
    for index, revision in enumerate(steps):
        await upgrade(blank, revision)
        await downgrade(blank, steps[index - 1] if index else "base")
        await upgrade(blank, revision)
    assert await current(blank) == steps[-1]
    await downgrade(blank, "base")
    assert await current(blank) is None


async def test_migrations__applied__match_the_models(blank: AsyncEngine) -> None:
    await upgrade(blank)

    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection)
        return list(compare_metadata(context, SQLModel.metadata))

    async with blank.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_transaction__savepoint_is_the_first_statement__rollback_leaves_no_row(
    engine: AsyncEngine,
) -> None:
    settings = SettingRow.__table__  # type: ignore[attr-defined]
    async with engine.connect() as connection:
        page = await connection.begin()
        async with connection.begin_nested():
            await connection.execute(insert(settings).values(key="a", value="b"))
        await page.rollback()
    async with engine.connect() as connection:
        count = await connection.execute(select(func.count()).select_from(settings))
        assert count.scalar_one() == 0
