"""A campaign's workbook: named sheets of text cells, as a folder of CSV files or as .xlsx.

The folder is what people review and keep in version control, the .xlsx is what they fill in and
send. Both hold the same thing, and a test walks from one to the other and back. Everything is
text: a date is ``2020-09-01`` and a number is its digits, so that Excel's own notions of both
never reach a campaign.
"""

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from campaigns.errors import CampaignError

#: The order of the sheets in a written workbook: the XLSForm standard first, then ours.
SHEET_ORDER = (
    "survey",
    "choices",
    "settings",
    "x_campaign",
    "x_stages",
    "x_kinds",
    "x_tasks",
    "x_categories",
    "x_targets",
    "x_tables",
    "x_table_rows",
    "x_table_columns",
    "x_form_lines",
    "x_pushes",
    "x_figures",
)

#: Excel keeps at most this many characters in a cell.
#: Source: Excel specifications and limits, "Total number of characters that a cell can contain".
CELL_CHARACTERS = 32_767

# Characters that XML 1.0 cannot carry; a cell with one of them could not be written to .xlsx.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Row:
    """One row that is not empty.

    Args:
        number: Row number as Excel shows it; the header is row 1.
        cells: Text by column header; empty cells are left out.
    """

    number: int
    cells: Mapping[str, str]

    def text(self, column: str) -> str:
        """Give a cell's text, empty where there is none."""
        return self.cells.get(column, "")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: a header and its rows.

    Args:
        name: Name on the sheet's tab.
        header: Column headers from left to right.
        rows: Rows that hold anything, from top to bottom.
    """

    name: str
    header: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Workbook:
    """All sheets by name."""

    sheets: Mapping[str, Sheet] = field(default_factory=dict)

    def rows(self, sheet: str) -> tuple[Row, ...]:
        """Give a sheet's rows, none where there is no such sheet."""
        found = self.sheets.get(sheet)
        return found.rows if found else ()


def clean_text(text: str) -> str:
    """Bring a cell to the form that both file formats keep: trimmed, one kind of line end."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    # str.isprintable is a fast path; most cells hold nothing to remove.
    return plain if plain.isprintable() else _UNWRITABLE.sub("", plain).strip()


def in_order(names: Iterable[str]) -> list[str]:
    """Sort sheet names: known ones in ``SHEET_ORDER``, others after them by name."""
    place = {name: number for number, name in enumerate(SHEET_ORDER)}
    return sorted(names, key=lambda name: (place.get(name, len(place)), name))


def read_folder(path: Path) -> Workbook:
    """Read a workbook kept as one CSV file (UTF-8) per sheet.

    Args:
        path: The folder; every ``*.csv`` in it is a sheet.

    Raises:
        CampaignError: ``workbook-not-found`` when the folder holds no CSV file.
    """
    files = {file.stem: file for file in path.glob("*.csv")}
    if not files:
        raise CampaignError("workbook-not-found", name=path.name)
    return Workbook({name: _read_csv(name, files[name]) for name in in_order(files)})


def write_folder(workbook: Workbook, path: Path) -> None:
    """Write a workbook as one CSV file per sheet, so that a review shows row by row.

    Rows keep their numbers: where a sheet had empty rows, the file has them too.

    Args:
        workbook: What to write.
        path: The folder; made when missing. Sheets already there are replaced, files of sheets
            that the workbook does not have are left alone.
    """
    path.mkdir(parents=True, exist_ok=True)
    for sheet in workbook.sheets.values():
        with (path / f"{sheet.name}.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(sheet.header)
            written = 1
            for row in sheet.rows:
                while written < row.number - 1:
                    writer.writerow([""] * max(2, len(sheet.header)))
                    written += 1
                writer.writerow([row.text(column) for column in sheet.header])
                written += 1


def _read_csv(name: str, file: Path) -> Sheet:
    with file.open(encoding="utf-8-sig", newline="") as stream:
        records = list(csv.reader(stream))
    header = tuple(clean_text(cell) for cell in records[0]) if records else ()
    rows = []
    for number, record in enumerate(records[1:], start=2):
        cells = {
            column: text
            for column, cell in zip(header, record, strict=False)
            if (text := clean_text(cell))
        }
        if cells:
            rows.append(Row(number, cells))
    return Sheet(name, header, tuple(rows))


def to_json(workbook: Workbook) -> dict[str, Any]:
    """Turn a workbook into plain lists and dictionaries, as a published version is stored."""
    return {
        sheet.name: {
            "header": list(sheet.header),
            "rows": [[row.number, dict(row.cells)] for row in sheet.rows],
        }
        for sheet in workbook.sheets.values()
    }


def from_json(stored: Mapping[str, Any]) -> Workbook:
    """Bring back a workbook that ``to_json`` made; the order of its sheets is restored."""
    return Workbook(
        {
            name: Sheet(
                name,
                tuple(stored[name]["header"]),
                tuple(Row(number, dict(cells)) for number, cells in stored[name]["rows"]),
            )
            for name in in_order(stored)
        }
    )
