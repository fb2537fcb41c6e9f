"""From Telegram to the database and back: receive, store, handle, reply.

An update is stored (sealed) before it is confirmed to Telegram; only then may it be handled.
Polling and webhook end in the same inbox. One loop handles pages of stored updates in order.
"""

import asyncio
import hmac
import json
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime
from time import monotonic
from typing import Any

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.api import Answer, LightSession
from bot.nursery import Nursery
from bot.page import DatabaseAwayError, PageHandler, Replies, is_database_away, origin
from bot.sender import Sender, Shown
from handlers.context import Bot
from locales import choose, text
from storage import inbox
from storage.database import reading
from storage.inbox import StoredUpdate
from storage.tables import CardRow
from storage.vault import Vault

logger = logging.getLogger(__name__)

PAGE_UPDATES = 100
"""Updates in one transaction. Source: Bot API, getUpdates returns at most 100."""
POLL_SECONDS = 25
REDRAW_SECONDS = 15.0
APOLOGY_SECONDS = 3.0
"""How long the database may be away before people who wrote are told."""

ALLOWED_UPDATES = (
    "message",
    "edited_message",
    "callback_query",
    "inline_query",
    "my_chat_member",
)
CARDS = CardRow.__table__  # type: ignore[attr-defined]  # SQLModel hides the Core table

_SERVICE_FIELDS = ("migrate_to_chat_id", "migrate_from_chat_id")
_FILES = ("document", "photo", "video", "voice", "audio")


def concerns_us(body: dict[str, Any], bot: Bot) -> bool:
    """Whether a group message is meant for the bot; ordinary talk is not read, only counted.

    An administrator bot hears everything. Kept are commands, replies to the bot's messages,
    mentions, messages sent through the bot's inline mode, and changes of the group itself.
    """
    message = body.get("message") or body.get("edited_message")
    if message is None or (message.get("chat") or {}).get("type") == "private":
        return True
    if any(name in message for name in _SERVICE_FIELDS):
        return True
    if (message.get("via_bot") or {}).get("id") == bot.id:
        return True
    reply = message.get("reply_to_message") or {}
    if (reply.get("from") or {}).get("id") == bot.id and "forum_topic_created" not in reply:
        return True
    content = str(message.get("text") or message.get("caption") or "")
    units = content.encode("utf-16-le")
    for entity in (message.get("entities") or []) + (message.get("caption_entities") or []):
        begin = int(entity["offset"]) * 2
        part = units[begin : begin + int(entity["length"]) * 2].decode("utf-16-le", "replace")
        if entity["type"] == "bot_command" and entity["offset"] == 0:
            _, at, name = part.partition("@")
            if not at or name.lower() == bot.username.lower():
                return True
        if entity["type"] == "mention" and part.lower() == f"@{bot.username.lower()}":
            return True
        if entity["type"] == "text_mention" and (entity.get("user") or {}).get("id") == bot.id:
            return True
    return False


