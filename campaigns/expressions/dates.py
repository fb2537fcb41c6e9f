"""Dates in expressions: texts that also count as days since 1970-01-01.

A date counts whole days, a date-time fractional days in the campaign's time zone, so that
``today() <= now()`` and ``now() < today() + 1`` hold at every instant of the campaign's day.

Source: number(date) as JavaRosa computes it (whole days); ODK XForms specification, "Functions".
"""

import math
import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo

EPOCH = date(1970, 1, 1)
DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)
DATE_TIME = re.compile(
    r"(\d{4}-\d{1,2}-\d{1,2})T(\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(Z|[+-]\d{2}(?::?\d{2})?)?",
    re.ASCII,
)
TIME = re.compile(r"(\d{2}):(\d{2})(?::(\d{2}(?:\.\d+)?))?(Z|[+-]\d{2}(?::?\d{2})?)?", re.ASCII)
SECONDS_PER_DAY = 86_400

MONTHS = {
    "en": ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
    "zh": ["1月", "2月", "3月", "4月", "5月", "6月", "7月", "8月", "9月", "10月", "11月", "12月"],
}
WEEKDAYS = {
    "en": ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
    "zh": ["周一", "周二", "周三", "周四", "周五", "周六", "周日"],
}


def parse_date(text: str) -> date | None:
    """Read ``2026-09-01`` or ``2026-9-1``; None for anything else and for days that never were."""
    match = DATE.fullmatch(text)
    if match is None:
        return None
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None


def parse_date_time(text: str, zone: tzinfo) -> datetime | None:
    """Read an ISO date-time; without an offset it is meant in ``zone``."""
    match = DATE_TIME.fullmatch(text)
    if match is None:
        return None
    day = parse_date(match[1])
    if day is None:
        return None
    try:
        clock = time.fromisoformat(match[2])
    except ValueError:
        return None
    return datetime.combine(day, clock, tzinfo=_offset(match[3], zone))


def _offset(text: str | None, zone: tzinfo) -> tzinfo:
    if not text:
        return zone
    if text == "Z":
        return UTC
    hours, minutes = int(text[1:3]), int(text[3:].lstrip(":") or 0)
    shift = timedelta(hours=hours, minutes=minutes)
    if shift >= timedelta(days=1):
        return UTC
    return timezone(-shift if text[0] == "-" else shift)


def days(text: str, zone: tzinfo) -> float:
    """Count the days since 1970-01-01: whole to a date, fractional to a date-time in the zone."""
    # Nearly every text that comes here is not a date; the fifth character tells most of them.
    if len(text) < 8 or text[4] != "-":
        return math.nan
    if (day := parse_date(text)) is not None:
        return float((day - EPOCH).days)
    if (instant := parse_date_time(text, zone)) is not None:
        return instant_days(instant, zone)
    return math.nan


def instant_days(instant: datetime, zone: tzinfo) -> float:
    """Count the fractional days from local midnight of 1970-01-01 to an instant."""
    local = _in_zone(instant, zone)
    seconds = local.hour * 3600 + local.minute * 60 + local.second + local.microsecond / 1e6
    return (local.date() - EPOCH).days + seconds / SECONDS_PER_DAY


def _in_zone(instant: datetime, zone: tzinfo) -> datetime:
    try:
        return instant.astimezone(zone)
    except OverflowError:
        # The first and last days of the calendar have no neighbour to be shifted into.
        return instant.replace(tzinfo=zone)


def date_from_days(number: float) -> str:
    """Write the date that many whole days after 1970-01-01, an empty text when there is none."""
    if not math.isfinite(number):
        return ""
    try:
        return (EPOCH + timedelta(days=math.floor(number))).isoformat()
    except OverflowError:
        return ""


def date_time_from_days(number: float, zone: tzinfo) -> str:
    """Write the local date-time that many days after local midnight of 1970-01-01."""
    if not math.isfinite(number):
        return ""
    try:
        wall = datetime.combine(EPOCH, time()) + timedelta(days=number)
    except OverflowError:
        return ""
    return date_time_text(wall.replace(tzinfo=zone))


def date_time_text(instant: datetime) -> str:
    """Write an aware instant as ODK does: ``2026-09-01T08:30:00.000+08:00``."""
    return instant.isoformat(timespec="milliseconds")


def time_of_day(text: str, zone: tzinfo) -> float:
    """Read a time as a share of the local day, 0 to below 1; NaN when it is not a time."""
    match = TIME.fullmatch(text)
    if match is None:
        return math.nan
    hour, minute, second = int(match[1]), int(match[2]), float(match[3] or 0)
    if hour > 23 or minute > 59 or second >= 60:
        return math.nan
    seconds = hour * 3600 + minute * 60 + second
    if match[4]:
        any_day = datetime(1970, 1, 1, tzinfo=UTC)
        own = _offset(match[4], zone).utcoffset(any_day) or timedelta()
        here = zone.utcoffset(any_day) or timedelta()
        seconds = (seconds + (here - own).total_seconds()) % SECONDS_PER_DAY
    return seconds / SECONDS_PER_DAY


def format_date(instant: datetime, pattern: str, language: str) -> str:
    """Write a local instant by an ODK pattern such as ``%Y-%m-%d`` or ``%e %b``.

    Month and day names are Chinese for ``zh`` and English for every other language.
    """
    names = "zh" if language.partition("-")[0] == "zh" else "en"
    parts = {
        "Y": f"{instant.year:04d}",
        "y": f"{instant.year % 100:02d}",
        "m": f"{instant.month:02d}",
        "n": str(instant.month),
        "b": MONTHS[names][instant.month - 1],
        "d": f"{instant.day:02d}",
        "e": str(instant.day),
        "H": f"{instant.hour:02d}",
        "h": str(instant.hour),
        "M": f"{instant.minute:02d}",
        "S": f"{instant.second:02d}",
        "3": f"{instant.microsecond // 1000:03d}",
        "a": WEEKDAYS[names][instant.weekday()],
        "%": "%",
    }
    return re.sub(r"%(.)", lambda match: parts.get(match[1], match[0]), pattern)
