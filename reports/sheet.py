"""One table on one worksheet, with its page set-up.

Row heights are computed, because spreadsheets do not adapt the height of merged cells, and with
them the page breaks: the name of a group of rows is written again beside its rows on the next
page.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import cast

from openpyxl.cell.cell import Cell as SheetCell
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.header_footer import HeaderFooterItem
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from reports.layout import alignment, held_rows
from reports.model import Align, Cell, Column, Grid, Line, Role
from reports.text import clean_text, display_width, line_count, plain_text, split_text

_SONG, _HEI, _TITLE = "宋体", "黑体", "方正小标宋简体"
BASE_FONT, BASE_SIZE = "Arial", 10.0
"""The workbook's standard face, which is the measure of column widths.

No text is set in it: it is here because every office program has it or a face of the same widths,
while a missing 宋体 would be replaced by wider faces and the columns would leave the page.
"""
_LINE = 1.3
"""Height of a line of 宋体 relative to its size, in Excel and WPS."""
_MAX_ROW_HEIGHT = 409.0
"""Points. Source: Microsoft, "Excel specifications and limits", row height."""
_MARGIN_SIDE, _MARGIN_TOP, _MARGIN_BOTTOM = 0.6, 0.75, 0.8
"""Inches; a smaller lower margin cuts the footer."""
_PAPER = (8.27, 11.69)
"""A4 in inches."""
_PIXELS_PER_UNIT = 7.42
"""Screen pixels (96 an inch) per column width unit, the width of a digit of the standard face.

Source: measured: LibreOffice 7.4 takes 7.42, Excel rounds to 7, so the table fits in both.
"""
_CELL_MARGIN = 5
"""Pixels of a cell that text cannot use."""
_CAUTION = 0.96
"""Part of the width that is counted on: programs and printers measure a little differently."""
_SIGN_OFF_SPACE = 14.0
"""Points of air above a sign-off line."""
_WRITING_LINE = 20
"""Underscores of an empty field that is to be filled in by hand."""
_LEAST_PADDING = 0.8
"""Points above and below a row's text that even a crowded page keeps."""
_ANNEX_PIECE = 700
"""Characters of a long text per row, so that no row passes the highest height."""

_THIN = Side(style="thin", color="FF000000")
_BORDER = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)


@dataclass(frozen=True, slots=True)
class _Look:
    font: Font
    alignment: Alignment
    border: Border | None = None
    number_format: str = "General"


