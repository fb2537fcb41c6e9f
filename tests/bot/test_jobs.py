"""Photos and files are fetched outside the page, kept with their digest, and tried again."""

import hashlib
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from bot.work import TRIES
from storage.tables import JobRow, JobState, MediaRow
from tests.bot.small import Small, small
from tests.databases import Databases
from tests.world import BOT_ID

CONTENT = bytes(range(256)) * 300


@pytest.fixture
async def w(databases: Databases, tmp_path: Path, now: datetime) -> AsyncIterator[Small]:
    async with small(databases.sqlite_url(), tmp_path, now, run=False) as made:
        await made.anna.start()
        yield made
        made.app.stopping.set()
        await made.app.loops.drain(5)
        await made.app.nursery.drain(5)


async def sent_file(w: Small, declared: int | None = None) -> str:
    """Let a person send a document; its file id as the bot gets it."""
    if declared is None:
        await w.anna.upload("document", CONTENT, "证据.bin", "application/octet-stream")
    else:
        await w.anna.generate("document", generate={"bytes": declared})
    updates = await w.app.session.raw("getUpdates", {"timeout": 1})
    return str(updates.result[-1]["message"]["document"]["file_id"])


async def ask_for(w: Small, file_id: str, now: datetime, attempts: int = 0) -> None:
    """Note the file and queue its download, as an answer with a photo does."""
    await w.add(
        MediaRow,
        id=1,
        inspection_id=4,
        name="i07_photo",
        bot_id=BOT_ID,
        file_id=file_id,
        file_unique_id="u",
        kind="document",
        state="waiting",
        created_at=now,
    )
    await w.add(
        JobRow,
        key="media:1",
        bot_id=BOT_ID,
        kind="fetch_media",
        params={"media": 1},
        state=JobState.WAITING,
        attempts=attempts,
        not_before=now,
        created_at=now,
    )
    w.app.loops.start(w.app.worker.work(w.app.stopping), "jobs")
    w.app.loops.start(w.app.clock.follow(w.app.stopping), "clock")


async def media(w: Small) -> Any:
    (row,) = await w.rows(MediaRow)
    return row


def stored(w: Small) -> list[Path]:
    folder = w.app.settings.data_dir / "media"
    return sorted(path for path in folder.rglob("*") if path.is_file())


async def test_file__that_can_be_fetched__is_kept_with_its_digest(w: Small, now: datetime) -> None:
    await ask_for(w, await sent_file(w), now)
    await w.until(JobRow, JobRow.state == JobState.DONE)
    row = await media(w)
    assert row.state == "stored"
    assert row.sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert not Path(row.path).is_absolute()
    (kept,) = stored(w)
    assert kept == w.app.settings.data_dir / row.path
    assert kept.read_bytes() == CONTENT


@pytest.mark.parametrize("kind", ["http_500", "http_502", "drop_before", "429"])
async def test_server__that_fails_for_a_while__is_asked_again(
    w: Small, now: datetime, kind: str
) -> None:
    file_id = await sent_file(w)
    more = {"retry_after": 1} if kind == "429" else {}
    await w.client.fault(kind, method="getFile", count=2, **more)
    await ask_for(w, file_id, now)
    await w.until(JobRow, JobRow.attempts == 1, JobRow.state == JobState.WAITING)
    await w.client.clock(advance_seconds=10)
    await w.until(JobRow, JobRow.attempts == 2, JobRow.state == JobState.WAITING)
    assert (await media(w)).state == "waiting"
    await w.client.clock(advance_seconds=10)
    (job,) = await w.until(JobRow, JobRow.state == JobState.DONE)
    assert job.attempts == 3
    assert (await media(w)).state == "stored"
    assert len(stored(w)) == 1


async def test_file__larger_than_a_bot_can_fetch__is_set_aside(w: Small, now: datetime) -> None:
    await ask_for(w, await sent_file(w, declared=25_000_000), now)
    await w.until(JobRow, JobRow.state == JobState.DONE)
    assert (await media(w)).state == "too_big"
    assert stored(w) == []


async def test_file__of_another_bot__is_set_aside_as_failed(w: Small, now: datetime) -> None:
    await ask_for(w, "no-such-file", now)
    await w.until(JobRow, JobRow.state == JobState.DONE)
    assert (await media(w)).state == "failed"


async def test_file__failing_as_often_as_allowed__is_given_up(w: Small, now: datetime) -> None:
    file_id = await sent_file(w)
    await w.client.fault("http_500", method="getFile", count=0)
    await ask_for(w, file_id, now, attempts=TRIES - 1)
    (job,) = await w.until(JobRow, JobRow.state == JobState.FAILED)
    assert (job.attempts, job.error) == (TRIES, "PassingError")
    assert stored(w) == []
