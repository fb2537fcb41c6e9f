"""Work days with the make-up days of literal years, and honesty beyond the data."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.workdays import (
    KNOWN_YEARS,
    DayKind,
    add_work_days,
    day_kind,
    nearest_work_day,
    work_days_between,
)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2020, 9, 27), True),  # a Sunday worked for the National Day holiday
        (date(2020, 10, 1), False),
        (date(2020, 10, 8), False),
        (date(2020, 10, 9), True),
        (date(2020, 10, 10), True),  # a Saturday worked
        (date(2020, 12, 5), False),  # Guangxi's due day is a Saturday
        (date(2026, 10, 10), True),
    ],
)
def test_day_kind__announced_years__follow_the_state_council(day, works):
    assert day_kind(day) == DayKind(works, known=True)


def test_day_kind__beyond_the_data__guesses_by_weekday_and_says_so():
    after = KNOWN_YEARS.stop
    friday = next(d for n in range(7) if (d := date(after, 5, 4 + n)).weekday() == 4)
    assert day_kind(friday) == DayKind(True, known=False)
    assert day_kind(friday + timedelta(days=1)) == DayKind(False, known=False)


def test_day_kind__entered_by_hand__goes_first():
    day = date(2031, 10, 1)
    assert day_kind(day, {day: False}) == DayKind(False, known=True)
    assert day_kind(date(2020, 10, 9), {date(2020, 10, 9): False}).works is False


def test_nearest_work_day__guangxi_due_day__is_friday_before_or_monday_after():
    due = date(2020, 12, 5)
    assert nearest_work_day(due, -1) == (date(2020, 12, 4), True)
    assert nearest_work_day(due, 1) == (date(2020, 12, 7), True)
    assert nearest_work_day(date(2020, 12, 4), -1) == (date(2020, 12, 4), True)


def test_nearest_work_day__no_direction__is_refused():
    with pytest.raises(ValueError, match="step"):
        nearest_work_day(date(2020, 12, 5), 0)


def test_add_work_days__over_the_national_day__skips_it_and_counts_the_saturday():
    assert add_work_days(date(2020, 9, 30), 2) == (date(2020, 10, 10), True)
    assert add_work_days(date(2020, 9, 30), 0) == (date(2020, 9, 30), True)
    assert work_days_between(date(2020, 10, 1), date(2020, 10, 10)) == (2, True)
    assert work_days_between(date(2020, 10, 2), date(2020, 10, 1)) == (0, True)


def test_add_work_days__reaching_beyond_the_data__says_so():
    last = date(KNOWN_YEARS.stop - 1, 12, 31)
    assert add_work_days(last, 1)[1] is False


@given(st.dates(date(2010, 1, 1), date(2040, 12, 31)), st.integers(1, 30))
def test_add_work_days__any_count__ends_on_a_work_day_with_that_many_between(day, count):
    end, _ = add_work_days(day, count)
    assert day_kind(end).works
    assert work_days_between(day + timedelta(days=1), end)[0] == count
