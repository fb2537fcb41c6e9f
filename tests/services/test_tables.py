"""Both tables of a made-up week against a count by hand, and what the figures hang on."""

import random
from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from campaigns.errors import CampaignError
from campaigns.periods import Period
from services.tables import (
    FEW_SEEKS,
    compile_table,
    coverage,
    keys_behind,
    records_behind,
    scope_of,
)
from storage.tables import InstitutionRow
from tests.services import table_world as world

WEEK = Period(date(2026, 11, 16), date(2026, 11, 22), "week")
TO_DATE = Period(date(2026, 9, 1), date(2026, 11, 22), "to_date")

# Counted by hand from table_world.WEEK: registered, inspected in the week.
TABLE_ONE = {
    "public2_general": (1, 1),
    "public2_specialty": (1, 1),
    "public2_tcm": (1, 0),
    "public2_mch": (1, 0),
    "public2_other": (1, 1),
    "public_other_primary": (2, 2),
    "public_other_clinic": (1, 1),
    "public_other_other": (1, 0),
    "private2_general": (1, 1),
    "private2_specialty": (1, 1),
    "private2_tcm": (1, 0),
    "private2_other": (1, 0),
    "private_other_checkup": (1, 1),
    "private_other_independent": (1, 0),
    "private_other_small": (3, 1),
}
# Counted by hand: public2, public_other, private2, private_other, and the total over all.
TABLE_TWO = {
    "i01": ("2", "0", "0", "0", "2"),
    "i02": ("0", "0", "0", "1", "1"),
    "i03": ("1", "0", "0", "0", "1"),
    "i04": ("0", "1", "0", "0", "1"),
    "i05": ("3", "0", "0", "0", "3"),
    "i06a": ("0", "1", "0", "0", "1"),
    "i06b": ("0", "1", "0", "0", "1"),
    "i07": ("0", "1", "0", "0", "1"),
    "i08": ("0", "1", "0", "0", "1"),
    "i09": ("0", "1", "0", "0", "1"),
    "i10": ("0", "1", "0", "0", "1"),
    "i11": ("0", "1", "0", "0", "1"),
    "i12": ("0", "1", "0", "0", "1"),
    "i13": ("0", "0", "0", "0", "0"),
    "i14": ("2", "0", "0", "0", "2"),
    "i15": ("0", "0", "1", "0", "1"),
    "i16": ("0", "0", "1", "0", "1"),
    "i17": ("0", "0", "1", "0", "1"),
    "i18_ads": ("4", "0", "0", "0", "4"),
    "i18_media": ("1", "0", "0", "0", "1"),
    "i19": ("0", "0", "1", "0", "1"),
    "i20": ("2", "0", "0", "0", "2"),
    "i21": ("0", "0", "1", "0", "1"),
    "i22": ("0", "0", "1", "0", "1"),
    "i23": ("0", "0", "1", "0", "1"),
    "i24": ("0", "0", "1", "0", "1"),
    "i25": ("1", "0", "0", "0", "1"),
    "i26": ("1", "0", "0", "0", "1"),
    "i27": ("0", "0", "1", "0", "1"),
    "i28": ("1", "0", "0", "1", "2"),
    "punished": ("2", "0", "2", "2", "6"),
    "fine_total": ("1.75", "0.00", "0.00", "0.60", "2.35"),
    "i30a": ("0", "2", "0", "0", "2"),
    "i30b": ("0", "1", "0", "0", "1"),
    "i31a": ("0", "3", "0", "0", "3"),
    "i31b": ("0", "0", "0", "0", "0"),
    "i32a": ("0", "1", "0", "0", "1"),
    "i32b": ("0", "1", "0", "0", "1"),
    "i32c": ("0", "0", "0", "0", "0"),
    "i33a": ("0", "6", "0", "0", "6"),
    "i33b": ("0", "2", "0", "0", "2"),
}
COLUMNS = ("public2", "public_other", "private2", "private_other")


