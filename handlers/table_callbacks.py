"""Buttons of the cards and messages about statistics tables."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from aiogram.filters.callback_data import CallbackData

from campaigns.errors import CampaignError
from campaigns.periods import (
    Period,
    last_full_week,
    local_day,
    month_of,
    to_date,
    week_of,
)
from campaigns.plan import CampaignDefinition

PERIODS = ("this_week", "last_week", "this_month", "to_date")
"""Periods that the card offers; any other is written as its first and last day."""

_CODES = dict(zip(("tw", "lw", "tm", "td"), PERIODS, strict=True))


class Tab(CallbackData, prefix="tb"):
    """A button about one table.

    ``act``: show, png, xlsx, pdf, rows (its figures), row (records behind one), latest (send a
    pushed message again), status. ``t`` is the table's place in the definition, ``p`` a period
    code, ``a`` what else the act needs: a row's place and page, or a sequence number.
    """

    act: str
    c: int
    t: int = 0
    p: str = "lw"
    u: int = 0
    a: str = ""


def period_code(name: str) -> str:
    """The short code of an offered period."""
    return next(code for code, found in _CODES.items() if found == name)


def days_code(period: Period) -> str:
    """The code of any period: its days, with what they are."""
    return f"{period.kind[0]}{period.first:%Y%m%d}{period.last:%Y%m%d}"


_KINDS = {"w": "week", "m": "month", "t": "to_date", "d": "days"}


def read_period(
    code: str, definition: CampaignDefinition, zone: ZoneInfo, now: datetime
) -> Period:
    """The period that a button names.

    Raises:
        CampaignError: ``button-old`` when it names none, or days before the campaign.
    """
    today = local_day(now, zone)
    name = _CODES.get(code)
    period: Period | None = None
    if name == "this_week":
        period = week_of(today)
    elif name == "last_week":
        period = last_full_week(now, zone)
    elif name == "this_month":
        period = month_of(today)
    elif name == "to_date":
        period = to_date(definition.starts_on or today, today)
    elif len(code) == 17 and code[0] in _KINDS and code[1:].isdecimal():
        try:
            first, last = date.fromisoformat(code[1:9]), date.fromisoformat(code[9:])
            period = Period(first, last, _KINDS[code[0]])  # type: ignore[arg-type]  # looked up
        except ValueError:
            period = None
    if period is None:
        raise CampaignError("button-old")
    return period
