"""Reads the rows of the survey sheet into questions and groups, noting every fault in its cell."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from difflib import get_close_matches

from campaigns.definition import Choice, Group, Question
from campaigns.expressions import Expression, ExpressionError, compile_expression
from campaigns.expressions.syntax import Call, Filter, Path, Reference, everything, plain_name
from campaigns.issues import Issue, Severity
from campaigns.question_types import QUESTION_TYPES, UNSUPPORTED, AnswerError, Moment
from campaigns.workbook import Row
from campaigns.xlsform_columns import NOT_YET, Column

NAME = re.compile(r"[^\W\d][\w.\-]*")
ITEM = re.compile(r"[0-9]{1,3}(?:[.-][0-9]{1,2})?[a-z]?")
YES = frozenset({"yes", "true", "true()", "1", "是", "required"})
NO = frozenset({"", "no", "false", "false()", "0", "否"})
TYPE_BY_SPELLING = {
    spelling.replace("_", " "): kind.name
    for kind in QUESTION_TYPES.values()
    for spelling in (kind.name, *kind.aliases)
}
UNSUPPORTED_SPELLINGS = frozenset(name.lower().replace("_", " ") for name in UNSUPPORTED)
SELECT = re.compile(
    "(?P<select>{})(?:[ _]from)? (?P<list>\\S+)(?P<other> or[ _](?:specify[ _])?other)?".format(
        "|".join(
            re.escape(spelling).replace("\\ ", "[ _]")
            for spelling, name in sorted(TYPE_BY_SPELLING.items(), reverse=True)
            if QUESTION_TYPES[name].lists
        )
    )
)
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
class Reading:
    """What is gathered while the sheets are read: questions, groups, lists and issues."""

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


def texts(row: Row, columns: list[Column], kind: str) -> dict[str, str]:
    """Collect one translated column of a row by language code."""
    return {
        column.language: row.cells[column.header]
        for column in columns
        if column.kind == kind and row.cells.get(column.header)
    }


def check_translations(
    sheet: str, row: Row, columns: list[Column], reading: Reading, kinds: tuple[str, ...]
) -> None:
    """Note the languages in which a wording is missing that others have."""
    for kind in kinds:
        places = [column for column in columns if column.kind == kind]
        empty = [column for column in places if not row.cells.get(column.header)]
        if empty and len(empty) < len(places):
            for column in empty:
                reading.note("FORM_020", "warning", sheet, row.number, column.header)


def read_name(row: Row, header: str, reading: Reading) -> str:
    """Read a row's name, noting names that are missing, not allowed or used before."""
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
class RowReader:
    """Reads the cells of one row of the survey sheet."""

    row: Row
    columns: list[Column]
    headers: Mapping[str, str]
    reading: Reading

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
        check_translations("survey", self.row, self.columns, self.reading, ("label",))
        return Group(
            name=name,
            labels=texts(self.row, self.columns, "label"),
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
        name = (
            read_name(self.row, self.headers["name"], self.reading) if kind != "audit" else "audit"
        )
        if not kind:
            return None
        translated = ("label", "hint", "required_message", "constraint_message")
        check_translations("survey", self.row, self.columns, self.reading, translated)
        calculation = self.expression("calculation")
        if kind == "calculate" and not self.cell("calculation"):
            self.note("FORM_022", "calculation")
        labels = texts(self.row, self.columns, "label")
        if QUESTION_TYPES[kind].asked and calculation is None and not labels:
            self.note("FORM_021", "label", name=name)
        question = Question(
            name=name,
            type=kind,
            labels=labels,
            hints=texts(self.row, self.columns, "hint"),
            required=self.condition("required"),
            relevant=self.expression("relevant"),
            constraint=self.expression("constraint"),
            calculation=calculation,
            default=self.default(),
            choices=tuple(self.reading.lists.get(list_name, ())),
            list_name=list_name,
            appearance=self.cell("appearance"),
            parameters=_parameters(self.cell("parameters")),
            constraint_messages=texts(self.row, self.columns, "constraint_message"),
            required_messages=texts(self.row, self.columns, "required_message"),
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
        if lowered in UNSUPPORTED_SPELLINGS or any(
            lowered.startswith(f"{name} ") for name in UNSUPPORTED_SPELLINGS
        ):
            self.note("FORM_007", "type", feature=written)
            return "", ""
        select = SELECT.fullmatch(" ".join(written.split()))
        if select is not None:
            kind = TYPE_BY_SPELLING[select["select"].replace("_", " ")]
            return self.list_of(kind, select["list"], select["other"])
        kind = TYPE_BY_SPELLING.get(spelling, "")
        if not kind:
            self.note("FORM_006", "type", type=written, meant=_nearest_type(written))
        elif QUESTION_TYPES[kind].lists:
            self.note("FORM_015", "type", name="")
            return "", ""
        return kind, ""

    def list_of(self, kind: str, name: str, other: str | None) -> tuple[str, str]:
        """Find the list behind a select type."""
        self.reading.used_lists.add(name)
        if other:
            self.note("FORM_007", "type", feature=other.strip())
        if name not in self.reading.lists:
            self.note("FORM_015", "type", name=name)
        return kind, name

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


def _nearest_type(written: str) -> str:
    """Guess the type that was meant, ``none`` without a guess; types are in lower case."""
    first, blank, rest = written.partition(" ")
    spellings = {kind.name for kind in QUESTION_TYPES.values()} | TYPE_BY_SPELLING.keys()
    near = get_close_matches(first.lower(), spellings, n=1, cutoff=0.75)
    return f"{near[0]}{blank}{rest}" if near else "none"


def _needs_tree(part: object) -> bool:
    return isinstance(part, Filter) or (isinstance(part, Path) and plain_name(part) is None)


def _parameters(text: str) -> dict[str, str]:
    found = {}
    for pair in re.split(r"[\s,;]+", text):
        key, equals, value = pair.partition("=")
        if equals and key:
            found[key.strip().lower()] = value.strip()
    return found
