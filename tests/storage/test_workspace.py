"""One page's working set: read once, written once, undone whole."""

from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.database import reading
from storage.tables import (
    AnswerLogRow,
    AnswerRow,
    CardRow,
    InspectionRow,
    OutboxRow,
    PersonRow,
)
from storage.workspace import AnswerCache, Inspection, Workspace


async def rows(engine: AsyncEngine, model: Any) -> list[Any]:
    async with reading(engine) as connection:
        return list((await connection.execute(select(model.__table__))).all())


async def visit(engine: AsyncEngine, now: datetime, number: int = 1) -> None:
    """A draft without answers."""
    async with engine.begin() as connection:
        await connection.execute(
            insert(InspectionRow.__table__).values(  # type: ignore[attr-defined]
                id=number,
                campaign_id=1,
                version_id=1,
                institution_id=1,
                unit_id=1,
                area_id=1,
                kind="joint",
                mode="each",
                state="draft",
                inspected_on=date(2026, 11, 18),
                created_by=1,
                created_at=now,
                updated_at=now,
            )
        )


async def inspection(ws: Workspace, number: int = 1) -> Inspection:
    found = await ws.inspection(number)
    assert found is not None
    return found


async def test_savepoint_first__page_rolled_back__nothing_stays(
    engine: AsyncEngine, now: datetime
) -> None:
    async with engine.connect() as connection:
        page = await connection.begin()
        async with connection.begin_nested():
            await Workspace(connection, now).create_person(1, 5, "zh")
        await page.rollback()
    assert await rows(engine, PersonRow) == []


async def test_page_that_fails__leaves_nothing_of_any_update(
    engine: AsyncEngine, now: datetime
) -> None:
    await visit(engine, now)

    async def failing_page() -> None:
        async with engine.begin() as connection:
            ws = Workspace(connection, now)
            await ws.create_person(1, 5, "zh")
            await ws.show(1, 5, "menu", {})
            ws.write_answers(await inspection(ws), {"q": "1"}, source="tap", author_id=1)
            ws.push("k", 1, 5, "note", {})
            await ws.flush()
            raise LookupError

    with pytest.raises(LookupError):
        await failing_page()
    for model in (PersonRow, CardRow, AnswerRow, OutboxRow):
        assert await rows(engine, model) == []
    (kept,) = await rows(engine, InspectionRow)
    assert kept.revision == 0


async def test_answers__written_changed_cleared__with_what_they_replaced(
    engine: AsyncEngine, now: datetime
) -> None:
    await visit(engine, now)
    async with engine.begin() as connection:
        ws = Workspace(connection, now)
        found = await inspection(ws)
        assert ws.write_answers(found, {"a": "1", "b": "2"}, source="tap", author_id=7) == 1
        assert ws.write_answers(found, {"a": "3"}, source="typed", author_id=8) == 2
        assert ws.write_answers(found, {"b": None}, source="tap", author_id=7) == 3
        assert ws.write_answers(found, {"a": "3"}, source="tap", author_id=7) == 4
        await ws.flush()
    answers = {row.name: row for row in await rows(engine, AnswerRow)}
    assert {name: (a.value, a.source, a.revision) for name, a in answers.items()} == {
        "a": ("3", "tap", 4)
    }
    log = [
        (r.name, r.old_value, r.new_value, r.author_id) for r in await rows(engine, AnswerLogRow)
    ]
    # The same answer twice replaces nothing.
    assert log == [("a", "1", "3", 8), ("b", "2", None, 7)]
    (kept,) = await rows(engine, InspectionRow)
    assert kept.revision == 4


async def test_correction__of_what_was_empty__is_logged_with_its_reason(
    engine: AsyncEngine, now: datetime
) -> None:
    await visit(engine, now)
    async with engine.begin() as connection:
        ws = Workspace(connection, now)
        found = await inspection(ws)
        ws.write_answers(found, {"a": "1"}, source="correction", author_id=7, reason="笔误")
        await ws.flush()
    (entry,) = await rows(engine, AnswerLogRow)
    assert (entry.old_value, entry.new_value, entry.reason) == (None, "1", "笔误")


