"""From the table model to the plain data that the typst templates read.

The templates only place what they are given: texts are cleaned here, characters outside the fonts
replaced, figures formatted, and the few measures taken that typst would take slowly.
"""

from collections.abc import Iterable
from typing import Any

from reports.fonts import REPLACEMENT, FontSet, drop_shapeless
from reports.model import Align, Box, Cell, Content, Field, Grid, Line, Role, Segment, Text, Value
from reports.text import balance_lines, breakable, clean_text, line_count, plain_text

_MM = 72 / 25.4
"""Points in a millimetre."""
_AREA_PORTRAIT, _AREA_LANDSCAPE = (176 * _MM, 261 * _MM), (263 * _MM, 174 * _MM)
"""Width and height in points between the margins of A4, as in the template."""
_CELL_SIDE = 3.5
"""Points left and right of a cell's text, as in the template."""
_LEADING = 0.2
"""Space between lines in ems, as in the template."""
_LEAST_PADDING = 0.8
"""Points above and below a row's text that even a crowded page keeps."""
_HELD = 3
"""Rows of a group that stand together at least."""
_LONG_CELL = 400
"""Characters from which a row may break across pages; shorter rows stay together."""
_SHOWN_CODES = 8
"""How many missing characters the note under a document names."""


def table_data(grid: Grid, fonts: FontSet) -> dict[str, Any]:
    """Gives a table as the plain data that the templates read, safe to print.

    Characters outside the fonts are replaced by 〓 and named in a note, never left blank.
    """
    return printable(raw_data(grid), fonts, grid.wording.missing_characters)


def printable(data: dict[str, Any], fonts: FontSet, note: str) -> dict[str, Any]:
    """Replaces in all strings what the fonts cannot draw and adds a note that says so.

    Args:
        data: A template's data with a list under `notes`.
        fonts: The fonts of the document.
        note: Words of the note, `{codes}` stands for the code points.
    """
    shown: dict[str, Any] = _map_strings(data, drop_shapeless)
    missing = fonts.missing("".join(strings(shown)))
    if missing:
        table = {ord(letter): REPLACEMENT for letter in missing}
        shown = _map_strings(shown, lambda text: text.translate(table))
        codes = [f"U+{ord(letter):04X}" for letter in sorted(missing)]
        named = " ".join(codes[:_SHOWN_CODES]) + (" …" if len(codes) > _SHOWN_CODES else "")
        shown["notes"] = [*shown["notes"], note.replace("{codes}", named)]
    result: dict[str, Any] = _map_strings(shown, breakable)
    return result


def raw_data(grid: Grid) -> dict[str, Any]:
    total = sum(column.width for column in grid.columns)
    wording = grid.wording
    return {
        "lang": wording.language,
        "title": clean_text(grid.title).split("\n"),
        "attachment": clean_text(grid.attachment),
        "reference": clean_text(grid.reference),
        "head": [_line(line) for line in grid.head],
        "unit": clean_text(grid.unit),
        "columns": [column.width / total for column in grid.columns],
        "header_rows": grid.header_rows,
        "row_count": grid.row_count,
        "holds": [[rows.start, len(rows)] for rows in held_rows(grid)],
        "cells": [_cell(cell, grid) for cell in grid.cells],
        "notes": [clean_text(note) for note in grid.notes],
        "sign_off": [_line(line) for line in grid.sign_off],
        "annex": [[clean_text(place), clean_text(text)] for place, text in grid.annex],
        "annex_title": wording.annex_title,
        "page_footer": wording.page_footer,
        "landscape": grid.landscape,
        "one_page": grid.one_page,
        "text_size": grid.text_size,
        "title_size": grid.title_size,
        "row_padding": _padding(grid),
    }


def _cell(cell: Cell, grid: Grid) -> dict[str, Any]:
    words = cell.content
    if isinstance(words, str) and cell.role in {Role.HEADER, Role.GROUP}:
        words = balance_lines(clean_text(words), int(_cell_room(cell, grid) / grid.text_size))
    content = _segments(words, cell.number_format, grid.blank)
    return {
        "row": cell.row,
        "column": cell.column,
        "rowspan": cell.rowspan,
        "colspan": cell.colspan,
        "role": cell.role.value,
        "align": alignment(cell).value,
        "content": content,
        "long": _is_long(cell),
    }


