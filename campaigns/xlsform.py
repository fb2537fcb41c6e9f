"""Reads a checklist from the XLSForm sheets of a workbook.

Our own reader goes through the rows, so that every fault is named with its sheet, row and column,
all at once; then pyxform, the reference implementation, converts the form as a second opinion.
What the standard has and this engine cannot run yet is refused with its cell, never passed over.

Source: xlsform.org, "XLSForm reference table".
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from campaigns.definition import Choice, Form, Group, Question
from campaigns.dependencies import find_circles
from campaigns.expressions import Expression, ExpressionError, compile_expression
from campaigns.expressions.syntax import Call, Filter, Path, Reference, everything, plain_name
from campaigns.issues import Issue, Severity, has_errors
from campaigns.question_types import QUESTION_TYPES, UNSUPPORTED, AnswerError, Moment
from campaigns.workbook import Row, Sheet, Workbook
from campaigns.xlsform_columns import (
    CHOICES_COLUMNS,
    NOT_SHOWN,
    NOT_YET,
    SETTINGS_COLUMNS,
    SURVEY_COLUMNS,
    UNNAMED_LANGUAGE,
    Column,
    language_code,
    languages_of,
    read_columns,
)
from campaigns.xlsform_structure import check_structure

NAME = re.compile(r"[^\W\d][\w.\-]*")
ITEM = re.compile(r"[0-9]{1,3}(?:[.-][0-9]{1,2})?[a-z]?")
LABEL_REFERENCE = re.compile(r"\$\{\s*([^}]+?)\s*\}")
YES = frozenset({"yes", "true", "true()", "1", "是", "required"})
NO = frozenset({"", "no", "false", "false()", "0", "否"})
TYPE_BY_SPELLING = {
    spelling.replace("_", " "): kind.name
    for kind in QUESTION_TYPES.values()
    for spelling in (kind.name, *kind.aliases)
}
UNSUPPORTED_SPELLINGS = frozenset(name.lower().replace("_", " ") for name in UNSUPPORTED)
# Functions that need repeats, look-up lists or chance, none of which this engine runs yet.
FUNCTIONS_NOT_YET = frozenset(
    {
        "id",
        "indexed-repeat",
        "instance",
        "lang",
        "last",
        "name",
        "local-name",
        "namespace-uri",
        "once",
        "position",
        "random",
        "randomize",
        "uuid",
    }
)
WARNINGS = frozenset({"FORM_021"})
MENDS = {"FORM_002": "mend-rename-sheet"}
ANY_MOMENT = Moment(datetime(2000, 1, 1, tzinfo=UTC), UTC)


@dataclass(slots=True)
class _Reading:
    """What is gathered while the sheets are read."""

    issues: list[Issue] = field(default_factory=list)
    lists: dict[str, list[Choice]] = field(default_factory=dict)
    used_lists: set[str] = field(default_factory=set)
    questions: list[Question] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    name_rows: dict[str, int] = field(default_factory=dict)
    expressions: list[tuple[Expression, int, str]] = field(default_factory=list)

    def note(
        self,
        code: str,
        severity: Severity,
        sheet: str | None = None,
        row: int | None = None,
        column: str | None = None,
        /,
        **params: str | int,
    ) -> None:
        self.issues.append(Issue(code, severity, sheet, row, column, params, MENDS.get(code)))


def read_form(workbook: Workbook) -> tuple[Form | None, list[Issue]]:
    """Read the form of a workbook.

    Returns:
        The form, or None when there are errors; and every issue found, in the order of the sheet.
    """
    reading = _Reading()
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


def _sheet(workbook: Workbook, name: str, reading: _Reading) -> Sheet | None:
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


def _read_settings(workbook: Workbook, reading: _Reading) -> tuple[dict[str, str], str]:
    sheet = _sheet(workbook, "settings", reading)
    settings = dict(sheet.rows[0].cells) if sheet is not None and sheet.rows else {}
    if sheet is not None:
        reading.issues.extend(read_columns(sheet, SETTINGS_COLUMNS, "")[1])
    named = settings.get("default_language", "")
    return settings, language_code(named) if named else UNNAMED_LANGUAGE


def _texts(row: Row, columns: list[Column], kind: str) -> dict[str, str]:
    return {
        column.language: row.cells[column.header]
        for column in columns
        if column.kind == kind and row.cells.get(column.header)
    }


def _check_translations(
    sheet: str, row: Row, columns: list[Column], reading: _Reading, kinds: tuple[str, ...]
) -> None:
    for kind in kinds:
        places = [column for column in columns if column.kind == kind]
        empty = [column for column in places if not row.cells.get(column.header)]
        if empty and len(empty) < len(places):
            for column in empty:
                reading.note("FORM_020", "warning", sheet, row.number, column.header)


def _read_choices(sheet: Sheet, language: str, reading: _Reading) -> list[Column]:
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
        _check_translations(sheet.name, row, columns, reading, ("label",))
        extra = {header: row.cells[header] for header in allowed if row.cells.get(header)}
        labels = _texts(row, columns, "label")
        choice = Choice(name, labels, extra, row.number)
        reading.lists.setdefault(list_name, []).append(choice)
    return columns


def _read_survey(sheet: Sheet, columns: list[Column], reading: _Reading) -> None:
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
        lowered = spelling.lower()
        if not spelling:
            reading.note("FORM_006", "error", sheet.name, row.number, headers["type"], type="")
        elif lowered in ("end group", "end repeat", "end loop"):
            if open_groups:
                open_groups.pop()
            else:
                reading.note("FORM_019", "error", sheet.name, row.number, headers["type"])
        elif lowered in ("begin group", "begin repeat", "begin loop"):
            if lowered != "begin group":
                reading.note(
                    "FORM_007",
                    "error",
                    sheet.name,
                    row.number,
                    headers["type"],
                    feature=row.text(headers["type"]),
                )
            name = _name(row, headers["name"], reading)
            parent = open_groups[-1][0] if open_groups else ""
            reading.groups.append(_RowReader(row, columns, headers, reading).group(name, parent))
            open_groups.append((name, row.number))
        else:
            parent = open_groups[-1][0] if open_groups else ""
            reader = _RowReader(row, columns, headers, reading)
            question = reader.question(spelling, parent)
            if question is not None:
                reading.questions.append(question)
    for _, number in open_groups:
        reading.note("FORM_019", "error", sheet.name, number, headers["type"])


def _name(row: Row, header: str, reading: _Reading) -> str:
    name = row.text(header)
    if not name:
        reading.note("FORM_008", "error", "survey", row.number, header)
        return f"row-{row.number}"
    if not NAME.fullmatch(name):
        reading.note("FORM_010", "error", "survey", row.number, header, name=name)
    elif not name.isascii():
        reading.note("FORM_011", "warning", "survey", row.number, header, name=name)
    if name in reading.name_rows:
        other = reading.name_rows[name]
        reading.note("FORM_009", "error", "survey", row.number, header, name=name, other=other)
    else:
        reading.name_rows[name] = row.number
    return name


@dataclass(frozen=True, slots=True)
class _RowReader:
    """Reads the cells of one row of the survey sheet."""

    row: Row
    columns: list[Column]
    headers: Mapping[str, str]
    reading: _Reading

    def cell(self, kind: str) -> str:
        return self.row.text(self.headers.get(kind, ""))

    def note(self, code: str, kind: str, **params: str | int) -> None:
        severity: Severity = "warning" if code in WARNINGS else "error"
        header = self.headers.get(kind, kind)
        self.reading.note(code, severity, "survey", self.row.number, header, **params)

    def expression(self, kind: str) -> Expression | None:
        """Compile a cell; what is wrong with it becomes an issue of the cell."""
        source = self.cell(kind)
        if not source:
            return None
        try:
            compiled = compile_expression(source)
        except ExpressionError as error:
            place = {"place": error.position + 1, **error.params}
            place.pop("position", None)
            self.note(error.code, kind, **place)
            return None
        header = self.headers.get(kind, kind)
        self.reading.expressions.append((compiled, self.row.number, header))
        for name in sorted(compiled.functions & FUNCTIONS_NOT_YET):
            self.note("FORM_025", kind, name=f"{name}()")
        if any(_needs_tree(part) for part in everything(compiled.syntax)):
            self.note("FORM_025", kind, name="[]")
        return compiled

    def condition(self, kind: str) -> Expression | bool:
        text = self.cell(kind).lower()
        if text in YES or text in NO:
            return text in YES
        return self.expression(kind) or False

    def own_columns(self) -> dict[str, str]:
        found = {
            column.header: self.row.cells[column.header]
            for column in self.columns
            if column.kind == "x_" and self.row.cells.get(column.header)
        }
        if found.get("x_ask", "always") not in ("always", "on_request"):
            self.note("FORM_030", "x_ask", value=found["x_ask"])
        if "x_item" in found and not ITEM.fullmatch(found["x_item"]):
            self.note("FORM_030", "x_item", value=found["x_item"])
        return found

    def group(self, name: str, parent: str) -> Group:
        self.refuse_columns()
        _check_translations("survey", self.row, self.columns, self.reading, ("label",))
        return Group(
            name=name,
            labels=_texts(self.row, self.columns, "label"),
            relevant=self.expression("relevant"),
            parent=parent,
            columns=self.own_columns(),
            row=self.row.number,
            appearance=self.cell("appearance"),
        )

    def refuse_columns(self) -> None:
        for kind in sorted(NOT_YET):
            if self.cell(kind):
                self.note("FORM_007", kind, feature=kind)

    def question(self, spelling: str, group: str) -> Question | None:
        self.refuse_columns()
        kind, list_name = self.type_of(spelling)
        name = _name(self.row, self.headers["name"], self.reading) if kind != "audit" else "audit"
        if not kind:
            return None
        texts = ("label", "hint", "required_message", "constraint_message")
        _check_translations("survey", self.row, self.columns, self.reading, texts)
        calculation = self.expression("calculation")
        if kind == "calculate" and not self.cell("calculation"):
            self.note("FORM_022", "calculation")
        labels = _texts(self.row, self.columns, "label")
        if QUESTION_TYPES[kind].asked and calculation is None and not labels:
            self.note("FORM_021", "label", name=name)
        question = Question(
            name=name,
            type=kind,
            labels=labels,
            hints=_texts(self.row, self.columns, "hint"),
            required=self.condition("required"),
            relevant=self.expression("relevant"),
            constraint=self.expression("constraint"),
            calculation=calculation,
            default=self.default(),
            choices=tuple(self.reading.lists.get(list_name, ())),
            list_name=list_name,
            appearance=self.cell("appearance"),
            parameters=_parameters(self.cell("parameters")),
            constraint_messages=_texts(self.row, self.columns, "constraint_message"),
            required_messages=_texts(self.row, self.columns, "required_message"),
            group=group,
            columns=self.own_columns(),
            row=self.row.number,
            read_only=self.cell("readonly").lower() in YES,
        )
        self.check_default(question)
        return question

    def type_of(self, spelling: str) -> tuple[str, str]:
        """Give canonical type and list name; an empty type when the row is refused."""
        written = self.cell("type")
        lowered = spelling.lower()
        if lowered in TYPE_BY_SPELLING:
            kind = TYPE_BY_SPELLING[lowered]
            if QUESTION_TYPES[kind].lists:
                self.note("FORM_015", "type", name="")
                return "", ""
            return kind, ""
        first = lowered.partition(" ")[0]
        if lowered in UNSUPPORTED_SPELLINGS or first in UNSUPPORTED_SPELLINGS:
            self.note("FORM_007", "type", feature=written)
            return "", ""
        for start in sorted(TYPE_BY_SPELLING, key=len, reverse=True):
            kind = TYPE_BY_SPELLING[start]
            if QUESTION_TYPES[kind].lists and lowered.startswith(f"{start} "):
                return self.list_of(kind, written, len(start.split()))
        if any(lowered.startswith(f"{name} ") for name in UNSUPPORTED_SPELLINGS):
            self.note("FORM_007", "type", feature=written)
        else:
            self.note("FORM_006", "type", type=written)
        return "", ""

    def list_of(self, kind: str, written: str, words: int) -> tuple[str, str]:
        """Read the list's name behind the type, which may itself hold underscores."""
        parts = re.split(r"\s+", written.strip())
        # "select_one" is one word as written and two as compared.
        joined = parts[0].count("_") if words > 1 else 0
        names = parts[words - joined :]
        if not names:
            self.note("FORM_015", "type", name="")
            return "", ""
        if len(names) > 1 or "from" in names[0].split("_")[:1]:
            self.note("FORM_007", "type", feature=" ".join(names[1:]) or written)
            return "", ""
        if names[0] not in self.reading.lists:
            self.note("FORM_015", "type", name=names[0])
        self.reading.used_lists.add(names[0])
        return kind, names[0]

    def default(self) -> Expression | str:
        """Tell a fixed first value from one that is computed when the form is started."""
        source = self.cell("default")
        try:
            syntax = compile_expression(source).syntax if source else None
        except ExpressionError:
            return source
        if syntax is not None and any(
            isinstance(part, Call | Reference) for part in everything(syntax)
        ):
            return self.expression("default") or ""
        return source

    def check_default(self, question: Question) -> None:
        kind = QUESTION_TYPES[question.type]
        if not isinstance(question.default, str) or not question.default or not kind.asked:
            return
        try:
            kind.normalise(question, question.default, ANY_MOMENT)
        except AnswerError:
            self.note("FORM_024", "default", name=question.name)


