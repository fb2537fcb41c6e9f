"""Slow work outside the page: jobs are claimed, done, marked; passing failures are retried.

A new kind of job is one function here plus one line in ``JOBS``.
"""

import asyncio
import hashlib
import logging
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp import ClientError, ClientTimeout
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.api import LightSession
from bot.nursery import Nursery
from bot.page import is_database_away
from handlers.context import Bot
from services import media
from storage import outbox
from storage.database import reading
from storage.outbox import Job
from storage.tables import JobState

logger = logging.getLogger(__name__)

TRIES = 8
AT_ONCE = 4
DOWNLOAD_SECONDS = 120.0
MARK_AGAIN_SECONDS = 2.0


class PassingError(Exception):
    """The work may succeed later."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What jobs work with."""

    engine: AsyncEngine
    session: LightSession
    token: str
    data_dir: Path
    now: Callable[[], datetime]


async def fetch_media(tools: Tools, params: dict[str, Any]) -> None:
    """Download a photo or file that a person sent and keep it in the media folder."""
    media_id = int(params["media"])
    async with reading(tools.engine) as connection:
        found = await media.read(connection, media_id)
    if found is None or found.state != media.WAITING:
        return
    answer = await tools.session.raw("getFile", {"file_id": found.file_id})
    if answer.passing:
        raise PassingError
    if not answer.ok:
        state = media.TOO_BIG if "too big" in answer.description else media.FAILED
        async with tools.engine.begin() as connection:
            await media.set_aside(connection, media_id, state)
        return
    url = tools.session.api.file_url(tools.token, answer.result["file_path"])
    suffix = Path(str(answer.result["file_path"])).suffix[:8]
    relative = Path("media") / f"{found.inspection_id}" / f"{media_id}{suffix}"
    target = tools.data_dir / relative
    await asyncio.to_thread(target.parent.mkdir, parents=True, exist_ok=True)
    digest = await _download(tools, url, target)
    async with tools.engine.begin() as connection:
        await media.mark_stored(connection, media_id, relative.as_posix(), digest)


async def _download(tools: Tools, url: str, target: Path) -> str:
    session = await tools.session.create_session()
    partial = target.with_suffix(target.suffix + ".part")
    digest = hashlib.sha256()
    try:
        async with session.get(url, timeout=ClientTimeout(total=DOWNLOAD_SECONDS)) as response:
            if response.status != 200:
                raise PassingError
            with partial.open("wb") as file:
                async for chunk in response.content.iter_chunked(1 << 16):
                    digest.update(chunk)
                    file.write(chunk)
                file.flush()
                # A photo that is marked as stored survives a power cut, as answers do.
                await asyncio.to_thread(os.fsync, file.fileno())
    except (ClientError, TimeoutError) as error:
        raise PassingError from error
    partial.replace(target)
    return digest.hexdigest()


JOBS: dict[str, Callable[[Tools, dict[str, Any]], Awaitable[None]]] = {
    "fetch_media": fetch_media,
}


class Worker:
    """Does the jobs of one bot."""

    def __init__(self, tools: Tools, bot: Bot, nursery: Nursery) -> None:
        self._tools = tools
        self._bot = bot
        self._nursery = nursery
        self._running = 0

    async def work(self, stopping: asyncio.Event) -> None:
        """Do jobs until ``stopping`` is set."""
        while not stopping.is_set():
            claimed: list[Job] = []
            try:
                claimed = await self._claim()
            except Exception as error:
                if not is_database_away(error):
                    raise
                logger.error("jobs cannot be read: %s", type(error).__name__)
            for job in claimed:
                self._running += 1
                self._nursery.start(self._do(job), "job")
            if not claimed:
                try:
                    await asyncio.wait_for(stopping.wait(), 0.3)
                except TimeoutError:
                    continue

    async def _claim(self) -> list[Job]:
        if self._running >= AT_ONCE:
            return []
        now = self._tools.now()
        async with reading(self._tools.engine) as connection:
            if not await outbox.any_job_due(connection, self._bot.id, now):
                return []
        async with self._tools.engine.begin() as connection:
            return await outbox.claim_jobs(connection, self._bot.id, now, AT_ONCE - self._running)

    async def _do(self, job: Job) -> None:
        state, error, retry = JobState.DONE, None, None
        try:
            work = JOBS.get(job.kind)
            if work is None:
                state, error = JobState.FAILED, "unknown kind"
            else:
                await work(self._tools, job.params)
        except Exception as failure:
            error = type(failure).__name__
            if job.attempts >= TRIES:
                state = JobState.FAILED
                logger.error("gave up job %d (%s): %s", job.id, job.kind, error)
            else:
                state = JobState.WAITING
                retry = timedelta(seconds=min(2.0**job.attempts, 600))
        finally:
            self._running -= 1
        while True:
            try:
                async with self._tools.engine.begin() as connection:
                    await outbox.finish_job(
                        connection, job.id, state, self._tools.now(), error=error, retry_in=retry
                    )
            except Exception as failure:
                if not is_database_away(failure):
                    raise
                # Left marked as running, it would wait until the next start.
                logger.error("job %d cannot be marked: %s", job.id, type(failure).__name__)
                await asyncio.sleep(MARK_AGAIN_SECONDS)
            else:
                return
