"""The database is full, locked or away while people work: told once, and nothing is lost."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy import event, select
from sqlalchemy.engine import make_url

from sandbox.client import plain
from storage.database import reading
from storage.tables import AnswerRow
from tests.conftest import NOW
from tests.databases import SERVER, Databases, empty_postgres
from tests.handlers.visits import Phone, answers, begin, inspector
from tests.world import World, world

TOLD = {
    "zh": "系统暂时繁忙，您发来的内容没有丢失，恢复后会自动处理，无需重发。",
    "en": "The system is busy. What you sent is not lost and will be handled as soon as it is "
    "back; no need to send it again.",
}
SLOW = 30.0
LONG = "查" * 4_000
"""Needs pages of its own, so that it cannot slip into the last free bytes."""


@pytest.fixture
async def w(databases: Databases, tmp_path: Path) -> AsyncIterator[World]:
    async with world(databases.sqlite_url(), tmp_path, NOW) as made:
        yield made


async def at_remarks(
    w: World, locales: tuple[str, ...] = ("zh", "en")
) -> list[tuple[str, Phone, int]]:
    """A Chinese and an English phone, each at the remark of item 1."""
    made = []
    for locale, language, name in (
        ("zh", "zh-hans", "城中区示范口腔诊所"),
        ("en", "en", "城中区示范中医诊所"),
    ):
        if locale not in locales:
            continue
        phone = await inspector(w, language)
        visit = await begin(phone, "each", name, locale)
        await phone.tap({"zh": "备注", "en": "Remark"}[locale])
        made.append((locale, phone, visit))
    return made


async def times_told(phone: Phone, locale: str) -> int:
    return sum(plain(message) == TOLD[locale] for message in await phone.person.sees())


async def stored(w: World) -> list[Any] | None:
    """The answers, read without asking for the lock; None when nobody may look."""
    if w.engine.dialect.name != "sqlite":
        return None
    async with reading(w.engine) as connection:
        return list((await connection.execute(select(AnswerRow.__table__))).all())


async def outage(w: World, phones: list[tuple[str, Phone, int]], text: str) -> None:
    """Everybody writes, is told once, and sees nothing change meanwhile."""
    before = await stored(w)
    for _, phone, _ in phones:
        await phone.person.send(text)
    for locale, phone, _ in phones:
        await w.client.wait_for(TOLD[locale], phone.person, timeout=SLOW)
    if before is not None:
        assert await stored(w) == before


async def recovered(w: World, phones: list[tuple[str, Phone, int]], text: str) -> None:
    """What was written in the outage is answered, and nobody was told twice."""
    done = {"zh": "第 1 项备注已存 ✓", "en": "Remark on item 1 saved ✓"}
    for locale, phone, visit in phones:
        await w.client.wait_for(done[locale], phone.person, timeout=SLOW)
        assert await answers(w, visit) == {"i01_remark": text}
        assert await times_told(phone, locale) == 1


@contextmanager
def full_disk(w: World) -> Iterator[None]:
    """No page can be added to the file: what SQLite meets when the disk is full."""
    path = make_url(w.settings.database).database
    assert path is not None
    with sqlite3.connect(path) as connection:
        pages = int(connection.execute("PRAGMA page_count").fetchone()[0])
        free = int(connection.execute("PRAGMA freelist_count").fetchone()[0])
        assert free == 0
    connection.close()

    def limit(connection: Any) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")

    engine = w.app.engine.sync_engine
    event.listen(engine, "begin", limit)
    try:
        yield
    finally:
        event.remove(engine, "begin", limit)

        def lift(connection: Any) -> None:
            connection.exec_driver_sql("PRAGMA max_page_count=1073741823")

        event.listen(engine, "begin", lift)


async def test_full_disk__people_write__told_once_and_answered_when_there_is_room(
    w: World,
) -> None:
    phones = await at_remarks(w)
    with full_disk(w):
        await outage(w, phones, LONG)
    await recovered(w, phones, LONG)


async def test_locked_database__another_program_holds_it__told_once_and_answered_after(
    w: World,
) -> None:
    # One phone: every further one costs the five seconds that a lock is waited for.
    phones = await at_remarks(w, ("en",))
    path = make_url(w.settings.database).database
    assert path is not None
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    began = time.monotonic()
    try:
        await outage(w, phones, LONG)
        # A short hold-up (a backup, say) is waited for in silence.
        assert time.monotonic() - began > 3
    finally:
        other.execute("ROLLBACK")
        other.close()
    await recovered(w, phones, LONG)


@pytest.mark.postgres
async def test_database_away__server_refuses_everybody__told_once_and_answered_after(
    tmp_path: Path,
) -> None:
    async with empty_postgres() as url, world(url, tmp_path, NOW) as w:
        name = make_url(url).database
        phones = await at_remarks(w)
        server = await asyncpg.connect(SERVER)
        try:
            await server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
            await server.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name
            )
            await outage(w, phones, LONG)
            # Longer than the pauses between tries: nobody is told a second time.
            await asyncio.sleep(2)
        finally:
            await server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
            await server.close()
        await recovered(w, phones, LONG)
        await w.settled()
