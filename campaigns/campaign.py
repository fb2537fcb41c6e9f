"""Reading a campaign from its workbook, and the packs that come with the product.

A definition is a pure function of its workbook. An opened campaign is therefore kept as the
workbook with its own dates (``campaigns.opening``), and read again whenever it is needed.
"""

import re
from collections.abc import Collection, Mapping
from datetime import time
from difflib import get_close_matches
from pathlib import Path
from zoneinfo import ZoneInfo

from campaigns.definition import Form
from campaigns.errors import CampaignError
from campaigns.issues import Issue, has_errors
from campaigns.items import Item, read_items
from campaigns.periods import Recurrence, read_recurrence
from campaigns.plan import (
    CampaignDefinition,
    Category,
    Figure,
    FormLine,
    Kind,
    Push,
    Selector,
    Stage,
    Target,
    Task,
)
from campaigns.sheets import SheetReader, wordings
from campaigns.tables import Names, TableDefinition, read_tables
from campaigns.workbook import SHEET_ORDER, Row, Workbook, read_folder
from campaigns.xlsform import read_form

__all__ = ["CampaignDefinition", "list_packs", "load_pack", "read_campaign"]

PACKS = Path(__file__).parent / "packs"

#: What the rules of categories and targets may ask about an institution.
INSTITUTION_NAMES = frozenset({"type", "level", "ownership"})
#: What a question may tell about an inspection beside its own item (column ``x_fact``).
FACTS = ("inspected_on", "decided_on")

_SELECTOR_VALUES: Mapping[str, tuple[str, ...]] = {
    "level": ("region", "city", "county"),
    "line": ("health", "insurance", "tcm", "other"),
    "department": (),
}
_PLACES = ("attachment", "title", "head", "column", "note", "foot")
_PUSH_PERIODS = ("last_week", "last_month", "to_date")
_FIGURE_KINDS = ("sum", "coverage", "top")
_PLACEHOLDER = re.compile(
    r"\{(?!box:)([A-Za-z_][A-Za-z0-9_]*)(?:\.(?:year|month|day))?(?::\d+)?\}"
)


def list_packs() -> list[str]:
    """Name the packs that come with the product."""
    return sorted(
        folder.name for folder in PACKS.iterdir() if (folder / "x_campaign.csv").is_file()
    )


def load_pack(pack_id: str) -> Workbook:
    """Load a pack's workbook as it is, with the dates of its document.

    Raises:
        CampaignError: ``pack-unknown`` when there is no such pack.
    """
    if pack_id not in list_packs():
        raise CampaignError("pack-unknown", pack=pack_id)
    return read_folder(PACKS / pack_id)


def read_campaign(workbook: Workbook) -> tuple[CampaignDefinition | None, list[Issue]]:
    """Read and check a whole campaign.

    Returns:
        The definition, or None when an issue is an error; and every issue of every sheet.
    """
    form, form_issues = read_form(workbook)
    issues = list(form_issues)
    _check_sheet_names(workbook, issues)
    kinds = _read_kinds(workbook, issues)
    stages = _read_stages(workbook, [kind.kind_id for kind in kinds], issues)
    tasks = _read_tasks(workbook, issues)
    categories = _read_categories(workbook, issues)
    # Also with a broken form, so that a wrong name in a table is found in the same round.
    questions = {row.text("name") for row in workbook.rows("survey")} - {""}
    names = Names(
        questions=questions,
        kinds=[kind.kind_id for kind in kinds],
        counting_kinds=frozenset(kind.kind_id for kind in kinds if kind.counts),
        categories=[category.category_id for category in categories],
        default_language=form.default_language if form else "",
    )
    targets = _read_targets(workbook, names, [stage.stage_id for stage in stages], issues)
    tables = read_tables(workbook, names, issues)
    form_lines = _read_form_lines(workbook, questions, issues)
    pushes = _read_pushes(workbook, [table.table_id for table in tables], issues)
    figures = _read_figures(workbook, tables, [t.target_id for t in targets], issues)
    items = read_items(form) if form else ()
    facts = _read_facts(form, issues) if form else {}
    _check_templates(items, questions, issues)
    head = _Head(workbook, issues)
    if form is None or has_errors(issues):
        return None, issues
    definition = CampaignDefinition(
        campaign_id=head.campaign_id,
        labels=head.labels,
        short=head.short,
        starts_on=head.starts_on,
        ends_on=head.ends_on,
        zone=head.zone,
        scope=head.scope,
        tasks_title=head.tasks_title,
        source=head.source,
        form=form,
        items=items,
        facts=facts,
        stages=stages,
        kinds=kinds,
        tasks=tasks,
        categories=categories,
        targets=targets,
        tables=tables,
        form_lines=form_lines,
        pushes=pushes,
        figures=figures,
    )
    return definition, issues


