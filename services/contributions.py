"""What submitted records add to the statistics tables, kept so that every figure explains itself.

A record never writes into a table. It leaves contributions: one row for each table row that it
adds to. A correction closes the old ones and adds new ones under the campaign's next sequence
number, so a table can be compiled as of any number, also years later.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from campaigns import categories
from campaigns.categories import categorise, is_aimed_at
from campaigns.errors import CampaignError
from campaigns.measures import contributions, inspection_facts
from campaigns.plan import CampaignDefinition
from storage.tables import CampaignRow, ContributionRow, InstitutionRow, UnitRow
from storage.workspace import Inspection

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
        CampaignError: ``institution-missing`` when the registry has no such institution.
    """
    found = await connection.execute(_FACTS, {"institution_id": institution_id})
    row = found.one_or_none()
    if row is None:
        raise CampaignError("institution-missing", institution=institution_id)
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
