"""The official tables of a campaign: what their rows, columns and figures are.

A table is a grid of rows and columns. One side of it says what is counted (the *measures*), the
other may say for which category of institutions: in Guangxi's table one the columns count and the
rows are categories, in table two it is the other way round, a table with a single column of
figures has no categories at all. Where a figure comes from is in ``campaigns.measures``.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, cast

from campaigns.definition import text
from campaigns.expressions import Expression
from campaigns.issues import Issue
from campaigns.sheets import SheetReader
from campaigns.workbook import Row, Workbook

Labels = Mapping[str, str]
Aggregate = Literal["sum", "distinct", "inspected", "registered", "total", "manual"]
CountedOn = Literal["inspected", "decided"]

AGGREGATES = ("sum", "distinct", "inspected", "registered", "total", "manual")
COUNTED_ON = ("inspected", "decided")
BLANKS = ("empty", "dash")

_MEASURE_COLUMNS = (
    "category",
    "aggregate",
    "amount",
    "filter",
    "counted_on",
    "decimals",
    "parts",
    "kinds",
)
TABLE_COLUMNS = (
    "table_id",
    "label::",
    "attachment::",
    "title::",
    "period_line::",
    "period_line_days::",
    "group_header::",
    "content_header::",
    "amount_header::",
    "unit_header::",
    "sign_off::",
    "kinds",
    "blank",
)
ROW_COLUMNS = (
    "table_id",
    "row_key",
    "group::",
    "label::",
    "sub::",
    "short::",
    "unit::",
    *_MEASURE_COLUMNS,
)
COLUMN_COLUMNS = ("table_id", "column_key", "label::", *_MEASURE_COLUMNS)


@dataclass(frozen=True, slots=True)
class Measure:
    """One thing that is counted.

    Args:
        key: Key of the row or column that shows it.
        aggregate: ``sum`` adds amounts; ``distinct`` counts each institution once in the period
            when the amount is not zero; ``inspected`` counts each inspected institution once;
            ``registered`` is the registry's number; ``total`` adds other measures; ``manual``
            has no records behind it and stays blank until an office supplements it.
        amount: What one record adds, an expression over its answers; a condition adds 1.
        filter: Condition on the answers under which a record counts at all.
        counted_on: The date that puts a record into a period: the inspection's or the decision's.
        decimals: Digits after the point, 0 to 4.
        parts: For a total, the keys of the measures that it adds.
        kinds: Kinds of inspection that count.
    """

    key: str
    aggregate: Aggregate
    amount: Expression | None = None
    filter: Expression | None = None
    counted_on: CountedOn = "inspected"
    decimals: int = 0
    parts: tuple[str, ...] = ()
    kinds: frozenset[str] = frozenset()

    @property
    def distinct(self) -> bool:
        """Whether each institution counts once in a period, however often it contributes."""
        return self.aggregate in ("distinct", "inspected")


@dataclass(frozen=True, slots=True)
class RowDefinition:
    """One row of a table, labelled as the document prints it.

    Args:
        key: Stable key; an issued table and its contributions hang on it.
        group: Wording of the merged cell at the left; equal neighbours share one cell.
        label: Wording of the content; equal neighbours with ``sub`` share one cell.
        sub: Wording of the second level, empty for most rows.
        short: Very short wording for a message.
        unit: Unit of the figures, such as 起.
        category: Category that the row stands for, or an empty text.
        measure: What the row counts, or None where the columns say it.
        row: Its row on the sheet.
    """

    key: str
    group: Labels
    label: Labels
    sub: Labels
    short: Labels
    unit: Labels
    category: str
    measure: Measure | None
    row: int


@dataclass(frozen=True, slots=True)
class ColumnDefinition:
    """One column of figures; the fields mean what they mean for a row."""

    key: str
    label: Labels
    category: str
    measure: Measure | None
    row: int


@dataclass(frozen=True, slots=True)
class TableDefinition:
    """One official table with everything that is printed around its figures.

    Args:
        table_id: Stable key, such as ``table2``.
        labels: What people call it: 表二.
        attachment: Line above the title: 附件4.
        title: Title; may have several lines.
        period_line: Line under the title for whole months, with ``{area}``, ``{year}``,
            ``{from_month}``, ``{to_month}``.
        period_line_days: The same line for any other period, with ``{from_year}``,
            ``{from_month}``, ``{from_day}``, ``{to_year}``, ``{to_month}``, ``{to_day}``.
        group_header: Heading above the groups; with no ``content_header`` above the labels too.
        content_header: Heading above the labels.
        amount_header: Heading above all columns of figures, or none.
        unit_header: Heading above the units, or none when the table prints no units.
        sign_off: Entries under the table, one per line: 填表人：, 审核人： ...
        blank: How a figure that nobody knows is printed.
        rows: From top to bottom.
        columns: From left to right.
        default_language: Language that stands in for a missing wording.
    """

    table_id: str
    labels: Labels
    attachment: Labels
    title: Labels
    period_line: Labels
    period_line_days: Labels
    group_header: Labels
    content_header: Labels
    amount_header: Labels
    unit_header: Labels
    sign_off: Labels
    blank: str
    rows: tuple[RowDefinition, ...]
    columns: tuple[ColumnDefinition, ...]
    default_language: str

    @property
    def measures(self) -> tuple[Measure, ...]:
        """Everything that the table counts, in the order of its rows, then columns."""
        both = [row.measure for row in self.rows] + [col.measure for col in self.columns]
        return tuple(measure for measure in both if measure)

    @property
    def categories(self) -> frozenset[str]:
        """Every category that a row or column stands for."""
        both = [row.category for row in self.rows] + [col.category for col in self.columns]
        return frozenset(category for category in both if category)

    def cell(self, row: RowDefinition, column: ColumnDefinition) -> tuple[Measure, str]:
        """Tell what one cell counts, and for which category (empty for all)."""
        measure = row.measure or column.measure
        if measure is None:
            raise ValueError(f"table {self.table_id} counts nothing in row {row.key}")
        return measure, row.category or column.category

    def text(self, labels: Labels, language: str) -> str:
        """Choose the wording of one of this table's texts for a reader's language."""
        return text(labels, language, self.default_language)

    def period_text(self, language: str, area: str, first: date, last: date) -> str:
        """Write the line that says for where and when the table stands.

        Args:
            language: Language code of the document.
            area: Name of the area as printed, such as 柳州市.
            first: First day of the period.
            last: Last day of the period, included.
        """
        whole = first.day == 1 and (last + timedelta(days=1)).day == 1
        months = whole and first.year == last.year
        line = self.text(self.period_line if months else self.period_line_days, language)
        values = {
            "area": area,
            "year": first.year,
            "from_year": first.year,
            "from_month": first.month,
            "from_day": first.day,
            "to_year": last.year,
            "to_month": last.month,
            "to_day": last.day,
        }
        for name, value in values.items():
            line = line.replace("{" + name + "}", str(value))
        return line


@dataclass(frozen=True, slots=True)
class Names:
    """What the cells of the tables may refer to.

    Args:
        questions: Names of the form's questions.
        kinds: Kinds of inspection.
        counting_kinds: Kinds that count where a table does not name its own.
        categories: Categories of institutions.
        default_language: Language that stands in for a missing wording.
    """

    questions: Collection[str]
    kinds: Collection[str]
    counting_kinds: frozenset[str]
    categories: Collection[str]
    default_language: str


def read_tables(
    workbook: Workbook, names: Names, issues: list[Issue]
) -> tuple[TableDefinition, ...]:
    """Read the sheets ``x_tables``, ``x_table_rows`` and ``x_table_columns``.

    Args:
        workbook: The campaign's workbook.
        names: What the cells may refer to.
        issues: Where faults are noted.

    Returns:
        The tables in the order of the sheet; only sound ones when no error was noted.
    """
    sheet = SheetReader(workbook, "x_tables", TABLE_COLUMNS, issues)
    heads: dict[str, Row] = {}
    for row in sheet.rows():
        if table_id := sheet.new_id(row, "table_id"):
            heads[table_id] = row
    kinds = {
        table_id: frozenset(sheet.several(row, "kinds", names.kinds)) or names.counting_kinds
        for table_id, row in heads.items()
    }
    lines = _read_lines(workbook, heads, kinds, names, issues)
    columns = _read_columns(workbook, heads, kinds, names, issues)
    tables = []
    for table_id, row in heads.items():
        table = TableDefinition(
            table_id=table_id,
            labels=sheet.labels(row, "label", need=True),
            attachment=sheet.labels(row, "attachment"),
            title=sheet.labels(row, "title", need=True),
            period_line=sheet.labels(row, "period_line", need=True),
            period_line_days=sheet.labels(row, "period_line_days", need=True),
            group_header=sheet.labels(row, "group_header"),
            content_header=sheet.labels(row, "content_header"),
            amount_header=sheet.labels(row, "amount_header"),
            unit_header=sheet.labels(row, "unit_header"),
            sign_off=sheet.labels(row, "sign_off"),
            blank=sheet.one_of(row, "blank", BLANKS, "empty"),
            rows=tuple(lines[table_id]),
            columns=tuple(columns[table_id]),
            default_language=names.default_language,
        )
        _check(table, row, sheet)
        tables.append(table)
    return tuple(tables)


def _read_lines(
    workbook: Workbook,
    heads: Mapping[str, Row],
    kinds: Mapping[str, frozenset[str]],
    names: Names,
    issues: list[Issue],
) -> dict[str, list[RowDefinition]]:
    sheet = SheetReader(workbook, "x_table_rows", ROW_COLUMNS, issues)
    found: dict[str, list[RowDefinition]] = {table_id: [] for table_id in heads}
    for row in sheet.rows():
        table_id = sheet.known(row, "table_id", heads)
        key = sheet.new_id(row, "row_key", table_id)
        if table_id and key:
            found[table_id].append(
                RowDefinition(
                    key=key,
                    group=sheet.labels(row, "group"),
                    label=sheet.labels(row, "label", need=True),
                    sub=sheet.labels(row, "sub"),
                    short=sheet.labels(row, "short"),
                    unit=sheet.labels(row, "unit"),
                    category=sheet.known(row, "category", names.categories, need=False),
                    measure=_read_measure(sheet, row, key, kinds[table_id], names),
                    row=row.number,
                )
            )
    return found


def _read_columns(
    workbook: Workbook,
    heads: Mapping[str, Row],
    kinds: Mapping[str, frozenset[str]],
    names: Names,
    issues: list[Issue],
) -> dict[str, list[ColumnDefinition]]:
    sheet = SheetReader(workbook, "x_table_columns", COLUMN_COLUMNS, issues)
    found: dict[str, list[ColumnDefinition]] = {table_id: [] for table_id in heads}
    for row in sheet.rows():
        table_id = sheet.known(row, "table_id", heads)
        key = sheet.new_id(row, "column_key", table_id)
        if table_id and key:
            found[table_id].append(
                ColumnDefinition(
                    key=key,
                    label=sheet.labels(row, "label", need=True),
                    category=sheet.known(row, "category", names.categories, need=False),
                    measure=_read_measure(sheet, row, key, kinds[table_id], names),
                    row=row.number,
                )
            )
    return found


def _read_measure(
    sheet: SheetReader, row: Row, key: str, kinds: frozenset[str], names: Names
) -> Measure | None:
    if not row.text("aggregate"):
        return None
    aggregate = cast("Aggregate", sheet.one_of(row, "aggregate", AGGREGATES, "manual"))
    if aggregate in ("sum", "distinct"):
        sheet.need(row, "amount")
    if aggregate == "total":
        sheet.need(row, "parts")
    return Measure(
        key=key,
        aggregate=aggregate,
        amount=sheet.expression(row, "amount", names.questions),
        filter=sheet.expression(row, "filter", names.questions),
        counted_on=cast("CountedOn", sheet.one_of(row, "counted_on", COUNTED_ON, "inspected")),
        decimals=int(sheet.number(row, "decimals", "0", 0, 4)),
        parts=tuple(row.text("parts").split()),
        kinds=frozenset(sheet.several(row, "kinds", names.kinds)) or kinds,
    )


def _check(table: TableDefinition, head: Row, sheet: SheetReader) -> None:
    """Note what makes a table impossible: nothing counted, counted twice, a total of nothing."""
    if not table.rows or not table.columns:
        sheet.note("CAMP_018", head, "table_id", {"value": table.table_id})
        return
    summed = {measure.key: measure for measure in table.measures if measure.aggregate != "total"}
    sides = (
        ("x_table_rows", [(r.key, r.measure, r.category, r.row) for r in table.rows]),
        ("x_table_columns", [(c.key, c.measure, c.category, c.row) for c in table.columns]),
    )
    counting = [any(measure for _, measure, _, _ in side) for _, side in sides]
    for (name, side), counts, other in zip(sides, counting, reversed(counting), strict=True):
        for key, measure, category, number in side:
            fault = ""
            if counts and other:
                fault = "CAMP_020" if measure else ""
            elif (counts or not other) and measure is None:
                fault = "CAMP_019"
            elif measure and category:
                fault = "CAMP_020"
            if fault:
                issue = Issue(fault, "error", name, number, "aggregate", {"value": key})
                sheet.issues.append(issue)
            for part in measure.parts if measure else ():
                if part not in summed:
                    params = {"value": part, "near": ""}
                    sheet.issues.append(Issue("CAMP_007", "error", name, number, "parts", params))
