"""Typesetting with typst: official tables as PDF and as pictures of their pages.

One compiler is kept for the process, because it holds the fonts and whatever two documents have in
common; warm, a page takes some hundredths of a second. Everything here is synchronous and safe to
call from several threads.
"""

import json
import tempfile
import threading
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

import typst
from PIL import Image

from reports.fonts import HEI, REPLACEMENT, SONG, TITLE, FontSet, drop_shapeless
from reports.model import Align, Box, Cell, Content, Field, Grid, Line, Role, Segment, Text, Value
from reports.text import breakable, clean_text, plain_text

_TEMPLATES = Path(__file__).parent / "templates"
_LONG_CELL = 400
"""Characters from which a row may break across pages; shorter rows stay together."""
_SHOWN_CODES = 8
"""How many missing characters the note under a document names."""


class Typesetter:
    """Turns data and one of our templates into pages.

    typst's compiler refuses a second thread while it works, and two threads were measured to gain
    nothing, so one lock guards one compiler. Templates are read once. Users' words only ever
    travel as JSON data: typst never parses them. The compiler's root is an empty folder, so that
    even a template could read no file of the machine, and fonts of the machine are ignored, so
    that a document looks the same everywhere.
    """

    def __init__(self, fonts: FontSet) -> None:
        self.fonts = fonts
        self._lock = threading.Lock()
        self._root = tempfile.TemporaryDirectory(prefix="typeset-")
        self._compiler = typst.Compiler(
            root=self._root.name,
            font_paths=[str(folder) for folder in fonts.folders],
            ignore_system_fonts=True,
        )
        self._sources = {path.stem: path.read_bytes() for path in _TEMPLATES.glob("*.typ")}
        self._faces = {
            "song": fonts.choose(SONG),
            "title": fonts.choose(TITLE),
            "hei": fonts.choose(HEI),
        }

    def pdf(self, template: str, data: dict[str, Any]) -> bytes:
        """Makes a PDF; the same data always gives the same bytes."""
        return self._compile(template, data, "pdf", None)[0]

    def png(self, template: str, data: dict[str, Any], ppi: float) -> tuple[bytes, ...]:
        """Makes one true-colour picture per page.

        Args:
            template: Name of the template, without its ending.
            data: What the template shows.
            ppi: Pixels per inch of paper.
        """
        return self._compile(template, data, "png", ppi)

    def _compile(
        self, template: str, data: dict[str, Any], form: Literal["pdf", "png"], ppi: float | None
    ) -> tuple[bytes, ...]:
        payload = json.dumps({**data, "faces": self._faces}, ensure_ascii=False)
        with self._lock:
            pages = self._compiler.compile(
                input=self._sources[template], format=form, ppi=ppi, sys_inputs={"d": payload}
            )
        return tuple(pages) if isinstance(pages, list) else (pages or b"",)


def render_pdf(setter: Typesetter, grid: Grid) -> bytes:
    """Sets an official table as PDF on A4, with headings repeated on every page."""
    return setter.pdf("table", table_data(grid, setter.fonts))


def render_png(setter: Typesetter, grid: Grid, *, ppi: float = 144) -> tuple[bytes, ...]:
    """Makes a picture of each page of the official table.

    Args:
        setter: The typesetter.
        grid: The table.
        ppi: Pixels per inch; 144 gives 1 191 by 1 684 pixels for upright A4.
    """
    pages = setter.png("table", table_data(grid, setter.fonts), ppi)
    return tuple(shrink_png(page) for page in pages)


def missing_characters(fonts: FontSet, grid: Grid) -> frozenset[str]:
    """Finds the characters of a table that the fonts cannot draw and that print as 〓."""
    return fonts.missing(drop_shapeless("".join(_strings(_raw_data(grid)))))


def shrink_png(picture: bytes, *, colours: int = 32) -> bytes:
    """Makes a picture of text small: few colours, no transparency.

    Args:
        picture: A PNG.
        colours: How many shades remain, 2 to 256; text with two tints needs about 16.
    """
    with Image.open(BytesIO(picture)) as image:
        # The octree is four times as fast as median cut, and letters need no dithering.
        flat = image.convert("RGB").quantize(
            colours, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE
        )
    out = BytesIO()
    flat.save(out, "PNG")
    return out.getvalue()


def table_data(grid: Grid, fonts: FontSet) -> dict[str, Any]:
    """Gives a table as the plain data that the templates read, safe to print.

    Characters outside the fonts are replaced by 〓 and named in a note, never left blank.
    """
    return printable(_raw_data(grid), fonts, grid.wording.missing_characters)


def printable(data: dict[str, Any], fonts: FontSet, note: str) -> dict[str, Any]:
    """Replaces in all strings what the fonts cannot draw and adds a note that says so.

    Args:
        data: A template's data with a list under `notes`.
        fonts: The fonts of the document.
        note: Words of the note, `{codes}` stands for the code points.
    """
    shown: dict[str, Any] = _map_strings(data, drop_shapeless)
    missing = fonts.missing("".join(_strings(shown)))
    if missing:
        table = {ord(letter): REPLACEMENT for letter in missing}
        shown = _map_strings(shown, lambda text: text.translate(table))
        codes = [f"U+{ord(letter):04X}" for letter in sorted(missing)]
        named = " ".join(codes[:_SHOWN_CODES]) + (" …" if len(codes) > _SHOWN_CODES else "")
        shown["notes"] = [*shown["notes"], note.replace("{codes}", named)]
    result: dict[str, Any] = _map_strings(shown, breakable)
    return result


def _raw_data(grid: Grid) -> dict[str, Any]:
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
        "row_padding": grid.row_padding,
    }


def _cell(cell: Cell, grid: Grid) -> dict[str, Any]:
    content = _segments(cell.content, cell.number_format, grid.blank)
    return {
        "row": cell.row,
        "column": cell.column,
        "rowspan": cell.rowspan,
        "colspan": cell.colspan,
        "role": cell.role.value,
        "align": alignment(cell).value,
        "content": content,
        "long": sum(len(str(part.get("text", ""))) for part in content) > _LONG_CELL,
    }


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


def _strings(data: Any) -> Iterable[str]:
    match data:
        case str():
            yield data
        case dict():
            for value in data.values():
                yield from _strings(value)
        case list():
            for value in data:
                yield from _strings(value)


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