class _Head:
    """The one row of ``x_campaign``."""

    def __init__(self, workbook: Workbook, issues: list[Issue]) -> None:
        columns = (
            "campaign_id",
            "label::",
            "short::",
            "starts_on",
            "ends_on",
            "time_zone",
            "scope::",
            "tasks_title::",
            "source",
        )
        sheet = SheetReader(workbook, "x_campaign", columns, issues, needed=True)
        rows = list(sheet.rows())
        row = rows[0] if rows else Row(2, {})
        if sheet.present and len(rows) != 1:
            sheet.note("CAMP_023", rows[1] if rows else None, None, {"count": len(rows)})
        self.campaign_id = sheet.new_id(row, "campaign_id") if rows else ""
        self.labels = sheet.labels(row, "label", need=bool(rows))
        self.short = sheet.labels(row, "short") or self.labels
        self.starts_on = sheet.day(row, "starts_on")
        self.ends_on = sheet.day(row, "ends_on")
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            sheet.note("CAMP_013", row, "ends_on")
        self.zone = _zone(sheet, row)
        self.scope = sheet.labels(row, "scope")
        self.tasks_title = sheet.labels(row, "tasks_title")
        self.source = row.text("source")


def _zone(sheet: SheetReader, row: Row) -> ZoneInfo:
    name = row.text("time_zone") or "Asia/Shanghai"
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        sheet.note("CAMP_017", row, "time_zone", {"value": name})
        return ZoneInfo("UTC")


def _check_sheet_names(workbook: Workbook, issues: list[Issue]) -> None:
    ours = [name for name in SHEET_ORDER if name.startswith("x_")]
    for name in workbook.sheets:
        if name.startswith("x_") and name not in ours:
            near = get_close_matches(name, ours, 1)
            params = {"near": near[0] if near else ""}
            issues.append(Issue("CAMP_022", "error", name, params=params))


def _read_kinds(workbook: Workbook, issues: list[Issue]) -> tuple[Kind, ...]:
    sheet = SheetReader(workbook, "x_kinds", ("kind_id", "label::", "counts"), issues, needed=True)
    return tuple(
        Kind(
            kind_id,
            sheet.labels(row, "label", need=True),
            sheet.one_of(row, "counts", ("yes", "no")) == "yes",
        )
        for row in sheet.rows()
        if (kind_id := sheet.new_id(row, "kind_id"))
    )


def _read_stages(
    workbook: Workbook, kinds: Collection[str], issues: list[Issue]
) -> tuple[Stage, ...]:
    columns = ("stage_id", "label::", "text::", "starts_on", "ends_on", "kinds")
    sheet = SheetReader(workbook, "x_stages", columns, issues)
    stages = []
    for row in sheet.rows():
        if stage_id := sheet.new_id(row, "stage_id"):
            stage = Stage(
                stage_id,
                sheet.labels(row, "label", need=True),
                sheet.labels(row, "text"),
                sheet.day(row, "starts_on"),
                sheet.day(row, "ends_on"),
                sheet.several(row, "kinds", kinds),
            )
            if stage.starts_on and stage.ends_on and stage.ends_on < stage.starts_on:
                sheet.note("CAMP_013", row, "ends_on")
            stages.append(stage)
    return tuple(stages)


