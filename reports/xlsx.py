"""Official tables as spreadsheets that an office can send upward as they are.

Every figure is a value, never a formula, so that phones and previews show it; every text is kept a
text, also when it begins like a formula. Row heights are computed, because spreadsheets do not
adapt the height of merged cells, and with them the page breaks: the name of a group of rows is
written again beside its rows on the next page.
"""

import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from io import BytesIO
from itertools import pairwise
from typing import cast
from xml.sax.saxutils import escape

from openpyxl import Workbook
from openpyxl.cell.cell import Cell as SheetCell
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.header_footer import HeaderFooterItem
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from reports.model import Align, Cell, Column, Grid, Line, Role
from reports.text import clean_text, display_width, line_count, plain_text, split_text
from reports.typeset import alignment

_SONG, _HEI, _TITLE = "宋体", "黑体", "方正小标宋简体"
_BASE_SIZE = 11.0
"""Points of the workbook's standard face, which is the measure of column widths."""
_LINE = 1.3
"""Height of a line of 宋体 relative to its size, in Excel and WPS."""
_MAX_ROW_HEIGHT = 409.0
"""Points. Source: Microsoft, "Excel specifications and limits", row height."""
_MARGIN_SIDE, _MARGIN_TOP, _MARGIN_BOTTOM = 0.6, 0.75, 0.8
"""Inches; a smaller lower margin cuts the footer."""
_PAPER = (8.27, 11.69)
"""A4 in inches."""
_PIXELS_PER_UNIT = 8
"""Screen pixels (96 an inch) per column width unit when the standard face is 11-point 宋体."""
_CELL_MARGIN = 5
"""Pixels of a cell that text cannot use."""
_CAUTION = 0.96
"""Part of the width that is counted on: programs and printers measure a little differently."""
_ANNEX_PIECE = 700
"""Characters of a long text per row, so that no row passes the highest height."""
_SHEET_NAME_LENGTH = 31
_FORBIDDEN_IN_NAME = dict.fromkeys(map(ord, "[]:*?/\\"), "_")

_THIN = Side(style="thin", color="FF000000")
_BORDER = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)


@dataclass(frozen=True, slots=True)
class _Look:
    font: Font
    alignment: Alignment
    border: Border | None = None
    number_format: str = "General"


def render_xlsx(grids: Sequence[Grid], *, written_at: datetime) -> bytes:
    """Writes tables into one workbook, one sheet each.

    The same tables and instant always give the same bytes; the properties name no person.

    Args:
        grids: The tables, at least one.
        written_at: Aware instant for the document's properties.

    Raises:
        ValueError: No table was given, or the instant has no zone.
    """
    if not grids:
        raise ValueError("a workbook needs at least one table")
    if written_at.tzinfo is None:
        raise ValueError("written_at must be an aware instant")
    book = Workbook()
    book.remove(book.worksheets[0])
    # openpyxl has no public way to its standard style.
    normal = book._named_styles["Normal"]  # type: ignore[attr-defined]  # noqa: SLF001
    normal.font = Font(name=_SONG, size=_BASE_SIZE)
    for name, grid in zip(_sheet_names(grids), grids, strict=True):
        _Printer(book.create_sheet(name), grid).print()
    out = BytesIO()
    book.save(out)
    title = clean_text(grids[0].title).replace("\n", "")
    return _settle(out.getvalue(), title, written_at.astimezone(UTC))


def _sheet_names(grids: Sequence[Grid]) -> list[str]:
    """Makes names that spreadsheets accept, different also when case is ignored."""
    names: list[str] = []
    for grid in grids:
        plain = clean_text(grid.sheet_name).replace("\n", " ").translate(_FORBIDDEN_IN_NAME)
        stem = plain.strip("' ")[:_SHEET_NAME_LENGTH] or "Sheet"
        name, number = stem, 2
        while name.casefold() in (other.casefold() for other in names):
            ending = f" ({number})"
            name, number = stem[: _SHEET_NAME_LENGTH - len(ending)] + ending, number + 1
        names.append(name)
    return names


