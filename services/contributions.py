"""What submitted records add to the statistics tables, kept so that every figure explains itself.

A record never writes into a table. It leaves contributions: one row for each table row that it
adds to. A correction closes the old ones and adds new ones under the campaign's next sequence
number, so a table can be compiled as of any number, also years later.
"""

from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from campaigns import categories, engine
from campaigns.categories import categorise, is_aimed_at
from campaigns.errors import CampaignError
from campaigns.measures import contributions, inspection_facts
from campaigns.plan import CampaignDefinition
from services.campaigns import CampaignStore
from storage.tables import CampaignRow, ContributionRow, InstitutionRow, UnitRow
from storage.workspace import ANSWERS, INSPECTIONS, Inspection

CAMPAIGNS = CampaignRow.__table__  # type: ignore[attr-defined]  # SQLModel hides the Core table
CONTRIBUTIONS = ContributionRow.__table__  # type: ignore[attr-defined]
INSTITUTIONS = InstitutionRow.__table__  # type: ignore[attr-defined]
UNITS = UnitRow.__table__  # type: ignore[attr-defined]

INSPECTION = "inspection"
"""``record_kind`` of what an inspection adds; tips and cases have kinds of their own."""

AMOUNT_SCALE = 10_000
"""Amounts are stored in ten-thousandths: four decimals, summed exactly on every database."""


TARGET = "target"
"""Stands where other keys have their table: an institution that a coverage target is about."""


@dataclass(frozen=True, slots=True)
class InstitutionFacts:
    """What decides where an institution is counted.

    Args:
        id: Its row in the registry.
        type: One of the campaign's institution types, such as ``general``.
        level: 0 (not graded) to 3.
        ownership: ``public`` or ``private``.
        area_id: The area that it counts in: its supervising unit's, not where it lies.
        unit_id: Its supervising unit.
    """

    id: int
    type: str
    level: int
    ownership: str
    area_id: int
    unit_id: int

    def rules(self) -> categories.InstitutionFacts:
        """What the workbook's rules about institutions read."""
        return categories.InstitutionFacts(self.type, str(self.level), self.ownership)


_FACTS = (
    select(
        INSTITUTIONS.c.id,
        INSTITUTIONS.c.type,
        INSTITUTIONS.c.level,
        INSTITUTIONS.c.ownership,
        UNITS.c.area_id,
        INSTITUTIONS.c.unit_id,
    )
    .join(UNITS, UNITS.c.id == INSTITUTIONS.c.unit_id)
    .where(INSTITUTIONS.c.id == bindparam("institution_id"))
)
_NEXT_SEQ = (
    update(CAMPAIGNS)
    .where(CAMPAIGNS.c.id == bindparam("b_campaign_id"))
    .values(seq=CAMPAIGNS.c.seq + 1)
    .returning(CAMPAIGNS.c.seq)
)
_CLOSE = (
    update(CONTRIBUTIONS)
    .where(CONTRIBUTIONS.c.record_kind == bindparam("b_record_kind"))
    .where(CONTRIBUTIONS.c.record_id == bindparam("b_record_id"))
    .where(CONTRIBUTIONS.c.valid_to_seq.is_(None))
    .values(valid_to_seq=bindparam("b_seq"))
)
_ADD = insert(CONTRIBUTIONS)


async def institution_facts(connection: AsyncConnection, institution_id: int) -> InstitutionFacts:
    """Read where an institution counts as of now.

    Raises:
        CampaignError: ``institution-unknown`` when the registry has no such institution.
    """
    found = await connection.execute(_FACTS, {"institution_id": institution_id})
    row = found.one_or_none()
    if row is None:
        raise CampaignError("institution-unknown", institution=institution_id)
    return InstitutionFacts(*row)


def measure_key(table_id: str, measure: str) -> str:
    """The ``row_key`` under which a table's measure is stored."""
    return f"{table_id}.{measure}"


def target_key(target_id: str) -> str:
    """The ``row_key`` of the institutions that were inspected towards a coverage target."""
    return f"{TARGET}.{target_id}"


@dataclass(frozen=True, slots=True)
class Added:
    """One contribution without the record it is from."""

    row_key: str
    category: str
    amount_e4: int
    counted_on: date


def evaluate(
    definition: CampaignDefinition,
    values: Mapping[str, str],
    institution: InstitutionFacts,
    *,
    kind: str,
    inspected_on: date,
) -> tuple[Added, ...]:
    """Work out what one inspection adds to the tables and towards the coverage targets.

    Args:
        definition: The campaign version that the inspection was made with.
        values: Its submitted values.
        institution: Where it counts.
        kind: Kind of inspection.
        inspected_on: Its day, where the form does not ask for it.
    """
    rules = institution.rules()
    facts = inspection_facts(
        definition,
        values,
        kind=kind,
        inspected_on=inspected_on,
        category=categorise(definition, rules),
    )
    counted = [
        Added(measure_key(c.table_id, c.measure), c.category, scaled(c.amount), c.counted_on)
        for c in contributions(definition, values, facts)
    ]
    counted += [
        Added(target_key(target.target_id), "", AMOUNT_SCALE, facts.inspected_on)
        for target in definition.targets
        if kind in target.kinds and is_aimed_at(target, rules)
    ]
    return tuple(counted)


def scaled(amount: Decimal) -> int:
    """The amount in ten-thousandths.

    Raises:
        ValueError: It has more than four decimals.
    """
    whole = amount * AMOUNT_SCALE
    if whole != whole.to_integral_value():
        raise ValueError("amounts have at most four decimals")
    return int(whole)