def _needs_tree(part: object) -> bool:
    return isinstance(part, Filter) or (isinstance(part, Path) and plain_name(part) is None)


def _parameters(text: str) -> dict[str, str]:
    found = {}
    for pair in re.split(r"[\s,;]+", text):
        key, equals, value = pair.partition("=")
        if equals and key:
            found[key.strip().lower()] = value.strip()
    return found


def _check_references(form: Form, reading: _Reading) -> None:
    """Say which names of expressions and labels are not questions of the form."""
    names = form.by_name
    for expression, row, header in reading.expressions:
        for name in sorted(expression.references - names.keys()):
            reading.note("FORM_013", "error", "survey", row, header, name=name)
    for question in form.questions:
        for kind, texts in (("label", question.labels), ("hint", question.hints)):
            wanted = {name for text in texts.values() for name in LABEL_REFERENCE.findall(text)}
            for name in sorted(wanted - names.keys()):
                reading.note("FORM_013", "error", "survey", question.row, kind, name=name)


def _check_lists(reading: _Reading) -> None:
    for name in reading.lists.keys() - reading.used_lists:
        row = reading.lists[name][0].row
        reading.note("FORM_031", "warning", "choices", row, "list_name", name=name)


def _check_circles(form: Form, reading: _Reading) -> None:
    for circle in find_circles(form):
        names = [key.removeprefix("/") for key in circle]
        row = min((form.by_name.get(name) or form.groups_by_name[name]).row for name in names)
        reading.note(
            "FORM_014", "error", "survey", row, None, names=" → ".join([*names, names[0]])
        )
