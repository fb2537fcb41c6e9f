"""Official tables as spreadsheets that an office can send upward as they are.

Every figure is a value, never a formula, so that phones and previews show it; every text is kept a
text, also when it begins like a formula.
"""

import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO
from xml.sax.saxutils import escape

from openpyxl import Workbook
from openpyxl.styles import Font

from reports.model import Grid
from reports.sheet import BASE_FONT, BASE_SIZE, SheetPrinter
from reports.text import clean_text

_SHEET_NAME_LENGTH = 31
_FORBIDDEN_IN_NAME = dict.fromkeys(map(ord, "[]:*?/\\"), "_")


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
    normal.font = Font(name=BASE_FONT, size=BASE_SIZE)
    taken: list[str] = []
    for grid in grids:
        SheetPrinter(book.create_sheet(_sheet_name(grid.sheet_name, taken)), grid).print_table()
        if grid.annex:
            name = _sheet_name(grid.wording.annex_title, taken)
            SheetPrinter(book.create_sheet(name), grid).print_annex()
    out = BytesIO()
    book.save(out)
    title = clean_text(grids[0].title).replace("\n", "")
    return _settle(out.getvalue(), title, written_at.astimezone(UTC))


def _sheet_name(wanted: str, taken: list[str]) -> str:
    """Makes a name that spreadsheets accept, different also when case is ignored."""
    plain = clean_text(wanted).replace("\n", " ").translate(_FORBIDDEN_IN_NAME)
    stem = plain.strip("' ")[:_SHEET_NAME_LENGTH] or "Sheet"
    name, number = stem, 2
    while name.casefold() in taken:
        ending = f" ({number})"
        name, number = stem[: _SHEET_NAME_LENGTH - len(ending)] + ending, number + 1
    taken.append(name.casefold())
    return name


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
