"""One page of stored updates: handled in order, one transaction, replies afterwards.

The page owns the transaction. Its updates run one after another on one connection; what they
changed is written in batches and commits together with the mark "handled" and with the messages
for other chats. If anything raises, the page is rolled back and its updates run again one by one,
each in a transaction of its own: the one that fails is set aside, harms no other, and the person
is told so. Handlers change nothing but the database, so running them again is safe.
"""

import logging
import secrets
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aiogram import Bot as TelegramBot
from aiogram import Dispatcher
from aiogram.methods import AnswerCallbackQuery, TelegramMethod
from aiogram.types import Update
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.rendering import message
from bot.sender import Call, Draw, Shown
from campaigns.errors import CampaignError
from handlers.context import Bot, Ctx
from handlers.views import VIEWS
from locales import LANGUAGES, choose, text
from services.campaigns import CampaignStore
from storage import inbox
from storage.database import reading
from storage.inbox import StoredUpdate
from storage.tables import InboxState
from storage.workspace import AnswerCache, Card, Person, Workspace

logger = logging.getLogger(__name__)

ALERT_CHARACTERS = 200
"""Longest text of a callback answer. Source: Bot API, answerCallbackQuery."""
TOAST_CHARACTERS = 40
"""Longer refusals are shown as an alert that stays until it is read."""


AWAY_STATES = ("08", "40", "53", "55", "57", "58")
"""Connection, deadlock, out of resources, not ready, shut down, system error.

Source: PostgreSQL manual, appendix A, classes of SQLSTATE codes.
"""


class UnreadableError(Exception):
    """Telegram sent what this program's version does not understand."""


class DatabaseAwayError(Exception):
    """The database cannot be used at the moment; the updates keep waiting."""


@dataclass(slots=True)
class Replies:
    """What leaves after the commit."""

    by_chat: dict[int, list[Call | Draw]] = field(default_factory=dict)
    callbacks: list[dict[str, Any]] = field(default_factory=list)
    inline: list[dict[str, Any]] = field(default_factory=list)

    def add(self, chat_id: int, item: Call | Draw) -> None:
        """Queue one call to a chat."""
        self.by_chat.setdefault(chat_id, []).append(item)

    def extend(self, other: "Replies") -> None:
        """Take over the replies of a later update."""
        for chat_id, items in other.by_chat.items():
            self.by_chat.setdefault(chat_id, []).extend(items)
        self.callbacks += other.callbacks
        self.inline += other.inline


@dataclass(frozen=True, slots=True)
class Origin:
    """Who an update comes from and where."""

    kind: str
    chat_id: int | None
    private: bool
    thread_id: int | None
    user_id: int | None
    language: str | None
    callback_id: str | None


def origin(body: dict[str, Any]) -> Origin:
    """Read who and where from an update as JSON, whatever its kind."""
    for kind, part in body.items():
        if kind == "update_id" or not isinstance(part, dict):
            continue
        holder = part.get("message") if kind == "callback_query" else part
        holder = holder if isinstance(holder, dict) else {}
        chat = holder.get("chat") or {}
        user = part.get("from") or {}
        chat_id = chat.get("id")
        if chat_id is None and kind == "inline_query":
            chat_id = user.get("id")
        return Origin(
            kind,
            chat_id,
            chat.get("type", "private") == "private",
            holder.get("message_thread_id") if holder.get("is_topic_message") else None,
            user.get("id"),
            user.get("language_code"),
            part.get("id") if kind == "callback_query" else None,
        )
    return Origin("", None, False, None, None, None, None)


