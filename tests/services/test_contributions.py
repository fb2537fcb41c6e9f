"""What a record leaves behind when it is submitted, corrected or cancelled."""

from collections.abc import AsyncIterator
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from campaigns.errors import CampaignError
from services.contributions import (
    InstitutionFacts,
    evaluate,
    institution_facts,
    recompute,
    scaled,
    withdraw_inspection,
)
from storage.tables import CampaignRow, ContributionRow
from tests.services import table_world as world

HOSPITAL = InstitutionFacts(1, "general", 3, "public", 2, 2)
CONTRIBUTIONS = ContributionRow.__table__


@pytest.fixture
async def db(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    async with engine.begin() as connection:
        await world.build(connection)
        yield connection


async def rows(db, *, valid: bool = True):
    found = await db.execute(select(CONTRIBUTIONS).order_by(CONTRIBUTIONS.c.id))
    return [row for row in found if not valid or row.valid_to_seq is None]


def added(kind: str, values: dict[str, str], institution: InstitutionFacts = HOSPITAL):
    return {
        (one.row_key, one.category, one.amount_e4, one.counted_on.isoformat())
        for one in evaluate(
            world.DEFINITION, values, institution, kind=kind, inspected_on=world.NOV[16]
        )
    }


def test_evaluate__clean_visit__is_one_inspected_institution() -> None:
    assert added("joint", {"i03": "no", "i01_n": "20", "i01_m": "0"}) == {
        ("table1.inspected", "public2_general", 10_000, "2026-11-16"),
        ("target.hospitals", "", 10_000, "2026-11-16"),
    }


@pytest.mark.parametrize("kind", ["self", "recheck"])
def test_evaluate__kinds_that_do_not_count__nothing(kind) -> None:
    assert added(kind, {"i03": "yes"}) == set()


def test_evaluate__fine__exact_and_on_the_day_of_the_decision() -> None:
    found = added("spot", {"i28": "yes", "i28_fine": "0.07", "decided_on": "2026-11-20"})
    assert {one for one in found if one[0].startswith("table2")} == {
        ("table2.i28", "public2", 10_000, "2026-11-20"),
        ("table2.punished", "public2", 10_000, "2026-11-20"),
        ("table2.fine_total", "public2", 700, "2026-11-20"),
    }


def test_scaled__more_than_four_decimals__is_refused() -> None:
    assert scaled(Decimal("12.3456")) == 123_456
    with pytest.raises(ValueError, match="four decimals"):
        scaled(Decimal("0.00001"))


async def test_record__submitted__rows_carry_record_place_and_number(db) -> None:
    seq = await world.submit(db, world.Made(5, "H", "joint", 19, {"i03": "yes"}))
    found = {row.row_key: row for row in await rows(db)}
    assert set(found) == {"table1.inspected", "table2.i03", "target.others"}
    row = found["table2.i03"]
    assert (row.record_kind, row.record_id, row.revision) == ("inspection", 5, 1)
    # It lies in 城中区 (area 3) and is supervised there (unit 3).
    assert (row.institution_id, row.unit_id, row.area_id) == (world.ids()["H"], 3, 3)
    assert (row.category, row.amount_e4, row.counted_on) == (
        "public_other",
        10_000,
        world.NOV[19],
    )
    assert (row.valid_from_seq, row.valid_to_seq, seq) == (1, None, 1)


async def test_record__numbers__one_counter_per_campaign(db) -> None:
    numbers = [await world.submit(db, made) for made in world.WEEK[:3]]
    stored = await db.execute(select(CampaignRow.__table__.c.seq))
    assert (numbers, stored.scalar_one()) == ([1, 2, 3], 3)


async def test_record__corrected__old_rows_closed_by_the_number_of_the_new(db) -> None:
    await world.submit(db, world.Made(1, "A", "joint", 16, {"i03": "yes"}))
    await world.submit(db, world.Made(2, "B", "joint", 16, {"i03": "yes"}))
    await world.submit(db, world.Made(1, "A", "joint", 16, {"i04": "yes"}), revision=2)
    history = [
        (row.record_id, row.row_key, row.valid_from_seq, row.valid_to_seq)
        for row in await rows(db, valid=False)
        if row.row_key.startswith("table2")
    ]
    assert history == [
        (1, "table2.i03", 1, 3),
        (2, "table2.i03", 2, None),
        (1, "table2.i04", 3, None),
    ]


async def test_withdraw__cancelled__counts_no_more_but_stays_explained(db) -> None:
    await world.submit(db, world.WEEK[0])
    inspection = await world.read_inspection(db, 1)
    assert await withdraw_inspection(db, inspection) == 2
    assert await rows(db) == []
    assert {row.valid_to_seq for row in await rows(db, valid=False)} == {2}


async def test_institution_facts__unknown__is_refused(db) -> None:
    with pytest.raises(CampaignError) as refusal:
        await institution_facts(db, 999)
    assert refusal.value.key == "institution-unknown"


async def test_recompute__untouched__finds_no_difference(db) -> None:
    await world.submit_with_answers(db, world.WEEK[0])
    assert [one async for one in recompute(db, world.store(), 1)] == []


async def test_recompute__a_row_was_tampered_with__names_record_row_and_amounts(db) -> None:
    await world.submit_with_answers(db, world.WEEK[0])
    await db.execute(
        CONTRIBUTIONS.update().where(CONTRIBUTIONS.c.row_key == "table2.i01").values(amount_e4=1)
    )
    (found,) = [one async for one in recompute(db, world.store(), 1)]
    assert (found.record_id, found.row_key, found.stored, found.computed) == (
        1,
        "table2.i01",
        Decimal("0.0001"),
        Decimal(2),
    )
