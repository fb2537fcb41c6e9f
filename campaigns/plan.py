"""What a campaign consists of: form, stages, tasks, kinds, categories, tables, pushes.

``campaigns.campaign`` reads it from a workbook.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from functools import cached_property
from zoneinfo import ZoneInfo

from campaigns.definition import Form, text
from campaigns.expressions import Expression
from campaigns.items import Item
from campaigns.periods import Recurrence
from campaigns.tables import TableDefinition

Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of the campaign.

    Args:
        stage_id: Stable key.
        labels: Its name.
        texts: What the plan says about it.
        starts_on: First day; None where a template leaves a blank.
        ends_on: Last day, included.
        kinds: Kinds of inspection usual in it, the first one offered first.
    """

    stage_id: str
    labels: Labels
    texts: Labels
    starts_on: date | None
    ends_on: date | None
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of inspection, and whether it counts where a table does not say so itself."""

    kind_id: str
    labels: Labels
    counts: bool


@dataclass(frozen=True, slots=True)
class Selector:
    """Chooses units of a deployment without naming them: ``level=region line=insurance``.

    Args:
        criteria: Wanted values by key; a unit must meet all of them.
    """

    criteria: Mapping[str, str]

    def matches(self, facts: Mapping[str, str]) -> bool:
        """Tell whether a unit with these facts (level, line, department) is chosen."""
        return all(facts.get(key) == value for key, value in self.criteria.items())


@dataclass(frozen=True, slots=True)
class Task:
    """One task of the plan's task division with its lead and cooperating units."""

    task_id: str
    labels: Labels
    texts: Labels
    lead: tuple[Selector, ...]
    cooperating: tuple[Selector, ...]


@dataclass(frozen=True, slots=True)
class Category:
    """A category of institutions.

    Args:
        category_id: Stable key.
        parent: The coarser category that it belongs to, or an empty text.
        labels: Its name.
        filter: Condition over ``type``, ``level`` and ``ownership``; None for coarse ones.
    """

    category_id: str
    parent: str
    labels: Labels
    filter: Expression | None


@dataclass(frozen=True, slots=True)
class Target:
    """A coverage target.

    Args:
        target_id: Stable key.
        labels: Whom it is about, as the plan says it.
        short: The same for a message: 医院.
        filter: Condition over an institution's ``type``, ``level`` and ``ownership``.
        share: Part of them to be inspected, 0 to 1.
        kinds: Kinds of inspection that count.
        stage: Stage by whose end it is due, or an empty text.
    """

    target_id: str
    labels: Labels
    short: Labels
    filter: Expression | None
    share: Decimal
    kinds: frozenset[str]
    stage: str


@dataclass(frozen=True, slots=True)
class FormLine:
    """One entry around the printed form.

    Args:
        place: ``attachment``, ``title``, ``head``, ``column``, ``note`` or ``foot``.
        line: Entries of the same place and line stand side by side.
        main: Name of the question whose value ticks the boxes of the template.
        template: Template text by language, in the manner of ``x_print``.
    """

    place: str
    line: int
    main: str
    template: Labels


@dataclass(frozen=True, slots=True)
class Push:
    """Tables that go to the office groups by themselves.

    Args:
        push_id: Stable key.
        labels: Its name.
        recurrence: On which days.
        at: Time of day in the campaign's zone.
        period: What the tables count: ``last_week``, ``last_month`` or ``to_date``.
        beside: Period shown beside it, or an empty text.
        tables: Keys of the tables.
        days_off: ``silent`` sends without sound on days off, ``send`` as usual, ``skip`` not.
    """

    push_id: str
    labels: Labels
    recurrence: Recurrence
    at: time
    period: str
    beside: str
    tables: tuple[str, ...]
    days_off: str


@dataclass(frozen=True, slots=True)
class Figure:
    """One of the few figures that a push's message begins with.

    Args:
        figure_id: Stable key.
        labels: Words before the figure.
        units: Unit after it.
        kind: ``sum`` adds cells, ``coverage`` gives the share of each target, ``top`` names the
            rows with the highest figures.
        table_id: Table that the cells are from.
        rows: Keys of the rows; empty means every row.
        column: Key of the column; empty means every column.
        targets: Keys of the targets, for ``coverage``.
        count: How many rows ``top`` names.
    """

    figure_id: str
    labels: Labels
    units: Labels
    kind: str
    table_id: str
    rows: tuple[str, ...]
    column: str
    targets: tuple[str, ...]
    count: int


@dataclass(frozen=True, eq=False)
class CampaignDefinition:
    """Everything that one version of a campaign's workbook says.

    Args:
        campaign_id: Key of the pack, such as ``guangxi-2020``.
        labels: Title; may hold ``{year}``.
        short: Short title for cards and messages.
        starts_on: First day; None in a template whose dates are blanks.
        ends_on: Last day, included.
        zone: Time zone in which the campaign's days begin.
        scope: Which institutions the plan is about.
        tasks_title: Title of the task division.
        source: The document that the workbook was made from.
        form: The checklist.
        items: Its numbered items.
        facts: Question names by what they tell: ``inspected_on``, ``decided_on``.
    """

    campaign_id: str
    labels: Labels
    short: Labels
    starts_on: date | None
    ends_on: date | None
    zone: ZoneInfo
    scope: Labels
    tasks_title: Labels
    source: str
    form: Form
    items: tuple[Item, ...]
    facts: Mapping[str, str]
    stages: tuple[Stage, ...] = ()
    kinds: tuple[Kind, ...] = ()
    tasks: tuple[Task, ...] = ()
    categories: tuple[Category, ...] = ()
    targets: tuple[Target, ...] = ()
    tables: tuple[TableDefinition, ...] = ()
    form_lines: tuple[FormLine, ...] = ()
    pushes: tuple[Push, ...] = ()
    figures: tuple[Figure, ...] = ()

    @cached_property
    def item_by_id(self) -> Mapping[str, Item]:
        """Items by the number that people type."""
        return {item.item_id: item for item in self.items}

    @cached_property
    def table_by_id(self) -> Mapping[str, TableDefinition]:
        """Tables by key."""
        return {table.table_id: table for table in self.tables}

    @cached_property
    def category_by_id(self) -> Mapping[str, Category]:
        """Categories by key."""
        return {category.category_id: category for category in self.categories}

    def text(self, labels: Labels, language: str) -> str:
        """Choose the wording of one of the campaign's texts, with its year filled in."""
        wording = text(labels, language, self.form.default_language)
        return wording.replace("{year}", str(self.starts_on.year)) if self.starts_on else wording

    def title(self, language: str) -> str:
        """Give the campaign's full title: 2020年广西……专项整治行动."""
        return self.text(self.labels, language)

    def stage_on(self, day: date) -> Stage | None:
        """Find the stage that a day falls in; the earlier one where two overlap."""
        for stage in self.stages:
            if stage.starts_on and stage.ends_on and stage.starts_on <= day <= stage.ends_on:
                return stage
        return None
