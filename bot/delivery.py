"""Delivering the outbox with python-telegram-bot.

A message is claimed (marked as being sent), rendered from the present state, sent, and marked. A
crash in between repeats at most the messages that were marked. Passing failures wait and are
tried again; final ones, and those that failed too often, are given up and an admin is told.
"""

import asyncio
import logging
import os
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine
from telegram import InlineKeyboardMarkup, LinkPreviewOptions
from telegram import Message as TelegramMessage
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)
from telegram.ext import BaseRateLimiter, ExtBot
from telegram.request import HTTPXRequest

from bot.nursery import Nursery
from bot.pacer import PUSH, Pacer
from bot.page import is_database_away
from bot.rendering import keyboard
from handlers.content import Content
from handlers.context import Bot
from handlers.pushes import PUSHES, PushContext
from locales import LANGUAGES, choose
from services.campaigns import CampaignStore
from services.groups import migrate
from storage import outbox
from storage.database import reading
from storage.outbox import Message
from storage.tables import OutboxState
from storage.workspace import Workspace

logger = logging.getLogger(__name__)

AT_ONCE = 8
"""Messages being sent at the same time: what a crash may repeat."""
TRIES = 8
FIRST_PAUSE_SECONDS = 2.0
LONGEST_PAUSE_SECONDS = 900.0


class PacedLimiter(BaseRateLimiter[int]):
    """python-telegram-bot's calls under the pacer that conversations use too.

    ``rate_limit_args`` is the lane; PTB drops a falsy one, so lanes begin at 1.
    """

    def __init__(self, pacer: Pacer) -> None:
        self._pacer = pacer

    async def initialize(self) -> None:
        """Nothing to prepare."""

    async def shutdown(self) -> None:
        """Nothing to release."""

    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, Any]],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,  # noqa: ARG002 - PTB's signature
        data: dict[str, Any],
        rate_limit_args: int | None,
    ) -> Any:
        """Wait for a slot of the chat; a refusal blocks that chat and goes to the outbox."""
        chat_id = data.get("chat_id")
        if isinstance(chat_id, int):
            await self._pacer.slot(chat_id, rate_limit_args or PUSH)
        try:
            return await callback(*args, **kwargs)
        except RetryAfter as error:
            if isinstance(chat_id, int):
                self._pacer.block(chat_id, seconds(error))
            raise


def seconds(error: RetryAfter) -> float:
    """How long Telegram asks to wait."""
    pause = error.retry_after
    return pause.total_seconds() if isinstance(pause, timedelta) else float(pause)


def open_push_client(token: str, api_root: str, pacer: Pacer, proxy: str | None) -> ExtBot[int]:
    """The client that delivers; its updater is never started."""
    # Without it the library warns about the type of every retry-after that it reports.
    os.environ.setdefault("PTB_TIMEDELTA", "1")
    return ExtBot(
        token,
        base_url=f"{api_root}/bot",
        base_file_url=f"{api_root}/file/bot",
        request=HTTPXRequest(connection_pool_size=AT_ONCE * 2, proxy=proxy, read_timeout=20),
        rate_limiter=PacedLimiter(pacer),
    )


