"""Opening a campaign from a pack with dates of one's own.

A pack holds the dates of its document. Whoever opens it gives the first day, and every other date
moves along: it keeps its distance in whole months and its day of the month.
"""

from calendar import monthrange
from collections.abc import Mapping
from datetime import date, timedelta

from campaigns.errors import CampaignError
from campaigns.workbook import Row, Sheet, Workbook

#: Where a workbook holds dates that move with the campaign's first day.
DATE_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "x_campaign": ("starts_on", "ends_on"),
    "x_stages": ("starts_on", "ends_on"),
}


def shift_day(day: date, first: date, new_first: date) -> date:
    """Move one date of a plan along with the plan's first day.

    Args:
        day: The date as the document has it.
        first: The plan's first day in the document.
        new_first: The first day that was chosen.

    Returns:
        The date as many whole months after the new first day's month, on the same day of the
        month, or on that month's last day where it is shorter; never before the first day, and
        the first day itself moves to the new one exactly.
    """
    if day == first:
        return new_first
    distance = (day.year - first.year) * 12 + day.month - first.month
    year, month = divmod(new_first.year * 12 + new_first.month - 1 + distance, 12)
    moved = date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
    return max(moved, new_first) if day > first else moved


def open_workbook(workbook: Workbook, starts_on: date) -> Workbook:
    """Give a pack's workbook the dates of a campaign that starts on a day of one's own.

    Stages that follow each other without a gap in the document still do: where months of
    different length would leave days between them, the earlier stage is extended.

    Args:
        workbook: The pack as it is.
        starts_on: First day of the campaign.

    Raises:
        CampaignError: ``opening-no-start`` when the pack itself has no valid first day;
            ``opening-out-of-range`` when a date would leave the calendar.
    """
    rows = workbook.rows("x_campaign")
    first = _day(rows[0].text("starts_on")) if rows else None
    if first is None:
        raise CampaignError("opening-no-start")
    try:
        sheets = {
            name: _shift_sheet(sheet, DATE_COLUMNS.get(name, ()), first, starts_on)
            for name, sheet in workbook.sheets.items()
        }
    except (ValueError, OverflowError) as error:
        raise CampaignError("opening-out-of-range") from error
    if stages := sheets.get("x_stages"):
        sheets["x_stages"] = _close_gaps(workbook.sheets["x_stages"], stages)
    return Workbook(sheets)


def _shift_sheet(sheet: Sheet, columns: tuple[str, ...], first: date, new_first: date) -> Sheet:
    if not columns:
        return sheet
    rows = []
    for row in sheet.rows:
        moved = {
            column: shift_day(day, first, new_first).isoformat()
            for column in columns
            if (day := _day(row.text(column)))
        }
        rows.append(Row(row.number, {**row.cells, **moved}))
    return Sheet(sheet.name, sheet.header, tuple(rows))


def _close_gaps(before: Sheet, after: Sheet) -> Sheet:
    """Let stages that touched in the document touch after the move."""
    rows = list(after.rows)
    for place in range(len(rows) - 1):
        ended, begun = _day(before.rows[place].text("ends_on")), _next_start(before, place)
        starts = _next_start(after, place)
        if ended and begun and starts and begun - ended == timedelta(days=1):
            cells = {**rows[place].cells, "ends_on": (starts - timedelta(days=1)).isoformat()}
            rows[place] = Row(rows[place].number, cells)
    return Sheet(after.name, after.header, tuple(rows))


def _next_start(sheet: Sheet, place: int) -> date | None:
    return _day(sheet.rows[place + 1].text("starts_on"))


def _day(text: str) -> date | None:
    """Read a date; what is none is left alone here and reported by the reader."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
