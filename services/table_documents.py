"""Statistics tables as documents: the official sheets, and a short card for the phone.

The official sheets have exactly the layout of the plan's annexes, so that an office sends them
upward as they are; nothing of ours is added to them. The card for the phone shows only what is
not zero, the period beside the campaign to date.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from itertools import groupby
from pathlib import Path

from campaigns.tables import RowDefinition, TableDefinition
from locales import text
from reports.cards import render_card_png
from reports.fonts import load_fonts
from reports.model import Align, Cell, Column, Field, Grid, Line, Role, Wording
from reports.typeset import Typesetter, render_pdf
from reports.xlsx import render_xlsx
from services.tables import TableFigures


@lru_cache(maxsize=4)
def typesetter(data_dir: Path) -> Typesetter:
    """The process's typesetter; an office's own fonts in ``DATA_DIR/fonts`` come first."""
    return Typesetter(load_fonts(data_dir / "fonts"))


def wording(locale: str) -> Wording:
    """The few words that renderers add, in the language of the document."""
    return Wording(
        language=locale,
        page_footer=text(locale, "tables-page-footer"),
        missing_characters=text(locale, "tables-missing-characters"),
        see_annex=text(locale, "tables-see-annex"),
        annex_title=text(locale, "tables-annex-title"),
        continued=text(locale, "tables-continued"),
        photo_count=text(locale, "tables-photo-count"),
    )


def number_format(decimals: int) -> str:
    """How figures with so many digits after the point are printed."""
    return f"0.{'0' * decimals}" if decimals else "0"


# ---- the official sheet ------------------------------------------------------------------


def grid(
    table: TableDefinition,
    figures: TableFigures,
    *,
    locale: str,
    area_name: str,
    sheet_name: str = "",
) -> Grid:
    """Lay a compiled table out as the plan's annex prints it.

    Args:
        table: The definition.
        figures: The compiled figures.
        locale: Language of the document.
        area_name: Name of the area, printed above the table.
        sheet_name: Name of the sheet in a workbook; by default the table's own.
    """
    has_sub = any(row.sub for row in table.rows)
    has_content = bool(table.content_header)
    has_unit = bool(table.unit_header)
    labels = 3 if has_sub else 2
    first = labels
    unit_column = first + len(table.columns) if has_unit else None
    headers = 2 if table.amount_header else 1
    cells = list(_headings(table, locale, labels, headers, has_content, unit_column))
    cells += _body(table, figures, locale, labels, headers, unit_column)
    narrow = len(table.columns) > 2
    widths = [7.0 if has_content else 18.0]
    widths += [28.0, 14.0] if has_sub else [42.0]
    widths += [11.0 if narrow else 15.0] * len(table.columns) + ([6.0] if has_unit else [])
    return Grid(
        title=table.text(table.title, locale),
        columns=tuple(Column(width) for width in widths),
        cells=tuple(cells),
        header_rows=headers,
        label_columns=labels,
        unit_column=unit_column,
        sheet_name=sheet_name or table.text(table.labels, locale),
        attachment=table.text(table.attachment, locale),
        head=(_period_line(table, figures, locale, area_name),),
        sign_off=_sign_off(table, locale),
        one_page=True,
        blank="—" if table.blank == "dash" else "",
        text_size=9.5 if len(table.rows) > 20 else 12,
        title_size=16 if len(table.rows) > 20 else 18,
        row_padding=2.6 if len(table.rows) > 20 else 8.5,
        wording=wording(locale),
    )


def _headings(
    table: TableDefinition,
    locale: str,
    labels: int,
    headers: int,
    has_content: bool,
    unit_column: int | None,
) -> Iterator[Cell]:
    group = table.text(table.group_header, locale)
    if has_content:
        content = table.text(table.content_header, locale)
        yield Cell(0, 0, group, rowspan=headers, role=Role.HEADER)
        yield Cell(0, 1, content, rowspan=headers, colspan=labels - 1, role=Role.HEADER)
    else:
        yield Cell(0, 0, group, rowspan=headers, colspan=labels, role=Role.HEADER)
    if headers == 2:
        amounts = table.text(table.amount_header, locale)
        yield Cell(0, labels, amounts, colspan=len(table.columns), role=Role.HEADER)
    for place, column in enumerate(table.columns):
        name = table.text(column.label, locale)
        yield Cell(headers - 1, labels + place, name, role=Role.HEADER)
    if unit_column is not None:
        unit = table.text(table.unit_header, locale)
        yield Cell(0, unit_column, unit, rowspan=headers, role=Role.HEADER)


def _body(
    table: TableDefinition,
    figures: TableFigures,
    locale: str,
    labels: int,
    headers: int,
    unit_column: int | None,
) -> Iterator[Cell]:
    number = headers
    for group, members in groupby(table.rows, key=lambda row: table.text(row.group, locale)):
        rows = list(members)
        yield Cell(number, 0, group, rowspan=len(rows), role=Role.GROUP)
        for label, same in groupby(rows, key=lambda row: _label_key(table, row, locale)):
            lines = list(same)
            if label[1]:
                yield Cell(number, 1, label[0], rowspan=len(lines), role=Role.LABEL)
            for row in lines:
                if label[1]:
                    yield Cell(number, 2, table.text(row.sub, locale), role=Role.LABEL)
                else:
                    yield Cell(number, 1, label[0], colspan=labels - 1, role=Role.LABEL)
                for place, column in enumerate(table.columns):
                    measure, _category = table.cell(row, column)
                    yield Cell(
                        number,
                        labels + place,
                        printed(figures.figures.cell(row.key, column.key), measure.decimals),
                        number_format=number_format(measure.decimals),
                    )
                if unit_column is not None:
                    yield Cell(number, unit_column, table.text(row.unit, locale))
                number += 1


def _label_key(table: TableDefinition, row: RowDefinition, locale: str) -> tuple[str, bool, str]:
    """Neighbouring rows with a second level share the cell of the first; others never do."""
    label = table.text(row.label, locale)
    return (label, True, "") if row.sub else (label, False, row.key)


def printed(value: Decimal | None, decimals: int) -> int | Decimal | None:
    """A figure as the documents take it: whole numbers without a point, blank stays blank."""
    if value is None or decimals:
        return value
    return int(value) if value == value.to_integral_value() else value


def _period_line(table: TableDefinition, figures: TableFigures, locale: str, area: str) -> Line:
    line = table.period_text(locale, area, figures.scope.period.first, figures.scope.period.last)
    parts = re.split(r"\s{2,}", line.strip())
    if len(parts) == 1:
        return (Field(content=line, align=Align.CENTRE),)
    return (
        Field(content=parts[0]),
        # The days are the longer part; the line must never break.
        *(Field(content=part, share=2.0, align=Align.RIGHT) for part in parts[1:]),
    )


def _sign_off(table: TableDefinition, locale: str) -> tuple[Line, ...]:
    entries = [entry for entry in table.text(table.sign_off, locale).splitlines() if entry.strip()]
    return (tuple(Field(entry) for entry in entries),) if entries else ()


# ---- the card for the phone --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _PhoneRow:
    group: str
    label: str
    unit: str
    now: Decimal | None
    so_far: Decimal | None
    decimals: int


def phone_grid(
    tables: Sequence[tuple[TableDefinition, TableFigures, TableFigures | None]],
    *,
    locale: str,
    title: str,
    subtitle: str,
    period_label: str,
    beside_label: str,
) -> Grid:
    """Lay out what is not zero in some tables: one row each, the period beside the campaign.

    Args:
        tables: Each with the figures of the period and those beside it (None: none).
        locale: Language of the card.
        title: Title.
        subtitle: Area and days.
        period_label: Heading above the period's figures.
        beside_label: Heading above the figures beside it.
    """
    rows: list[_PhoneRow] = []
    for table, figures, beside in tables:
        rows += _phone_rows(table, figures, beside, locale)
    cells = [
        Cell(0, 0, text(locale, "tables-phone-content"), colspan=2, role=Role.HEADER),
        Cell(0, 2, period_label, role=Role.HEADER),
        Cell(0, 3, beside_label, role=Role.HEADER),
        Cell(0, 4, text(locale, "tables-phone-unit"), role=Role.HEADER),
    ]
    number = 1
    for group, members in groupby(rows, key=lambda row: row.group):
        lines = list(members)
        cells.append(Cell(number, 0, group, rowspan=len(lines), role=Role.GROUP))
        for line in lines:
            shape = number_format(line.decimals)
            cells += [
                Cell(number, 1, line.label, role=Role.LABEL),
                Cell(number, 2, printed(line.now, line.decimals), number_format=shape),
                Cell(number, 3, printed(line.so_far, line.decimals), number_format=shape),
                Cell(number, 4, line.unit),
            ]
            number += 1
    if not rows:
        cells += [
            Cell(1, 0, text(locale, "tables-phone-nothing"), colspan=2, role=Role.LABEL),
            Cell(1, 2, 0),
            Cell(1, 3, 0),
            Cell(1, 4, ""),
        ]
    return Grid(
        title=title,
        columns=(Column(8), Column(40), Column(12), Column(12), Column(8)),
        cells=tuple(cells),
        header_rows=1,
        label_columns=2,
        unit_column=4,
        head=((Field(content=subtitle),),),
        notes=(text(locale, "tables-phone-note"),) if rows else (),
        wording=wording(locale),
    )


def _phone_rows(
    table: TableDefinition, figures: TableFigures, beside: TableFigures | None, locale: str
) -> Iterator[_PhoneRow]:
    """Rows of the card: short wordings; a table whose columns count gives one line per group."""
    for group, members in groupby(table.rows, key=lambda row: table.text(row.group, locale)):
        rows = list(members)
        for row in rows:
            if row.measure is None:
                continue
            now = figures.totals[row.measure.key]
            total = beside.totals[row.measure.key] if beside else None
            if now or total:
                label = table.text(row.short or row.sub or row.label, locale)
                unit = table.text(row.unit, locale)
                yield _PhoneRow(group, label, unit, now, total, row.measure.decimals)
        for column in table.columns:
            if column.measure is None or column.measure.aggregate == "registered":
                continue
            keys = [row.key for row in rows]
            now = figures.figures.total(keys, column.key)
            total = beside.figures.total(keys, column.key) if beside else None
            if now or total:
                band = table.text(column.label, locale)
                yield _PhoneRow(band, group, "", now, total, column.measure.decimals)


# ---- files -------------------------------------------------------------------------------


def workbook(grids: Sequence[Grid], *, now: datetime) -> bytes:
    """The official .xlsx; synchronous work, to be called in a thread."""
    return render_xlsx(grids, written_at=now)


def pdf(setter: Typesetter, sheet: Grid) -> bytes:
    """The official table as PDF; synchronous work, to be called in a thread."""
    return render_pdf(setter, sheet)


@lru_cache(maxsize=8)
def pictures(setter: Typesetter, sheet: Grid) -> tuple[bytes, ...]:
    """Pictures of a table for the phone; synchronous work, to be called in a thread.

    The last few are kept: the parts of one push, and groups of one unit, ask for the same.
    """
    return render_card_png(setter, sheet)