@pytest.fixture
async def db(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    async with engine.begin() as connection:
        await world.build(connection)
        yield connection


async def compiled(db, table_id, period=WEEK, areas=world.LIUZHOU, seq=None):
    return await compile_table(db, world.DEFINITION, 1, table_id, areas, period, seq)


async def test_table_one__made_up_week__equals_the_hand_count(db) -> None:
    await world.submit_week(db)
    made = await compiled(db, "table1")
    counted = {
        key: (made.figures.cell(key, "registered"), made.figures.cell(key, "inspected"))
        for key in made.figures.row_keys
    }
    assert counted == TABLE_ONE
    assert len(counted) == 15
    assert made.totals == {"registered": 18, "inspected": 10}
    assert made.figures.unplaced == {}


async def test_table_two__made_up_week__equals_the_hand_count(db) -> None:
    await world.submit_week(db)
    made = await compiled(db, "table2")
    counted = {
        key: tuple(str(made.figures.cell(key, column)) for column in COLUMNS)
        for key in made.figures.row_keys
    }
    assert counted == {key: row[:4] for key, row in TABLE_TWO.items()}
    assert len(counted) == 41
    assert made.totals == {key: Decimal(row[4]) for key, row in TABLE_TWO.items()}
    assert made.figures.unplaced == {}


async def test_table_two__to_date__adds_the_weeks_before(db) -> None:
    await world.submit_week(db)
    made = await compiled(db, "table2", TO_DATE)
    assert made.totals["i13"] == 1
    assert made.totals["i26"] == 1
    assert made.totals["i28"] == 2
    assert (await compiled(db, "table1", TO_DATE)).totals["inspected"] == 11


async def test_table_two__decided_in_another_week__counts_there(db) -> None:
    await world.submit_week(db)
    after = Period(date(2026, 11, 23), date(2026, 11, 29), "week")
    made = await compiled(db, "table2", after)
    assert {key: total for key, total in made.totals.items() if total} == {
        "i30a": 1,
        "i31b": 2,
        "i32c": 1,
        "i33a": 3,
        "i33b": 1,
    }
    before = await compiled(db, "table2", Period(date(2026, 11, 9), date(2026, 11, 15), "week"))
    assert {key: total for key, total in before.totals.items() if total} == {"i13": 1}


async def test_table_one__one_county__counts_what_its_unit_supervises(db) -> None:
    await world.submit_week(db)
    made = await compiled(db, "table1", areas=(4,))
    # D, E, G, J, K are supervised there; all institutions lie elsewhere.
    assert made.totals == {"registered": 5, "inspected": 4}


async def test_table_two__few_or_many_days_and_areas__same_figures(db) -> None:
    """Small scopes are sought pair by pair, large ones read as a range."""
    await world.submit_week(db)
    small = await compiled(db, "table2")
    many = await compiled(db, "table2", areas=(*world.LIUZHOU, *range(100, 160)))
    assert WEEK.days * len(world.LIUZHOU) <= FEW_SEEKS < WEEK.days * 63
    assert small.figures == many.figures
    assert small.totals == many.totals


async def test_registered__opened_and_closed__as_of_the_last_day(db) -> None:
    small = "private_other_small"
    early = await compiled(db, "table1", Period(date(2026, 11, 2), date(2026, 11, 9)))
    closing = await compiled(db, "table1", Period(date(2026, 11, 2), date(2026, 11, 10)))
    late = await compiled(db, "table1", Period(date(2026, 11, 2), date(2026, 11, 23)))
    assert early.figures.cell(small, "registered") == 3  # P, Q, S
    assert closing.figures.cell(small, "registered") == 2  # P, Q
    assert late.figures.cell(small, "registered") == 4  # P, Q, T, U


async def test_correction__after_submission__closes_the_old_rows_and_keeps_them(db) -> None:
    for made in world.WEEK:
        seq = await world.submit(db, made)
    corrected = await world.submit(db, world.CORRECTED, 2)
    assert (seq, corrected) == (17, 18)
    then = await compiled(db, "table2", seq=seq)
    now = await compiled(db, "table2")
    assert (then.totals["i03"], then.totals["i04"]) == (2, 0)
    assert (now.totals["i03"], now.totals["i04"]) == (1, 1)
    assert now.scope.seq == 18
    assert (await compiled(db, "table1")).totals["inspected"] == 10


async def test_distinct__category_changed_in_the_period__once_in_the_total(db) -> None:
    await world.submit(db, world.Made(1, "P", "joint", 16, {"i26": "yes"}))
    await db.execute(
        update(InstitutionRow.__table__)
        .where(InstitutionRow.__table__.c.id == world.ids()["P"])
        .values(level=2)
    )
    await world.submit(db, world.Made(2, "P", "joint", 18, {"i26": "yes"}))
    made = await compiled(db, "table2")
    cells = [made.figures.cell("i26", column) for column in COLUMNS]
    assert cells == [0, 0, 1, 1]
    assert made.totals["i26"] == 1


async def test_nothing_submitted__every_cell__is_zero_not_blank(db) -> None:
    made = await compiled(db, "table2")
    assert {figure for line in made.figures.cells for figure in line} == {Decimal(0)}


async def test_no_areas__compiled__is_zero(db) -> None:
    await world.submit_week(db)
    assert set((await compiled(db, "table2", areas=())).totals.values()) == {Decimal(0)}


async def test_unknown_table_or_campaign__is_refused(db) -> None:
    with pytest.raises(CampaignError) as table:
        await compiled(db, "table9")
    with pytest.raises(CampaignError) as campaign:
        await compile_table(db, world.DEFINITION, 99, "table1", world.LIUZHOU, WEEK)
    assert (table.value.key, campaign.value.key) == ("table-unknown", "tables-none")


async def test_records_behind__a_figure__are_exactly_what_it_counts(db) -> None:
    await world.submit_week(db)
    made = await compiled(db, "table2")
    table = world.DEFINITION.table_by_id["table2"]
    measures = {measure.key: measure for measure in table.measures}

    async def behind(key, category=None):
        found = await records_behind(db, made.scope, keys_behind(table, measures[key]), category)
        return [(one.record_id, one.institution_code, one.amount) for one in found]

    assert await behind("fine_total") == [
        (2, "LZ-A", Decimal("0.5")),
        (14, "CZ-P", Decimal("0.3")),
        (3, "LZ-A", Decimal("1.25")),
        (15, "CZ-P", Decimal("0.3")),
    ]
    assert await behind("fine_total", "private_other") == [
        (14, "CZ-P", Decimal("0.3")),
        (15, "CZ-P", Decimal("0.3")),
    ]
    assert await behind("i33b") == [(9, "CZ-F", 1), (9, "CZ-F", 1)]
    assert await behind("i13") == []


async def test_records_behind__paged__gives_each_record_once(db) -> None:
    await world.submit_week(db)
    scope = await scope_of(db, 1, world.LIUZHOU, WEEK)
    keys = ["table1.inspected"]
    whole = await records_behind(db, scope, keys)
    pages = [
        one
        for start in (0, 5, 10)
        for one in await records_behind(db, scope, keys, offset=start, limit=5)
    ]
    assert [one.record_id for one in pages] == [one.record_id for one in whole]
    assert len(whole) == 13


async def test_coverage__targets__count_the_kinds_that_count(db) -> None:
    await world.submit_week(db)
    scope = await scope_of(db, 1, world.LIUZHOU, TO_DATE)
    reached = {
        one.target.target_id: (one.inspected, one.registered, one.percent)
        for one in await coverage(db, world.DEFINITION, scope)
    }
    # Hospitals A B C D F J K L M Q; of them A B D F J K inspected, C only by itself.
    assert reached == {"hospitals": (6, 10, 60), "others": (5, 8, 62)}


async def test_coverage__nothing_registered__has_no_percent(db) -> None:
    scope = await scope_of(db, 1, (1,), TO_DATE)
    found = await coverage(db, world.DEFINITION, scope)
    assert [one.percent for one in found] == [None, None]


CATEGORY = {
    **dict.fromkeys("ABCDE", "public2"),
    **dict.fromkeys("FGHI", "public_other"),
    **dict.fromkeys("JKLM", "private2"),
    **dict.fromkeys("NOPQSTU", "private_other"),
}
COUNTING = {"joint", "spot", "covert", "cross"}


@pytest.mark.parametrize("seed", range(4))
async def test_table_two__random_inspections__equal_a_plain_count(db, seed) -> None:
    """The same month counted twice: by the tables, and by loops over what was made up."""
    dice = random.Random(seed)
    made = [
        world.Made(
            number,
            dice.choice("".join(CATEGORY)),
            dice.choice(["joint", "spot", "covert", "cross", "self", "recheck"]),
            dice.randint(1, 30),
            {
                "i03": dice.choice(["yes", "no"]),
                "i01_m": str(dice.randint(0, 3)),
                "i28": "yes",
                "i28_fine": dice.choice(["", "0", "0.01", "0.07", "12.50"]),
            },
        )
        for number in range(1, 41)
    ]
    for one in made:
        await world.submit(db, one)
    first, last = sorted((dice.randint(1, 30), dice.randint(1, 30)))
    period = Period(world.NOV[first], world.NOV[last])
    figures = (await compiled(db, "table2", period)).figures
    counted = [one for one in made if one.kind in COUNTING and first <= one.day <= last]
    for column in COLUMNS:
        here = [one for one in counted if CATEGORY[one.letter] == column]
        fines = [Decimal(one.values["i28_fine"] or 0) for one in here]
        assert figures.cell("i03", column) == sum(one.values["i03"] == "yes" for one in here)
        assert figures.cell("i01", column) == sum(int(one.values["i01_m"]) for one in here)
        assert figures.cell("fine_total", column) == sum(fines)
        assert figures.cell("punished", column) == len({one.letter for one in here})
        assert figures.cell("i28", column) == len(
            {one.letter for one, fine in zip(here, fines, strict=True) if fine}
        )
