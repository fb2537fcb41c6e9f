"""What one inspection adds to the official tables, and how a table is filled from the sums.

When an inspection is submitted or corrected, ``contributions`` evaluates every measure on its
answers. What it returns is stored, so that each figure of a table is the sum (or the distinct
count) of rows that can be listed. Amounts are exact decimals from the first digit to the last.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from campaigns.categories import in_table
from campaigns.expressions import Expression, Scope, to_number
from campaigns.plan import CampaignDefinition, Figure
from campaigns.tables import Measure, TableDefinition

_ONE_QUESTION = re.compile(r"\s*\$\{\s*([^\s{}]+)\s*\}\s*")
_FROM_RECORDS = ("sum", "distinct", "inspected")


@dataclass(frozen=True, slots=True)
class InspectionFacts:
    """What tables need to know of an inspection beside its answers.

    Args:
        kind: Kind of inspection: ``joint``, ``self`` ...
        inspected_on: Day of the inspection in the campaign's zone.
        decided_on: Day of the decision on penalties; None means the day of the inspection.
        category: The institution's category on that day, None when no rule holds for it.
    """

    kind: str
    inspected_on: date
    decided_on: date | None
    category: str | None


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one inspection adds to one measure of one table.

    Args:
        table_id: The table.
        measure: Key of the row or column that counts.
        amount: Never zero; 1 for a distinct measure.
        distinct: Whether the institution counts once in a period, however many rows it has.
        counted_on: The day that puts it into a period.
        category: The table's category that it falls in; empty when the table has no place for
            it, so that it can be listed instead of being lost.
    """

    table_id: str
    measure: str
    amount: Decimal
    distinct: bool
    counted_on: date
    category: str


@dataclass(frozen=True, slots=True)
class Figures:
    """A filled table: one figure per row and column, None where nobody knows it.

    Args:
        table_id: The table.
        row_keys: Keys of the rows, top to bottom.
        column_keys: Keys of the columns, left to right.
        cells: Figures row by row, each with the decimals of its measure.
        unplaced: Sums that no cell shows because their category has no place in the table.
    """

    table_id: str
    row_keys: tuple[str, ...]
    column_keys: tuple[str, ...]
    cells: tuple[tuple[Decimal | None, ...], ...]
    unplaced: Mapping[tuple[str, str], Decimal]

    def cell(self, row_key: str, column_key: str) -> Decimal | None:
        """Give one figure.

        Raises:
            ValueError: The table has no such row or column.
        """
        return self.cells[self.row_keys.index(row_key)][self.column_keys.index(column_key)]

    def total(self, rows: Collection[str] = (), column: str = "") -> Decimal | None:
        """Add the known figures of some rows (all when none is named) in one or all columns.

        Returns:
            The sum, or None when not one of the figures is known.
        """
        known = [
            figure
            for row_key, line in zip(self.row_keys, self.cells, strict=True)
            if not rows or row_key in rows
            for column_key, figure in zip(self.column_keys, line, strict=True)
            if figure is not None and column in ("", column_key)
        ]
        return sum(known, Decimal(0)) if known else None


def inspection_facts(
    definition: CampaignDefinition,
    values: Mapping[str, str],
    *,
    kind: str,
    inspected_on: date,
    category: str | None,
) -> InspectionFacts:
    """Gather an inspection's facts, its two dates from the form's answers where it asks them.

    Args:
        definition: The campaign; the column ``x_fact`` says which question holds which date.
        values: Submitted values by question name.
        kind: Kind of inspection.
        inspected_on: Day of the inspection where the form does not ask for it.
        category: The institution's category.
    """

    def day(fact: str) -> date | None:
        answer = values.get(definition.facts.get(fact, ""), "")
        return date.fromisoformat(answer) if answer else None

    return InspectionFacts(
        kind=kind,
        inspected_on=day("inspected_on") or inspected_on,
        decided_on=day("decided_on"),
        category=category,
    )


