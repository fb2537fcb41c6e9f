"""Opening a pack with another first day."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.campaign import load_pack, read_campaign
from campaigns.errors import CampaignError
from campaigns.opening import open_workbook, shift_day
from campaigns.workbook import Row, Sheet, Workbook

PACK = load_pack("guangxi-2020")
FIRST = date(2020, 9, 1)


def opened(starts_on):
    definition, issues = read_campaign(open_workbook(PACK, starts_on))
    assert issues == []
    return definition


def stages(definition):
    return [(stage.stage_id, stage.starts_on, stage.ends_on) for stage in definition.stages]


def test_open__guangxi_in_2026__has_the_same_days_of_2026():
    definition = opened(date(2026, 9, 1))
    assert (definition.starts_on, definition.ends_on) == (date(2026, 9, 1), date(2026, 12, 31))
    assert stages(definition) == [
        ("self", date(2026, 9, 1), date(2026, 10, 31)),
        ("joint", date(2026, 11, 1), date(2026, 11, 30)),
        ("summary", date(2026, 12, 1), date(2026, 12, 31)),
    ]
    assert definition.title("zh") == "2026年广西医疗卫生领域突出问题专项整治行动"


def test_open__in_the_middle_of_a_month__keeps_days_of_the_month():
    assert stages(opened(date(2026, 9, 15))) == [
        ("self", date(2026, 9, 15), date(2026, 10, 31)),
        ("joint", date(2026, 11, 1), date(2026, 11, 30)),
        ("summary", date(2026, 12, 1), date(2026, 12, 31)),
    ]


def test_open__months_of_other_lengths__clamps_and_leaves_no_day_between_stages():
    assert stages(opened(date(2027, 1, 1))) == [
        ("self", date(2027, 1, 1), date(2027, 2, 28)),
        ("joint", date(2027, 3, 1), date(2027, 3, 31)),
        ("summary", date(2027, 4, 1), date(2027, 4, 30)),
    ]


def test_open__on_the_documents_own_day__changes_nothing():
    assert open_workbook(PACK, FIRST) == PACK


def test_open__everything_but_dates__stays():
    after = open_workbook(PACK, date(2026, 9, 1))
    for name, sheet in PACK.sheets.items():
        if name not in ("x_campaign", "x_stages"):
            assert after.sheets[name] == sheet


@pytest.mark.parametrize(
    ("day", "new_first", "expected"),
    [
        (date(2020, 12, 5), date(2026, 9, 1), date(2026, 12, 5)),
        (date(2020, 10, 31), date(2026, 1, 1), date(2026, 2, 28)),
        (date(2020, 10, 31), date(2028, 1, 1), date(2028, 2, 29)),
        (date(2020, 9, 10), date(2026, 9, 15), date(2026, 9, 15)),
        (date(2020, 9, 30), date(2026, 9, 15), date(2026, 9, 30)),
        (date(2021, 1, 3), date(2026, 11, 20), date(2027, 3, 3)),
        (date(2020, 8, 20), date(2026, 9, 1), date(2026, 8, 20)),
    ],
)
def test_shift_day__one_date__keeps_months_apart_and_day_of_month(day, new_first, expected):
    assert shift_day(day, FIRST, new_first) == expected


@given(
    st.dates(date(2000, 1, 1), date(2050, 1, 1)),
    st.dates(date(2000, 1, 1), date(2050, 1, 1)),
    st.lists(st.integers(0, 900), min_size=2, max_size=6),
)
def test_shift_day__any_plan__keeps_the_order_of_its_dates(first, new_first, distances):
    from datetime import timedelta

    days = [first + timedelta(days=n) for n in sorted(distances)]
    moved = [shift_day(day, first, new_first) for day in days]
    assert moved == sorted(moved)
    assert all(day >= new_first for day in moved)


def test_open__pack_without_a_first_day__is_refused():
    sheet = Sheet("x_campaign", ("campaign_id",), (Row(2, {"campaign_id": "a"}),))
    with pytest.raises(CampaignError) as refusal:
        open_workbook(Workbook({"x_campaign": sheet}), date(2026, 9, 1))
    assert refusal.value.key == "opening-no-start"


def test_open__beyond_the_calendar__is_refused():
    with pytest.raises(CampaignError) as refusal:
        open_workbook(PACK, date(9999, 12, 1))
    assert refusal.value.key == "opening-out-of-range"
