"""Has pyxform, the reference implementation, look at a form that our own checks let pass."""

import re
from collections.abc import Mapping

from campaigns.issues import Issue
from campaigns.workbook import Workbook

STANDARD_SHEETS = ("survey", "choices", "settings")
ROW = re.compile(r"\[row\s*:\s*(?:None|(\d+))\]\s*")
SHEET = re.compile(r"On the '(\w+)' sheet")
COLUMN = re.compile(r"the '([^']+)' value")
# Said by our own checks with row and column.
KNOWN_WARNINGS = ("missing translation", "no label", "without labels", "spelling")


def rows_for_pyxform(workbook: Workbook) -> dict[str, list[dict[str, str | None]]]:
    """Give the standard sheets as pyxform reads them, with empty rows where the sheet has them."""
    sheets: dict[str, list[dict[str, str | None]]] = {}
    for name in STANDARD_SHEETS:
        rows: list[dict[str, str | None]] = []
        for row in workbook.rows(name):
            rows.extend({} for _ in range(row.number - 2 - len(rows)))
            rows.append({header: text for header, text in row.cells.items() if header})
        if rows:
            header = workbook.sheets[name].header
            sheets[name] = rows
            sheets[f"{name}_header"] = [{column: None for column in header if column}]
    return sheets


def check_structure(workbook: Workbook, form_name: str) -> list[Issue]:
    """Convert the form with pyxform and say what it objects to, with the row where it names one.

    pyxform stops at its first error, so that this comes after our own checks, which do not.
    """
    # Imported here because it takes as long as reading ten forms and not every process reads one.
    from pyxform import xls2xform
    from pyxform.errors import PyXFormError

    warnings: list[str] = []
    try:
        xls2xform.convert(rows_for_pyxform(workbook), warnings=warnings, form_name=form_name)
    except PyXFormError as error:
        return [_issue("FORM_027", "error", str(error))]
    except Exception as error:
        # Odd sheets make it fail in ways of its own; their author gets an issue, not a crash.
        return [_issue("FORM_027", "error", type(error).__name__)]
    return [
        _issue("FORM_028", "warning", text)
        for text in warnings
        if not any(known in text.lower() for known in KNOWN_WARNINGS)
    ]


def _issue(code: str, severity: str, text: str) -> Issue:
    row = ROW.search(text)
    sheet = SHEET.search(text)
    column = COLUMN.search(text)
    number = int(row[1]) if row and row[1] else None
    params: Mapping[str, str | int] = {"text": ROW.sub("", text).strip()}
    return Issue(
        code,
        "error" if severity == "error" else "warning",
        sheet[1] if sheet else ("survey" if number else None),
        number,
        column[1] if column else None,
        params,
    )
