"""Stored updates: kept before they are confirmed to Telegram, erased when they are handled."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.tables import InboxRow, InboxState
from storage.vault import Vault

INBOX = InboxRow.__table__  # type: ignore[attr-defined]  # SQLModel hides the Core table


@dataclass(frozen=True, slots=True)
class StoredUpdate:
    """An update that is safe in the database and waits to be handled."""

    update_id: int
    chat_id: int | None
    body: dict[str, Any]


def _place(bot_id: int, update_id: int) -> bytes:
    return b"inbox:%d:%d" % (bot_id, update_id)


async def store(
    connection: AsyncConnection,
    vault: Vault,
    bot_id: int,
    updates: Iterable[tuple[int, int | None, bytes | None]],
    now: datetime,
) -> set[int]:
    """Keep updates that Telegram delivered; one that is known already changes nothing.

    Args:
        connection: An open transaction.
        vault: Seals the payloads.
        bot_id: The bot that received them.
        updates: (update id, chat id, JSON bytes); None as payload keeps only the id of an
            update that is not ours to read (group talk).
        now: The instant of reception.

    Returns:
        The ids that were new; any other was stored before, perhaps a moment ago by another
        request, and must not be handled again.
    """
    rows = [
        {
            "bot_id": bot_id,
            "update_id": update_id,
            "chat_id": chat_id,
            "state": InboxState.DROPPED if body is None else InboxState.NEW,
            "payload": None if body is None else vault.seal(body, _place(bot_id, update_id)),
            "received_at": now,
        }
        for update_id, chat_id, body in updates
    ]
    if not rows:
        return set()
    insert = pg_insert if connection.dialect.name == "postgresql" else sqlite_insert
    stored = await connection.execute(
        insert(INBOX)
        .on_conflict_do_nothing(index_elements=["bot_id", "update_id"])
        .returning(INBOX.c.update_id),
        rows,
    )
    return set(stored.scalars())


async def still_new(
    connection: AsyncConnection, bot_id: int, update_ids: Sequence[int]
) -> set[int]:
    """Which of these updates still wait: a commit whose answer was lost may have succeeded."""
    rows = await connection.execute(
        select(INBOX.c.update_id).where(
            INBOX.c.bot_id == bot_id,
            INBOX.c.update_id.in_(update_ids),
            INBOX.c.state == InboxState.NEW,
        )
    )
    return set(rows.scalars())


async def waiting(
    connection: AsyncConnection, vault: Vault, bot_id: int, limit: int, after: int = 0
) -> list[StoredUpdate]:
    """The oldest updates that still wait, in order.

    Raises:
        WrongKeyError: The payloads were sealed with another key.
    """
    rows = await connection.execute(
        select(INBOX.c.update_id, INBOX.c.chat_id, INBOX.c.payload)
        .where(
            INBOX.c.bot_id == bot_id,
            INBOX.c.state == InboxState.NEW,
            INBOX.c.update_id > after,
        )
        .order_by(INBOX.c.update_id)
        .limit(limit)
    )
    return [
        StoredUpdate(
            update_id, chat_id, json.loads(vault.open(payload, _place(bot_id, update_id)))
        )
        for update_id, chat_id, payload in rows
    ]


_HANDLED = (
    update(INBOX)
    .where(INBOX.c.bot_id == bindparam("b_bot"), INBOX.c.update_id == bindparam("b_update"))
    .values(state=bindparam("b_state"), payload=None, handled_at=bindparam("b_at"))
)
_SET_ASIDE = (
    update(INBOX)
    .where(INBOX.c.bot_id == bindparam("b_bot"), INBOX.c.update_id == bindparam("b_update"))
    .values(state=bindparam("b_state"), handled_at=bindparam("b_at"))
)


async def mark_handled(
    connection: AsyncConnection, bot_id: int, update_ids: Sequence[int], now: datetime
) -> None:
    """Mark updates handled and erase what they said, in the transaction of their effects."""
    await connection.execute(
        _HANDLED,
        [
            {"b_bot": bot_id, "b_update": i, "b_state": InboxState.HANDLED, "b_at": now}
            for i in update_ids
        ],
    )


async def set_aside(
    connection: AsyncConnection, bot_id: int, update_id: int, state: InboxState, now: datetime
) -> None:
    """Keep an update that cannot be parsed or handled, so that nothing a person sent is lost."""
    await connection.execute(
        _SET_ASIDE, {"b_bot": bot_id, "b_update": update_id, "b_state": state, "b_at": now}
    )


async def forget(connection: AsyncConnection, before: datetime) -> int:
    """Remove the ids of handled updates that are too old to be replayed; returns how many."""
    done = await connection.execute(
        delete(INBOX).where(
            INBOX.c.state.in_([InboxState.HANDLED, InboxState.DROPPED]),
            INBOX.c.received_at < before,
        )
    )
    return done.rowcount