class _Printer:
    """Writes one table from the top of a sheet to its end, keeping the next free row."""

    def __init__(self, sheet: Worksheet, grid: Grid) -> None:
        self.sheet = sheet
        self.grid = grid
        self.widths = _scaled(grid.columns, _usable_units(grid))
        self.next_row = 1
        self.heights: dict[int, float] = {}
        self.looks: dict[tuple[object, ...], _Look] = {}

    def print(self) -> None:
        grid = self.grid
        self._set_up_page()
        if grid.attachment or grid.reference:
            self._split_line(
                (
                    (clean_text(grid.attachment), Align.LEFT),
                    (clean_text(grid.reference), Align.RIGHT),
                )
            )
        if grid.title:
            self._full_line(
                clean_text(grid.title),
                _Look(
                    Font(name=_TITLE, size=grid.title_size),
                    Alignment("center", "center", wrap_text=True),
                ),
                grid.title_size,
                space=10,
            )
        for line in grid.head:
            self._fields(line)
        if grid.unit:
            self._full_line(clean_text(grid.unit), self._words("right"), grid.text_size)
        first = self.next_row
        self._table(first)
        for note in grid.notes:
            self._full_line(clean_text(note), self._words("left"), self._small)
        for line in grid.sign_off:
            self._fields(line, space=10, room=2)
        last = self.next_row - 1
        if grid.annex:
            last = self._annex()
        for row, height in self.heights.items():
            self.sheet.row_dimensions[row].height = round(height, 1)
        sheet, header = self.sheet, grid.header_rows
        sheet.print_title_rows = f"{first}:{first + header - 1}"
        sheet.print_area = f"A1:{get_column_letter(len(grid.columns))}{last}"
        corner = get_column_letter(grid.label_columns + 1)
        sheet.freeze_panes = f"{corner}{first + header}"

    @property
    def _small(self) -> float:
        return min(self.grid.text_size, 10.5)

    def _set_up_page(self) -> None:
        sheet, grid = self.sheet, self.grid
        for index, width in enumerate(self.widths, 1):
            sheet.column_dimensions[get_column_letter(index)].width = round(width, 2)
        page = sheet.page_setup
        page.paperSize = 9  # A4
        page.orientation = "landscape" if grid.landscape else "portrait"
        if grid.one_page:
            page.fitToWidth = page.fitToHeight = 1
            sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        margins = sheet.page_margins
        margins.left = margins.right = _MARGIN_SIDE
        margins.top, margins.bottom = _MARGIN_TOP, _MARGIN_BOTTOM
        margins.header = margins.footer = 0.4
        sheet.print_options.horizontalCentered = True
        footer = cast("HeaderFooterItem", sheet.oddFooter)
        words = grid.wording.page_footer.replace("{page}", "&P").replace("{pages}", "&N")
        footer.center.text, footer.center.size, footer.center.font = words, 9, f"{_SONG},Regular"
        if grid.reference:
            text = clean_text(grid.reference).replace("&", "&&")
            footer.right.text, footer.right.size, footer.right.font = text, 8, f"{_SONG},Regular"

    def _words(self, horizontal: str) -> _Look:
        return _Look(
            Font(name=_SONG, size=self._small),
            Alignment(horizontal, "center", wrap_text=True),
        )

    def _full_line(self, text: str, look: _Look, size: float, space: float = 4) -> None:
        row = self._new_row(space + size * _LINE * self._lines(text, sum(self.widths), size))
        self._put(row, 1, text, look)
        self._merge(row, 1, row, len(self.widths))

    def _split_line(self, parts: Sequence[tuple[str, Align]]) -> None:
        """Writes texts side by side, each as wide as an equal share of the columns allows."""
        self._shared([(text, align, 1.0) for text, align in parts], 4, 1)

    def _fields(self, line: Line, *, space: float = 4, room: int = 0) -> None:
        parts = [
            (
                clean_text(field.label) + (plain_text(field.content) or "　" * room),
                field.align,
                field.share,
            )
            for field in line
        ]
        self._shared(parts, space, 0)

    def _shared(self, parts: Sequence[tuple[str, Align, float]], space: float, bold: int) -> None:
        """Spreads texts over the columns; what would wrap there shares one cell if it fits."""
        size = self._small
        edges = _edges(self.widths, [share for _, _, share in parts])
        spans = list(pairwise(edges))
        lines = max(
            self._lines(text, sum(self.widths[start:end]), size)
            for (text, _, _), (start, end) in zip(parts, spans, strict=False)
        )
        if lines > 1 or len(spans) < len(parts):
            joined = self._joined(parts)
            if len(spans) < len(parts) or self._lines(joined, sum(self.widths), size) == 1:
                self._full_line(joined, self._words("left"), size, space)
                return
        row = self._new_row(space + size * _LINE * lines)
        for index, ((text, align, _), (start, end)) in enumerate(zip(parts, spans, strict=True)):
            look = self._words(align.value)
            if index < bold:
                look = replace(look, font=Font(name=_HEI, size=size))
            if text:
                self._put(row, start + 1, text, look)
            self._merge(row, start + 1, row, end)

    def _joined(self, parts: Sequence[tuple[str, Align, float]]) -> str:
        """Puts texts into one string, spaced with wide blanks as their shares ask."""
        room = sum(self.widths) * _PIXELS_PER_UNIT / (self._small * 96 / 72) - 2
        total = sum(share for _, _, share in parts)
        joined = ""
        goal = 0.0
        for text, _, share in parts:
            if joined:
                joined += "　" * max(2, round(goal - display_width(joined) / 2))
            joined += text
            goal += room * share / total
        return joined

    def _table(self, first: int) -> None:
        grid = self.grid
        heights = self._row_heights()
        for index, height in enumerate(heights):
            self.heights[first + index] = height
        self.next_row = first + len(heights)
        breaks = [] if grid.one_page else self._page_breaks(first, heights)
        for row in breaks:
            self.sheet.row_breaks.append(Break(id=first + row - 1))
        for cell in grid.cells:
            for top, bottom in _pieces(cell, breaks):
                self._cell(cell, first + top, first + bottom)

    def _cell(self, cell: Cell, top: int, bottom: int) -> None:
        left, right = cell.column + 1, cell.column + cell.colspan
        look = self._look(cell)
        for row in range(top, bottom + 1):
            for column in range(left, right + 1):
                target = cast("SheetCell", self.sheet.cell(row, column))
                target.border = _BORDER
        content = cell.content
        if isinstance(content, str | tuple) or content is None:
            text = plain_text(content, blank=self.grid.blank)
            self._put(top, left, text, look)
        else:
            target = self._put(top, left, "", look)
            target.value = content
            target.number_format = cell.number_format
        self._merge(top, left, bottom, right)

    def _look(self, cell: Cell) -> _Look:
        align = alignment(cell)
        key = (cell.role is Role.HEADER, align)
        if key not in self.looks:
            face = _HEI if cell.role is Role.HEADER else _SONG
            self.looks[key] = _Look(
                Font(name=face, size=self.grid.text_size),
                Alignment(align.value, "center", wrap_text=True),
                _BORDER,
            )
        return self.looks[key]

    def _row_heights(self) -> list[float]:
        """Computes every table row's height in points, merged cells included."""
        grid, size = self.grid, self.grid.text_size
        heights = [size * _LINE + 2 * grid.row_padding] * grid.row_count
        for cell in sorted(grid.cells, key=lambda cell: cell.rowspan):
            width = sum(self.widths[cell.column : cell.column + cell.colspan])
            text = plain_text(cell.content, number_format=cell.number_format, blank=grid.blank)
            needed = self._lines(text, width, size) * size * _LINE + 2 * grid.row_padding
            rows = range(cell.row, cell.row + cell.rowspan)
            lacking = needed - sum(heights[row] for row in rows)
            for row in rows:
                heights[row] += max(0.0, lacking) / cell.rowspan
        return [min(height, _MAX_ROW_HEIGHT) for height in heights]

    def _page_breaks(self, first: int, heights: Sequence[float]) -> list[int]:
        """Finds the table rows before which a printed page ends."""
        grid = self.grid
        paper = _PAPER[0] if grid.landscape else _PAPER[1]
        # Two per cent are kept back for printers that round heights up.
        page = (paper - _MARGIN_TOP - _MARGIN_BOTTOM) * 72 * 0.98
        header = sum(heights[: grid.header_rows])
        room = page - sum(self.heights[row] for row in range(1, first)) - header
        breaks: list[int] = []
        for row in range(grid.header_rows, len(heights)):
            if heights[row] > room and row > grid.header_rows:
                breaks.append(row)
                room = page - header
            room -= heights[row]
        return breaks

    def _annex(self) -> int:
        """Writes the long texts below the table on a page of their own."""
        grid, size = self.grid, self._small
        self.sheet.row_breaks.append(Break(id=self.next_row - 1))
        self._full_line(
            grid.wording.annex_title,
            _Look(Font(name=_TITLE, size=grid.title_size * 0.8), Alignment("center", "center")),
            grid.title_size,
        )
        for place, text in grid.annex:
            heading = _Look(
                Font(name=_HEI, size=size), Alignment("left", "bottom", wrap_text=True)
            )
            self._full_line(clean_text(place), heading, size, space=10)
            for piece in split_text(clean_text(text), _ANNEX_PIECE):
                look = _Look(Font(name=_SONG, size=size), Alignment("left", "top", wrap_text=True))
                self._full_line(piece, look, size, space=0)
        return self.next_row - 1

    def _lines(self, text: str, width: float, size: float) -> int:
        """Counts lines of a text in a cell of so many width units."""
        inside = width * _PIXELS_PER_UNIT - _CELL_MARGIN
        return line_count(text, _CAUTION * inside / (size * 96 / 72 / 2))

    def _new_row(self, height: float) -> int:
        row = self.next_row
        self.heights[row] = min(height, _MAX_ROW_HEIGHT)
        self.next_row += 1
        return row

    def _put(self, row: int, column: int, text: str, look: _Look) -> SheetCell:
        target = cast("SheetCell", self.sheet.cell(row, column))
        target.font, target.alignment = look.font, look.alignment
        if look.border is not None:
            target.border = look.border
        if text:
            target.value = text
            if text[0] in "=+-@":
                # The first keeps it text in the file, the second when somebody edits the cell.
                target.data_type = "s"
                target.quotePrefix = True
        return target

    def _merge(self, top: int, left: int, bottom: int, right: int) -> None:
        if (top, left) != (bottom, right):
            # merge_cells would dress the range anew, which takes longer than all the rest.
            corners = f"{get_column_letter(left)}{top}:{get_column_letter(right)}{bottom}"
            self.sheet.merged_cells.add(corners)


