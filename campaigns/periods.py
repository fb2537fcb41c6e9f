"""Periods that tables count over, and the instants at which they are pushed.

A period is a run of civil days in the campaign's zone, first and last included. What "last week"
means is always computed from an instant that the caller gives.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rrulestr

from campaigns.errors import CampaignError

PeriodKind = Literal["week", "month", "months", "to_date", "days"]

_FREQUENCY = re.compile(r"(?:^|;)\s*FREQ=(?:DAILY|WEEKLY|MONTHLY|YEARLY)\s*(?:;|$)", re.IGNORECASE)
_FINER_THAN_DAYS = re.compile(r"BYHOUR|BYMINUTE|BYSECOND|DTSTART|\n", re.IGNORECASE)
# Rules have no start of their own here: they run from a Monday that begins a month and a year.
_ANCHOR = datetime(2018, 1, 1)  # noqa: DTZ001 - rules run over civil days, not instants


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A run of civil days, both ends included.

    Args:
        first: First day.
        last: Last day; never before the first.
        kind: What the run is; standard ones are kept summed.

    Raises:
        ValueError: The last day is before the first.
    """

    first: date
    last: date
    kind: PeriodKind = "days"

    def __post_init__(self) -> None:
        """Refuse a run that ends before it begins."""
        if self.last < self.first:
            raise ValueError(f"a period cannot end on {self.last} and begin on {self.first}")

    def __contains__(self, day: object) -> bool:
        """Tell whether a day falls in the period."""
        return isinstance(day, date) and self.first <= day <= self.last

    @property
    def days(self) -> int:
        """Length in days, at least 1."""
        return (self.last - self.first).days + 1


def local_day(now: datetime, zone: ZoneInfo) -> date:
    """Give the civil day that an instant falls on in a zone."""
    return now.astimezone(zone).date()


def week_of(day: date) -> Period:
    """Give the week, Monday to Sunday, that a day falls in."""
    monday = day - timedelta(days=day.weekday())
    return Period(monday, monday + timedelta(days=6), "week")


def last_full_week(now: datetime, zone: ZoneInfo) -> Period:
    """Give the last week that is over at an instant: on a Monday, the one that ended yesterday."""
    return week_of(week_of(local_day(now, zone)).first - timedelta(days=1))


def week_number(campaign_starts_on: date, week: Period) -> int:
    """Number a week within a campaign: 1 is the week that the campaign's first day falls in.

    Returns:
        The number; 0 and below for weeks before the campaign.
    """
    return (week_of(week.first).first - week_of(campaign_starts_on).first).days // 7 + 1


def month_of(day: date) -> Period:
    """Give the calendar month that a day falls in."""
    return months(day.year, day.month, day.month)


def months(year: int, from_month: int, to_month: int) -> Period:
    """Give a run of whole months of one year.

    Args:
        year: Year.
        from_month: First month, 1 to 12.
        to_month: Last month, included.
    """
    following = date(year + 1, 1, 1) if to_month == 12 else date(year, to_month + 1, 1)
    kind: PeriodKind = "month" if from_month == to_month else "months"
    return Period(date(year, from_month, 1), following - timedelta(days=1), kind)


def last_full_month(now: datetime, zone: ZoneInfo) -> Period:
    """Give the last calendar month that is over at an instant."""
    return month_of(month_of(local_day(now, zone)).first - timedelta(days=1))


def to_date(campaign_starts_on: date, last: date) -> Period | None:
    """Give the campaign up to a day, included; None before it has begun."""
    return Period(campaign_starts_on, last, "to_date") if last >= campaign_starts_on else None


def instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Give the UTC instant of a time of day; in the hour that a clock skips, the one after it."""
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Recurrence:
    """Days that come again by a rule, such as every Monday or the 3rd of each month.

    Args:
        source: The rule as the workbook has it: ``FREQ=WEEKLY;BYDAY=MO``.
            Source: RFC 5545, section 3.3.10. Only whole days recur: no hours or minutes.
    """

    source: str

    def days(self, first: date, last: date) -> Iterator[date]:
        """Walk over the days that the rule names from a first to a last day, both included."""
        begin = datetime.combine(first, time())
        for moment in _rule(self.source).xafter(begin, inc=True):
            if moment.date() > last:
                return
            yield moment.date()


def read_recurrence(source: str) -> Recurrence:
    """Read a rule.

    Raises:
        CampaignError: ``recurrence-invalid`` when it is no rule over days.
    """
    if not _FREQUENCY.search(source) or _FINER_THAN_DAYS.search(source):
        raise CampaignError("recurrence-invalid")
    try:
        _rule(source)
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise CampaignError("recurrence-invalid") from error
    return Recurrence(source)


@lru_cache(maxsize=256)
def _rule(source: str) -> rrule:
    rule = rrulestr(source, dtstart=_ANCHOR)
    if not isinstance(rule, rrule):
        raise TypeError("a set of rules, not one")
    return rule


def next_push(recurrence: Recurrence, at: time, zone: ZoneInfo, after: datetime) -> datetime:
    """Give the first instant strictly after another at which a push is due.

    Args:
        recurrence: On which days it is due.
        at: At what time of day in the zone.
        zone: The campaign's zone.
        after: An aware instant.

    Raises:
        CampaignError: ``recurrence-ends`` when the rule names no later day within ten years.
    """
    today = local_day(after, zone)
    for day in recurrence.days(today, today + timedelta(days=3660)):
        due = instant(day, at, zone)
        if due > after:
            return due
    raise CampaignError("recurrence-ends")


def counted_period(
    kind: str, now: datetime, zone: ZoneInfo, campaign_starts_on: date
) -> Period | None:
    """Give the period that a push counts at an instant.

    Args:
        kind: ``last_week``, ``last_month`` or ``to_date`` (up to the end of the last full week).
        now: The instant.
        zone: The campaign's zone.
        campaign_starts_on: The campaign's first day.

    Returns:
        The period, or None where the campaign had not begun in it.
    """
    if kind == "to_date":
        return to_date(campaign_starts_on, last_full_week(now, zone).last)
    period = last_full_month(now, zone) if kind == "last_month" else last_full_week(now, zone)
    return period if period.last >= campaign_starts_on else None