class SheetPrinter:
    """Writes one table from the top of a sheet to its end, keeping the next free row."""

    def __init__(self, sheet: Worksheet, grid: Grid) -> None:
        self.sheet = sheet
        self.grid = grid
        self.widths = _scaled(grid.columns, _usable_units(grid))
        self.next_row = 1
        self.heights: dict[int, float] = {}
        self.looks: dict[tuple[object, ...], _Look] = {}

    def print_table(self) -> None:
        grid = self.grid
        self._set_up_page()
        if grid.one_page:
            self.sheet.page_setup.fitToWidth = self.sheet.page_setup.fitToHeight = 1
            self.sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        if grid.attachment or grid.reference:
            attachment = (clean_text(grid.attachment), Align.LEFT, 1.0)
            self._shared([attachment, (clean_text(grid.reference), Align.RIGHT, 1.0)], 4, bold=1)
        if grid.title:
            self._title(clean_text(grid.title), grid.title_size)
        for line in grid.head:
            self._fields(line)
        if grid.unit:
            self._full_line(clean_text(grid.unit), self._words("right"), grid.text_size)
        first = self.next_row
        self._table(first)
        for note in grid.notes:
            self._full_line(clean_text(note), self._words("left"), self._small)
        for line in grid.sign_off:
            self._fields(line, space=_SIGN_OFF_SPACE)
        self._finish()
        self.sheet.print_title_rows = f"{first}:{first + grid.header_rows - 1}"
        corner = get_column_letter(grid.label_columns + 1)
        self.sheet.freeze_panes = f"{corner}{first + grid.header_rows}"

    def print_annex(self) -> None:
        """Writes the texts that are too long for the table."""
        grid, size = self.grid, self._small
        self._set_up_page()
        self._title(grid.wording.annex_title, grid.title_size * 0.8)
        for place, text in grid.annex:
            heading = Font(name=_HEI, size=size)
            look = _Look(heading, Alignment("left", "bottom", wrap_text=True))
            self._full_line(clean_text(place), look, size, space=10)
            look = _Look(Font(name=_SONG, size=size), Alignment("left", "top", wrap_text=True))
            for piece in split_text(clean_text(text), _ANNEX_PIECE):
                self._full_line(piece, look, size, space=0)
        self._finish()

    def _finish(self) -> None:
        for row, height in self.heights.items():
            self.sheet.row_dimensions[row].height = round(height, 1)
        self.sheet.print_area = f"A1:{get_column_letter(len(self.widths))}{self.next_row - 1}"

    def _title(self, text: str, size: float) -> None:
        centred = Alignment("center", "center", wrap_text=True)
        self._full_line(text, _Look(Font(name=_TITLE, size=size), centred), size, space=10)

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

    def _fields(self, line: Line, *, space: float = 4) -> None:
        parts = []
        for field in line:
            text = plain_text(field.content) or "_" * (_WRITING_LINE * field.underline)
            parts.append((clean_text(field.label) + text, field.align, field.share))
        self._shared(parts, space)

    def _shared(
        self, parts: Sequence[tuple[str, Align, float]], space: float, *, bold: int = 0
    ) -> None:
        """Spreads texts over the columns; what would wrap there shares one cell if it fits."""
        size = self._small
        edges = _edges(self.widths, [share for _, _, share in parts])
        spans = list(pairwise(edges))
        lines = max(
            # A little more than the text, so that there is room to write behind a label.
            self._lines(text and text + "　　", sum(self.widths[start:end]), size)
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
        heights, breaks = self._layout(first)
        for index, height in enumerate(heights):
            self.heights[first + index] = height
        self.next_row = first + len(heights)
        for row in breaks:
            self.sheet.row_breaks.append(Break(id=first + row - 1))
        for cell in grid.cells:
            for top, bottom in _pieces(cell, breaks):
                self._cell(cell, first + top, first + bottom)

    def _layout(self, first: int) -> tuple[list[float], list[int]]:
        """Chooses the airiest rows that need no more pages than tight rows would."""
        grid = self.grid
        if grid.one_page:
            return self._one_page_heights(first), []
        tried = []
        for air in (1.0, 0.8, 0.6):
            heights = self._row_heights(grid.row_padding * air)
            tried.append((heights, self._page_breaks(first, heights)))
        return min(tried, key=lambda layout: len(layout[1]))

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

    def _one_page_heights(self, first: int) -> list[float]:
        """Computes row heights for a single page, closer when it is crowded."""
        grid = self.grid
        heights = self._row_heights(grid.row_padding)
        around = sum(self.heights[row] for row in range(1, first)) + self._foot_height()
        excess = sum(heights) + around - self._page_height()
        if excess <= 0:
            return heights
        padding = grid.row_padding - excess / (2 * grid.row_count)
        return self._row_heights(max(_LEAST_PADDING, padding))

    def _row_heights(self, padding: float) -> list[float]:
        """Computes every table row's height in points, merged cells included."""
        grid, size = self.grid, self.grid.text_size
        heights = [size * _LINE + 2 * padding] * grid.row_count
        for cell in sorted(grid.cells, key=lambda cell: cell.rowspan):
            width = sum(self.widths[cell.column : cell.column + cell.colspan])
            text = plain_text(cell.content, number_format=cell.number_format, blank=grid.blank)
            needed = self._lines(text, width, size) * size * _LINE + 2 * padding
            rows = range(cell.row, cell.row + cell.rowspan)
            lacking = needed - sum(heights[row] for row in rows)
            for row in rows:
                heights[row] += max(0.0, lacking) / cell.rowspan
        return [min(height, _MAX_ROW_HEIGHT) for height in heights]

    def _foot_height(self) -> float:
        line = self._small * _LINE
        signing = len(self.grid.sign_off) * (line + _SIGN_OFF_SPACE)
        return len(self.grid.notes) * (line + 4) + signing

    def _page_height(self) -> float:
        """Points of a page for rows; two per cent are kept back for printers that round up."""
        paper = _PAPER[0] if self.grid.landscape else _PAPER[1]
        return (paper - _MARGIN_TOP - _MARGIN_BOTTOM) * 72 * 0.98

    def _page_breaks(self, first: int, heights: Sequence[float]) -> list[int]:
        """Finds the table rows before which a printed page ends."""
        grid = self.grid
        page = self._page_height()
        header = sum(heights[: grid.header_rows])
        room = page - sum(self.heights[row] for row in range(1, first)) - header
        together = {rows.start: rows for rows in held_rows(grid)}
        until = 0
        breaks: list[int] = []
        for row in range(grid.header_rows, len(heights)):
            rows = together.get(row, range(row, row + 1))
            needed = sum(heights[row] for row in rows)
            if rows.stop == len(heights):
                needed += self._foot_height()
            if needed > room and row > grid.header_rows and row >= until:
                breaks.append(row)
                room = page - header
            room -= heights[row]
            until = max(until, rows.stop)
        return breaks

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