async def test_card__shown_again_in_one_page__is_written_and_drawn_once(
    engine: AsyncEngine, now: datetime
) -> None:
    async with engine.begin() as connection:
        ws = Workspace(connection, now)
        await ws.show(1, 5, "menu", {"a": 1})
        await ws.show(1, 5, "inspection_item", {"inspection": 1, "q": "x"})
        card = await ws.show(1, 5, "inspection_item", {"inspection": 1, "q": "x", "saved": 1})
        assert list(ws.cards_to_draw.values()) == [card]
        await ws.flush()
    (kept,) = await rows(engine, CardRow)
    assert (kept.view, kept.wanted, kept.shown, kept.below) == ("inspection_item", 3, 0, True)
    # The question came up with the second state; the third asks the same.
    assert (kept.asked_wanted, kept.asked_at) == (2, None)
    assert kept.params == {"inspection": 1, "q": "x", "saved": 1}


async def test_person__who_writes_to_two_bots__is_two_people(
    engine: AsyncEngine, now: datetime
) -> None:
    async with engine.begin() as connection:
        ws = Workspace(connection, now)
        first = await ws.create_person(1, 5, "zh")
        again = await ws.create_person(1, 5, "en")
        other = await ws.create_person(2, 5, "en")
        assert first.id == again.id != other.id
        first.name = "甲"
        ws.change_person(first)
        await ws.flush()
    async with engine.connect() as connection:
        ws = Workspace(connection, now)
        await ws.prefetch(1, {5, 6}, set())
        found = await ws.person(1, 5)
        assert found is not None
        assert (found.name, found.phone_language) == ("甲", "zh")
        assert await ws.person(1, 6) is None


async def test_kept_answers__of_a_revision_that_another_process_passed__are_read_again(
    engine: AsyncEngine, now: datetime
) -> None:
    await visit(engine, now)
    cache = AnswerCache()
    async with engine.begin() as connection:
        ws = Workspace(connection, now, cache)
        ws.write_answers(await inspection(ws), {"a": "1"}, source="tap", author_id=1)
        await ws.flush()
    async with engine.begin() as connection:
        other = Workspace(connection, now)
        found = await inspection(other)
        other.write_answers(found, {"a": "2", "b": "3"}, source="tap", author_id=2)
        await other.flush()
    async with engine.begin() as connection:
        found = await inspection(Workspace(connection, now, cache))
        assert found.values() == {"a": "2", "b": "3"}


async def test_kept_answers__changed_in_a_page_that_is_undone__are_not_found_again(
    engine: AsyncEngine, now: datetime
) -> None:
    await visit(engine, now)
    cache = AnswerCache()
    async with engine.begin() as connection:
        ws = Workspace(connection, now, cache)
        ws.write_answers(await inspection(ws), {"a": "1"}, source="tap", author_id=1)
        await ws.flush()
    async with engine.connect() as connection:
        page = await connection.begin()
        ws = Workspace(connection, now, cache)
        # Changed in memory only: what is kept of the former revision must stay as it was.
        ws.write_answers(await inspection(ws), {"a": "9"}, source="tap", author_id=1)
        await page.rollback()
    async with engine.connect() as connection:
        found = await inspection(Workspace(connection, now, cache))
        assert found.values() == {"a": "1"}


async def test_reading__takes_no_write_lock__while_a_page_is_open(
    engine: AsyncEngine, now: datetime
) -> None:
    async with engine.begin() as connection:
        await Workspace(connection, now).create_person(1, 5, "zh")
        async with reading(engine) as other:
            assert (await other.execute(text("SELECT count(*) FROM person"))).scalar_one() == 0
