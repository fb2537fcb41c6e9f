"""Opening the deployment's database: migrated, and with the right secret key."""

from alembic.util import CommandError
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.errors import StartError
from bot.settings import Settings
from storage.database import open_engine
from storage.migrate import upgrade
from storage.tables import SettingRow
from storage.vault import Vault, load_secret

SETTINGS = SettingRow.__table__  # type: ignore[attr-defined]  # SQLModel hides the Core table


async def prepare_database(settings: Settings) -> tuple[AsyncEngine, Vault]:
    """Open and migrate the database, and check that the secret key is the right one.

    Raises:
        StartError: With one line that says what to do.
    """
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        configured = settings.secret_key
        secret = load_secret(
            settings.data_dir, None if configured is None else configured.get_secret_value()
        )
    except OSError as error:
        raise StartError(f"DATA_DIR cannot be written: {error.strerror}") from error
    vault = Vault(secret)
    engine = open_engine(settings.database)
    try:
        await upgrade(engine)
        async with engine.begin() as connection:
            kept = (
                await connection.execute(
                    select(SETTINGS.c.value).where(SETTINGS.c.key == "secret_fingerprint")
                )
            ).scalar_one_or_none()
            if kept is None:
                await connection.execute(
                    SETTINGS.insert().values(key="secret_fingerprint", value=vault.fingerprint)
                )
    except CommandError as error:
        await engine.dispose()
        raise StartError(
            "DATABASE_URL: the database was written by a newer version of this program; "
            "start that version, or restore an older backup"
        ) from error
    except (DBAPIError, OSError) as error:
        await engine.dispose()
        reason = str(getattr(error, "orig", error)).splitlines()[0]
        raise StartError(
            f"DATABASE_URL: the database cannot be opened ({reason}); "
            "check that it runs and can be written, then start again"
        ) from error
    if kept not in (None, vault.fingerprint):
        await engine.dispose()
        raise StartError(
            "SECRET_KEY is not the key this database was written with; "
            "set the right key, or restore DATA_DIR/secret.key, then start again"
        )
    return engine, vault
