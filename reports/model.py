"""The neutral model of an official table or form, from which every renderer works.

A `Grid` holds everything that is printed: title, head fields, the table itself, notes and the
sign-off line. It knows nothing of campaigns, storage or chat, so that the same figures come out
alike as spreadsheet, PDF and picture. Figures are computed before they come here: renderers only
place and format them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum


class GridError(ValueError):
    """A table that cannot be printed; the message names positions only, never contents."""


class Align(StrEnum):
    """Where a cell's text stands between the cell's left and right border."""

    LEFT = "left"
    CENTRE = "center"
    RIGHT = "right"


class Role(StrEnum):
    """What a cell is for, which decides its face and shade."""

    HEADER = "header"
    """A column heading, repeated on every page."""
    GROUP = "group"
    """The name of a block of rows, merged vertically and repeated where a page breaks it."""
    LABEL = "label"
    """The name of one row."""
    VALUE = "value"
    """A figure or an answer."""
    TOTAL = "total"
    """A figure that sums others."""


@dataclass(frozen=True, slots=True)
class Text:
    """Words printed as they are."""

    text: str


@dataclass(frozen=True, slots=True)
class Box:
    """A tick box behind its label, as in 有□."""

    checked: bool
    label: str = ""


@dataclass(frozen=True, slots=True)
class Blank:
    """A line to be filled in by hand."""

    width: int = 3
    """Chinese characters."""


@dataclass(frozen=True, slots=True)
class Value:
    """An answer printed on its line."""

    text: str


Segment = Text | Box | Blank | Value
Content = str | int | Decimal | None | tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """One labelled entry above or below the table, such as 填表人 or 地址."""

    label: str = ""
    content: str | tuple[Segment, ...] = ""
    share: float = 1.0
    """Part of the line's width, relative to the other fields of the line."""
    align: Align = Align.LEFT
    underline: bool = False
    """Draws the writing line to the end of the field, also when it is empty."""


Line = tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the table."""

    width: float
    """Half-width characters; the columns together are scaled to the page."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One rectangle of the table, counted from 0 at the upper left heading."""

    row: int
    column: int
    content: Content = None
    rowspan: int = 1
    colspan: int = 1
    role: Role = Role.VALUE
    number_format: str = "0"
    """`0`, `0.00`, `#,##0` or `#,##0.00`; more zeros behind the point give more decimals."""
    align: Align | None = None
    """None: as usual for the role (labels left, all else centred)."""


@dataclass(frozen=True, slots=True)
class Wording:
    """The few words that renderers add by themselves, in the language of the document."""

    language: str = "zh"
    page_footer: str = "第 {page} 页　共 {pages} 页"
    missing_characters: str = "注：〓 代替字库中没有的字（{codes}），原字见电子表格。"
    see_annex: str = "（全文见续页）"
    annex_title: str = "续页：备注全文"
    continued: str = "（续）"
    photo_count: str = "照片 {count} 张"


@dataclass(frozen=True, slots=True)
class Grid:
    """An official table with all that stands around it on the page.

    Raises:
        GridError: Cells overlap, leave gaps, leave the table, cross from the headings into the
            body, or the settings name columns that do not exist.
    """

    title: str
    """May hold line breaks."""
    columns: tuple[Column, ...]
    cells: tuple[Cell, ...]
    header_rows: int = 1
    label_columns: int = 1
    """Columns at the left that name the row. With two or more the first one names groups."""
    unit_column: int | None = None
    """The column that holds each row's unit of measure, if there is one."""
    sheet_name: str = "Sheet1"
    attachment: str = ""
    """Such as 附件3, above the title at the left."""
    reference: str = ""
    """Such as a number and revision: above the title at the right, and in every footer."""
    head: tuple[Line, ...] = ()
    unit: str = ""
    """One unit for all figures, at the right above the table, such as 单位：个."""
    notes: tuple[str, ...] = ()
    sign_off: tuple[Line, ...] = ()
    annex: tuple[tuple[str, str], ...] = ()
    """Texts too long for the table, each with the name of its place, on pages of their own."""
    landscape: bool = False
    one_page: bool = False
    """Shrinks the sheet to one printed page; without it long tables break between rows."""
    blank: str = ""
    """What an unknown figure prints as. Blank is not zero: zero always prints 0."""
    text_size: float = 10.5
    """Points; 10.5 is 五号."""
    title_size: float = 18.0
    """Points; 18 is 小二."""
    row_padding: float = 3.5
    """Points above and below the text of a row."""
    wording: Wording = field(default_factory=Wording)

    def __post_init__(self) -> None:
        """Refuses a table with faults, all of them in one message."""
        faults = list(_faults(self))
        if faults:
            raise GridError("; ".join(faults))

    @property
    def row_count(self) -> int:
        """Rows of the table, headings included."""
        return max((cell.row + cell.rowspan for cell in self.cells), default=0)


def owners(grid: Grid) -> dict[tuple[int, int], Cell]:
    """Tells for every (row, column) position which cell covers it."""
    return {
        (row, column): cell
        for cell in grid.cells
        for row in range(cell.row, cell.row + cell.rowspan)
        for column in range(cell.column, cell.column + cell.colspan)
    }


def _faults(grid: Grid) -> Iterator[str]:
    width = len(grid.columns)
    if not width or not grid.cells:
        yield "the table is empty"
        return
    if any(column.width <= 0 for column in grid.columns):
        yield "a column has no width"
    if not 0 <= grid.header_rows < grid.row_count:
        yield "header_rows leaves no body"
    if not 1 <= grid.label_columns < width:
        yield "label_columns leaves no value column"
    if grid.unit_column is not None and not grid.label_columns <= grid.unit_column < width:
        yield "unit_column is not right of the labels"
    taken: set[tuple[int, int]] = set()
    for cell in grid.cells:
        place = f"cell at row {cell.row}, column {cell.column}"
        if cell.rowspan < 1 or cell.colspan < 1 or cell.row < 0 or cell.column < 0:
            yield f"{place} has an impossible position or span"
            continue
        if cell.column + cell.colspan > width:
            yield f"{place} leaves the table"
        if cell.row < grid.header_rows < cell.row + cell.rowspan:
            yield f"{place} crosses from the headings into the body"
        covered = {
            (row, column)
            for row in range(cell.row, cell.row + cell.rowspan)
            for column in range(cell.column, cell.column + cell.colspan)
        }
        if covered & taken:
            yield f"{place} overlaps another cell"
        taken |= covered
    for row in range(grid.row_count):
        missing = [column for column in range(width) if (row, column) not in taken]
        if missing:
            yield f"row {row} has no cell in columns {missing}"
