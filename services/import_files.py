"""Lists that offices send: .xlsx or .csv, with Chinese or English headers, read as text rows."""

import csv
import io
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from campaigns.errors import CampaignError
from campaigns.workbook import clean_text
from campaigns.workbook_xlsx import read_xlsx

FILE_BYTES = 20_000_000
"""Largest list that is read; a province's registry of institutions is about a fifth of it."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one row, said with the cell where its author can mend it.

    Args:
        row: Row number as Excel shows it; the header is row 1.
        column: Header of the column as the file writes it, or an empty text for the whole row.
        key: Locale key of the sentence.
        params: Values for the sentence.
    """

    row: int
    column: str
    key: str
    params: Mapping[str, str | int] = field(default_factory=dict)


class RowFaultError(Exception):
    """One row cannot be taken; the others go on."""

    def __init__(self, column: str, key: str, **params: str | int) -> None:
        """Keep which column (our name of it) and why."""
        super().__init__(key)
        self.column, self.key, self.params = column, key, params


@dataclass(frozen=True, slots=True)
class ListRow:
    """One row by our own column names; a column that the file lacks is missing here."""

    number: int
    cells: Mapping[str, str]

    def text(self, column: str) -> str:
        """A cell's text, empty when there is none."""
        return self.cells.get(column, "")

    def need(self, column: str) -> str:
        """A cell that must be filled in.

        Raises:
            RowFaultError: ``import-empty``.
        """
        found = self.cells.get(column, "")
        if not found:
            raise RowFaultError(column, "import-empty")
        return found

    def choice(self, column: str, words: Mapping[str, str], *, default: str | None = None) -> str:
        """A cell that holds one of some words.

        Raises:
            RowFaultError: ``import-choice`` with the words that can be used.
        """
        found = self.text(column) if default is not None else self.need(column)
        if not found and default is not None:
            return default
        chosen = words.get(squeeze(found))
        if chosen is None:
            allowed = "、".join(dict.fromkeys(word for word in words if not word.isascii()))
            raise RowFaultError(column, "import-choice", value=found[:40], allowed=allowed)
        return chosen

    def day(self, column: str) -> date | None:
        """A cell that holds a day, such as 2026-09-01, or nothing.

        Raises:
            RowFaultError: ``import-day``.
        """
        found = self.text(column)
        if not found:
            return None
        parts = re.fullmatch(r"(\d{4})[-./年](\d{1,2})[-./月](\d{1,2})日?(?:[ T].*)?", found)
        try:
            if parts is not None:
                return date(int(parts[1]), int(parts[2]), int(parts[3]))
        except ValueError:
            pass
        raise RowFaultError(column, "import-day", value=found[:40])

    def degrees(self, column: str, limit: int) -> float | None:
        """A cell that holds a latitude or longitude in decimal degrees, or nothing.

        Raises:
            RowFaultError: ``import-degrees``.
        """
        found = self.text(column)
        if not found:
            return None
        if re.fullmatch(r"-?\d{1,3}(\.\d+)?", found) and abs(float(found)) <= limit:
            return float(found)
        raise RowFaultError(column, "import-degrees", value=found[:40], limit=limit)


@dataclass(frozen=True, slots=True)
class ListFile:
    """A list as read: rows, and how the file itself writes our columns' names."""

    rows: tuple[ListRow, ...]
    headers: Mapping[str, str]

    def has(self, column: str) -> bool:
        """Whether the file has this column at all."""
        return column in self.headers


def squeeze(text: str) -> str:
    """A word for comparing: half-width, lower case, without spaces and signs."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(character for character in folded if character.isalnum())


def read_list(
    name: str, data: bytes, columns: Mapping[str, tuple[str, ...]], required: tuple[str, ...]
) -> ListFile:
    """Read a list from an .xlsx (its first sheet with rows) or a .csv file.

    A .csv may be UTF-8 or GB 18030, which is what Excel in China writes.

    Args:
        name: The file's name; its ending says what it is.
        data: Its bytes.
        columns: Our column names and the headers under which they are known.
        required: Columns that must be there.

    Raises:
        CampaignError: ``import-too-big``, ``import-format`` (neither .xlsx nor .csv, or broken),
            ``import-no-rows`` or ``import-no-column``.
    """
    if len(data) > FILE_BYTES:
        raise CampaignError("import-too-big", limit=FILE_BYTES // 1_000_000)
    ending = name.rpartition(".")[2].lower()
    if ending == "xlsx":
        header, rows = _from_xlsx(data)
    elif ending == "csv":
        header, rows = _from_csv(data)
    else:
        raise CampaignError("import-format", name=name[-60:])
    known = {squeeze(word): ours for ours, words in columns.items() for word in (ours, *words)}
    headers: dict[str, str] = {}
    for written in header:
        ours = known.get(squeeze(written))
        if ours is not None:
            headers.setdefault(ours, written)
    for column in required:
        if column not in headers:
            raise CampaignError("import-no-column", column=columns[column][0])
    taken = tuple(
        ListRow(number, {ours: cells.get(written, "") for ours, written in headers.items()})
        for number, cells in rows
    )
    filled = tuple(row for row in taken if any(row.cells.values()))
    if not filled:
        raise CampaignError("import-no-rows")
    return ListFile(filled, headers)


Raw = tuple[tuple[str, ...], list[tuple[int, Mapping[str, str]]]]


def _from_xlsx(data: bytes) -> Raw:
    workbook, issues = read_xlsx(data)
    if workbook is None:
        raise CampaignError("import-broken", code=issues[0].code)
    for sheet in workbook.sheets.values():
        if sheet.rows:
            return sheet.header, [(row.number, row.cells) for row in sheet.rows]
    raise CampaignError("import-no-rows")


def _from_csv(data: bytes) -> Raw:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            content = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise CampaignError("import-encoding")
    if "\x00" in content:
        raise CampaignError("import-encoding")
    first = content.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    try:
        records = list(csv.reader(io.StringIO(content, newline=""), delimiter=separator))
    except csv.Error:
        raise CampaignError("import-encoding") from None
    if not records:
        raise CampaignError("import-no-rows")
    header = tuple(clean_text(cell) for cell in records[0])
    rows: list[tuple[int, Mapping[str, str]]] = []
    for number, record in enumerate(records[1:], start=2):
        pairs = zip(header, record, strict=False)
        rows.append((number, {column: clean_text(cell) for column, cell in pairs}))
    return header, rows
