"""Workbooks as .xlsx: read from strangers' files without trusting them, written for Excel.

The reader never raises over what is in a file: whatever is wrong comes back as issues with sheet,
row and column. It unpacks nothing before it has looked at the sizes, reads no macros, follows no
external links and resolves no XML entities.
"""

import datetime as dt
import html
import io
import re
import warnings
import zipfile
from collections.abc import Iterator

from openpyxl import Workbook as ExcelBook
from openpyxl import load_workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties

from campaigns.issues import Issue, has_errors
from campaigns.workbook import (
    CELL_CHARACTERS,
    Row,
    Sheet,
    Workbook,
    clean_text,
    in_order,
)

#: What we take from a person in one file; the ten known plans need under 200 KB.
FILE_BYTES = 20_000_000
#: What the file may hold once unpacked: a packed sheet of text shrinks to about a tenth.
UNPACKED_BYTES = 200_000_000
#: Parts in the package; a workbook of 60 sheets has about 100.
PARTS = 1_000
SHEETS = 100
#: Enough for a choice list with every village of a province.
ROWS = 100_000
COLUMNS = 500
#: Cells in the whole workbook, empty ones left of a filled or coloured one included; keeps the
#: reading time to seconds.
CELLS = 5_000_000

#: Height of a line of text, and the highest row that Excel can show, in points.
LINE_POINTS = 15
ROW_POINTS = 409

_OLD_OFFICE = bytes.fromhex("d0cf11e0a1b11ae1")
_MAIN_TYPE = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
_MACRO_TYPE = b"macroEnabled"
_PART_READ = 1 << 20


def read_xlsx(data: bytes) -> tuple[Workbook | None, list[Issue]]:
    """Read a workbook that somebody sent.

    Numbers, dates and truth values become text; rows that are empty are left out and the others
    keep their numbers; a formula is refused where it stands, because its value is not the
    author's text.

    Args:
        data: The file's bytes, whatever they are.

    Returns:
        The workbook, or None when an issue is an error; and every issue found.
    """
    if refusal := _look_at_package(data):
        return None, [refusal]
    issues: list[Issue] = []
    try:
        with warnings.catch_warnings():
            # openpyxl warns about decorations that it will not keep; we keep only text anyway.
            warnings.simplefilter("ignore")
            sheets = {sheet.name: sheet for sheet in _read_sheets(data, issues)}
        issues += _merged_cells(data)
    except _TooMuch as limit:
        issues.append(limit.issue)
        return None, issues
    except Exception:
        # openpyxl has no error of its own for damaged files: KeyError, ValueError, ParseError,
        # BadZipFile and more come out of it, and defusedxml's refusal of entities. To the
        # author all mean the same.
        issues.append(Issue("BOOK_007", "error"))
        return None, issues
    if not any(sheet.rows for sheet in sheets.values()):
        issues.append(Issue("BOOK_014", "error"))
    if has_errors(issues):
        return None, issues
    return Workbook({name: sheets[name] for name in in_order(sheets)}), issues


def write_xlsx(workbook: Workbook) -> bytes:
    """Write a workbook for Excel: every cell text, header styled and frozen, columns readable."""
    book = ExcelBook()
    book.remove(book.worksheets[0])
    head_font, head_fill = Font(bold=True), PatternFill("solid", fgColor="FFDDEBF7")
    wrapped = Alignment(wrap_text=True, vertical="top")
    for sheet in workbook.sheets.values():
        page = book.create_sheet(sheet.name)
        page.freeze_panes = "A2"
        page.print_title_rows = "1:1"
        page.page_setup.orientation = "landscape"
        page.page_setup.fitToHeight = 0
        page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        widths = _column_widths(sheet)
        for place, column in enumerate(sheet.header, start=1):
            cell = page.cell(1, place, column)
            cell.data_type, cell.number_format = "s", "@"
            cell.font, cell.fill = head_font, head_fill
            page.column_dimensions[get_column_letter(place)].width = widths[column]
        for row in sheet.rows:
            height = 1
            for place, column in enumerate(sheet.header, start=1):
                if not (text := row.text(column)):
                    continue
                cell = page.cell(row.number, place, text)
                # Without this openpyxl takes a text that begins with "=" for a formula.
                cell.data_type, cell.number_format = "s", "@"
                cell.alignment = wrapped
                height = max(height, _lines(text, widths[column]))
            page.row_dimensions[row.number].height = min(ROW_POINTS, LINE_POINTS * height)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


class _TooMuch(Exception):  # noqa: N818 - control flow inside this module, not an error to show
    """Reading stops: the workbook is larger than any campaign."""

    def __init__(self, issue: Issue) -> None:
        super().__init__(issue.code)
        self.issue = issue


