"""Tables put into words: periods, the figures that matter, the compact table of a chat."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from zoneinfo import ZoneInfo

from campaigns.periods import Period, week_number
from campaigns.plan import CampaignDefinition
from campaigns.tables import TableDefinition
from handlers.content import escape
from locales import text
from reports.text import display_width
from services.tables import Coverage, TableFigures
from services.weekly import Compiled, Headline, short_label

LINE_WIDTH = 34
"""Half-width characters that fit on one line of a message bubble on a common phone."""

CAPTION_LENGTH = 1024
"""UTF-16 units. Source: Bot API, sendPhoto, caption after entities parsing, July 2026."""


def day_text(locale: str, day: date) -> str:
    """A day without its year, such as 11.16."""
    return text(locale, "tables-day", month=f"m{day.month}", day=str(day.day))


def days_text(locale: str, period: Period) -> str:
    """The days of a period."""
    return text(
        locale,
        "tables-days",
        **{"from": day_text(locale, period.first), "to": day_text(locale, period.last)},
    )


def instant_text(locale: str, at: datetime, zone: ZoneInfo) -> str:
    """An instant in the campaign's zone, to the minute."""
    local = at.astimezone(zone)
    return text(
        locale,
        "tables-status-at",
        date=day_text(locale, local.date()),
        time=f"{local:%H:%M}",
    )


def period_text(locale: str, definition: CampaignDefinition, period: Period) -> str:
    """What a period is called: 第 12 周, 2026 年 11 月, 累计."""
    if period.kind == "week" and definition.starts_on is not None:
        number = week_number(definition.starts_on, period)
        return text(locale, "tables-period-week", number=str(number))
    if period.kind == "month":
        return text(
            locale,
            "tables-period-month",
            year=str(period.first.year),
            month=str(period.first.month),
        )
    return text(locale, f"tables-period-{'to_date' if period.kind == 'to_date' else 'days'}")


def title_text(locale: str, definition: CampaignDefinition, period: Period, area_name: str) -> str:
    """The first line of a message about a period."""
    return text(
        locale,
        "tables-title",
        period=period_text(locale, definition, period),
        days=days_text(locale, period),
        area=escape(area_name),
    )


def number_text(locale: str, value: Decimal | None, decimals: int = 0) -> str:
    """A figure as people read it; unknown is not zero."""
    if value is None:
        return text(locale, "tables-unknown")
    return f"{value:.{decimals}f}"


def tables_text(locale: str, tables: Iterable[TableDefinition]) -> str:
    """The names of several tables."""
    separator = text(locale, "tables-separator")
    return separator.join(table.text(table.labels, locale) for table in tables)


# ---- the figures that matter -------------------------------------------------------------


def headline_lines(
    locale: str, definition: CampaignDefinition, headlines: Sequence[Headline]
) -> list[str]:
    """The figures that matter, as many on a line as a phone shows."""
    lines: list[str] = []
    room = 0
    for one in headlines:
        if one.figure.kind == "sum":
            part = _sum_text(locale, definition, one)
            width = display_width(part.replace("<b>", "").replace("</b>", ""))
            if lines and room >= width + 2:
                lines[-1] += f"　{part}"
                room -= width + 2
            else:
                lines.append(part)
                room = LINE_WIDTH - width
            continue
        whole = (
            _coverage_text(locale, definition, one)
            if one.figure.kind == "coverage"
            else _top_text(locale, definition, one)
        )
        if whole:
            lines.append(whole)
        room = 0
    return lines


def _sum_text(locale: str, definition: CampaignDefinition, one: Headline) -> str:
    unit = definition.text(one.figure.units, locale)
    part = text(
        locale,
        "tables-figure",
        label=escape(definition.text(one.figure.labels, locale)),
        value=number_text(locale, one.value, one.decimals),
        unit=unit_text(locale, unit),
    )
    notes = []
    if one.change:
        sign = "+" if one.change > 0 else "−"
        notes.append(sign + number_text(locale, abs(one.change), one.decimals))
    if one.so_far:
        value = number_text(locale, one.so_far, one.decimals)
        notes.append(text(locale, "tables-so-far", value=value))
    if not notes:
        return part
    joined = text(locale, "tables-comma").join(notes)
    return text(locale, "tables-figure-note", figure=part, notes=joined)


def unit_text(locale: str, unit: str) -> str:
    """A unit behind a figure; one that is itself a number (10,000 yuan) multiplies it."""
    if not unit:
        return ""
    key = "tables-unit-times" if unit[0].isdigit() else "tables-unit"
    return text(locale, key, unit=escape(unit))


