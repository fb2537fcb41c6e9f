"""Reads a checklist from the XLSForm sheets of a workbook.

Our own reader goes through the rows, so that every fault is named with its sheet, row and column,
all at once; then pyxform, the reference implementation, converts the form as a second opinion.
What the standard has and this engine cannot run yet is refused with its cell, never passed over.

Source: xlsform.org, "XLSForm reference table".
"""

import re

from campaigns.definition import Choice, Form
from campaigns.dependencies import find_circles
from campaigns.issues import Issue, has_errors
from campaigns.workbook import Sheet, Workbook
from campaigns.xlsform_columns import (
    CHOICES_COLUMNS,
    NOT_SHOWN,
    SETTINGS_COLUMNS,
    SURVEY_COLUMNS,
    UNNAMED_LANGUAGE,
    Column,
    language_code,
    languages_of,
    read_columns,
)
from campaigns.xlsform_rows import YES, Reading, RowReader, check_translations, read_name, texts
from campaigns.xlsform_structure import check_structure

BRACKET = re.compile(r"(begin|end) (group|repeat|loop|lgroup|looped group)\b", re.IGNORECASE)
LABEL_REFERENCE = re.compile(r"\$\{\s*([^}]+?)\s*\}")


def read_form(workbook: Workbook) -> tuple[Form | None, list[Issue]]:
    """Read the form of a workbook.

    Returns:
        The form, or None when there are errors; and every issue found, in the order of the sheet.
    """
    reading = Reading()
    survey = _sheet(workbook, "survey", reading)
    if survey is None or not survey.rows:
        reading.note("FORM_001", "error", "survey")
        return None, reading.issues
    settings, language = _read_settings(workbook, reading)
    for name in ("entities", "external_choices", "osm"):
        if workbook.rows(name):
            reading.note("FORM_007", "error", name, 1, feature=name)
    choices = _sheet(workbook, "choices", reading)
    choice_columns = _read_choices(choices, language, reading) if choices is not None else []
    columns, issues = read_columns(survey, SURVEY_COLUMNS, language)
    reading.issues.extend(issues)
    _read_survey(survey, columns, reading)
    languages = languages_of([*columns, *choice_columns], language) or (language,)
    if language not in languages:
        language = languages[0]
        if settings.get("default_language"):
            reading.note("FORM_026", "warning", "settings", 2, "default_language")
    title = settings.get("form_title") or settings.get("title") or settings.get("form_id", "")
    form = Form(
        form_id=settings.get("form_id") or settings.get("id_string") or "form",
        version=settings.get("version", ""),
        title=title,
        default_language=language,
        languages=languages,
        questions=tuple(reading.questions),
        groups=tuple(reading.groups),
        titles={
            language_code(header.partition("::")[2]): text
            for header, text in settings.items()
            if header.startswith("x_title::")
        }
        or {language: title},
        settings=settings,
    )
    _check_references(form, reading)
    _check_lists(reading)
    _check_circles(form, reading)
    if not has_errors(reading.issues):
        reading.issues.extend(check_structure(workbook, "data"))
    reading.issues.sort(key=lambda issue: (_place(issue.sheet), issue.row or 0))
    return (None if has_errors(reading.issues) else form), reading.issues


def _place(sheet: str | None) -> int:
    order = ("settings", "survey", "choices")
    return order.index(sheet) if sheet in order else len(order)


def _sheet(workbook: Workbook, name: str, reading: Reading) -> Sheet | None:
    """Find a standard sheet whatever the case of its name, and say which one is nearly one."""
    if name in workbook.sheets:
        return workbook.sheets[name]
    for other, sheet in workbook.sheets.items():
        if other.strip().lower() == name:
            return sheet
    for other in workbook.sheets:
        if other.strip().lower().rstrip("s") == name.rstrip("s"):
            reading.note("FORM_002", "error", other, meant=name)
    return None


def _read_settings(workbook: Workbook, reading: Reading) -> tuple[dict[str, str], str]:
    sheet = _sheet(workbook, "settings", reading)
    settings = dict(sheet.rows[0].cells) if sheet is not None and sheet.rows else {}
    if sheet is not None:
        reading.issues.extend(read_columns(sheet, SETTINGS_COLUMNS, "")[1])
    named = settings.get("default_language", "")
    return settings, language_code(named) if named else UNNAMED_LANGUAGE


