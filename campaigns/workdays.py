"""Work days in China: weekends, public holidays and the make-up days (调休) between them.

The State Council announces each year's holidays only late in the year before. Beyond what is
known the answer is a guess by weekday, and says that it is one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from chinese_calendar import is_workday
from chinese_calendar.constants import holidays

#: First and last year that the built-in calendar knows.
KNOWN_YEARS = range(min(holidays).year, max(holidays).year + 1)

_NONE: Mapping[date, bool] = {}
# The longest run of days off so far was nine; a year without a work day is a wrong table.
_SEARCH_DAYS = 366


@dataclass(frozen=True, slots=True)
class DayKind:
    """Whether offices work on a day, and whether that is known.

    Args:
        works: True on a work day.
        known: False beyond the calendar's data, where weekends stand in for it.
    """

    works: bool
    known: bool


def day_kind(day: date, overrides: Mapping[date, bool] = _NONE) -> DayKind:
    """Tell whether offices work on a day.

    Args:
        day: A civil day.
        overrides: What an administrator has entered, such as next year's announcement or a local
            holiday: True for a work day; it goes before the built-in calendar.
    """
    if day in overrides:
        return DayKind(overrides[day], known=True)
    if day.year in KNOWN_YEARS:
        return DayKind(bool(is_workday(day)), known=True)
    return DayKind(day.weekday() < 5, known=False)


def nearest_work_day(
    day: date, step: int, overrides: Mapping[date, bool] = _NONE
) -> tuple[date, bool]:
    """Find the work day at or beside a day.

    Args:
        day: Where to begin; it is the answer when offices work on it.
        step: 1 to look forward, -1 to look back.
        overrides: As for ``day_kind``.

    Returns:
        The work day, and whether every day looked at was known.

    Raises:
        ValueError: The step is neither, or no work day is within a year.
    """
    if step not in (1, -1):
        raise ValueError("step is 1 or -1")
    known = True
    for distance in range(_SEARCH_DAYS):
        candidate = day + timedelta(days=step * distance)
        kind = day_kind(candidate, overrides)
        known = known and kind.known
        if kind.works:
            return candidate, known
    raise ValueError("no work day within a year")


def add_work_days(
    day: date, count: int, overrides: Mapping[date, bool] = _NONE
) -> tuple[date, bool]:
    """Count work days onward from a day, the day itself not included.

    Args:
        day: Where to begin.
        count: How many work days, 0 or more; 0 gives the day itself.
        overrides: As for ``day_kind``.

    Returns:
        The last work day counted, and whether every day looked at was known.
    """
    known = True
    for _ in range(count):
        day, sure = nearest_work_day(day + timedelta(days=1), 1, overrides)
        known = known and sure
    return day, known


def work_days_between(
    first: date, last: date, overrides: Mapping[date, bool] = _NONE
) -> tuple[int, bool]:
    """Count the work days from a first to a last day, both included.

    Returns:
        The number, 0 when the last day is before the first, and whether every day was known.
    """
    days = (last - first).days + 1
    kinds = [day_kind(first + timedelta(days=n), overrides) for n in range(max(0, days))]
    return sum(kind.works for kind in kinds), all(kind.known for kind in kinds)