def percent_text(locale: str, one: Coverage) -> str:
    """How far a target is reached; nothing to inspect is not zero percent."""
    if one.percent is None:
        return text(locale, "tables-unknown")
    return text(locale, "tables-percent", value=str(one.percent))


def goals_text(locale: str, coverage: Iterable[Coverage]) -> str:
    """The targets themselves: 100 % / 50 %."""
    return " / ".join(
        text(locale, "tables-percent", value=f"{(one.target.share * 100).normalize():f}")
        for one in coverage
    )


def _coverage_text(locale: str, definition: CampaignDefinition, one: Headline) -> str:
    if not one.coverage:
        return ""
    targets = [
        text(
            locale,
            "tables-coverage-target",
            name=escape(definition.text(reached.target.short, locale)),
            percent=percent_text(locale, reached),
        )
        for reached in one.coverage
    ]
    return text(
        locale,
        "tables-coverage",
        label=escape(definition.text(one.figure.labels, locale)),
        targets=text(locale, "tables-comma").join(targets),
        goals=goals_text(locale, one.coverage),
    )


def _top_text(locale: str, definition: CampaignDefinition, one: Headline) -> str:
    if not one.top:
        return ""
    table = definition.table_by_id[one.figure.table_id]
    rows = [
        text(
            locale,
            "tables-top-row",
            name=escape(short_label(table, row, locale)),
            value=number_text(locale, value, row.measure.decimals if row.measure else 0),
        )
        for row, value in one.top
    ]
    return text(
        locale,
        "tables-top",
        label=escape(definition.text(one.figure.labels, locale)),
        rows=text(locale, "tables-separator").join(rows),
    )


def push_text(
    locale: str,
    definition: CampaignDefinition,
    compiled: Compiled,
    area_name: str,
    missed: Sequence[Period] = (),
) -> str:
    """The message that the tables are pushed with; always short enough for a caption.

    Raises:
        ValueError: Even title and figures alone are too long, which a workbook with sane labels
            cannot bring about.
    """
    title = f"<b>{title_text(locale, definition, compiled.period, area_name)}</b>"
    lines = [title, *headline_lines(locale, definition, compiled.headlines)]
    extra = []
    if compiled.unplaced:
        extra.append(text(locale, "tables-unplaced", count=str(compiled.unplaced)))
    if missed:
        # What an outage swallowed is one stretch without gaps.
        stretch = Period(missed[0].first, missed[-1].last)
        extra.append(
            text(locale, "tables-missed", count=len(missed), days=days_text(locale, stretch))
        )
    for count in range(len(extra), -1, -1):
        whole = "\n".join([*lines, *extra[:count]])
        if caption_length(whole) <= CAPTION_LENGTH:
            return whole
    raise ValueError("the figures do not fit a caption")


def caption_length(html: str) -> int:
    """Length as Telegram counts it, from above: tags are counted too."""
    return len(html.encode("utf-16-le")) // 2


# ---- the compact table of a chat ---------------------------------------------------------


def compact_lines(locale: str, table: TableDefinition, figures: TableFigures) -> list[str]:
    """A table for the chat: what is not zero, group by group."""
    lines: list[str] = []
    separator = text(locale, "tables-separator")
    for group, members in groupby(table.rows, key=lambda row: table.text(row.group, locale)):
        parts: list[str] = []
        pairs: list[str] = []
        for row in members:
            label = escape(short_label(table, row, locale))
            if row.measure is None:
                pairs += _of_text(locale, table, figures, row.key, label)
            elif value := figures.totals[row.measure.key]:
                number = number_text(locale, value, row.measure.decimals)
                unit = unit_text(locale, table.text(row.unit, locale))
                parts.append(text(locale, "tables-row", label=label, value=number + unit))
        if parts or pairs:
            heading = text(locale, "tables-group", group=escape(group))
            if pairs and not lines:
                heading += text(locale, "tables-legend")
            # Whole labels hold separators themselves, so pairs stand on lines of their own.
            lines += [heading, *([separator.join(parts)] if parts else []), *pairs]
    return lines or [text(locale, "tables-all-zero")]


def _of_text(
    locale: str, table: TableDefinition, figures: TableFigures, row_key: str, label: str
) -> list[str]:
    """A row whose columns count: inspected of registered, left out where nothing is registered."""
    cells = {
        column.measure.aggregate: figures.figures.cell(row_key, column.key)
        for column in table.columns
        if column.measure is not None
    }
    inspected, registered = cells.get("inspected"), cells.get("registered")
    if not inspected and not registered:
        return []
    return [
        text(
            locale,
            "tables-row-of",
            label=label,
            inspected=number_text(locale, inspected),
            registered=number_text(locale, registered),
        )
    ]
