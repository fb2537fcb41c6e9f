"""What is wrong in a workbook, said with the cell where its author can mend it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Issue:
    """One fault or doubt about one place of a workbook.

    A broken workbook is never an exception but the list of all its issues at once. The sentence
    that people read is made at the edge, from the locale key ``issue-form-012`` for ``FORM_012``
    and from ``params``, so that an issue reads the same in chat and on the command line.

    Args:
        code: Stable code such as ``FORM_012``; tests, documents and locales hang on it.
        severity: ``error`` stops the workbook from opening, ``warning`` does not.
        sheet: Name of the sheet, or None when the whole workbook is meant.
        row: Row number as Excel shows it: 1-based, the header is row 1.
        column: Header of the column.
        params: Values for the sentence. Cells of the workbook may appear here, answers never.
        mend: Locale key of a proposed mend, or None.
    """

    code: str
    severity: Severity
    sheet: str | None = None
    row: int | None = None
    column: str | None = None
    params: Mapping[str, str | int] = field(default_factory=dict)
    mend: str | None = None


def has_errors(issues: list[Issue]) -> bool:
    """Tell whether any of the issues stops the workbook from opening."""
    return any(issue.severity == "error" for issue in issues)
