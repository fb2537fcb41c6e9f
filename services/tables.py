"""Compiling statistics tables from contributions, and telling which records a figure comes from.

A figure is the sum, or the distinct count of institutions, of the contributions in a scope and a
period as of one sequence number. All of it is done by the database in a handful of statements;
no record is loaded. Every amount is a whole number of ten-thousandths, so sums are exact.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Numeric,
    Select,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from campaigns import categories
from campaigns.categories import categorise, in_table, is_aimed_at
from campaigns.errors import CampaignError
from campaigns.measures import Figures, compile_figures
from campaigns.periods import Period
from campaigns.plan import CampaignDefinition, Target
from campaigns.tables import Measure, TableDefinition
from services.contributions import (
    AMOUNT_SCALE,
    CAMPAIGNS,
    CONTRIBUTIONS,
    INSTITUTIONS,
    UNITS,
    measure_key,
    target_key,
)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a table covers.

    Args:
        campaign_id: The campaign.
        area_ids: The areas whose institutions count, every area below named by itself.
        period: First and last counting day.
        seq: The campaign's sequence number that the figures are as of.
    """

    campaign_id: int
    area_ids: tuple[int, ...]
    period: Period
    seq: int


@dataclass(frozen=True, slots=True)
class TableFigures:
    """A compiled table.

    Args:
        scope: What it covers, and as of which sequence number.
        figures: The cells; what no cell shows is listed in ``figures.unplaced``.
        totals: By measure, over all categories that the table shows: sums of the cells, but each
            institution once for a distinct measure.
    """

    scope: Scope
    figures: Figures
    totals: Mapping[str, Decimal | None]


@dataclass(frozen=True, slots=True)
class Coverage:
    """How far a coverage target is reached: institutions inspected of those registered."""

    target: Target
    inspected: int
    registered: int

    @property
    def percent(self) -> int | None:
        """Whole percent, rounded down; None where there is nothing to inspect."""
        return self.inspected * 100 // self.registered if self.registered else None


@dataclass(frozen=True, slots=True)
class Behind:
    """One record behind a figure."""

    record_kind: str
    record_id: int
    revision: int
    institution_id: int
    institution_code: str
    institution_name: str
    counted_on: date
    amount: Decimal


_SEQ = select(CAMPAIGNS.c.seq).where(CAMPAIGNS.c.id == bindparam("campaign_id"))


async def scope_of(
    connection: AsyncConnection,
    campaign_id: int,
    area_ids: Iterable[int],
    period: Period,
    as_of_seq: int | None = None,
) -> Scope:
    """Say what a table covers, as of now or as of an earlier sequence number.

    Raises:
        CampaignError: ``tables-none`` when there is no such campaign.
    """
    if as_of_seq is None:
        found = await connection.execute(_SEQ, {"campaign_id": campaign_id})
        as_of_seq = found.scalar_one_or_none()
        if as_of_seq is None:
            raise CampaignError("tables-none")
    return Scope(campaign_id, tuple(sorted(set(area_ids))), period, as_of_seq)


async def compile_table(
    connection: AsyncConnection,
    definition: CampaignDefinition,
    campaign_id: int,
    table_id: str,
    area_ids: Iterable[int],
    period: Period,
    as_of_seq: int | None = None,
) -> TableFigures:
    """Compile one table for some areas and a period.

    Args:
        connection: Where to read; at most three statements.
        definition: The campaign version whose tables are meant.
        campaign_id: The campaign.
        table_id: Key of the table.
        area_ids: Areas whose institutions count, every area below named by itself.
        period: First and last counting day; the registry counts as of the last.
        as_of_seq: Figures as of this sequence number; None as of now.

    Raises:
        CampaignError: ``table-unknown`` or ``tables-none``.
    """
    table = definition.table_by_id.get(table_id)
    if table is None:
        raise CampaignError("table-unknown")
    scope = await scope_of(connection, campaign_id, area_ids, period, as_of_seq)
    shown = sorted(table.categories) or [""]
    by_key = {measure_key(table_id, measure.key): measure for measure in table.measures}
    summed = [key for key, measure in by_key.items() if measure.aggregate == "sum"]
    counted = [key for key, measure in by_key.items() if measure.distinct]
    found, once = await _from_records(connection, scope, summed, counted, shown)
    sums = {(by_key[key].key, category): value for (key, category), value in found.items()}
    if any(measure.aggregate == "registered" for measure in table.measures):
        sums.update(await _registered(connection, definition, table, scope))
    distinct = {by_key[key].key: count for key, count in once.items()}
    return TableFigures(
        scope, compile_figures(table, sums), _totals(table.measures, shown, sums, distinct)
    )