def _read_tasks(workbook: Workbook, issues: list[Issue]) -> tuple[Task, ...]:
    columns = ("task_id", "label::", "text::", "lead", "cooperating")
    sheet = SheetReader(workbook, "x_tasks", columns, issues)
    return tuple(
        Task(
            task_id,
            sheet.labels(row, "label", need=True),
            sheet.labels(row, "text"),
            _selectors(sheet, row, "lead", need=True),
            _selectors(sheet, row, "cooperating"),
        )
        for row in sheet.rows()
        if (task_id := sheet.new_id(row, "task_id"))
    )


def _selectors(
    sheet: SheetReader, row: Row, column: str, *, need: bool = False
) -> tuple[Selector, ...]:
    source = sheet.need(row, column) if need else row.text(column)
    found = []
    for part in filter(None, (text.strip() for text in source.split(";"))):
        criteria = dict(word.partition("=")[::2] for word in part.split())
        for key, value in criteria.items():
            allowed = _SELECTOR_VALUES.get(key)
            if allowed is None or not value or (allowed and value not in allowed):
                params = {"value": part, "allowed": ", ".join(allowed or _SELECTOR_VALUES)}
                sheet.note("CAMP_015", row, column, params)
        found.append(Selector(criteria))
    return tuple(found)


def _read_categories(workbook: Workbook, issues: list[Issue]) -> tuple[Category, ...]:
    columns = ("category_id", "parent", "label::", "filter")
    sheet = SheetReader(workbook, "x_categories", columns, issues)
    coarse: set[str] = set()
    categories = []
    for row in sheet.rows():
        category_id = sheet.new_id(row, "category_id")
        rule = sheet.expression(row, "filter", INSTITUTION_NAMES)
        parent = sheet.known(row, "parent", coarse, need=False)
        if not row.text("filter"):
            coarse.add(category_id)
            if parent:
                # One level is enough for every known table, and keeps "which column" obvious.
                sheet.note("CAMP_016", row, "parent", {"value": category_id})
        if category_id:
            labels = sheet.labels(row, "label", need=True)
            categories.append(Category(category_id, parent, labels, rule))
    return tuple(categories)


def _read_targets(
    workbook: Workbook, names: Names, stages: Collection[str], issues: list[Issue]
) -> tuple[Target, ...]:
    columns = ("target_id", "label::", "short::", "filter", "share", "kinds", "stage")
    sheet = SheetReader(workbook, "x_targets", columns, issues)
    return tuple(
        Target(
            target_id,
            labels := sheet.labels(row, "label", need=True),
            sheet.labels(row, "short") or labels,
            sheet.expression(row, "filter", INSTITUTION_NAMES),
            sheet.number(row, "share", "1", 0, 1),
            frozenset(sheet.several(row, "kinds", names.kinds)) or names.counting_kinds,
            sheet.known(row, "stage", stages, need=False),
        )
        for row in sheet.rows()
        if (target_id := sheet.new_id(row, "target_id"))
    )


def _read_form_lines(
    workbook: Workbook, questions: Collection[str], issues: list[Issue]
) -> tuple[FormLine, ...]:
    sheet = SheetReader(workbook, "x_form_lines", ("place", "line", "main", "text::"), issues)
    lines = []
    for row in sheet.rows():
        template = sheet.labels(row, "text", need=True)
        for name in sorted(_unknown_names(template, questions)):
            sheet.note("CAMP_024", row, "text::", {"value": name})
        lines.append(
            FormLine(
                sheet.one_of(row, "place", _PLACES),
                int(sheet.number(row, "line", "1", 1, 99)),
                sheet.known(row, "main", questions, need=False),
                template,
            )
        )
    return tuple(lines)


