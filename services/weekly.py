"""The few figures that matter, with their change and the campaign to date beside them.

What a push's message begins with is chosen by the campaign's workbook; this module only compiles
it: the period, the one before it, and the campaign so far, all as of one sequence number.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncConnection

from campaigns.measures import headline, most_frequent
from campaigns.periods import Period, month_of, to_date, week_of
from campaigns.plan import CampaignDefinition, Figure
from campaigns.tables import Labels, RowDefinition, TableDefinition
from services.tables import Coverage, TableFigures, compile_table, coverage, scope_of


@dataclass(frozen=True, slots=True)
class Headline:
    """One figure of the message.

    Args:
        figure: Which one, as the workbook defines it.
        decimals: Digits after the point.
        value: In the period; None where nobody knows it.
        before: In the period before, None where there was none in the campaign.
        so_far: In the campaign to date, None where that is not shown.
        coverage: For a coverage figure, how far each target is reached.
        top: For a figure that names rows: their definitions and values, highest first.
    """

    figure: Figure
    decimals: int = 0
    value: Decimal | None = None
    before: Decimal | None = None
    so_far: Decimal | None = None
    coverage: tuple[Coverage, ...] = ()
    top: tuple[tuple[RowDefinition, Decimal], ...] = ()

    @property
    def change(self) -> Decimal | None:
        """How much more than in the period before; None where there is nothing to compare."""
        if self.value is None or self.before is None:
            return None
        return self.value - self.before


@dataclass(frozen=True, slots=True)
class Compiled:
    """Tables of one period for some areas, and what is shown with them.

    Args:
        period: What is counted.
        so_far: The campaign to date; None where the period is all of it.
        tables: Each with its figures in the period and to date.
        headlines: The figures that matter, in the workbook's order.
        unplaced: Institutions inspected in the period that no row of a table has a place for.
    """

    period: Period
    so_far: Period | None
    tables: tuple[tuple[TableDefinition, TableFigures, TableFigures | None], ...]
    headlines: tuple[Headline, ...]
    unplaced: int

    def pair(self, table_id: str) -> tuple[TableDefinition, TableFigures, TableFigures | None]:
        """One of the tables.

        Raises:
            KeyError: It is not among them.
        """
        return next(found for found in self.tables if found[0].table_id == table_id)


def period_before(period: Period, starts_on: date) -> Period | None:
    """The week or month before; None for other periods and before the campaign's first day."""
    day = period.first - timedelta(days=1)
    if day < starts_on or period.kind not in ("week", "month"):
        return None
    return week_of(day) if period.kind == "week" else month_of(day)


async def compile_period(
    connection: AsyncConnection,
    definition: CampaignDefinition,
    campaign_id: int,
    area_ids: Iterable[int],
    period: Period,
    *,
    table_ids: Iterable[str] | None = None,
    beside: bool = True,
    as_of_seq: int | None = None,
) -> Compiled:
    """Compile tables and the figures that matter.

    Args:
        connection: Where to read.
        definition: The campaign version.
        campaign_id: The campaign.
        area_ids: Areas whose institutions count.
        period: What is counted.
        table_ids: Tables that are wanted as such; all by default.
        beside: Whether the campaign to date is compiled too.
        as_of_seq: Figures as of this sequence number; None as of now.
    """
    areas = tuple(area_ids)
    starts_on = definition.starts_on or period.first
    scope = await scope_of(connection, campaign_id, areas, period, as_of_seq)
    so_far = to_date(starts_on, period.last) if beside and period.kind != "to_date" else None
    before = period_before(period, starts_on)
    wanted = set(table_ids) if table_ids is not None else set(definition.table_by_id)
    needed = wanted | {figure.table_id for figure in definition.figures if figure.table_id}

    async def compiled(span: Period | None) -> dict[str, TableFigures]:
        if span is None:
            return {}
        return {
            table.table_id: await compile_table(
                connection, definition, campaign_id, table.table_id, areas, span, scope.seq
            )
            for table in definition.tables
            if table.table_id in needed
        }

    present, earlier, total = (
        await compiled(period),
        await compiled(before),
        await compiled(so_far),
    )
    reached = await coverage(
        connection,
        definition,
        await scope_of(
            connection, campaign_id, areas, to_date(starts_on, period.last) or period, scope.seq
        ),
    )
    headlines = tuple(
        _headline(definition, figure, present, earlier, total, reached)
        for figure in definition.figures
    )
    return Compiled(
        period=period,
        so_far=so_far,
        tables=tuple(
            (table, present[table.table_id], total.get(table.table_id))
            for table in definition.tables
            if table.table_id in wanted
        ),
        headlines=headlines,
        unplaced=sum(
            int(count)
            for table in definition.tables
            if table.table_id in wanted
            for (key, _category), count in present[table.table_id].figures.unplaced.items()
            if any(m.key == key and m.aggregate == "inspected" for m in table.measures)
        ),
    )


def _headline(
    definition: CampaignDefinition,
    figure: Figure,
    present: Mapping[str, TableFigures],
    earlier: Mapping[str, TableFigures],
    total: Mapping[str, TableFigures],
    reached: tuple[Coverage, ...],
) -> Headline:
    if figure.kind == "coverage":
        wanted = set(figure.targets)
        return Headline(
            figure, coverage=tuple(one for one in reached if one.target.target_id in wanted)
        )
    table = definition.table_by_id[figure.table_id]
    if figure.kind == "top":
        rows = {row.key: row for row in table.rows}
        named = most_frequent(figure, present[figure.table_id].figures)
        return Headline(figure, top=tuple((rows[key], value) for key, value in named))
    return Headline(
        figure,
        decimals=_decimals(table, figure),
        value=value_of(table, figure, present.get(figure.table_id)),
        before=value_of(table, figure, earlier.get(figure.table_id)),
        so_far=value_of(table, figure, total.get(figure.table_id)),
    )


def _decimals(table: TableDefinition, figure: Figure) -> int:
    keys = set(figure.rows) or {figure.column}
    return max((m.decimals for m in table.measures if not keys or m.key in keys), default=0)


def value_of(
    table: TableDefinition, figure: Figure, compiled: TableFigures | None
) -> Decimal | None:
    """The one number of a figure; institutions count once over all categories.

    A figure that names whole rows, or a whole column, of counted things is their total; anything
    narrower is the sum of its cells.
    """
    if compiled is None:
        return None
    measures = {measure.key for measure in table.measures}
    whole = [*figure.rows] if not figure.column else [figure.column] if not figure.rows else []
    if not whole or not set(whole) <= measures:
        return headline(figure, compiled.figures)
    known = [compiled.totals[key] for key in whole]
    values = [value for value in known if value is not None]
    return sum(values, Decimal(0)) if values else None


def short_label(table: TableDefinition, row: RowDefinition, locale: str) -> str:
    """A row's shortest wording."""
    labels: Labels = row.short or row.sub or row.label
    return table.text(labels, locale)
