"""Telegram's ceilings per bot token, kept by one pacer that aiogram and PTB share.

Source: Telegram's bot FAQ ("My bot is hitting limits"): about 30 messages a second in all, 20 a
minute in one group, about one a second in one chat. The pacer keeps a margin of one on the
overall window, lets a chat have a short burst, and serves people who wait before pushes.
"""

import asyncio
import heapq
import itertools
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

PERSON, PUSH, BROADCAST = 1, 2, 3
"""Lanes; PTB drops a falsy ``rate_limit_args``, so they begin at 1."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one token may send."""

    overall_count: int = 29
    """Messages in any window of ``overall_seconds``."""
    overall_seconds: float = 1.05
    """A little over Telegram's second: what leaves evenly may arrive in a clump."""
    group_count: int = 20
    """Messages to one group in any window of ``group_seconds``."""
    group_seconds: float = 60.0
    chat_seconds: float = 1.0
    """Time after which a chat may have one more message."""
    chat_burst: int = 3


@dataclass(slots=True)
class _Chat:
    sent: deque[float] = field(default_factory=deque)
    """Moments of the last messages, as far back as a limit looks."""
    allowance: float = 0.0
    """Theoretical time by which the burst is used up (GCRA)."""
    blocked_until: float = 0.0


class Pacer:
    """Hands out the right to send, one message at a time."""

    def __init__(
        self, limits: Limits | None = None, *, clock: Callable[[], float] = monotonic
    ) -> None:
        """Make a pacer.

        Args:
            limits: The ceilings; None means no pacing (a test server without limits).
            clock: Monotonic seconds.
        """
        self._limits = limits
        self._clock = clock
        self._window: deque[float] = deque()
        self._chats: dict[int, _Chat] = {}
        self._queue: list[tuple[int, int, int, asyncio.Future[None]]] = []
        self._order = itertools.count()
        self._timer: asyncio.TimerHandle | None = None

    async def slot(self, chat_id: int, lane: int = PERSON) -> None:
        """Wait until a message to ``chat_id`` may be sent."""
        if self._limits is None and chat_id not in self._chats:
            return
        now = self._clock()
        if not self._queue and self._wait_for(chat_id, now) <= 0:
            self._take(chat_id, now)
            return
        future = asyncio.get_running_loop().create_future()
        heapq.heappush(self._queue, (lane, next(self._order), chat_id, future))
        self._serve()
        await future

    def block(self, chat_id: int, seconds: float) -> None:
        """Honour a retry-after: nothing to this chat for that long."""
        chat = self._chats.setdefault(chat_id, _Chat())
        chat.blocked_until = max(chat.blocked_until, self._clock() + seconds)

    def _overall_wait(self, now: float) -> float:
        if self._limits is None:
            return 0.0
        window = self._window
        while window and window[0] <= now - self._limits.overall_seconds:
            window.popleft()
        if len(window) < self._limits.overall_count:
            return 0.0
        return window[0] + self._limits.overall_seconds - now

    def _chat_wait(self, chat_id: int, now: float) -> float:
        chat = self._chats.get(chat_id)
        if chat is None:
            return 0.0
        wait = chat.blocked_until - now
        limits = self._limits
        if limits is None:
            return wait
        burst = limits.chat_seconds * (limits.chat_burst - 1)
        wait = max(wait, chat.allowance - burst - now)
        if chat_id < 0:
            while chat.sent and chat.sent[0] <= now - limits.group_seconds:
                chat.sent.popleft()
            if len(chat.sent) >= limits.group_count:
                wait = max(wait, chat.sent[0] + limits.group_seconds - now)
        return wait

    def _wait_for(self, chat_id: int, now: float) -> float:
        return max(self._overall_wait(now), self._chat_wait(chat_id, now))

    def _take(self, chat_id: int, now: float) -> None:
        limits = self._limits
        if limits is None:
            return
        self._window.append(now)
        if len(self._chats) > 5_000:
            self._forget(now)
        chat = self._chats.setdefault(chat_id, _Chat())
        chat.allowance = max(chat.allowance, now) + limits.chat_seconds
        if chat_id < 0:
            chat.sent.append(now)

    def _forget(self, now: float) -> None:
        idle = [
            chat_id
            for chat_id, chat in self._chats.items()
            if chat.allowance <= now
            and chat.blocked_until <= now
            and (not chat.sent or chat.sent[-1] <= now - 60)
        ]
        for chat_id in idle:
            del self._chats[chat_id]

    def _serve(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        now = self._clock()
        soonest = None
        kept: list[tuple[int, int, int, asyncio.Future[None]]] = []
        full = self._overall_wait(now)
        held: set[int] = set()
        while self._queue:
            if full > 0:
                # Others may go then, whatever the first in line still has to wait for.
                soonest = full if soonest is None else min(soonest, full)
                break
            entry = heapq.heappop(self._queue)
            _, _, chat_id, future = entry
            if future.done():
                continue
            wait = self._chat_wait(chat_id, now)
            if wait <= 0 and chat_id not in held:
                self._take(chat_id, now)
                future.set_result(None)
                full = self._overall_wait(now)
                continue
            held.add(chat_id)
            kept.append(entry)
            soonest = wait if soonest is None else min(soonest, wait)
        for entry in kept:
            heapq.heappush(self._queue, entry)
        if self._queue:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(max(soonest or 0.0, 0.002), self._serve)
