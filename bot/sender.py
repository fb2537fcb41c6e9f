"""Sending a page's replies after its transaction has committed.

Calls to one chat leave in order; chats are independent of each other. A card that is drawn again
before its last drawing left replaces it (only the newest state matters). What a drawing led to is
collected in ``results`` and written with the next page, so that after a crash every card whose
wanted state was not shown is drawn again.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from bot.api import Answer
from bot.nursery import Nursery
from bot.pacer import PERSON, Pacer

logger = logging.getLogger(__name__)

TRIES = 6
"""Attempts of one call, about half a minute in all; a card is drawn again later even then."""


class Caller(Protocol):
    """What the sender needs of the Bot API."""

    async def raw(
        self, name: str, payload: dict[str, Any], timeout_seconds: float | None = None
    ) -> Answer:
        """Call a method."""
        ...


@dataclass(slots=True)
class Call:
    """One Bot API call to a chat."""

    name: str
    payload: dict[str, Any]


@dataclass(slots=True)
class Draw:
    """A card's newest state, to be edited in place or sent below."""

    purpose: str
    payload: dict[str, Any]
    """text, parse_mode, reply_markup"""
    wanted: int
    below: bool
    message_id: int | None
    thread_id: int | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """What became of a drawing."""

    chat_id: int
    purpose: str
    wanted: int
    message_id: int | None
    at: datetime
    """When it was handed to Telegram: nobody can have seen it earlier."""
    unreachable: bool = False


class Sender:
    """The replies of one bot."""

    def __init__(
        self, caller: Caller, pacer: Pacer, nursery: Nursery, now: Callable[[], datetime]
    ) -> None:
        self._now = now
        self._caller = caller
        self._pacer = pacer
        self._nursery = nursery
        self._queues: dict[int, deque[Call | Draw]] = {}
        self._message_ids: dict[tuple[int, str], int] = {}
        self.results: list[Shown] = []
        self.changed = asyncio.Event()
        """Set when there are results to write."""

    @property
    def busy(self) -> bool:
        """Whether anything is still to be sent."""
        return bool(self._queues)

    def in_flight(self, chat_id: int) -> bool:
        """Whether something is being sent to this chat."""
        return chat_id in self._queues

    def forget_persisted(self, results: Iterable[Shown]) -> None:
        """Drop remembered message ids that the database knows by now."""
        for shown in results:
            if shown.chat_id not in self._queues:
                self._message_ids.pop((shown.chat_id, shown.purpose), None)

    def answer_callback(self, payload: dict[str, Any]) -> None:
        """Answer a tap at once; such answers are not counted by Telegram's limits."""
        self._nursery.start(self._answer(payload), "answerCallbackQuery")

    async def _answer(self, payload: dict[str, Any]) -> None:
        for pause in (0.3, 1.0, None):
            answer = await self._caller.raw("answerCallbackQuery", payload)
            # "query is too old" counts as done: nobody waits for it any more.
            if not answer.passing or pause is None:
                return
            await asyncio.sleep(answer.retry_after or pause)

    def send(self, chat_id: int, items: Iterable[Call | Draw]) -> None:
        """Queue calls to a chat behind what is already on its way there."""
        queue = self._queues.get(chat_id)
        if queue is None:
            queue = self._queues[chat_id] = deque()
            for item in items:
                self._put(queue, item)
            if queue:
                self._nursery.start(self._run(chat_id, queue), "replies")
            else:
                del self._queues[chat_id]
            return
        for item in items:
            self._put(queue, item)

    @staticmethod
    def _put(queue: deque[Call | Draw], item: Call | Draw) -> None:
        if isinstance(item, Draw):
            for index, waiting in enumerate(queue):
                if isinstance(waiting, Draw) and waiting.purpose == item.purpose:
                    item.below = item.below or waiting.below
                    del queue[index]
                    break
        queue.append(item)

    async def _run(self, chat_id: int, queue: deque[Call | Draw]) -> None:
        try:
            while queue:
                item = queue.popleft()
                if isinstance(item, Draw):
                    await self._draw(chat_id, item)
                else:
                    await self._call(chat_id, item.name, item.payload)
        finally:
            if self._queues.get(chat_id) is queue:
                del self._queues[chat_id]

    async def _call(self, chat_id: int, name: str, payload: dict[str, Any]) -> Answer:
        pause = 0.5
        for attempt in range(1, TRIES + 1):
            await self._pacer.slot(chat_id, PERSON)
            answer = await self._caller.raw(name, payload)
            if not answer.passing or attempt == TRIES:
                break
            if answer.retry_after is not None:
                self._pacer.block(chat_id, answer.retry_after)
            else:
                await asyncio.sleep(pause)
                pause *= 2
        if not answer.ok and not answer.not_modified:
            logger.info("%s was refused with code %s", name, answer.code)
        return answer

    async def _draw(self, chat_id: int, draw: Draw) -> None:
        key = (chat_id, draw.purpose)
        message_id = self._message_ids.get(key, draw.message_id)
        at = self._now()
        if message_id is not None and not draw.below:
            answer = await self._call(
                chat_id,
                "editMessageText",
                {**draw.payload, "chat_id": chat_id, "message_id": message_id},
            )
            if answer.ok or answer.not_modified:
                self._report(Shown(chat_id, draw.purpose, draw.wanted, message_id, at))
                return
            if not answer.cannot_edit:
                self._failed(chat_id, draw, answer)
                return
        payload = {**draw.payload, "chat_id": chat_id}
        if draw.thread_id is not None:
            payload["message_thread_id"] = draw.thread_id
        answer = await self._call(chat_id, "sendMessage", payload)
        if not answer.ok:
            self._failed(chat_id, draw, answer)
            return
        new_id = int(answer.result["message_id"])
        self._message_ids[key] = new_id
        self._report(Shown(chat_id, draw.purpose, draw.wanted, new_id, at))
        if message_id is not None and message_id != new_id:
            await self._call(
                chat_id, "editMessageReplyMarkup", {"chat_id": chat_id, "message_id": message_id}
            )

    def _failed(self, chat_id: int, draw: Draw, answer: Answer) -> None:
        if answer.unreachable:
            self._report(
                Shown(chat_id, draw.purpose, draw.wanted, None, self._now(), unreachable=True)
            )
        elif not answer.passing:
            # Our own mistake (a text too long, say): drawing it again would fail again.
            logger.error("card %s was refused with code %s", draw.purpose, answer.code)
            self._report(Shown(chat_id, draw.purpose, draw.wanted, draw.message_id, self._now()))

    def _report(self, shown: Shown) -> None:
        self.results.append(shown)
        self.changed.set()
