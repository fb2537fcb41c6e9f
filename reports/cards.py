"""Tables for the phone: upright pictures that can be read without zooming.

The full table is for paper; on a phone its rows come as label and figures, groups as shaded bands,
and long tables as several pictures with "1/3" in the title.
"""

from collections.abc import Sequence
from typing import Any

from reports.layout import printable
from reports.model import Cell, Content, Grid, GridError, Role, owners
from reports.text import clean_text, join_lines, plain_text
from reports.typeset import Typesetter, shrink_png

_PPI = 216.0
"""360 points of width at this density are 1 080 pixels, the width of common phones."""
_TALLEST = 780.0
"""Points: 2 340 pixels, about the screen of a phone held upright.

Source: Bot API, sendPhoto, July 2026: width and height together at most 10 000, ratio at most 20,
file at most 10 MB; these pictures stay far below.
"""
_MOST_FIGURES = 6


def render_card_png(
    setter: Typesetter, grid: Grid, *, columns: Sequence[int] | None = None
) -> tuple[bytes, ...]:
    """Makes the pictures of a table for the phone, 1 080 pixels wide.

    Args:
        setter: The typesetter.
        grid: The table.
        columns: The figure columns to show, at most 6; by default all that are neither labels nor
            the unit.

    Raises:
        GridError: Columns were chosen that are not figures, or more than fit.
    """
    data = printable(card_data(grid, columns), setter.fonts, grid.wording.missing_characters)
    return tuple(shrink_png(page) for page in setter.png("card", data, _PPI))


def card_data(grid: Grid, columns: Sequence[int] | None = None) -> dict[str, Any]:
    """Gives the data of a table's pictures: headings, bands and rows of the chosen columns."""
    figures = [
        column
        for column in range(grid.label_columns, len(grid.columns))
        if column != grid.unit_column
    ]
    chosen = figures if columns is None else list(columns)
    if not chosen or not set(chosen) <= set(figures):
        raise GridError("a card shows figure columns only")
    if len(chosen) > _MOST_FIGURES:
        raise GridError(f"a card shows at most {_MOST_FIGURES} figure columns")
    subtitle = [
        clean_text(field.label) + plain_text(field.content) for line in grid.head for field in line
    ]
    if grid.unit:
        subtitle.append(clean_text(grid.unit))
    return {
        "lang": grid.wording.language,
        "title": join_lines(clean_text(grid.title)),
        "subtitle": "　".join(part for part in subtitle if part),
        "columns": chosen,
        "header": _header(grid, chosen),
        "rows": _rows(grid, chosen),
        "notes": [clean_text(note) for note in grid.notes],
        "continued": grid.wording.continued,
        "tallest": _TALLEST,
    }


def _header(grid: Grid, chosen: Sequence[int]) -> list[dict[str, Any]]:
    """Takes from the headings what stands above the chosen columns, and the labels' corner."""
    owner = owners(grid)
    corner = owner[0, grid.label_columns - 1]
    cells = [_head_cell(0, 0, grid.header_rows, 1, corner)]
    for row in range(grid.header_rows):
        seen: set[int] = set()
        for place, column in enumerate(chosen, 1):
            cell = owner[row, column]
            if cell.row != row or id(cell) in seen:
                continue
            seen.add(id(cell))
            span = sum(1 for other in chosen if owner[row, other] is cell)
            cells.append(_head_cell(row, place, cell.rowspan, span, cell))
    return cells


def _head_cell(row: int, column: int, rowspan: int, colspan: int, cell: Cell) -> dict[str, Any]:
    return {
        "row": row,
        "column": column,
        "rowspan": rowspan,
        "colspan": colspan,
        "text": _line(cell.content),
    }


def _rows(grid: Grid, chosen: Sequence[int]) -> list[dict[str, Any]]:
    owner = owners(grid)
    rows: list[dict[str, Any]] = []
    colon = "：" if grid.wording.language == "zh" else ": "
    band = ""
    previous: Cell | None = None
    for row in range(grid.header_rows, grid.row_count):
        labels = [owner[row, column] for column in range(grid.label_columns)]
        own = list(dict.fromkeys(labels))
        if own[0].role is Role.GROUP:
            if own[0] is not previous:
                previous = own[0]
                band = _line(own[0].content)
                rows.append({"kind": "band", "label": band})
            own = own[1:]
        elif band:
            band, previous = "", None
        unit = "" if grid.unit_column is None else _line(owner[row, grid.unit_column].content)
        cells = [owner[row, column] for column in chosen]
        rows.append(
            {
                "kind": "row",
                "band": band,
                "label": colon.join(_line(cell.content) for cell in own),
                "unit": unit,
                "total": any(cell.role is Role.TOTAL for cell in cells),
                "values": [_value(cell, grid) for cell in cells],
            }
        )
    return rows


def _value(cell: Cell, grid: Grid) -> dict[str, str]:
    """Gives a figure and whether the eye should find it: zeros and blanks stay faint."""
    text = plain_text(cell.content, number_format=cell.number_format, blank=grid.blank or "—")
    return {"text": text, "weight": "none" if cell.content in (None, 0, "") else "some"}


def _line(content: Content) -> str:
    return join_lines(plain_text(content))