def _look_at_package(data: bytes) -> Issue | None:
    """Refuse what is no plain .xlsx of a bearable size, before anything is unpacked."""
    if len(data) > FILE_BYTES:
        return Issue("BOOK_004", "error", params={"limit_mb": FILE_BYTES // 1_000_000})
    if data.startswith(_OLD_OFFICE):
        return Issue("BOOK_002", "error")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            parts = package.infolist()
            if any(part.flag_bits & 1 for part in parts):
                return Issue("BOOK_006", "error")
            if len(parts) > PARTS or sum(part.file_size for part in parts) > UNPACKED_BYTES:
                return Issue("BOOK_005", "error", params={"limit_mb": UNPACKED_BYTES // 1_000_000})
            names = {part.filename for part in parts}
            if "[Content_Types].xml" not in names:
                return Issue("BOOK_001", "error")
            types = package.read("[Content_Types].xml")
            if _MACRO_TYPE in types or any(n.endswith("vbaProject.bin") for n in names):
                return Issue("BOOK_003", "error")
            if _MAIN_TYPE not in types:
                return Issue("BOOK_001", "error")
    except Exception:
        # zipfile lets errors of zlib, struct and its own through, by where the damage is.
        return Issue("BOOK_007" if data.startswith(b"PK") else "BOOK_001", "error")
    return None


def _read_sheets(data: bytes, issues: list[Issue]) -> Iterator[Sheet]:
    book = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
    try:
        if len(book.worksheets) > SHEETS:
            raise _TooMuch(Issue("BOOK_008", "error", params={"limit": SHEETS}))
        budget = CELLS
        for page in book.worksheets:
            name = clean_text(page.title)
            # The size that a file declares for its sheet is often wrong and may be a lie.
            page.reset_dimensions()
            header: dict[int, str] = {}
            header_names: tuple[str, ...] = ()
            rows: list[Row] = []
            for number, cells in enumerate(page.iter_rows(), start=1):
                if number > ROWS:
                    raise _TooMuch(Issue("BOOK_008", "error", name, params={"limit": ROWS}))
                budget -= len(cells)
                if budget < 0:
                    raise _TooMuch(Issue("BOOK_008", "error", name, params={"limit": CELLS}))
                found: dict[int, str] = {}
                for place, cell in enumerate(cells, start=1):
                    if cell.value is None:
                        continue
                    text = _text(cell.value)
                    if text and cell.data_type == "f":
                        where = header.get(place) or get_column_letter(place)
                        issues.append(Issue("BOOK_010", "error", name, number, where))
                    elif text:
                        found[place] = text
                if number == 1:
                    header = _check_header(name, found, issues)
                    header_names = tuple(header.values())
                elif found:
                    row = _check_row(name, number, found, header, issues)
                    if row.cells:
                        rows.append(row)
            yield Sheet(name, header_names, tuple(rows))
    finally:
        book.close()


def _check_header(sheet: str, found: dict[int, str], issues: list[Issue]) -> dict[int, str]:
    header: dict[int, str] = {}
    for place, column in found.items():
        if place > COLUMNS:
            raise _TooMuch(Issue("BOOK_008", "error", sheet, 1, params={"limit": COLUMNS}))
        if column in header.values():
            issues.append(Issue("BOOK_013", "error", sheet, 1, column))
        else:
            header[place] = column
    return header


def _check_row(
    sheet: str, number: int, found: dict[int, str], header: dict[int, str], issues: list[Issue]
) -> Row:
    cells: dict[str, str] = {}
    for place, text in found.items():
        column = header.get(place)
        if column is None:
            headless = get_column_letter(place)
            if not any(
                (i.code, i.sheet, i.column) == ("BOOK_012", sheet, headless) for i in issues
            ):
                issues.append(Issue("BOOK_012", "warning", sheet, number, headless))
        elif len(text) > CELL_CHARACTERS:
            params = {"limit": CELL_CHARACTERS}
            issues.append(Issue("BOOK_009", "error", sheet, number, column, params))
        else:
            cells[column] = text
    return Row(number, cells)


def _text(value: object) -> str:
    """Write a cell's value as the text that its author would have typed."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, dt.datetime):
        if value.time() == dt.time():
            return value.date().isoformat()
        return value.isoformat(timespec="seconds")
    if isinstance(value, dt.time):
        return value.isoformat(timespec="seconds" if value.second else "minutes")
    return clean_text(str(value))


def _merged_cells(data: bytes) -> list[Issue]:
    """Warn of merged cells: Excel shows one text over several rows, but only the first has it."""
    issues = []
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        names = _sheet_names(package)
        for part, name in names.items():
            before = b""
            with package.open(part) as stream:
                while block := stream.read(_PART_READ):
                    if b"<mergeCell " in before + block:
                        issues.append(Issue("BOOK_011", "warning", name))
                        break
                    before = block[-16:]
    return issues


def _sheet_names(package: zipfile.ZipFile) -> dict[str, str]:
    book = package.read("xl/workbook.xml").decode("utf-8", "replace")
    links = package.read("xl/_rels/workbook.xml.rels").decode("utf-8", "replace")
    target: dict[str, str] = {}
    for link in re.findall(r"<Relationship\b[^>]*>", links):
        identity, goal = re.search(r'\bId="([^"]*)"', link), re.search(r'\bTarget="([^"]*)"', link)
        if identity and goal:
            target[identity[1]] = "xl/" + goal[1].removeprefix("/xl/")
    found: dict[str, str] = {}
    for sheet in re.findall(r"<sheet\b[^>]*>", book):
        name, identity = re.search(r'\bname="([^"]*)"', sheet), re.search(r'r:id="([^"]*)"', sheet)
        if name and identity and (part := target.get(identity[1])) in package.namelist():
            found[str(part)] = html.unescape(name[1])
    return found


def _column_widths(sheet: Sheet) -> dict[str, int]:
    """Choose widths in characters: wide enough for the longest text, within reason."""
    widths = {}
    for column in sheet.header:
        texts = [column, *(row.text(column) for row in sheet.rows)]
        longest = max(_width(line) for text in texts for line in text.split("\n"))
        widths[column] = min(60, max(8, longest + 2))
    return widths


def _lines(text: str, width: int) -> int:
    """Count the lines that a text takes in a column; some room is lost where lines break."""
    room = width - 3
    return sum(max(1, -(-_width(line) // room)) for line in text.split("\n"))


def _width(line: str) -> int:
    """Width of a line in characters; a Chinese character is two wide."""
    return sum(2 if ord(sign) > 0x2E80 else 1 for sign in line)