def _totals(
    measures: Sequence[Measure],
    shown: Sequence[str],
    sums: Mapping[tuple[str, str], Decimal | int],
    once: Mapping[str, int],
) -> dict[str, Decimal | None]:
    totals: dict[str, Decimal | None] = {}
    for measure in measures:
        if measure.distinct:
            totals[measure.key] = Decimal(once.get(measure.key, 0))
        elif measure.aggregate != "total":
            known = [sums[measure.key, name] for name in shown if (measure.key, name) in sums]
            blank = measure.aggregate == "manual" and not known
            totals[measure.key] = None if blank else sum(map(Decimal, known), Decimal(0))
    for measure in measures:
        if measure.aggregate == "total":
            parts = [totals[part] for part in measure.parts]
            whole = [part for part in parts if part is not None]
            totals[measure.key] = sum(whole, Decimal(0)) if len(whole) == len(parts) else None
    return totals


FEW_SEEKS = 128
"""Days times areas up to which every pair is sought by itself, so that a county's week touches its
own contributions only; beyond it a range over the days is read and its areas filtered."""


def _written(value: Any, column: ColumnElement[Any], *, several: bool = False) -> Any:
    """A value that stands in the statement itself instead of beside it.

    Keys, days and numbers of ours only. PostgreSQL plans a statement it has seen five times
    without looking at its parameters: it then takes a year's range and a week's for the same and
    compares every row with every listed area, which was measured 15 times slower.
    """
    return bindparam(
        None, value, column.type, unique=True, expanding=several, literal_execute=True
    )


def _conditions(scope: Scope, keys: Sequence[str]) -> ColumnElement[bool]:
    c = CONTRIBUTIONS.c
    first, last = scope.period.first, scope.period.last
    areas = _written(scope.area_ids, c.area_id, several=True)
    if scope.period.days * len(scope.area_ids) <= FEW_SEEKS:
        days = [first + timedelta(days=n) for n in range(scope.period.days)]
        where = and_(
            c.counted_on.in_(_written(days, c.counted_on, several=True)), c.area_id.in_(areas)
        )
    else:
        where = and_(
            c.counted_on >= _written(first, c.counted_on),
            c.counted_on <= _written(last, c.counted_on),
            # Adding nothing keeps databases from seeking row by area: they filter the range.
            (c.area_id + _written(0, c.area_id)).in_(areas),
        )
    seq = _written(scope.seq, c.valid_from_seq)
    return and_(
        c.campaign_id == _written(scope.campaign_id, c.campaign_id),
        c.row_key.in_(_written(list(keys), c.row_key, several=True)),
        where,
        c.valid_from_seq <= seq,
        or_(c.valid_to_seq.is_(None), c.valid_to_seq > seq),
    )


async def _from_records(
    connection: AsyncConnection,
    scope: Scope,
    summed: Sequence[str],
    counted: Sequence[str],
    shown: Sequence[str],
) -> tuple[dict[tuple[str, str], Decimal | int], dict[str, int]]:
    """What the records give, in one statement: sums, and distinct institutions.

    Args:
        connection: Where to read.
        scope: What is covered.
        summed: Keys whose amounts are added.
        counted: Keys that count each institution once.
        shown: Categories that the table shows; the totals leave others out.

    Returns:
        By key and category the sums and counts, and by key the institutions over all shown
        categories. The second is not the sum of the first: an institution whose category changed
        within the period counts in both and once over all.
    """
    if not scope.area_ids or not (summed or counted):
        return {}, {}
    c = CONTRIBUTIONS.c
    categories = list(dict.fromkeys([*shown, ""]))
    parts: list[Select[Any]] = []
    if summed:
        # One column per category and groups by key alone: the index is read in its own order,
        # so the database neither sorts nor hashes.
        sums = [func.sum(case((c.category == name, c.amount_e4))) for name in categories]
        parts.append(
            select(literal("sum"), c.row_key, literal(""), *sums)
            .where(_conditions(scope, summed))
            .group_by(c.row_key)
        )
    if counted:
        # PostgreSQL sorts for COUNT(DISTINCT ...) but hashes DISTINCT rows, also in parallel.
        inside = _conditions(scope, counted)
        each = select(c.row_key, c.category, c.institution_id).where(inside).distinct().subquery()
        once = (
            select(c.row_key, c.institution_id)
            .where(inside, c.category.in_(shown))
            .distinct()
            .subquery()
        )
        nothing = [cast(None, Numeric)] * (len(categories) - 1)
        parts.append(
            select(
                literal("each"), each.c.row_key, each.c.category, func.count(), *nothing
            ).group_by(each.c.row_key, each.c.category)
        )
        parts.append(
            select(literal("once"), once.c.row_key, literal(""), func.count(), *nothing).group_by(
                once.c.row_key
            )
        )
    found = await connection.execute(union_all(*parts))
    figures: dict[tuple[str, str], Decimal | int] = {}
    totals: dict[str, int] = {}
    for sort, key, category, *numbers in found:
        if sort == "sum":
            for name, amount in zip(categories, numbers, strict=True):
                if amount is not None:
                    figures[key, name] = Decimal(int(amount)) / AMOUNT_SCALE
        elif sort == "each":
            figures[key, category] = int(numbers[0])
        else:
            totals[key] = int(numbers[0])
    return figures, totals


