"""Messages to other chats, and slow work: claimed, tried, finished."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.tables import JobRow, JobState, OutboxRow, OutboxState

OUTBOX = OutboxRow.__table__  # type: ignore[attr-defined]  # SQLModel hides the Core table
JOBS = JobRow.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Message:
    """An outbox row that is being sent."""

    id: int
    chat_id: int
    thread_id: int | None
    key: str
    kind: str
    params: dict[str, Any]
    lane: int
    attempts: int
    silent: bool


@dataclass(frozen=True, slots=True)
class Job:
    """A job row that is being worked on."""

    id: int
    key: str
    kind: str
    params: dict[str, Any]
    attempts: int


async def any_due(connection: AsyncConnection, bot_id: int, now: datetime) -> bool:
    """Whether a message waits; looking takes no write lock."""
    found = await connection.execute(
        select(OUTBOX.c.id)
        .where(
            OUTBOX.c.bot_id == bot_id,
            OUTBOX.c.state == OutboxState.WAITING,
            OUTBOX.c.not_before <= now,
        )
        .limit(1)
    )
    return found.first() is not None


async def any_job_due(connection: AsyncConnection, bot_id: int, now: datetime) -> bool:
    """Whether a job waits; looking takes no write lock."""
    found = await connection.execute(
        select(JOBS.c.id)
        .where(JOBS.c.bot_id == bot_id, JOBS.c.state == JobState.WAITING, JOBS.c.not_before <= now)
        .limit(1)
    )
    return found.first() is not None


async def claim_messages(
    connection: AsyncConnection, bot_id: int, now: datetime, limit: int, busy_chats: set[int]
) -> list[Message]:
    """Take due messages, at most one per chat, people first; marks them as being sent."""
    statement = (
        select(OUTBOX)
        .where(
            OUTBOX.c.bot_id == bot_id,
            OUTBOX.c.state == OutboxState.WAITING,
            OUTBOX.c.not_before <= now,
            # A chat with a long queue must not hide the others behind it.
            OUTBOX.c.chat_id.not_in(busy_chats),
        )
        .order_by(OUTBOX.c.lane, OUTBOX.c.id)
        .limit(limit * 8)
        .with_for_update(skip_locked=True)
    )
    taken: list[Message] = []
    chats = set(busy_chats)
    for row in await connection.execute(statement):
        if row.chat_id in chats:
            continue
        chats.add(row.chat_id)
        taken.append(
            Message(
                row.id,
                row.chat_id,
                row.thread_id,
                row.key,
                row.kind,
                row.params,
                row.lane,
                row.attempts + 1,
                row.silent,
            )
        )
        if len(taken) == limit:
            break
    if taken:
        await connection.execute(
            update(OUTBOX)
            .where(OUTBOX.c.id.in_([message.id for message in taken]))
            .values(state=OutboxState.SENDING, attempts=OUTBOX.c.attempts + 1)
        )
    return taken


async def finish_message(
    connection: AsyncConnection,
    message_row_id: int,
    state: OutboxState,
    now: datetime,
    *,
    message_id: int | None = None,
    error: str | None = None,
) -> None:
    """Write what became of a message."""
    await connection.execute(
        update(OUTBOX)
        .where(OUTBOX.c.id == message_row_id)
        .values(state=state, finished_at=now, message_id=message_id, error=error)
    )


async def postpone_message(
    connection: AsyncConnection,
    message_row_id: int,
    until: datetime,
    error: str | None,
    *,
    count: bool = True,
) -> None:
    """Let a message wait for another attempt.

    Args:
        connection: An open transaction.
        message_row_id: The outbox row.
        until: Not before this instant.
        error: Class of the failure.
        count: False when Telegram asked to wait: that is no failed attempt.
    """
    await connection.execute(
        update(OUTBOX)
        .where(OUTBOX.c.id == message_row_id)
        .values(
            state=OutboxState.WAITING,
            not_before=until,
            error=error,
            attempts=OUTBOX.c.attempts - (0 if count else 1),
        )
    )


async def release_interrupted(connection: AsyncConnection, bot_id: int) -> None:
    """After a crash: what was being sent or worked on waits again (one repeat at most)."""
    await connection.execute(
        update(OUTBOX)
        .where(OUTBOX.c.bot_id == bot_id, OUTBOX.c.state == OutboxState.SENDING)
        .values(state=OutboxState.WAITING)
    )
    await connection.execute(
        update(JOBS)
        .where(JOBS.c.bot_id == bot_id, JOBS.c.state == JobState.RUNNING)
        .values(state=JobState.WAITING)
    )


async def claim_jobs(
    connection: AsyncConnection, bot_id: int, now: datetime, limit: int
) -> list[Job]:
    """Take due jobs, oldest first; marks them as running."""
    rows = (
        await connection.execute(
            select(JOBS)
            .where(
                JOBS.c.bot_id == bot_id,
                JOBS.c.state == JobState.WAITING,
                JOBS.c.not_before <= now,
            )
            .order_by(JOBS.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
    ).all()
    if rows:
        await connection.execute(
            update(JOBS)
            .where(JOBS.c.id.in_([row.id for row in rows]))
            .values(state=JobState.RUNNING, attempts=JOBS.c.attempts + 1)
        )
    return [Job(row.id, row.key, row.kind, row.params, row.attempts + 1) for row in rows]


async def finish_job(
    connection: AsyncConnection,
    job_id: int,
    state: JobState,
    now: datetime,
    *,
    error: str | None = None,
    retry_in: timedelta | None = None,
) -> None:
    """Write what became of a job; WAITING with ``retry_in`` tries it again later."""
    values: dict[str, Any] = {"state": state, "error": error}
    if retry_in is not None:
        values["not_before"] = now + retry_in
    else:
        values["finished_at"] = now
    await connection.execute(update(JOBS).where(JOBS.c.id == job_id).values(**values))
