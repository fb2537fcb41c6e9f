"""Fixtures that all rooms share."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.database import open_engine
from storage.workspace import Workspace
from tests.databases import HAS_POSTGRES, REQUIRE_ALL, Databases

NOW = datetime(2026, 11, 18, 2, 30, tzinfo=UTC)
"""A Wednesday, 10:30 in Shanghai."""

BACKENDS = [
    "sqlite",
    *([pytest.param("postgres", marks=pytest.mark.postgres)] if HAS_POSTGRES else []),
]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave browser tests out where there is no Chromium (CI fails instead)."""
    if shutil.which("chromium") is not None or REQUIRE_ALL:
        return
    kept = [item for item in items if item.get_closest_marker("browser") is None]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    made = Databases(tmp_path_factory.mktemp("databases"))
    asyncio.run(made.prepare())
    yield made
    asyncio.run(made.drop())


@pytest.fixture(params=BACKENDS)
async def database_url(request: pytest.FixtureRequest, databases: Databases) -> str:
    """URL of an empty, migrated database, on every backend."""
    if request.param == "sqlite":
        return databases.sqlite_url()
    return await databases.postgres_url()


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    made = open_engine(database_url)
    yield made
    await made.dispose()


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
async def ws(engine: AsyncEngine, now: datetime) -> AsyncIterator[Workspace]:
    """A workspace whose transaction is rolled back after the test."""
    async with engine.connect() as connection, connection.begin():
        yield Workspace(connection, now)
