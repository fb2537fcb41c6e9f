"""The one place that reads the clock.

Everything else takes ``now`` as an argument, so that deadlines can be tested and the sandbox can
travel. With a clock URL (accepted by the settings for loopback servers only) the civil time is
shifted by the offset that the sandbox announces; time-outs, pacers and leases use the monotonic
clock and never travel.
"""

import asyncio
import logging
from datetime import UTC, datetime, timedelta

import aiohttp

logger = logging.getLogger(__name__)


class Clock:
    """Civil time in UTC, shifted by an offset that only the sandbox may set."""

    def __init__(self, url: str | None = None) -> None:
        self._url = url
        self._offset = timedelta()

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        return datetime.now(UTC) + self._offset

    async def follow(self, stopping: asyncio.Event) -> None:
        """Read the sandbox's offset once a second until ``stopping`` is set."""
        if self._url is None:
            return
        timeout = aiohttp.ClientTimeout(total=2)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            while not stopping.is_set():
                await self.read_once(session)
                try:
                    await asyncio.wait_for(stopping.wait(), 1)
                except TimeoutError:
                    continue

    async def read_once(self, session: aiohttp.ClientSession | None = None) -> None:
        """Take over the announced offset; an unreachable clock keeps the last one."""
        if self._url is None:
            return
        owned = session is None
        session = session or aiohttp.ClientSession()
        try:
            async with session.get(self._url) as response:
                body = await response.json()
                self._offset = timedelta(seconds=float(body["offset_seconds"]))
        except (aiohttp.ClientError, TimeoutError, ValueError, KeyError):
            logger.debug("clock server did not answer")
        finally:
            if owned:
                await session.close()
