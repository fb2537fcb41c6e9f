"""Functions on dates and times.

Source: ODK XForms specification, "Functions" (dates and times).
"""

import math
from datetime import datetime, time

from campaigns.expressions.dates import (
    SECONDS_PER_DAY,
    date_from_days,
    date_time_from_days,
    date_time_text,
    days,
    format_date,
    parse_date,
    parse_date_time,
    time_of_day,
)
from campaigns.expressions.functions.registry import Function
from campaigns.expressions.scope import Scope
from campaigns.expressions.values import NUMBER, Value, to_number, to_string


def _today(scope: Scope) -> str:
    return scope.local_now().date().isoformat()


def _now(scope: Scope) -> str:
    return date_time_text(scope.local_now())


def _number_of(value: Value) -> float | None:
    """The number that a value is, as opposed to a text that only counts as one."""
    if isinstance(value, bool):
        return float(value)
    if isinstance(value, float):
        return value
    text = to_string(value)
    return float(text) if NUMBER.fullmatch(text) else None


def _date(scope: Scope, value: Value) -> str:
    """A date from a text or from days since 1970; an empty text for what is no date."""
    number = _number_of(value)
    if number is not None:
        return date_from_days(number)
    moment = _moment(scope, value)
    return moment.date().isoformat() if moment is not None else ""


def _date_time(scope: Scope, value: Value) -> str:
    number = _number_of(value)
    if number is not None:
        return date_time_from_days(number, scope.zone)
    moment = _moment(scope, value)
    return date_time_text(moment) if moment is not None else ""


def _moment(scope: Scope, value: Value) -> datetime | None:
    """The local instant behind a date, a date-time or a number of days."""
    number = _number_of(value)
    text = date_time_from_days(number, scope.zone) if number is not None else to_string(value)
    if (day := parse_date(text)) is not None:
        return datetime.combine(day, time(), tzinfo=scope.zone)
    instant = parse_date_time(text, scope.zone)
    return instant.astimezone(scope.zone) if instant is not None else None


def _format_date(scope: Scope, value: Value, pattern: Value) -> str:
    moment = _moment(scope, value)
    return format_date(moment, to_string(pattern), scope.language) if moment is not None else ""


def _decimal_date_time(scope: Scope, value: Value) -> float:
    number = _number_of(value)
    return days(to_string(value), scope.zone) if number is None else number


def _decimal_time(scope: Scope, value: Value) -> float:
    """The share of the day that has passed, 0 to below 1."""
    text = to_string(value)
    moment = parse_date_time(text, scope.zone)
    if moment is not None:
        local = moment.astimezone(scope.zone)
        seconds = local.hour * 3600 + local.minute * 60 + local.second + local.microsecond / 1e6
        return seconds / SECONDS_PER_DAY
    return time_of_day(text, scope.zone)


def _time(scope: Scope, value: Value) -> str:
    share = to_number(value, scope.zone)
    if not math.isfinite(share):
        return ""
    seconds = round((share % 1) * SECONDS_PER_DAY) % SECONDS_PER_DAY
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


FUNCTIONS = (
    Function("today", _today, 0, 0),
    Function("now", _now, 0, 0),
    Function("date", _date, 1, 1),
    Function("date-time", _date_time, 1, 1),
    Function("time", _time, 1, 1),
    Function("format-date", _format_date, 2, 2),
    Function("format-date-time", _format_date, 2, 2),
    Function("decimal-date-time", _decimal_date_time, 1, 1),
    Function("decimal-time", _decimal_time, 1, 1),
)