class PageHandler:
    """Handles pages of updates for one bot."""

    def __init__(
        self,
        engine: AsyncEngine,
        dispatcher: Dispatcher,
        telegram: TelegramBot,
        bot: Bot,
        campaigns: CampaignStore,
    ) -> None:
        self._engine = engine
        self._dispatcher = dispatcher
        self._telegram = telegram
        self._bot = bot
        self._campaigns = campaigns
        self._answers = AnswerCache()

    def _forget(self) -> None:
        """What was worked out in a page that is undone must not be found again."""
        self._campaigns.forget_states()
        self._answers.forget()

    async def handle(
        self,
        updates: Sequence[StoredUpdate],
        shown: Sequence[Shown],
        now: datetime,
        *,
        again: bool = False,
    ) -> Replies:
        """Handle stored updates and write what earlier drawings led to.

        Args:
            updates: The page, in order.
            shown: Results of drawings.
            now: The page's instant.
            again: This page may have been handled in part before the database went away; what
                is marked as handled is left out.

        Raises:
            DatabaseAwayError: Try again later, with ``again``.
        """
        if again and updates:
            try:
                async with reading(self._engine) as connection:
                    fresh = await inbox.still_new(
                        connection, self._bot.id, [update.update_id for update in updates]
                    )
            except Exception as error:
                if is_database_away(error):
                    raise DatabaseAwayError from error
                raise
            updates = [update for update in updates if update.update_id in fresh]
        try:
            return await self._together(updates, shown, now)
        except Exception as error:
            self._forget()
            if is_database_away(error):
                raise DatabaseAwayError from error
            if len(updates) > 1:
                logger.warning(
                    "a page of %d updates is run one by one after %s",
                    len(updates),
                    type(error).__name__,
                )
        replies = Replies()
        try:
            if shown:
                await self._together((), shown, now)
            for update in updates:
                replies.extend(await self._alone(update, now))
        except Exception as error:
            if is_database_away(error):
                raise DatabaseAwayError from error
            raise
        return replies

    async def _together(
        self, updates: Sequence[StoredUpdate], shown: Sequence[Shown], now: datetime
    ) -> Replies:
        replies = Replies()
        async with self._engine.begin() as connection:
            ws = Workspace(connection, now, self._answers)
            origins = [origin(update.body) for update in updates]
            chats = {o.chat_id for o in origins if o.chat_id is not None}
            people = {o.user_id for o in origins if o.user_id is not None}
            await ws.prefetch(self._bot.id, people, chats | {s.chat_id for s in shown})
            await self._note_shown(ws, shown)
            contexts: dict[int, Ctx] = {}
            for update, source in zip(updates, origins, strict=True):
                await self._feed(ws, update, source, contexts, replies, now)
            await ws.flush()
            await self._draw(ws, contexts, replies, now)
            await ws.flush()
            if updates:
                await inbox.mark_handled(
                    connection, self._bot.id, [update.update_id for update in updates], now
                )
        return replies

    async def _alone(self, update: StoredUpdate, now: datetime) -> Replies:
        try:
            return await self._together((update,), (), now)
        except Exception as error:
            self._forget()
            if is_database_away(error):
                raise
            incident = secrets.token_hex(4)
            state = (
                InboxState.UNREADABLE if isinstance(error, UnreadableError) else InboxState.FAILED
            )
            # The traceback's frames name code only; exception texts may quote what was sent.
            logger.error(
                "update %d failed, incident %s: %s at %s",
                update.update_id,
                incident,
                type(error).__name__,
                _place(error),
            )
            return await self._set_aside(update, state, incident, now)

    async def _set_aside(
        self, update: StoredUpdate, state: InboxState, incident: str, now: datetime
    ) -> Replies:
        replies = Replies()
        source = origin(update.body)
        async with self._engine.begin() as connection:
            ws = Workspace(connection, now)
            await inbox.set_aside(connection, self._bot.id, update.update_id, state, now)
            if state == InboxState.FAILED:
                for admin in self._bot.admins:
                    key = f"incident:{self._bot.id}:{update.update_id}:{admin}"
                    ws.push(key, self._bot.id, admin, "incident", {"incident": incident})
            await ws.flush()
            person = (
                await ws.person(self._bot.id, source.user_id)
                if source.user_id is not None
                else None
            )
        if state == InboxState.FAILED and source.chat_id is not None:
            locale = _locale(person, source)
            notice = text(locale, "error-incident", incident=incident)
            if source.callback_id is not None:
                replies.callbacks.append(_toast(source.callback_id, notice))
            elif source.private and source.kind == "message":
                replies.add(
                    source.chat_id,
                    Call("sendMessage", {"chat_id": source.chat_id, "text": notice}),
                )
        return replies

    async def _note_shown(self, ws: Workspace, shown: Sequence[Shown]) -> None:
        for result in shown:
            card = await ws.card(self._bot.id, result.chat_id, result.purpose)
            if card is None:
                continue
            if result.message_id is not None:
                card.message_id = result.message_id
            if result.wanted >= card.wanted:
                card.below = False
            card.shown = max(card.shown, result.wanted)
            if card.asked_at is None and card.shown >= card.asked_wanted:
                card.asked_at = result.at
            ws.change_card(card)
            if result.unreachable and result.chat_id > 0:
                person = await ws.person(self._bot.id, result.chat_id)
                if person is not None:
                    person.unreachable_at = ws.now
                    ws.change_person(person)

    async def _context(
        self, ws: Workspace, source: Origin, contexts: dict[int, Ctx], now: datetime
    ) -> Ctx:
        person: Person | None = None
        if source.user_id is not None:
            person = await ws.person(self._bot.id, source.user_id)
            if person is None and source.kind != "my_chat_member":
                person = await ws.create_person(self._bot.id, source.user_id, source.language)
            if person is not None and (
                (source.language and person.phone_language != source.language)
                or (person.unreachable_at is not None and source.private)
            ):
                person.phone_language = source.language or person.phone_language
                person.unreachable_at = None
                ws.change_person(person)
        chat_id = source.chat_id if source.chat_id is not None else (source.user_id or 0)
        ctx = Ctx(
            ws=ws,
            now=now,
            bot=self._bot,
            campaigns=self._campaigns,
            chat_id=chat_id,
            private=source.private,
            person=person,
            locale=_locale(person, source),
            thread_id=source.thread_id,
            tapped=source.callback_id is not None,
        )
        contexts[chat_id] = ctx
        return ctx

    async def _feed(
        self,
        ws: Workspace,
        update: StoredUpdate,
        source: Origin,
        contexts: dict[int, Ctx],
        replies: Replies,
        now: datetime,
    ) -> None:
        try:
            parsed = Update.model_validate(update.body, context={"bot": self._telegram})
        except ValidationError:
            raise UnreadableError from None
        ctx = await self._context(ws, source, contexts, now)
        try:
            outcome = await self._dispatcher.feed_update(self._telegram, parsed, ctx=ctx)
        except CampaignError as refusal:
            # Services check before they change anything, so there is nothing to undo.
            outcome = self._refusal(ctx, source, refusal)
        answered = False
        for method in _methods(outcome):
            answered = answered or isinstance(method, AnswerCallbackQuery)
            self._queue(ctx, method, replies)
        if source.callback_id is not None and not answered:
            replies.callbacks.append({"callback_query_id": source.callback_id})

    def _refusal(self, ctx: Ctx, source: Origin, refusal: CampaignError) -> object:
        notice = ctx.t(refusal.key, **refusal.params)
        if source.callback_id is not None:
            return AnswerCallbackQuery(**_toast(source.callback_id, notice))
        if source.kind == "message" and source.chat_id is not None:
            payload: dict[str, Any] = {"chat_id": source.chat_id, "text": notice}
            if source.thread_id is not None:
                payload["message_thread_id"] = source.thread_id
            return Call("sendMessage", payload)
        return None

    @staticmethod
    def _queue(ctx: Ctx, method: object, replies: Replies) -> None:
        if isinstance(method, Call):
            replies.add(ctx.chat_id, method)
            return
        assert isinstance(method, TelegramMethod)  # noqa: S101 - handlers return nothing else
        payload = method.model_dump(exclude_none=True, exclude_unset=True, mode="json")
        if isinstance(method, AnswerCallbackQuery):
            replies.callbacks.append(payload)
        elif method.__api_method__ == "answerInlineQuery":
            replies.inline.append(payload)
        else:
            chat_id = payload.get("chat_id", ctx.chat_id)
            replies.add(int(chat_id), Call(method.__api_method__, payload))

    async def _draw(
        self, ws: Workspace, contexts: dict[int, Ctx], replies: Replies, now: datetime
    ) -> None:
        for card in list(ws.cards_to_draw.values()):
            ctx = contexts.get(card.chat_id)
            if ctx is None:
                ctx = await self.context_for(ws, card, now)
            replies.add(card.chat_id, await self._drawing(ctx, card))

    async def _drawing(self, ctx: Ctx, card: Card) -> Draw:
        content = await VIEWS[card.view](ctx, card.params)
        return Draw(
            card.purpose,
            message(content),
            card.wanted,
            card.below or card.message_id is None,
            card.message_id,
            ctx.thread_id,
        )

    async def context_for(self, ws: Workspace, card: Card, now: datetime) -> Ctx:
        """A context for drawing a card without an update."""
        private = card.chat_id > 0
        person = await ws.person(self._bot.id, card.chat_id) if private else None
        locale = (
            choose(person.language, person.phone_language) if person is not None else LANGUAGES[0]
        )
        return Ctx(
            ws=ws,
            now=now,
            bot=self._bot,
            campaigns=self._campaigns,
            chat_id=card.chat_id,
            private=private,
            person=person,
            locale=locale,
        )

    async def redraw(self, chats: Sequence[tuple[int, str]], now: datetime) -> Replies:
        """Draw cards again whose wanted state was never shown (after a crash or an outage)."""
        replies = Replies()
        async with self._engine.begin() as connection:
            ws = Workspace(connection, now)
            await ws.prefetch(self._bot.id, {c for c, _ in chats if c > 0}, {c for c, _ in chats})
            for chat_id, purpose in chats:
                card = await ws.card(self._bot.id, chat_id, purpose)
                if card is None or card.view not in VIEWS:
                    continue
                ctx = await self.context_for(ws, card, now)
                try:
                    replies.add(chat_id, await self._drawing(ctx, card))
                except Exception as error:
                    if is_database_away(error):
                        raise DatabaseAwayError from error
                    logger.error(
                        "card %s cannot be drawn: %s at %s",
                        card.view,
                        type(error).__name__,
                        _place(error),
                    )
                    card.shown = card.wanted
                    ws.change_card(card)
            await ws.flush()
        return replies


def is_database_away(error: BaseException) -> bool:
    """Whether the database (its server, lock or disk) is at fault, not the update."""
    if not isinstance(error, DBAPIError):
        return isinstance(error, OSError)
    if (state := getattr(error.orig, "sqlstate", None)) is not None:
        return error.connection_invalidated or str(state).startswith(AWAY_STATES)
    if getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR:
        return False
    return error.connection_invalidated or isinstance(error, OperationalError | InterfaceError)


def _methods(outcome: object) -> list[object]:
    if isinstance(outcome, TelegramMethod | Call):
        return [outcome]
    if isinstance(outcome, list | tuple):
        return [item for item in outcome if isinstance(item, TelegramMethod | Call)]
    return []


def _toast(callback_id: str, notice: str) -> dict[str, Any]:
    return {
        "callback_query_id": callback_id,
        "text": notice[:ALERT_CHARACTERS],
        "show_alert": len(notice) > TOAST_CHARACTERS,
    }


def _locale(person: Person | None, source: Origin) -> str:
    if person is not None:
        return choose(person.language, person.phone_language)
    return choose(None, source.language)


def _place(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "?"
    code = trace.tb_frame.f_code
    return f"{code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}"