def contributions(
    definition: CampaignDefinition, values: Mapping[str, str], facts: InspectionFacts
) -> tuple[Contribution, ...]:
    """Evaluate every table's measures on one inspection.

    Args:
        definition: The campaign version that the inspection was made with.
        values: Its submitted values by question name; what is not relevant is left out.
        facts: Kind, dates and category.

    Returns:
        What it adds, nothing for a kind of inspection that does not count.
    """
    noon = datetime.combine(facts.inspected_on, time(12), tzinfo=definition.zone)
    scope = Scope(values, noon, definition.zone)
    added = []
    for table in definition.tables:
        category = in_table(table, definition.category_by_id, facts.category)
        for measure in table.measures:
            if facts.kind not in measure.kinds or measure.aggregate not in _FROM_RECORDS:
                continue
            amount = _amount(measure, values, scope)
            if not amount:
                continue
            on_decision = measure.counted_on == "decided" and facts.decided_on
            counted_on = facts.decided_on if on_decision else None
            added.append(
                Contribution(
                    table_id=table.table_id,
                    measure=measure.key,
                    amount=amount,
                    distinct=measure.distinct,
                    counted_on=counted_on or facts.inspected_on,
                    category=category,
                )
            )
    return tuple(added)


def compile_figures(
    table: TableDefinition,
    sums: Mapping[tuple[str, str], Decimal | int],
    unknown: Collection[str] = (),
) -> Figures:
    """Fill a table.

    Args:
        table: The table.
        sums: By (measure, category): the sum of the contributions' amounts, for a distinct
            measure the number of institutions, for a registered one the registry's number. What
            is missing is zero: it was looked for and nothing was found.
        unknown: Measures about which nothing is known here; their cells stay blank.

    Returns:
        The figures; totals are the sum of their parts, and blank when a part is.
    """
    placed: set[tuple[str, str]] = set()

    def direct(measure: Measure, category: str) -> Decimal | None:
        place = measure.key, category
        placed.add(place)
        found = sums.get(place)
        if measure.key in unknown or (found is None and measure.aggregate == "manual"):
            return None
        return _rounded(Decimal(found or 0), measure.decimals)

    by_key = {measure.key: measure for measure in table.measures}

    def figure(measure: Measure, category: str) -> Decimal | None:
        if measure.aggregate != "total":
            return direct(measure, category)
        parts = [direct(by_key[part], category) for part in measure.parts]
        known = [part for part in parts if part is not None]
        return sum(known, Decimal(0)) if len(known) == len(parts) else None

    cells = tuple(
        tuple(figure(*table.cell(row, column)) for column in table.columns) for row in table.rows
    )
    return Figures(
        table_id=table.table_id,
        row_keys=tuple(row.key for row in table.rows),
        column_keys=tuple(column.key for column in table.columns),
        cells=cells,
        unplaced={key: Decimal(value) for key, value in sums.items() if key not in placed},
    )


def headline(figure: Figure, figures: Figures) -> Decimal | None:
    """Give the one number of a message's figure that adds cells."""
    return figures.total(figure.rows, figure.column)


def most_frequent(figure: Figure, figures: Figures) -> tuple[tuple[str, Decimal], ...]:
    """Name the rows with the highest figures, highest first; equal ones in the table's order.

    Returns:
        Pairs of row key and figure; rows at zero are never named.
    """
    rows = [key for key in figures.row_keys if not figure.rows or key in figure.rows]
    found = [(key, figures.total((key,), figure.column)) for key in rows]
    positive = [(key, total) for key, total in found if total]
    return tuple(sorted(positive, key=lambda pair: -pair[1])[: figure.count])


def _amount(measure: Measure, values: Mapping[str, str], scope: Scope) -> Decimal:
    if measure.filter is not None and not measure.filter.as_boolean(scope):
        return Decimal(0)
    if measure.amount is None:
        return Decimal(1)
    if measure.distinct:
        return Decimal(1) if _value(measure.amount, values, scope) else Decimal(0)
    return _rounded(_value(measure.amount, values, scope), measure.decimals)


def _value(amount: Expression, values: Mapping[str, str], scope: Scope) -> Decimal:
    if alone := _ONE_QUESTION.fullmatch(amount.source):
        # The answer's own digits: 0.1 is a tenth here, which no binary fraction is.
        return _decimal(values.get(alone[1], ""))
    number = to_number(amount.evaluate(scope))
    return _decimal(repr(float(number)))


def _decimal(source: str) -> Decimal:
    try:
        value = Decimal(source)
    except InvalidOperation:
        return Decimal(0)
    return value if value.is_finite() else Decimal(0)


def _rounded(value: Decimal, decimals: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
