"""What commands work on: the settings, the database, the clock and the bot's own name."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.clock import Clock
from bot.database import prepare_database
from bot.errors import StartError
from bot.settings import Settings


@dataclass(slots=True)
class Deployment:
    """An opened deployment, as commands use it."""

    settings: Settings
    engine: AsyncEngine
    clock: Clock
    out: Callable[[str], None]
    """Prints one line for the operator."""

    def now(self) -> datetime:
        """The present instant."""
        return self.clock.now()

    def bot_id(self) -> int:
        """The bot's user id."""
        return self.settings.bot_id

    async def bot_username(self) -> str:
        """The bot's name, asked of the Bot API: deep links need it.

        Raises:
            StartError: The Bot API does not answer or refuses the token.
        """
        # Imported here: it brings aiogram, which takes seconds to load and few commands need.
        from bot.api import LightSession

        proxy = self.settings.proxy_url
        session = LightSession(
            self.settings.bot_api_url,
            self.settings.bot_token.get_secret_value(),
            None if proxy is None else proxy.get_secret_value(),
        )
        try:
            answer = await session.raw("getMe", {})
        finally:
            await session.close()
        if not answer.ok:
            raise StartError(
                "BOT_TOKEN was refused or BOT_API_URL cannot be reached; check both in .env"
            )
        return str(answer.result["username"])


@asynccontextmanager
async def opened(settings: Settings, out: Callable[[str], None]) -> AsyncIterator[Deployment]:
    """Open the database (migrated) and the clock for one command."""
    engine, _vault = await prepare_database(settings)
    clock = Clock(settings.clock_url)
    await clock.read_once()
    try:
        yield Deployment(settings, engine, clock, out)
    finally:
        await engine.dispose()
