"""Messages and jobs are claimed once, people first, and wait again when they must."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from storage import outbox
from storage.tables import JobRow, JobState, OutboxRow, OutboxState
from storage.workspace import Workspace

OUTBOX = OutboxRow.__table__  # type: ignore[attr-defined]
JOBS = JobRow.__table__  # type: ignore[attr-defined]


async def fill(
    engine: AsyncEngine, now: datetime, *messages: tuple[str, int, int], delay: float = 0
) -> None:
    """Messages as (key, chat, lane)."""
    async with engine.begin() as connection:
        ws = Workspace(connection, now)
        for key, chat, lane in messages:
            ws.push(key, 1, chat, "note", {}, lane=lane, not_before=now + timedelta(seconds=delay))
        await ws.flush()


async def claim(
    engine: AsyncEngine, now: datetime, limit: int = 8, busy: set[int] | None = None
) -> list[str]:
    async with engine.begin() as connection:
        taken = await outbox.claim_messages(connection, 1, now, limit, busy or set())
    return [message.key for message in taken]


async def test_claim__people_first_then_oldest__one_per_chat(
    engine: AsyncEngine, now: datetime
) -> None:
    await fill(engine, now, ("a", 1, 3), ("b", 1, 2), ("c", 2, 2), ("d", 3, 1), ("e", 4, 3))
    assert await claim(engine, now, 3) == ["d", "b", "c"]
    assert await claim(engine, now, 3, {1, 2, 3}) == ["e"]
    assert await claim(engine, now, 3, {2, 3, 4}) == ["a"]
    assert await claim(engine, now) == []


async def test_claim__a_busy_chat_with_a_long_queue__does_not_hide_others(
    engine: AsyncEngine, now: datetime
) -> None:
    await fill(engine, now, *((f"q{n}", 1, 1) for n in range(100)), ("z", 2, 3))
    assert await claim(engine, now, 1, {1}) == ["z"]


async def test_claim__not_before_its_time(engine: AsyncEngine, now: datetime) -> None:
    await fill(engine, now, ("a", 1, 2), delay=10)
    async with engine.connect() as connection:
        assert not await outbox.any_due(connection, 1, now)
        assert await outbox.any_due(connection, 1, now + timedelta(seconds=10))
        assert not await outbox.any_due(connection, 2, now + timedelta(seconds=10))
    assert await claim(engine, now) == []
    assert await claim(engine, now + timedelta(seconds=10)) == ["a"]


async def test_key__pushed_again__adds_nothing_even_when_it_was_sent(
    engine: AsyncEngine, now: datetime
) -> None:
    await fill(engine, now, ("a", 1, 2), ("a", 2, 2))
    assert await claim(engine, now) == ["a"]
    async with engine.begin() as connection:
        (row,) = (await connection.execute(select(OUTBOX))).all()
        await outbox.finish_message(connection, row.id, OutboxState.SENT, now, message_id=7)
    await fill(engine, now, ("a", 1, 2))
    assert await claim(engine, now) == []
    async with engine.connect() as connection:
        (row,) = (await connection.execute(select(OUTBOX))).all()
    assert (row.state, row.message_id, row.attempts) == (OutboxState.SENT, 7, 1)


async def test_postponed__counted_only_when_it_was_a_failure(
    engine: AsyncEngine, now: datetime
) -> None:
    await fill(engine, now, ("a", 1, 2))
    later = now + timedelta(seconds=5)
    for count, attempts in ((False, 1), (True, 1), (True, 2)):
        async with engine.begin() as connection:
            (message,) = await outbox.claim_messages(connection, 1, later, 8, set())
            assert message.attempts == attempts
            await outbox.postpone_message(connection, message.id, later, "X", count=count)
    assert await claim(engine, now) == []


async def test_crash__what_was_under_way__waits_again(engine: AsyncEngine, now: datetime) -> None:
    await fill(engine, now, ("a", 1, 2))
    async with engine.begin() as connection:
        ws = Workspace(connection, now)
        ws.job("j", 1, "fetch", {"media": 1})
        ws.job("j", 1, "fetch", {"media": 2})
        await ws.flush()
    assert await claim(engine, now) == ["a"]
    async with engine.begin() as connection:
        (job,) = await outbox.claim_jobs(connection, 1, now, 4)
        assert job.params == {"media": 1}
        assert await outbox.claim_jobs(connection, 1, now, 4) == []
    async with engine.begin() as connection:
        await outbox.release_interrupted(connection, 2)
    assert await claim(engine, now) == []
    async with engine.begin() as connection:
        await outbox.release_interrupted(connection, 1)
    assert await claim(engine, now) == ["a"]
    async with engine.begin() as connection:
        (job,) = await outbox.claim_jobs(connection, 1, now, 4)
        assert job.attempts == 2


async def test_job__retried_later_then_done(engine: AsyncEngine, now: datetime) -> None:
    async with engine.begin() as connection:
        ws = Workspace(connection, now)
        ws.job("j", 1, "fetch", {})
        await ws.flush()
        (job,) = await outbox.claim_jobs(connection, 1, now, 4)
        pause = timedelta(seconds=30)
        await outbox.finish_job(
            connection, job.id, JobState.WAITING, now, error="X", retry_in=pause
        )
        assert not await outbox.any_job_due(connection, 1, now)
        assert await outbox.any_job_due(connection, 1, now + pause)
        (job,) = await outbox.claim_jobs(connection, 1, now + pause, 4)
        await outbox.finish_job(connection, job.id, JobState.DONE, now)
        (row,) = (await connection.execute(select(JOBS))).all()
    assert (row.state, row.attempts, row.finished_at) == (JobState.DONE, 2, now)
