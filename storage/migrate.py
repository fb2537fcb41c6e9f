"""Bringing the schema to the version of the code, and back."""

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.database import open_engine

FOLDER = Path(__file__).parent / "migrations"


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", FOLDER.as_posix())
    return config


async def _run(engine: AsyncEngine, work: Callable[[Config], None]) -> None:
    def inside(connection: Connection) -> None:
        config = _config()
        config.attributes["connection"] = connection
        work(config)

    async with engine.begin() as connection:
        await connection.run_sync(inside)


async def upgrade(engine: AsyncEngine, revision: str = "head") -> None:
    """Apply the migrations up to ``revision`` in one transaction."""
    await _run(engine, lambda config: command.upgrade(config, revision))


async def downgrade(engine: AsyncEngine, revision: str) -> None:
    """Undo the migrations down to ``revision`` ("base" removes everything)."""
    await _run(engine, lambda config: command.downgrade(config, revision))


def revisions() -> list[str]:
    """All revision ids, oldest first."""
    scripts = ScriptDirectory.from_config(_config())
    return [script.revision for script in reversed(list(scripts.walk_revisions()))]


async def current(engine: AsyncEngine) -> str | None:
    """The revision that the database is at; None when it is empty."""
    async with engine.connect() as connection:
        return await connection.run_sync(
            lambda sync: MigrationContext.configure(sync).get_current_revision()
        )


async def write_revision(url: str, message: str, number: str) -> None:
    """Draft a migration from the difference between tables and database (for developers)."""
    engine = open_engine(url)

    def draft(config: Config) -> None:
        command.revision(config, message=message, autogenerate=True, rev_id=number)

    await _run(engine, draft)
    await engine.dispose()
