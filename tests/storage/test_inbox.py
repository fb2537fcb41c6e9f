"""Updates are kept sealed, once, in order, and forgotten when they cannot come again."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from storage import inbox
from storage.tables import InboxRow, InboxState
from storage.vault import Vault, WrongKeyError

VAULT = Vault(b"tests")
INBOX = InboxRow.__table__  # type: ignore[attr-defined]


def body(number: int) -> bytes:
    return b'{"update_id":%d,"said":"geheim"}' % number


async def keep(engine: AsyncEngine, now: datetime, *numbers: int, bot: int = 1) -> set[int]:
    async with engine.begin() as connection:
        return await inbox.store(connection, VAULT, bot, [(n, 5, body(n)) for n in numbers], now)


async def states(engine: AsyncEngine) -> dict[int, int]:
    async with engine.connect() as connection:
        rows = await connection.execute(select(INBOX.c.update_id, INBOX.c.state))
        return {row.update_id: row.state for row in rows}


async def test_store__the_same_update_again__only_the_new_ones_count(
    engine: AsyncEngine, now: datetime
) -> None:
    assert await keep(engine, now, 1, 2) == {1, 2}
    assert await keep(engine, now, 2, 3, 3) == {3}
    assert await keep(engine, now, 2, bot=2) == {2}
    assert await keep(engine, now) == set()


async def test_store__handled_updates__stay_handled_when_they_come_again(
    engine: AsyncEngine, now: datetime
) -> None:
    await keep(engine, now, 1)
    async with engine.begin() as connection:
        await inbox.mark_handled(connection, 1, [1], now)
    assert await keep(engine, now, 1) == set()
    assert await states(engine) == {1: InboxState.HANDLED}


async def test_waiting__oldest_first_and_page_by_page__of_this_bot_only(
    engine: AsyncEngine, now: datetime
) -> None:
    await keep(engine, now, 9, 3, 7, 1)
    await keep(engine, now, 4, bot=2)
    async with engine.connect() as connection:
        first = await inbox.waiting(connection, VAULT, 1, 3)
        rest = await inbox.waiting(connection, VAULT, 1, 3, after=first[-1].update_id)
    assert [update.update_id for update in first] == [1, 3, 7]
    assert [update.update_id for update in rest] == [9]
    assert first[0].body == {"update_id": 1, "said": "geheim"}
    assert first[0].chat_id == 5


async def test_waiting__with_another_key__is_refused(engine: AsyncEngine, now: datetime) -> None:
    await keep(engine, now, 1)
    async with engine.connect() as connection:
        with pytest.raises(WrongKeyError):
            await inbox.waiting(connection, Vault(b"another"), 1, 10)


async def test_payload__moved_to_another_update__does_not_open(
    engine: AsyncEngine, now: datetime
) -> None:
    await keep(engine, now, 1, 2)
    async with engine.begin() as connection:
        payload = (
            await connection.execute(select(INBOX.c.payload).where(INBOX.c.update_id == 1))
        ).scalar_one()
        assert b"geheim" not in payload
        await connection.execute(
            INBOX.update().where(INBOX.c.update_id == 2).values(payload=payload)
        )
        with pytest.raises(WrongKeyError):
            await inbox.waiting(connection, VAULT, 1, 10)


async def test_payload__handled_is_erased__set_aside_is_kept(
    engine: AsyncEngine, now: datetime
) -> None:
    await keep(engine, now, 1, 2, 3)
    async with engine.begin() as connection:
        await inbox.mark_handled(connection, 1, [1], now)
        await inbox.set_aside(connection, 1, 2, InboxState.FAILED, now)
    async with engine.connect() as connection:
        rows = (await connection.execute(select(INBOX).order_by(INBOX.c.update_id))).all()
        assert [row.payload is None for row in rows] == [True, False, False]
        assert [row.handled_at for row in rows] == [now, now, None]
        assert [u.update_id for u in await inbox.waiting(connection, VAULT, 1, 9)] == [3]
        assert await inbox.still_new(connection, 1, [1, 2, 3, 4]) == {3}


async def test_group_talk__is_kept_as_an_id_without_words(
    engine: AsyncEngine, now: datetime
) -> None:
    async with engine.begin() as connection:
        await inbox.store(connection, VAULT, 1, [(1, -5, None)], now)
    async with engine.connect() as connection:
        (row,) = (await connection.execute(select(INBOX))).all()
        assert (row.state, row.payload, row.chat_id) == (InboxState.DROPPED, None, -5)
        assert await inbox.waiting(connection, VAULT, 1, 9) == []


async def test_forget__too_old_to_come_again__but_never_what_is_still_open(
    engine: AsyncEngine, now: datetime
) -> None:
    old = now - timedelta(days=31)
    await keep(engine, old, 1, 2, 3)
    await keep(engine, now, 4)
    async with engine.begin() as connection:
        await inbox.mark_handled(connection, 1, [1, 4], now)
        await inbox.set_aside(connection, 1, 2, InboxState.FAILED, now)
        assert await inbox.forget(connection, now - timedelta(days=30)) == 1
    assert set(await states(engine)) == {2, 3, 4}
