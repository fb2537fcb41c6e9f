"""Reading our own sheets (``x_...``) cell by cell, collecting every issue on the way.

A reader never stops at a fault: it notes it with sheet, row and column, gives a harmless value
and goes on, so that an author sees everything that is wrong at once.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches

from campaigns.expressions import Expression, ExpressionError, compile_expression
from campaigns.issues import Issue, Severity
from campaigns.workbook import Row, Workbook

#: A column that every sheet of ours may have: a remark from author to author, read by nobody else.
NOTE_COLUMN = "note"

_ID = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_LANGUAGE = re.compile(r"\(([A-Za-z]{2,3}(?:-[A-Za-z0-9]+)*)\)\s*$")


def split_header(header: str) -> tuple[str, str]:
    """Split ``label::中文 (zh)`` into the column and its language code.

    Returns:
        Column and language; the language is empty for a column that is not translated.
    """
    column, _, language = header.partition("::")
    found = _LANGUAGE.search(language)
    return column.strip(), found[1] if found else language.strip()


def wordings(cells: Mapping[str, str], column: str) -> dict[str, str]:
    """Collect one translated column of a row, such as ``x_short::中文 (zh)``, by language code.

    Also serves ``Question.columns`` and ``Group.columns``.
    """
    return {
        language: text
        for header, text in cells.items()
        if header.startswith(column)
        for found, language in [split_header(header)]
        if found == column and language and text
    }


class SheetReader:
    """One of our sheets, read row by row.

    Args:
        workbook: Where the sheet is.
        name: Name of the sheet.
        columns: The columns it may have; one that ends in ``::`` is translated.
        issues: Where faults are noted.
        needed: Whether a workbook without this sheet is a fault.
    """

    def __init__(
        self,
        workbook: Workbook,
        name: str,
        columns: Iterable[str],
        issues: list[Issue],
        *,
        needed: bool = False,
    ) -> None:
        """Look at the header at once."""
        self.name = name
        self.issues = issues
        self._columns = frozenset(columns) | {NOTE_COLUMN}
        self._rows = workbook.rows(name)
        self._languages: dict[str, list[tuple[str, str]]] = {}
        self._seen: dict[str, int] = {}
        self._header: frozenset[str] = frozenset()
        self.present = name in workbook.sheets
        self._absent: set[str] = set()
        sheet = workbook.sheets.get(name)
        if sheet is None:
            if needed:
                self.issues.append(Issue("CAMP_001", "error", name))
            return
        self._header = frozenset(sheet.header)
        for header in sheet.header:
            column, language = split_header(header)
            known = f"{column}::" in self._columns if language else header in self._columns
            if language and known:
                self._languages.setdefault(column, []).append((language, header))
            elif not known:
                near = get_close_matches(column, [c.rstrip(":") for c in self._columns], 1)
                self.note("CAMP_002", None, header, {"near": near[0] if near else ""})

    def rows(self) -> Iterator[Row]:
        """Walk over the rows."""
        yield from self._rows

    def note(
        self,
        code: str,
        row: Row | None,
        column: str | None,
        params: Mapping[str, str | int] | None = None,
        severity: Severity = "error",
    ) -> None:
        """Note an issue at a cell; without a row it is about the header."""
        number = row.number if row else 1
        self.issues.append(Issue(code, severity, self.name, number, column, params or {}))

    def need(self, row: Row, column: str) -> str:
        """Read a cell that must not be empty."""
        text = row.text(column)
        if not text:
            self._missing(row, column)
        return text

    def _missing(self, row: Row, column: str) -> None:
        """Note an empty cell, or once the whole column where the sheet does not have it."""
        if column in self._header:
            self.note("CAMP_004", row, column)
        elif column not in self._absent:
            self._absent.add(column)
            self.note("CAMP_003", None, column)

    def new_id(self, row: Row, column: str, scope: str = "") -> str:
        """Read the identifier that a row introduces; it is unique in its scope.

        Returns:
            The identifier, or an empty text when it cannot be used; then the row is skipped.
        """
        text = self.need(row, column)
        if not text:
            return ""
        if not _ID.fullmatch(text):
            self.note("CAMP_005", row, column, {"value": text})
            return ""
        key = f"{scope}\n{text}"
        if key in self._seen:
            self.note("CAMP_006", row, column, {"value": text, "first": self._seen[key]})
            return ""
        self._seen[key] = row.number
        return text

    def known(self, row: Row, column: str, allowed: Collection[str], *, need: bool = True) -> str:
        """Read a cell that names something else of the workbook."""
        text = self.need(row, column) if need else row.text(column)
        if text and text not in allowed:
            near = get_close_matches(text, allowed, 1)
            self.note("CAMP_007", row, column, {"value": text, "near": near[0] if near else ""})
            return ""
        return text

    def several(self, row: Row, column: str, allowed: Collection[str]) -> tuple[str, ...]:
        """Read a cell that names several things of the workbook, separated by blanks."""
        found = []
        for text in row.text(column).split():
            if text in allowed:
                found.append(text)
            else:
                near = get_close_matches(text, allowed, 1)
                self.note(
                    "CAMP_007", row, column, {"value": text, "near": near[0] if near else ""}
                )
        return tuple(found)

    def one_of(self, row: Row, column: str, allowed: tuple[str, ...], default: str = "") -> str:
        """Read a cell that holds one of a few fixed words."""
        text = row.text(column) or default
        if not text:
            self._missing(row, column)
        elif text not in allowed:
            self.note("CAMP_009", row, column, {"value": text, "allowed": ", ".join(allowed)})
            return default or allowed[0]
        return text

    def labels(self, row: Row, column: str, *, need: bool = False) -> dict[str, str]:
        """Read a translated column: texts by language code, without the empty ones."""
        headers = self._languages.get(column, [])
        found = {language: row.text(header) for language, header in headers}
        filled = {language: text for language, text in found.items() if text}
        if need and not filled:
            self._missing(row, headers[0][1] if headers else f"{column}::")
        for language, header in headers:
            if filled and language not in filled:
                self.note("CAMP_014", row, header, severity="warning")
        return filled

    def day(self, row: Row, column: str) -> date | None:
        """Read a civil date, ``2020-09-01``; an empty cell is a blank to be filled at opening."""
        text = row.text(column)
        if not text:
            return None
        try:
            day = date.fromisoformat(text)
        except ValueError:
            day = None
        # fromisoformat also takes 20200901 and 2020-W36-2, which nobody would read as intended.
        if day is None or day.isoformat() != text:
            self.note("CAMP_008", row, column, {"value": text})
            return None
        return day

    def number(self, row: Row, column: str, default: str, low: int, high: int) -> Decimal:
        """Read a number between two bounds, both included."""
        text = row.text(column) or default
        try:
            value = Decimal(text)
        except InvalidOperation:
            value = Decimal("NaN")
        if not value.is_finite() or not low <= value <= high:
            self.note("CAMP_012", row, column, {"value": text, "low": low, "high": high})
            return Decimal(default)
        return value

    def expression(self, row: Row, column: str, names: Collection[str]) -> Expression | None:
        """Read an expression; every name that it reads must be known.

        Args:
            row: The row.
            column: The column.
            names: Names that may be read; an empty collection checks none.
        """
        source = row.text(column)
        if not source:
            return None
        try:
            found = compile_expression(source)
        except ExpressionError as error:
            # The evaluator's own code says best what is wrong; the cell is ours to add.
            self.note(error.code, row, column, error.params)
            return None
        for name in sorted(found.references - set(names)) if names else ():
            near = get_close_matches(name, names, 1)
            self.note("CAMP_011", row, column, {"value": name, "near": near[0] if near else ""})
        return found