class Delivery:
    """The outbox of one bot."""

    def __init__(
        self,
        engine: AsyncEngine,
        client: ExtBot[int],
        bot: Bot,
        campaigns: CampaignStore,
        nursery: Nursery,
        now: Callable[[], datetime],
        data_dir: Path,
    ) -> None:
        self._engine = engine
        self._client = client
        self._bot = bot
        self._campaigns = campaigns
        self._nursery = nursery
        self._now = now
        self._data_dir = data_dir
        self._busy: set[int] = set()
        self._freed = asyncio.Event()

    async def recover(self) -> None:
        """After a crash, let what was being sent wait again."""
        async with self._engine.begin() as connection:
            await outbox.release_interrupted(connection, self._bot.id)

    async def work(self, stopping: asyncio.Event) -> None:
        """Deliver until ``stopping`` is set, then finish what is being sent."""
        while not stopping.is_set():
            try:
                claimed = await self._claim()
            except Exception as error:
                if not is_database_away(error):
                    raise
                logger.error("the outbox cannot be read: %s", type(error).__name__)
                claimed = []
            for message in claimed:
                self._busy.add(message.chat_id)
                self._nursery.start(self._deliver(message), "delivery")
            if not claimed:
                self._freed.clear()
                try:
                    await asyncio.wait_for(self._freed.wait(), 0.2)
                except TimeoutError:
                    continue

    async def _claim(self) -> list[Message]:
        room = AT_ONCE - len(self._busy)
        if room <= 0:
            return []
        now = self._now()
        async with reading(self._engine) as connection:
            if not await outbox.any_due(connection, self._bot.id, now):
                return []
        async with self._engine.begin() as connection:
            return await outbox.claim_messages(connection, self._bot.id, now, room, self._busy)

    async def _deliver(self, message: Message) -> None:
        try:
            await self._try(message)
        except Exception as error:
            if not is_database_away(error):
                raise
            # It stays marked as being sent and is released at the next start or sweep.
            logger.error("delivery %d: database away: %s", message.id, type(error).__name__)
            await self._release_later(message)
        finally:
            self._busy.discard(message.chat_id)
            self._freed.set()

    async def _release_later(self, message: Message) -> None:
        while True:
            await asyncio.sleep(2)
            try:
                await self._postpone(message, FIRST_PAUSE_SECONDS, "database")
            except Exception as error:
                if not is_database_away(error):
                    raise
            else:
                return

    async def _try(self, message: Message) -> None:
        render = PUSHES.get(message.kind)
        if render is None:
            await self._give_up(message, "unknown kind")
            return
        try:
            async with reading(self._engine) as connection:
                context = await self._context(connection, message)
                content = await render(context, message.params)
        except Exception as error:
            if is_database_away(error):
                raise
            logger.error("push %s cannot be rendered: %s", message.kind, type(error).__name__)
            await self._again_or_give_up(message, type(error).__name__)
            return
        if content is None:
            await self._finish(message, OutboxState.OBSOLETE)
            return
        try:
            sent = await self._send(message, content)
        except RetryAfter as error:
            await self._postpone(message, seconds(error), "RetryAfter", count=False)
        except ChatMigrated as error:
            async with self._engine.begin() as connection:
                await migrate(connection, self._bot.id, message.chat_id, error.new_chat_id)
            await self._postpone(message, 0, "ChatMigrated")
        except (BadRequest, Forbidden) as error:
            # BadRequest is a NetworkError in this library: it must be caught first.
            await self._give_up(message, type(error).__name__)
        except TimedOut as error:
            # It may have arrived: one repeat is the lesser evil, a lost reminder is not.
            await self._again_or_give_up(message, type(error).__name__)
        except (NetworkError, TelegramError) as error:
            await self._again_or_give_up(message, type(error).__name__)
        else:
            await self._finish(message, OutboxState.SENT, sent.message_id)

    async def _context(self, connection: Any, message: Message) -> PushContext:
        locale = str(message.params.get("lang") or LANGUAGES[0])
        if message.chat_id > 0:
            person = await Workspace(connection, self._now()).person(self._bot.id, message.chat_id)
            if person is not None:
                locale = choose(person.language, person.phone_language)
        return PushContext(
            connection,
            self._now(),
            self._bot,
            self._campaigns,
            message.chat_id,
            locale,
            self._data_dir,
        )

    async def _send(self, message: Message, content: Content) -> TelegramMessage:
        markup = keyboard(content)
        common: dict[str, Any] = {
            "chat_id": message.chat_id,
            "message_thread_id": message.thread_id,
            "disable_notification": message.silent,
            "parse_mode": "HTML",
            "reply_markup": (
                None if markup is None else InlineKeyboardMarkup.de_json(markup, self._client)
            ),
            "rate_limit_args": message.lane,
        }
        if content.file is None:
            return await self._client.send_message(
                text=content.text,
                link_preview_options=LinkPreviewOptions(is_disabled=True),
                **common,
            )
        if content.file.photo:
            return await self._client.send_photo(
                photo=content.file.data,
                filename=content.file.name,
                caption=content.text or None,
                **common,
            )
        return await self._client.send_document(
            document=content.file.data,
            filename=content.file.name,
            caption=content.text or None,
            disable_content_type_detection=True,
            **common,
        )

    async def _finish(
        self, message: Message, state: OutboxState, message_id: int | None = None
    ) -> None:
        async with self._engine.begin() as connection:
            await outbox.finish_message(
                connection, message.id, state, self._now(), message_id=message_id
            )

    async def _postpone(
        self, message: Message, pause_seconds: float, error: str, *, count: bool = True
    ) -> None:
        until = self._now() + timedelta(seconds=pause_seconds)
        async with self._engine.begin() as connection:
            await outbox.postpone_message(connection, message.id, until, error, count=count)

    async def _again_or_give_up(self, message: Message, error: str) -> None:
        if message.attempts >= TRIES:
            await self._give_up(message, error)
            return
        pause = min(FIRST_PAUSE_SECONDS * 2 ** (message.attempts - 1), LONGEST_PAUSE_SECONDS)
        await self._postpone(message, pause, error)

    async def _give_up(self, message: Message, error: str) -> None:
        logger.error("gave up push %d (%s): %s", message.id, message.kind, error)
        now = self._now()
        async with self._engine.begin() as connection:
            await outbox.finish_message(
                connection, message.id, OutboxState.FAILED, now, error=error
            )
            if message.kind != "give_up":
                ws = Workspace(connection, now)
                for admin in self._bot.admins:
                    if admin != message.chat_id:
                        ws.push(
                            f"give_up:{message.id}:{admin}",
                            self._bot.id,
                            admin,
                            "give_up",
                            {"push": message.id, "kind": message.kind, "error": error},
                        )
                await ws.flush()
