"""What happened, in order: a bounded log that the page and the tests follow."""

import asyncio
from collections import deque
from itertools import islice
from typing import Any

Json = dict[str, Any]

KEPT = 20_000
"""Events kept for followers that come back; older ones mean "read the state again"."""


class Events:
    """Numbered events; ``seq`` grows by one and never repeats, also across restarts."""

    def __init__(self) -> None:
        self.seq = 0
        self._kept: deque[Json] = deque(maxlen=KEPT)
        self._waiting: set[asyncio.Future[None]] = set()

    def emit(self, kind: str, **fields: Any) -> None:
        """Add an event and wake whoever waits."""
        self.seq += 1
        self._kept.append({"seq": self.seq, "type": kind, **fields})
        if self._waiting:
            waiting, self._waiting = self._waiting, set()
            for future in waiting:
                if not future.done():
                    future.set_result(None)

    def since(self, seq: int, types: frozenset[str] | None = None) -> list[Json]:
        """Events after ``seq``; one ``resync`` when they are no longer all here."""
        if seq >= self.seq:
            if seq > self.seq:  # a follower of another life of this server
                return [{"seq": self.seq, "type": "resync"}]
            return []
        oldest = self._kept[0]["seq"] if self._kept else self.seq + 1
        if seq < oldest - 1:
            return [{"seq": self.seq, "type": "resync"}]
        after = islice(self._kept, seq - oldest + 1, None)
        if types is None:
            return list(after)
        return [event for event in after if event["type"] in types]

    async def wait(self, timeout: float) -> bool:
        """Wait for the next event; False when ``timeout`` seconds passed without one."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.add(future)
        try:
            async with asyncio.timeout(timeout):
                await future
        except TimeoutError:
            return False
        finally:
            self._waiting.discard(future)
        return True

    def clear(self) -> None:
        """Forget the past; numbers go on."""
        self._kept.clear()
