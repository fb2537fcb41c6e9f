"""What is due is a function of tables and an instant: once, late but complete, in its place."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from campaigns.periods import Period, week_of
from services.campaigns import CampaignStore
from services.planner import PARTS, PlannerCache, due, plan, slots
from storage.tables import CampaignRow, GroupRow, OutboxRow
from storage.workspace import Workspace
from tests.services import table_world as world

MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
"""Monday 09:00 in Shanghai."""
WEEK = week_of(date(2026, 11, 16))
BOUND = datetime(2026, 11, 18, tzinfo=UTC)


@pytest.fixture
async def db(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    async with engine.begin() as connection:
        await world.build(connection)
        yield connection


async def planned(db, now=MONDAY, cache=None):
    ws = Workspace(db, now)
    found = await plan(ws, CampaignStore(), world.BOT, now, cache)
    await ws.flush()
    return found


async def outbox(db):
    rows = await db.execute(select(OutboxRow.__table__).order_by(OutboxRow.__table__.c.id))
    return rows.all()


async def test_plan__monday_nine__every_part_once(db) -> None:
    await world.bind_group(db, bound_at=BOUND, thread_id=7)
    seq = await world.submit(db, world.WEEK[0])
    (found,) = await planned(db)
    rows = await outbox(db)
    assert [row.key for row in rows] == [
        f"weekly:1:{found.binding_id}:2026-11-16:{part}" for part in PARTS
    ]
    assert {(row.chat_id, row.thread_id, row.silent, row.lane) for row in rows} == {
        (world.GROUP, 7, False, 2)
    }
    assert rows[0].params == {
        "campaign": 1,
        "version": 1,
        "push": "weekly",
        "unit": 2,
        "from": "2026-11-16",
        "to": "2026-11-22",
        "seq": seq,
        "lang": "zh",
        "missed": [],
        "page": 1,
    }


@pytest.mark.parametrize("seconds", [-604799, -1])
async def test_plan__before_monday_nine__nothing(db, seconds) -> None:
    await world.bind_group(db, bound_at=BOUND)
    assert await planned(db, MONDAY + timedelta(seconds=seconds)) == []
    assert await outbox(db) == []


async def test_plan__again_and_again__adds_nothing(db) -> None:
    await world.bind_group(db, bound_at=BOUND)
    assert len(await planned(db)) == 1
    for later in (timedelta(0), timedelta(seconds=1), timedelta(days=6, hours=23)):
        assert await planned(db, MONDAY + later) == []
    assert len(await outbox(db)) == len(PARTS)


async def test_plan__outage_over_three_mondays__latest_week_with_the_missed_ones(db) -> None:
    await world.bind_group(db, bound_at=BOUND)
    await planned(db)
    (found,) = await planned(db, MONDAY + timedelta(days=21, hours=50))
    assert found.period == week_of(date(2026, 12, 7))
    assert found.missed == (date(2026, 11, 23), date(2026, 11, 30))
    assert found.at == MONDAY + timedelta(days=21)
    assert len(await outbox(db)) == 2 * len(PARTS)


async def test_plan__bound_after_monday__waits_for_the_next(db) -> None:
    await world.bind_group(db, bound_at=MONDAY + timedelta(hours=1))
    assert await planned(db, MONDAY + timedelta(hours=2)) == []
    (found,) = await planned(db, MONDAY + timedelta(days=7))
    assert found.missed == ()


@pytest.mark.parametrize(
    ("state", "purpose", "count"),
    [
        ("member", "tables", 1),
        ("administrator", "tables", 1),
        ("left", "tables", 0),
        ("migrated", "tables", 0),
        ("member", "reminders", 0),
    ],
)
async def test_plan__bot_not_there_or_not_for_tables__nothing(db, state, purpose, count) -> None:
    await world.bind_group(db, bound_at=BOUND, state=state, purpose=purpose)
    assert len(await planned(db)) == count


async def test_plan__bot_back_in_the_group__still_gets_the_week(db) -> None:
    await world.bind_group(db, bound_at=BOUND, state="left")
    cache = PlannerCache()
    assert await planned(db, cache=cache) == []
    await db.execute(update(GroupRow.__table__).values(state="member"))
    assert await planned(db, MONDAY + timedelta(seconds=30), cache) == []
    assert len(await planned(db, MONDAY + timedelta(seconds=61), cache)) == 1


async def test_plan__other_bot__not_its_groups(db) -> None:
    await world.bind_group(db, bound_at=BOUND)
    assert await due(db, CampaignStore(), 999, MONDAY) == []


async def test_plan__closed_campaign__nothing(db) -> None:
    await world.bind_group(db, bound_at=BOUND)
    await db.execute(update(CampaignRow.__table__).values(state="closed"))
    assert await planned(db) == []


async def test_plan__public_holiday__without_sound(db) -> None:
    # Monday 5 October 2026 lies in the National Day holiday.
    await world.bind_group(db, bound_at=datetime(2026, 9, 1, tzinfo=UTC))
    (found,) = await planned(db, datetime(2026, 10, 5, 1, tzinfo=UTC))
    assert found.silent
    assert {row.silent for row in await outbox(db)} == {True}


async def test_plan__beyond_the_campaign__nothing_more_to_say(db) -> None:
    await world.bind_group(db, bound_at=datetime(2027, 1, 1, tzinfo=UTC))
    last = await planned(db, datetime(2027, 1, 4, 1, tzinfo=UTC))
    assert [found.period for found in last] == [week_of(date(2026, 12, 28))]
    assert await planned(db, datetime(2027, 1, 11, 1, tzinfo=UTC)) == []


async def test_plan__two_schedulers_at_once__push_once(engine) -> None:
    async with engine.begin() as connection:
        await world.build(connection)
        await world.bind_group(connection, bound_at=BOUND)
    async with engine.connect() as first:
        seen = await due(first, CampaignStore(), world.BOT, MONDAY)
        await first.rollback()
    async with engine.begin() as second:
        await planned(second)
    # The first one goes on with what it saw before the second committed.
    async with engine.begin() as first:
        ws = Workspace(first, MONDAY)
        for item in seen:
            item.push(ws, item.key)
        await ws.flush()
        assert len(await outbox(first)) == len(PARTS)


def test_slots__walked_back__only_instants_that_have_come() -> None:
    push = world.DEFINITION.pushes[0]
    found = list(slots(world.DEFINITION, push, world.DEFINITION.zone, MONDAY))
    assert found[0] == (MONDAY, WEEK)
    assert found[-1][1] == week_of(date(2026, 8, 31))
    assert len(found) == 12


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(minutes=st.integers(0, 20 * 7 * 24 * 60))
def test_slots__at_any_minute__the_last_full_week_once_it_is_due(minutes: int) -> None:
    now = datetime(2026, 9, 7, 1, 0, tzinfo=UTC) + timedelta(minutes=minutes)
    push = world.DEFINITION.pushes[0]
    found = list(slots(world.DEFINITION, push, world.DEFINITION.zone, now))
    assert all(at <= now for at, _ in found)
    assert all(
        at.astimezone(world.DEFINITION.zone).strftime("%a %H:%M") == "Mon 09:00" for at, _ in found
    )
    assert all(period.days == 7 and period.last < at.date() for at, period in found)
    periods: list[Period] = [period for _, period in found]
    assert periods == sorted(set(periods), reverse=True)


async def test_due__seen_but_not_written__is_still_due_a_second_later(db) -> None:
    await world.bind_group(db, bound_at=BOUND)
    cache, store = PlannerCache(), CampaignStore()
    assert len(await due(db, store, world.BOT, MONDAY, cache)) == 1
    later = MONDAY + timedelta(seconds=1)
    assert len(await due(db, store, world.BOT, later, cache)) == 1
    await planned(db, later)
    assert await due(db, store, world.BOT, later, cache) == []