def _read_choices(sheet: Sheet, language: str, reading: Reading) -> list[Column]:
    columns, issues = read_columns(sheet, CHOICES_COLUMNS, language)
    # Every further column of this sheet is data of its own in the standard: no reason to warn.
    reading.issues.extend(issue for issue in issues if issue.code != "FORM_004")
    by_kind = {column.kind: column.header for column in columns}
    list_header, name_header = by_kind.get("list_name", ""), by_kind.get("name", "")
    for header, meant in ((list_header, "list_name"), (name_header, "name")):
        if not header:
            reading.note("FORM_001", "error", sheet.name, 1, meant)
            return columns
    allowed = {column.header for column in columns if not column.kind or column.kind == "x_"}
    names: dict[tuple[str, str], int] = {}
    for row in sheet.rows:
        list_name, name = row.text(list_header), row.text(name_header)
        if not list_name and not name:
            continue
        if not list_name or not name:
            missing = name_header if list_name else list_header
            reading.note("FORM_016", "error", sheet.name, row.number, missing)
            continue
        if (list_name, name) in names:
            other = names[list_name, name]
            reading.note(
                "FORM_017", "error", sheet.name, row.number, name_header, name=name, other=other
            )
            continue
        if any(letter.isspace() for letter in name):
            reading.note("FORM_018", "error", sheet.name, row.number, name_header, name=name)
        names[list_name, name] = row.number
        check_translations(sheet.name, row, columns, reading, ("label",))
        extra = {header: row.cells[header] for header in allowed if row.cells.get(header)}
        labels = texts(row, columns, "label")
        choice = Choice(name, labels, extra, row.number)
        reading.lists.setdefault(list_name, []).append(choice)
    return columns


def _read_survey(sheet: Sheet, columns: list[Column], reading: Reading) -> None:
    headers = {column.kind: column.header for column in columns if not column.language}
    for kind in ("type", "name"):
        if kind not in headers:
            reading.note("FORM_001", "error", sheet.name, 1, kind)
            return
    for column in columns:
        if column.kind in NOT_SHOWN and any(row.cells.get(column.header) for row in sheet.rows):
            reading.note("FORM_029", "warning", sheet.name, 1, column.header)
    open_groups: list[tuple[str, int]] = []
    for row in sheet.rows:
        if row.text(headers.get("disabled", "")).lower() in YES:
            continue
        spelling = " ".join(row.text(headers["type"]).replace("_", " ").split())
        bracket = BRACKET.match(spelling)
        if not spelling:
            if row.text(headers["name"]):
                reading.note(
                    "FORM_006",
                    "error",
                    sheet.name,
                    row.number,
                    headers["type"],
                    type="",
                    meant="none",
                )
            elif row.cells:
                reading.note("FORM_032", "warning", sheet.name, row.number)
        elif bracket is not None and bracket[1].lower() == "end":
            if open_groups:
                open_groups.pop()
            else:
                reading.note("FORM_019", "error", sheet.name, row.number, headers["type"])
        elif bracket is not None:
            if bracket[2].lower() != "group":
                feature = row.text(headers["type"])
                reading.note(
                    "FORM_007", "error", sheet.name, row.number, headers["type"], feature=feature
                )
            name = read_name(row, headers["name"], reading)
            parent = open_groups[-1][0] if open_groups else ""
            reading.groups.append(RowReader(row, columns, headers, reading).group(name, parent))
            open_groups.append((name, row.number))
        else:
            parent = open_groups[-1][0] if open_groups else ""
            reader = RowReader(row, columns, headers, reading)
            question = reader.question(spelling, parent)
            if question is not None:
                reading.questions.append(question)
    for _, number in open_groups:
        reading.note("FORM_019", "error", sheet.name, number, headers["type"])


def _check_references(form: Form, reading: Reading) -> None:
    """Say which names of expressions and labels are not questions of the form."""
    # A question that is refused for its type is no reason to refuse those that read it.
    names = reading.name_rows.keys() - {group.name for group in form.groups}
    for expression, row, header in reading.expressions:
        for name in sorted(expression.references - names):
            reading.note("FORM_013", "error", "survey", row, header, name=name)
    for question in form.questions:
        for kind, wordings in (("label", question.labels), ("hint", question.hints)):
            wanted = {name for text in wordings.values() for name in LABEL_REFERENCE.findall(text)}
            for name in sorted(wanted - names):
                reading.note("FORM_013", "error", "survey", question.row, kind, name=name)


def _check_lists(reading: Reading) -> None:
    for name in reading.lists.keys() - reading.used_lists:
        row = reading.lists[name][0].row
        reading.note("FORM_031", "warning", "choices", row, "list_name", name=name)


def _check_circles(form: Form, reading: Reading) -> None:
    for circle in find_circles(form):
        names = [key.removeprefix("/") for key in circle]
        row = min((form.by_name.get(name) or form.groups_by_name[name]).row for name in names)
        reading.note(
            "FORM_014", "error", "survey", row, None, names=" → ".join([*names, names[0]])
        )