def _cell_room(cell: Cell, grid: Grid) -> float:
    """Points that a line of the cell's text has."""
    area, _ = _AREA_LANDSCAPE if grid.landscape else _AREA_PORTRAIT
    total = sum(column.width for column in grid.columns)
    own = sum(column.width for column in grid.columns[cell.column : cell.column + cell.colspan])
    return area * own / total - 2 * _CELL_SIDE


def _padding(grid: Grid) -> float:
    """Points above and below each row: closer where a table meant for one page is crowded."""
    if not grid.one_page:
        return grid.row_padding
    size = grid.text_size
    rows = [size] * grid.row_count
    for cell in sorted(grid.cells, key=lambda cell: cell.rowspan):
        text = plain_text(cell.content, number_format=cell.number_format, blank=grid.blank)
        lines = line_count(text, 2 * _cell_room(cell, grid) / size)
        span = range(cell.row, cell.row + cell.rowspan)
        lacking = size * (lines + _LEADING * (lines - 1)) - sum(rows[row] for row in span)
        for row in span:
            rows[row] += max(0.0, lacking) / cell.rowspan
    lines_around = 1 + len(grid.head) + bool(grid.unit) + len(grid.notes) + len(grid.sign_off)
    air = 18 + 2.2 * len(grid.head) + 6 * len(grid.sign_off)
    title = grid.title_size * (1 + 1.3 * grid.title.count("\n"))
    _, height = _AREA_LANDSCAPE if grid.landscape else _AREA_PORTRAIT
    free = height - sum(rows) - title - lines_around * 1.2 * size - air * _MM
    return max(_LEAST_PADDING, min(grid.row_padding, free / (2 * grid.row_count)))


def held_rows(grid: Grid) -> list[range]:
    """Lists the rows that no page break may part, from top to bottom.

    A group shows at least three rows on each page it touches, so that its name has room, small
    groups stay whole, and the last rows stay with the foot: nobody should have to sign a page
    that shows nothing.
    """
    last = range(max(grid.header_rows, grid.row_count - _HELD), grid.row_count)
    holds: list[range] = []
    for cell in grid.cells:
        rows = range(cell.row, cell.row + cell.rowspan)
        if cell.role is not Role.GROUP or len(rows) < 2:
            continue
        if len(rows) < 2 * _HELD:
            holds.append(rows)
        else:
            holds += [rows[:_HELD], rows[-_HELD:]]
    if not holds or max(rows.stop for rows in holds) < grid.row_count:
        floor = max((rows.stop for rows in holds), default=0)
        holds.append(range(max(floor, last.start), last.stop))
    long = {cell.row for cell in grid.cells if _is_long(cell)}
    return sorted((rows for rows in holds if not long & set(rows)), key=lambda rows: rows.start)


def _is_long(cell: Cell) -> bool:
    return len(plain_text(cell.content)) > _LONG_CELL


def alignment(cell: Cell) -> Align:
    """Tells where a cell's text stands when the table does not say it."""
    if cell.align is not None:
        return cell.align
    return Align.LEFT if cell.role is Role.LABEL else Align.CENTRE


def _line(line: Line) -> list[dict[str, Any]]:
    return [_field(entry) for entry in line]


def _field(entry: Field) -> dict[str, Any]:
    return {
        "label": clean_text(entry.label),
        "content": _segments(entry.content),
        "share": entry.share,
        "align": entry.align.value,
        "underline": entry.underline,
    }


def _segments(
    content: Content, number_format: str = "0", blank: str = ""
) -> list[dict[str, str | int | bool]]:
    if isinstance(content, tuple):
        return [_segment(segment) for segment in content]
    text = plain_text(content, number_format=number_format, blank=blank)
    return [{"kind": "text", "text": text}] if text else []


def _segment(segment: Segment) -> dict[str, str | int | bool]:
    match segment:
        case Text(text):
            return {"kind": "text", "text": clean_text(text)}
        case Value(text):
            return {"kind": "value", "text": clean_text(text)}
        case Box(checked, label):
            return {"kind": "box", "text": clean_text(label), "on": checked}
        case _:
            return {"kind": "blank", "width": segment.width}


def strings(data: Any) -> Iterable[str]:
    match data:
        case str():
            yield data
        case dict():
            for value in data.values():
                yield from strings(value)
        case list():
            for value in data:
                yield from strings(value)


def _map_strings(data: Any, change: Any) -> Any:
    match data:
        case str():
            return change(data)
        case dict():
            return {key: _map_strings(value, change) for key, value in data.items()}
        case list():
            return [_map_strings(value, change) for value in data]
        case _:
            return data