class Pipeline:
    """One bot's way of an update from reception to reply."""

    def __init__(
        self,
        engine: AsyncEngine,
        vault: Vault,
        session: LightSession,
        pages: PageHandler,
        sender: Sender,
        bot: Bot,
        nursery: Nursery,
        now: Callable[[], datetime],
    ) -> None:
        self._engine = engine
        self._vault = vault
        self._session = session
        self._pages = pages
        self._sender = sender
        self._bot = bot
        self._nursery = nursery
        self._now = now
        self._waiting: deque[StoredUpdate] = deque()
        self._arrived = asyncio.Event()
        self._doubtful: set[int] = set()
        """Updates whose storing failed: their commit may have succeeded all the same."""
        self._offset = 0
        """What getUpdates begins with; 0 is the oldest that Telegram still holds."""
        self._away_since: float | None = None
        self._told: set[int] = set()
        self._unshown: dict[tuple[int, str], int] = {}

    # ---- receive ---------------------------------------------------------------------------

    async def accept(self, bodies: Sequence[dict[str, Any]]) -> None:
        """Store updates and hand the new ones to the handling loop.

        Raises:
            Exception: They could not be stored; Telegram must keep them.
        """
        rows: list[tuple[int, int | None, bytes | None]] = []
        ours: list[StoredUpdate] = []
        for body in bodies:
            update_id = int(body["update_id"])
            source = origin(body)
            if concerns_us(body, self._bot):
                made = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
                # Half a character (a cut-off emoji) must not stop reception.
                data = made.encode("utf-8", "surrogatepass")
                rows.append((update_id, source.chat_id, data))
                ours.append(StoredUpdate(update_id, source.chat_id, body))
            else:
                rows.append((update_id, source.chat_id, None))
        ids = {row[0] for row in rows}
        doubtful = sorted(self._doubtful & ids)
        try:
            async with self._engine.begin() as connection:
                fresh = await inbox.store(connection, self._vault, self._bot.id, rows, self._now())
                if doubtful:
                    fresh |= await inbox.still_new(connection, self._bot.id, doubtful)
        except BaseException:
            self._doubtful |= ids
            raise
        self._doubtful -= ids
        for update in ours:
            if update.update_id in fresh:
                fresh.discard(update.update_id)
                self._waiting.append(update)
        self._arrived.set()

    async def poll(self, stopping: asyncio.Event) -> None:
        """Fetch updates by long polling until ``stopping`` is set."""
        pause = 0.5
        while not stopping.is_set():
            answer = await self._until(
                stopping,
                self._session.raw(
                    "getUpdates",
                    {
                        "offset": self._offset,
                        "limit": PAGE_UPDATES,
                        "timeout": POLL_SECONDS,
                        "allowed_updates": list(ALLOWED_UPDATES),
                    },
                    timeout_seconds=POLL_SECONDS + 10,
                ),
            )
            if answer is None:
                return
            if not answer.ok:
                logger.warning("getUpdates was refused with code %s", answer.code)
                await self._pause(stopping, answer.retry_after or pause)
                pause = min(pause * 2, 15)
                continue
            if not answer.result:
                pause = 0.5
                continue
            began = monotonic()
            try:
                await self.accept(answer.result)
            except Exception as error:
                if not is_database_away(error):
                    raise
                logger.error("updates cannot be stored: %s", type(error).__name__)
                self._apologise(answer.result, began)
                await self._pause(stopping, pause)
                pause = min(pause * 2, 5)
                continue
            self._recovered()
            pause = 0.5
            self._offset = max(int(body["update_id"]) for body in answer.result) + 1

    def webhook(self, secret: str) -> web.Application:
        """The server that Telegram calls; a request without the secret token is refused."""

        async def receive(request: web.Request) -> web.Response:
            given = request.headers.get("X-Telegram-Bot-Api-Secret-Token", "")
            if not hmac.compare_digest(given.encode(), secret.encode()):
                return web.Response(status=403)
            try:
                body = json.loads(await request.read())
                int(body["update_id"])
            except (ValueError, TypeError, KeyError):
                return web.Response(status=400)
            began = monotonic()
            try:
                await self.accept([body])
            except Exception as error:
                if not is_database_away(error):
                    raise
                logger.error("an update cannot be stored: %s", type(error).__name__)
                self._apologise([body], began)
                return web.Response(status=503)
            self._recovered()
            return web.Response()

        app = web.Application(client_max_size=1 << 20)
        app.router.add_post("/", receive)
        app.router.add_post("/{tail:.*}", receive)
        return app

    # ---- handle ----------------------------------------------------------------------------

    async def load(self) -> None:
        """Take up what a former process left: unhandled updates, undrawn cards.

        Polling begins with whatever Telegram still holds, never behind the newest stored id:
        after a quiet week ids go on anywhere, also lower (Source: Bot API, Update), and an
        offset above them would throw them away. The inbox knows what it has seen.

        Raises:
            WrongKeyError: The database was written with another secret key.
        """
        async with reading(self._engine) as connection:
            after = 0
            while page := await inbox.waiting(connection, self._vault, self._bot.id, 500, after):
                self._waiting.extend(page)
                after = page[-1].update_id
        self._arrived.set()
        await self.redraw()

    async def work(self, stopping: asyncio.Event) -> None:
        """Handle pages until ``stopping`` is set; what waits then stays stored."""
        redrawn = monotonic()
        again = False
        while not stopping.is_set():
            if not self._waiting and not self._sender.results:
                await self._wait_for_work(stopping)
            if stopping.is_set():
                break
            page = [self._waiting.popleft() for _ in range(min(PAGE_UPDATES, len(self._waiting)))]
            shown = self._take_results()
            if page or shown:
                began = monotonic()
                try:
                    replies = await self._pages.handle(page, shown, self._now(), again=again)
                    again = False
                except DatabaseAwayError as error:
                    again = True
                    self._waiting.extendleft(reversed(page))
                    self._sender.results[:0] = shown
                    logger.error("the database is away: %s", type(error.__cause__).__name__)
                    self._apologise([update.body for update in page], began)
                    await self._pause(stopping, 0.5)
                    continue
                self._recovered()
                self._sender.forget_persisted(shown)
                self.send(replies)
            if monotonic() - redrawn > REDRAW_SECONDS:
                redrawn = monotonic()
                await self._redraw_quietly()

    async def flush(self) -> None:
        """Write what the last drawings led to."""
        shown = self._take_results()
        if not shown:
            return
        try:
            await self._pages.handle((), shown, self._now())
        except DatabaseAwayError:
            self._sender.results[:0] = shown
            raise
        self._sender.forget_persisted(shown)

    def _take_results(self) -> list[Shown]:
        shown, self._sender.results = self._sender.results, []
        self._sender.changed.clear()
        return shown

    async def _wait_for_work(self, stopping: asyncio.Event) -> None:
        self._arrived.clear()
        if self._waiting or self._sender.results:
            return
        events: list[Awaitable[bool]] = [
            self._arrived.wait(),
            self._sender.changed.wait(),
            stopping.wait(),
        ]
        tasks = [asyncio.ensure_future(event) for event in events]
        try:
            await asyncio.wait(tasks, timeout=REDRAW_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
        if self._sender.results and not self._waiting:
            # Results of the same moment are written together, at the latest with the next page.
            with suppress(TimeoutError):
                await asyncio.wait_for(self._arrived.wait(), 0.05)

    def send(self, replies: Replies) -> None:
        """Let the replies of a committed page leave."""
        for payload in replies.callbacks:
            self._sender.answer_callback(payload)
        for payload in replies.inline:
            self._nursery.start(
                self._session.raw("answerInlineQuery", payload), "answerInlineQuery"
            )
        for chat_id, items in replies.by_chat.items():
            self._sender.send(chat_id, items)

    async def redraw(self, *, patient: bool = False) -> None:
        """Draw every card that does not show what it should.

        Args:
            patient: Leave a card alone until it is found wanting twice in a row: what was drawn
                a moment ago is often only not written yet.
        """
        await self.flush()
        async with reading(self._engine) as connection:
            rows = await connection.execute(
                select(CARDS.c.chat_id, CARDS.c.purpose, CARDS.c.wanted).where(
                    CARDS.c.bot_id == self._bot.id, CARDS.c.shown < CARDS.c.wanted
                )
            )
            found = {
                (row.chat_id, row.purpose): row.wanted
                for row in rows
                if not self._sender.in_flight(row.chat_id)
            }
        before, self._unshown = self._unshown, found
        chats = [key for key, wanted in found.items() if not patient or before.get(key) == wanted]
        for start in range(0, len(chats), PAGE_UPDATES):
            self.send(await self._pages.redraw(chats[start : start + PAGE_UPDATES], self._now()))

    async def _redraw_quietly(self) -> None:
        try:
            await self.redraw(patient=True)
        except Exception as error:
            if not isinstance(error, DatabaseAwayError) and not is_database_away(error):
                raise
            logger.error("cards cannot be redrawn: %s", type(error).__name__)

    # ---- outages ---------------------------------------------------------------------------

    def _apologise(self, bodies: Sequence[dict[str, Any]], began: float) -> None:
        """Tell people who wrote while the database is away that nothing is lost, once each.

        Args:
            bodies: Updates that wait.
            began: When the try that failed began: waiting for a lock is an outage too.
        """
        now = monotonic()
        if self._away_since is None:
            self._away_since = began
        if now - self._away_since < APOLOGY_SECONDS:
            return
        for body in bodies:
            source = origin(body)
            if source.chat_id is None or not source.private or source.chat_id in self._told:
                continue
            self._told.add(source.chat_id)
            notice = text(choose(None, source.language), "error-database-away")
            self._nursery.start(
                self._session.raw("sendMessage", {"chat_id": source.chat_id, "text": notice}),
                "apology",
            )

    def _recovered(self) -> None:
        self._away_since = None
        self._told.clear()

    # ---- waiting ---------------------------------------------------------------------------

    @staticmethod
    async def _pause(stopping: asyncio.Event, seconds: float) -> None:
        try:
            await asyncio.wait_for(stopping.wait(), seconds)
        except TimeoutError:
            return

    @staticmethod
    async def _until(stopping: asyncio.Event, work: Awaitable[Answer]) -> Answer | None:
        """The result of ``work``, or None when the process is to stop first."""
        task = asyncio.ensure_future(work)
        stop = asyncio.ensure_future(stopping.wait())
        await asyncio.wait({task, stop}, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        if task.done():
            return task.result()
        task.cancel()
        await asyncio.wait({task})
        return None