def _open_on(day: date) -> ColumnElement[bool]:
    """Institutions that are in the registry on a day: opened by then and not closed yet."""
    i = INSTITUTIONS.c
    return and_(
        or_(i.opened_on.is_(None), i.opened_on <= day),
        or_(i.closed_on.is_(None), i.closed_on > day),
    )


async def _registry(
    connection: AsyncConnection, area_ids: Sequence[int], day: date
) -> list[tuple[categories.InstitutionFacts, int]]:
    """How many institutions of each sort are registered on a day; there are few sorts."""
    i = INSTITUTIONS.c
    found = await connection.execute(
        select(i.type, i.level, i.ownership, func.count())
        .join(UNITS, UNITS.c.id == i.unit_id)
        .where(UNITS.c.area_id.in_(area_ids), _open_on(day))
        .group_by(i.type, i.level, i.ownership)
    )
    return [
        (categories.InstitutionFacts(type_, str(level), ownership), count)
        for type_, level, ownership, count in found
    ]


async def _registered(
    connection: AsyncConnection,
    definition: CampaignDefinition,
    table: TableDefinition,
    scope: Scope,
) -> dict[tuple[str, str], int]:
    counts: dict[str, int] = {}
    for facts, count in await _registry(connection, scope.area_ids, scope.period.last):
        own = categorise(definition, facts)
        category = in_table(table, definition.category_by_id, own)
        counts[category] = counts.get(category, 0) + count
    return {
        (measure.key, category): count
        for measure in table.measures
        if measure.aggregate == "registered"
        for category, count in counts.items()
    }


async def coverage(
    connection: AsyncConnection, definition: CampaignDefinition, scope: Scope
) -> tuple[Coverage, ...]:
    """How far the coverage targets are reached by the last day of the scope's period.

    Institutions that have closed by then count neither as registered nor as inspected.
    """
    if not definition.targets or not scope.area_ids:
        return ()
    c = CONTRIBUTIONS.c
    keys = {target_key(target.target_id): target for target in definition.targets}
    once = (
        select(c.row_key, c.institution_id)
        .where(_conditions(scope, list(keys)))
        .distinct()
        .subquery()
    )
    found = await connection.execute(
        select(once.c.row_key, func.count())
        .join(INSTITUTIONS, INSTITUTIONS.c.id == once.c.institution_id)
        .where(_open_on(scope.period.last))
        .group_by(once.c.row_key)
    )
    inspected = {row[0]: int(row[1]) for row in found}
    registry = await _registry(connection, scope.area_ids, scope.period.last)
    result = []
    for key, target in keys.items():
        registered = sum(count for facts, count in registry if is_aimed_at(target, facts))
        # An institution that changed its type since it was inspected is not counted over the top.
        result.append(Coverage(target, min(inspected.get(key, 0), registered), registered))
    return tuple(result)


def keys_behind(table: TableDefinition, measure: Measure) -> list[str]:
    """The stored keys that a measure adds up: its own, or for a total those of its parts."""
    parts = measure.parts if measure.aggregate == "total" else (measure.key,)
    return [measure_key(table.table_id, part) for part in parts]


async def records_behind(
    connection: AsyncConnection,
    scope: Scope,
    keys: Sequence[str],
    category: str | None = None,
    *,
    offset: int = 0,
    limit: int | None = None,
) -> list[Behind]:
    """Explain a figure: the records that it adds up or counts.

    Args:
        connection: Where to read.
        scope: The scope of the compiled table.
        keys: What the figure counts (``keys_behind``).
        category: The column's or row's category; None for all.
        offset: How many records to leave out.
        limit: At most so many.
    """
    c, i = CONTRIBUTIONS.c, INSTITUTIONS.c
    statement = (
        select(
            c.record_kind,
            c.record_id,
            c.revision,
            c.institution_id,
            i.code,
            i.name,
            c.counted_on,
            c.amount_e4,
        )
        .join(INSTITUTIONS, i.id == c.institution_id)
        .where(_conditions(scope, keys))
        .order_by(c.counted_on, c.record_kind, c.record_id, c.id)
        .offset(offset)
        .limit(limit)
    )
    if category is not None:
        statement = statement.where(c.category == category)
    return [
        Behind(*row[:-1], Decimal(row[-1]) / AMOUNT_SCALE)
        for row in await connection.execute(statement)
    ]


async def count_behind(
    connection: AsyncConnection, scope: Scope, keys: Sequence[str], category: str | None = None
) -> int:
    """How many records are behind a figure (see ``records_behind``)."""
    statement = select(func.count()).where(_conditions(scope, keys))
    if category is not None:
        statement = statement.where(CONTRIBUTIONS.c.category == category)
    found = await connection.execute(statement)
    return int(found.scalar_one())
