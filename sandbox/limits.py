"""Telegram's flood limits, counted strictly.

Source: core.telegram.org/bots/faq, "My bot is hitting limits" (2026-06): about 30 messages a
second over all chats, one a second in one chat with short bursts, 20 a minute in a group.
"""

import math
import time
from collections import deque
from collections.abc import Callable

PER_SECOND = 30
PER_GROUP_MINUTE = 20
CHAT_BURST = 3


class Limits:
    """Sliding windows per bot and group, a small bucket per chat; real (monotonic) time."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._overall: dict[int, deque[float]] = {}
        self._groups: dict[tuple[int, int], deque[float]] = {}
        self._buckets: dict[tuple[int, int], tuple[float, float]] = {}

    def take(self, bot_id: int, chat_id: int | None, weight: int = 1) -> int:
        """Count ``weight`` messages if all limits allow them.

        Returns:
            0 when counted, otherwise the whole seconds to wait; a refusal counts nothing.
        """
        now = self._clock()
        overall = self._window(self._overall.setdefault(bot_id, deque()), now, 1.0)
        wait = self._missing(overall, now, 1.0, PER_SECOND, weight)
        group: deque[float] | None = None
        bucket = (float(CHAT_BURST), now)
        if chat_id is not None:
            key = (bot_id, chat_id)
            tokens, at = self._buckets.get(key, bucket)
            tokens = min(float(CHAT_BURST), tokens + now - at)
            # An album may be larger than the burst: it then needs a full bucket and empties it.
            needed = min(weight, CHAT_BURST)
            if tokens < needed:
                wait = max(wait, needed - tokens)
            bucket = (tokens - needed, now)
            if chat_id < 0:
                group = self._window(self._groups.setdefault(key, deque()), now, 60.0)
                wait = max(wait, self._missing(group, now, 60.0, PER_GROUP_MINUTE, weight))
        if wait > 0:
            return max(1, math.ceil(wait))
        overall.extend([now] * weight)
        if chat_id is not None:
            self._buckets[bot_id, chat_id] = bucket
        if group is not None:
            group.extend([now] * weight)
        return 0

    @staticmethod
    def _window(window: deque[float], now: float, seconds: float) -> deque[float]:
        while window and window[0] <= now - seconds:
            window.popleft()
        return window

    @staticmethod
    def _missing(
        window: deque[float], now: float, seconds: float, most: int, weight: int
    ) -> float:
        over = len(window) + min(weight, most) - most
        return 0.0 if over <= 0 else window[over - 1] + seconds - now