def _read_pushes(
    workbook: Workbook, tables: Collection[str], issues: list[Issue]
) -> tuple[Push, ...]:
    columns = ("push_id", "label::", "rule", "at", "period", "beside", "tables", "days_off")
    sheet = SheetReader(workbook, "x_pushes", columns, issues)
    return tuple(
        Push(
            push_id,
            sheet.labels(row, "label", need=True),
            _recurrence(sheet, row),
            _time_of_day(sheet, row),
            sheet.one_of(row, "period", _PUSH_PERIODS),
            sheet.one_of(row, "beside", _PUSH_PERIODS) if row.text("beside") else "",
            sheet.several(row, "tables", tables),
            sheet.one_of(row, "days_off", ("silent", "send", "skip"), "silent"),
        )
        for row in sheet.rows()
        if (push_id := sheet.new_id(row, "push_id"))
    )


def _recurrence(sheet: SheetReader, row: Row) -> Recurrence:
    source = sheet.need(row, "rule")
    try:
        return read_recurrence(source)
    except CampaignError:
        if source:
            sheet.note("CAMP_021", row, "rule", {"value": source})
        return Recurrence("FREQ=WEEKLY;BYDAY=MO")


def _time_of_day(sheet: SheetReader, row: Row) -> time:
    source = sheet.need(row, "at")
    found = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", source)
    if source and not found:
        sheet.note("CAMP_008", row, "at", {"value": source})
    return time(int(found[1]), int(found[2])) if found else time(9)


def _read_figures(
    workbook: Workbook,
    tables: Collection[TableDefinition],
    targets: Collection[str],
    issues: list[Issue],
) -> tuple[Figure, ...]:
    columns = (
        "figure_id",
        "label::",
        "unit::",
        "kind",
        "table_id",
        "rows",
        "column",
        "targets",
        "count",
    )
    sheet = SheetReader(workbook, "x_figures", columns, issues)
    by_id = {table.table_id: table for table in tables}
    figures = []
    for row in sheet.rows():
        figure_id = sheet.new_id(row, "figure_id")
        kind = sheet.one_of(row, "kind", _FIGURE_KINDS)
        table_id = sheet.known(row, "table_id", by_id, need=kind != "coverage")
        table = by_id.get(table_id)
        keys = {line.key for line in table.rows} if table else set()
        column_keys = {column.key for column in table.columns} if table else set()
        figures.append(
            Figure(
                figure_id,
                sheet.labels(row, "label", need=True),
                sheet.labels(row, "unit"),
                kind,
                table_id,
                sheet.several(row, "rows", keys) if table else (),
                sheet.known(row, "column", column_keys, need=False) if table else "",
                sheet.several(row, "targets", targets),
                int(sheet.number(row, "count", "3", 1, 10)),
            )
        )
    return tuple(figures)


def _read_facts(form: Form, issues: list[Issue]) -> dict[str, str]:
    """Find which questions tell the dates that tables count on."""
    facts: dict[str, str] = {}
    for question in form.questions:
        fact = question.columns.get("x_fact", "")
        if fact and fact not in FACTS:
            params: dict[str, str | int] = {"value": fact, "allowed": ", ".join(FACTS)}
            issues.append(Issue("CAMP_009", "error", "survey", question.row, "x_fact", params))
        elif fact in facts:
            params = {"value": fact, "first": form.by_name[facts[fact]].row}
            issues.append(Issue("CAMP_006", "error", "survey", question.row, "x_fact", params))
        elif fact:
            facts[fact] = question.name
    return facts


def _check_templates(
    items: tuple[Item, ...], questions: Collection[str], issues: list[Issue]
) -> None:
    for item in items:
        template = wordings(item.head.columns, "x_print")
        for name in sorted(_unknown_names(template, questions)):
            params = {"value": name}
            issues.append(Issue("CAMP_024", "error", "survey", item.head.row, "x_print", params))


def _unknown_names(template: Mapping[str, str], questions: Collection[str]) -> set[str]:
    """Find placeholders that name no question."""
    found = {name for text in template.values() for name in _PLACEHOLDER.findall(text)}
    return found - set(questions)