async def record_inspection(
    connection: AsyncConnection,
    definition: CampaignDefinition,
    inspection: Inspection,
    values: Mapping[str, str],
    institution: InstitutionFacts,
) -> int:
    """Let a submitted or corrected inspection count, in the transaction of the caller.

    What it added before is closed, not deleted: tables as of an earlier number stay as they were.

    Args:
        connection: The transaction that submits or corrects the inspection.
        definition: The campaign version that the inspection was made with.
        inspection: The visit, with its new revision.
        values: Submitted values by question name, computed ones included.
        institution: Where it counts (``institution_facts``).

    Returns:
        The campaign's sequence number from which this holds.
    """
    added = evaluate(
        definition,
        values,
        institution,
        kind=inspection.kind,
        inspected_on=inspection.inspected_on,
    )
    return await _replace(connection, inspection, institution, added)


async def withdraw_inspection(connection: AsyncConnection, inspection: Inspection) -> int:
    """Let a cancelled inspection count no more; returns the number from which this holds."""
    return await _replace(connection, inspection, None, ())


async def _replace(
    connection: AsyncConnection,
    inspection: Inspection,
    institution: InstitutionFacts | None,
    added: tuple[Added, ...],
) -> int:
    taken = await connection.execute(_NEXT_SEQ, {"b_campaign_id": inspection.campaign_id})
    seq = int(taken.scalar_one())
    await connection.execute(
        _CLOSE, {"b_record_kind": INSPECTION, "b_record_id": inspection.id, "b_seq": seq}
    )
    if institution is not None and added:
        await connection.execute(
            _ADD,
            [
                {
                    "campaign_id": inspection.campaign_id,
                    "row_key": one.row_key,
                    "category": one.category,
                    "amount_e4": one.amount_e4,
                    "record_kind": INSPECTION,
                    "record_id": inspection.id,
                    "revision": inspection.revision,
                    "institution_id": institution.id,
                    "unit_id": institution.unit_id,
                    "area_id": institution.area_id,
                    "counted_on": one.counted_on,
                    "valid_from_seq": seq,
                    "valid_to_seq": None,
                }
                for one in added
            ],
        )
    return seq


# ---- checking ----------------------------------------------------------------------------

RECOMPUTE_BATCH = 500
"""Inspections that are read and worked out at a time: memory stays flat."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A contribution that is not what its record's answers give.

    ``stored`` and ``computed`` are sums over the same row, category and day; 0 means none.
    """

    record_kind: str
    record_id: int
    row_key: str
    category: str
    counted_on: date
    stored: Decimal
    computed: Decimal


async def recompute(
    connection: AsyncConnection, store: CampaignStore, campaign_id: int
) -> AsyncIterator[Difference]:
    """Work every submitted inspection out again and compare with what is stored.

    Nothing is changed. An institution counts where the registry has it now: one that was moved or
    graded anew since its inspection shows up here, and stays where it was counted.

    Args:
        connection: Where to read.
        store: Definitions.
        campaign_id: The campaign.
    """
    last = 0
    while True:
        found = await connection.execute(
            select(
                INSPECTIONS.c.id,
                INSPECTIONS.c.version_id,
                INSPECTIONS.c.institution_id,
                INSPECTIONS.c.kind,
                INSPECTIONS.c.inspected_on,
                INSPECTIONS.c.submitted_at,
            )
            .where(
                INSPECTIONS.c.campaign_id == campaign_id,
                INSPECTIONS.c.state == "submitted",
                INSPECTIONS.c.id > last,
            )
            .order_by(INSPECTIONS.c.id)
            .limit(RECOMPUTE_BATCH)
        )
        visits = found.all()
        if not visits:
            return
        last = visits[-1].id
        ids = [visit.id for visit in visits]
        answers: dict[int, dict[str, str]] = {inspection_id: {} for inspection_id in ids}
        for inspection_id, name, value in await connection.execute(
            select(ANSWERS.c.inspection_id, ANSWERS.c.name, ANSWERS.c.value).where(
                ANSWERS.c.inspection_id.in_(ids)
            )
        ):
            answers[inspection_id][name] = value
        stored = await _stored(connection, campaign_id, ids)
        for visit in visits:
            computed = await _computed(connection, store, visit, answers[visit.id])
            for key in sorted({*stored[visit.id], *computed}):
                before, now = stored[visit.id][key], computed[key]
                if before != now:
                    yield Difference(
                        INSPECTION,
                        visit.id,
                        *key,
                        Decimal(before) / AMOUNT_SCALE,
                        Decimal(now) / AMOUNT_SCALE,
                    )


async def _stored(
    connection: AsyncConnection, campaign_id: int, ids: list[int]
) -> dict[int, Counter[tuple[str, str, date]]]:
    c = CONTRIBUTIONS.c
    stored: dict[int, Counter[tuple[str, str, date]]] = {one: Counter() for one in ids}
    for record_id, row_key, category, counted_on, amount in await connection.execute(
        select(c.record_id, c.row_key, c.category, c.counted_on, c.amount_e4).where(
            c.record_kind == INSPECTION,
            c.record_id.in_(ids),
            c.campaign_id == campaign_id,
            c.valid_to_seq.is_(None),
        )
    ):
        stored[record_id][row_key, category, counted_on] += amount
    return stored


async def _computed(
    connection: AsyncConnection, store: CampaignStore, visit: Any, answers: Mapping[str, str]
) -> Counter[tuple[str, str, date]]:
    definition = await store.definition(connection, visit.version_id)
    state = engine.restore(definition.form, answers, now=visit.submitted_at, zone=definition.zone)
    added = evaluate(
        definition,
        engine.submit(definition.form, state).values,
        await institution_facts(connection, visit.institution_id),
        kind=visit.kind,
        inspected_on=visit.inspected_on,
    )
    computed: Counter[tuple[str, str, date]] = Counter()
    for one in added:
        computed[one.row_key, one.category, one.counted_on] += one.amount_e4
    return computed