def _usable_units(grid: Grid) -> float:
    paper = _PAPER[1] if grid.landscape else _PAPER[0]
    pixels = (paper - 2 * _MARGIN_SIDE) * 96 - 5 * len(grid.columns)
    return pixels / _PIXELS_PER_UNIT


def _scaled(columns: Sequence[Column], room: float) -> list[float]:
    total = sum(column.width for column in columns)
    return [column.width * room / total for column in columns]


def _edges(widths: Sequence[float], shares: Sequence[float]) -> list[int]:
    """Finds the columns at which fields of a line begin and end, as far as columns suffice."""
    shares = shares[: len(widths)]
    edges = [0]
    for index in range(1, len(shares)):
        goal = sum(widths) * sum(shares[:index]) / sum(shares)
        latest = len(widths) - (len(shares) - index)
        edges.append(
            min(range(edges[-1] + 1, latest + 1), key=lambda edge: abs(sum(widths[:edge]) - goal))
        )
    return [*edges, len(widths)]


def _pieces(cell: Cell, breaks: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Cuts a cell's rows where pages end; gives first and last row of each piece."""
    start, end = cell.row, cell.row + cell.rowspan
    for row in breaks:
        if start < row < end:
            yield start, row - 1
            start = row
    yield start, end - 1


def _settle(data: bytes, title: str, written_at: datetime) -> bytes:
    """Rewrites the package with fixed file times and properties that name nobody."""
    stamp = written_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    core = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        "<cp:coreProperties"
        ' xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{escape(title)}</dc:title>"
        f'<dcterms:created xsi:type="dcterms:W3CDTF">{stamp}</dcterms:created>'
        f'<dcterms:modified xsi:type="dcterms:W3CDTF">{stamp}</dcterms:modified>'
        "</cp:coreProperties>"
    )
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for entry in old.infolist():
            info = zipfile.ZipInfo(entry.filename, (1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            content = core.encode() if entry.filename == "docProps/core.xml" else old.read(entry)
            new.writestr(info, content)
    return out.getvalue()
