"""Weeks, months and push instants, with literal calendar days."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.errors import CampaignError
from campaigns.periods import (
    Period,
    counted_period,
    last_full_month,
    last_full_week,
    local_day,
    month_of,
    months,
    next_push,
    read_recurrence,
    to_date,
    week_number,
    week_of,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAYS = "FREQ=WEEKLY;BYDAY=MO"
DAYS = st.dates(date(2018, 1, 1), date(2060, 12, 31))


def at(text, zone=SHANGHAI):
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def test_week_number__guangxi_week_of_16_november_2020__is_12():
    week = week_of(date(2020, 11, 18))
    assert week == Period(date(2020, 11, 16), date(2020, 11, 22), "week")
    assert week_number(date(2020, 9, 1), week) == 12
    assert week_number(date(2020, 9, 1), week_of(date(2020, 9, 6))) == 1
    assert week_number(date(2020, 9, 1), week_of(date(2020, 8, 30))) == 0


@pytest.mark.parametrize(
    ("now", "first"),
    [
        ("2020-11-23T09:00", date(2020, 11, 16)),
        ("2020-11-23T00:00", date(2020, 11, 16)),
        ("2020-11-22T23:59:59", date(2020, 11, 9)),
        ("2021-01-04T09:00", date(2020, 12, 28)),
    ],
)
def test_last_full_week__at_an_instant__ended_before_that_day_began(now, first):
    assert last_full_week(at(now), SHANGHAI) == Period(first, first + timedelta(days=6), "week")


def test_last_full_week__instant_in_utc__is_judged_on_the_campaigns_clock():
    sunday_evening_utc = datetime(2020, 11, 22, 16, 0, tzinfo=UTC)
    assert local_day(sunday_evening_utc, SHANGHAI) == date(2020, 11, 23)
    assert last_full_week(sunday_evening_utc, SHANGHAI).first == date(2020, 11, 16)


def test_months__december_and_february__end_on_their_last_days():
    assert months(2020, 9, 12) == Period(date(2020, 9, 1), date(2020, 12, 31), "months")
    assert month_of(date(2024, 2, 3)) == Period(date(2024, 2, 1), date(2024, 2, 29), "month")
    assert last_full_month(at("2021-01-01T00:00"), SHANGHAI).last == date(2020, 12, 31)


def test_to_date__before_the_campaign__is_nothing():
    assert to_date(date(2020, 9, 1), date(2020, 8, 31)) is None
    assert to_date(date(2020, 9, 1), date(2020, 9, 1)).days == 1


def test_period__that_ends_before_it_begins__is_refused():
    with pytest.raises(ValueError, match="cannot end"):
        Period(date(2020, 9, 2), date(2020, 9, 1))


@given(DAYS)
def test_week__of_any_day__is_monday_to_sunday_and_holds_it(day):
    week = week_of(day)
    assert (week.first.weekday(), week.last.weekday(), week.days) == (0, 6, 7)
    assert day in week
    assert day in month_of(day)


@given(DAYS, st.integers(0, 23), st.integers(0, 59))
def test_next_push__weekly__is_a_monday_nine_oclock_within_eight_days(day, hour, minute):
    after = datetime(day.year, day.month, day.day, hour, minute, tzinfo=SHANGHAI)
    due = next_push(read_recurrence(MONDAYS), time(9), SHANGHAI, after)
    local = due.astimezone(SHANGHAI)
    assert (local.weekday(), local.time()) == (0, time(9))
    assert timedelta(0) < due - after <= timedelta(days=7)


def test_next_push__at_the_instant_itself__is_a_week_later():
    rule = read_recurrence(MONDAYS)
    first = next_push(rule, time(9), SHANGHAI, at("2026-09-01T12:00"))
    assert first == datetime(2026, 9, 7, 1, 0, tzinfo=UTC)
    assert next_push(rule, time(9), SHANGHAI, first) == datetime(2026, 9, 14, 1, 0, tzinfo=UTC)


def test_next_push__where_clocks_change__stays_at_nine_local():
    berlin = ZoneInfo("Europe/Berlin")
    rule = read_recurrence(MONDAYS)
    summer = next_push(rule, time(9), berlin, at("2026-10-13T00:00", berlin))
    winter = next_push(rule, time(9), berlin, summer)
    assert summer == datetime(2026, 10, 19, 7, 0, tzinfo=UTC)
    assert winter == datetime(2026, 10, 26, 8, 0, tzinfo=UTC)


def test_recurrence__third_of_each_month__names_the_days():
    days = read_recurrence("FREQ=MONTHLY;BYMONTHDAY=3").days(date(2020, 7, 1), date(2020, 9, 3))
    assert list(days) == [date(2020, 7, 3), date(2020, 8, 3), date(2020, 9, 3)]


@pytest.mark.parametrize(
    "source",
    [
        "",
        "every Monday",
        "FREQ=HOURLY",
        "FREQ=WEEKLY;BYHOUR=9",
        "FREQ=WEEKLY;BYDAY=XX",
        "DTSTART:20200101\nRRULE:FREQ=DAILY",
        "FREQ=SECONDLY;BYDAY=MO",
    ],
)
def test_recurrence__no_rule_over_days__is_refused(source):
    with pytest.raises(CampaignError) as refusal:
        read_recurrence(source)
    assert refusal.value.key == "recurrence-invalid"


def test_next_push__rule_without_a_day__is_refused_instead_of_searched_for_ever():
    rule = read_recurrence("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30")
    with pytest.raises(CampaignError) as refusal:
        next_push(rule, time(9), SHANGHAI, at("2026-09-01T12:00"))
    assert refusal.value.key == "recurrence-ends"


def test_counted_period__on_the_first_mondays_of_a_campaign__begins_with_it():
    starts = date(2026, 9, 1)
    monday = at("2026-09-07T09:00")
    assert counted_period("last_week", monday, SHANGHAI, starts).first == date(2026, 8, 31)
    assert counted_period("to_date", monday, SHANGHAI, starts) == Period(
        starts, date(2026, 9, 6), "to_date"
    )
    before = at("2026-08-31T09:00")
    assert counted_period("last_week", before, SHANGHAI, starts) is None
    assert counted_period("to_date", before, SHANGHAI, starts) is None
