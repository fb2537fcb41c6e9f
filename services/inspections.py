"""Inspections: begin, answer, confirm the rest, submit, correct.

The answers are the state. A visit is the stored inspection together with its campaign's
definition and the engine's view of the answers; nothing else is remembered about a conversation.
Every function checks before it changes anything.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import desc, insert, select
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from campaigns import engine
from campaigns.campaign import CampaignDefinition
from campaigns.engine import AnswerIssue, Progress, State, Step
from campaigns.errors import CampaignError
from campaigns.items import Item
from services.campaigns import CampaignStore
from services.contributions import institution_facts, record_inspection
from services.institutions import Institution, read_institution
from services.opening import OpenCampaign
from services.people import Access, Membership
from storage.tables import (
    AnswerLogRow,
    InspectionMemberRow,
    InspectionRow,
    InstitutionRow,
    PersonRow,
    Role,
)
from storage.workspace import Answer, Inspection, Person, Workspace

INSPECTIONS = InspectionRow.__table__  # type: ignore[attr-defined]  # SQLModel hides it
MEMBERS = InspectionMemberRow.__table__  # type: ignore[attr-defined]
INSTITUTIONS = InstitutionRow.__table__  # type: ignore[attr-defined]
PEOPLE = PersonRow.__table__  # type: ignore[attr-defined]
ANSWER_LOG = AnswerLogRow.__table__  # type: ignore[attr-defined]

DRAFT, SUBMITTED, CANCELLED = "draft", "submitted", "cancelled"

INSPECTING_ROLES = (Role.INSPECTOR, Role.OFFICER, Role.ORGANISER)
"""Who may carry out an inspection for their unit."""

CONFIRMED = "confirmed"
"""Source of an answer given by "the rest was checked, nothing found"."""


@dataclass(slots=True)
class Visit:
    """An inspection as conversations work with it."""

    inspection: Inspection
    definition: CampaignDefinition
    state: State

    @property
    def progress(self) -> Progress:
        """How far it is, in printed items."""
        return engine.progress(self.definition.form, self.state)


@dataclass(frozen=True, slots=True)
class Listed:
    """One inspection in a list."""

    id: int
    institution: str
    kind: str
    state: str
    inspected_on: date


async def load(ws: Workspace, store: CampaignStore, inspection_id: int) -> Visit:
    """A visit with everything a conversation needs.

    Raises:
        CampaignError: ``inspection-missing`` when there is none.
    """
    inspection = await ws.inspection(inspection_id)
    if inspection is None:
        raise CampaignError("inspection-missing")
    definition = await store.definition(ws.connection, inspection.version_id)
    state = store.state(inspection.id, inspection.revision)
    if state is None:
        state = engine.restore(
            definition.form, inspection.values(), now=ws.now, zone=definition.zone
        )
        store.keep_state(inspection.id, inspection.revision, state)
    return Visit(inspection, definition, state)


def inspecting_as(access: Access, inspection: Inspection) -> bool:
    """Whether someone with this access may work on an inspection of its unit."""
    return access.can(
        *INSPECTING_ROLES, unit_id=inspection.unit_id, campaign_id=inspection.campaign_id
    )


async def check_may_edit(ws: Workspace, inspection: Inspection, access: Access) -> None:
    """Let only members of the inspection work on it.

    Raises:
        CampaignError: ``inspection-not-yours``.
    """
    if inspection.created_by == access.person_id and inspecting_as(access, inspection):
        return
    member = await ws.connection.execute(
        select(MEMBERS.c.person_id).where(
            MEMBERS.c.inspection_id == inspection.id, MEMBERS.c.person_id == access.person_id
        )
    )
    if member.first() is None or not inspecting_as(access, inspection):
        raise CampaignError("inspection-not-yours")


async def last_ways(
    connection: AsyncConnection, person_id: int, campaign_id: int
) -> tuple[str | None, str]:
    """Kind and mode of the person's last inspection in a campaign: most visits are alike."""
    rows = await connection.execute(
        select(INSPECTIONS.c.kind, INSPECTIONS.c.mode)
        .where(INSPECTIONS.c.created_by == person_id, INSPECTIONS.c.campaign_id == campaign_id)
        .order_by(desc(INSPECTIONS.c.id))
        .limit(1)
    )
    row = rows.first()
    return (None, "section") if row is None else (str(row.kind), str(row.mode))


def _preloads(institution: Institution, names: str, day: date) -> dict[str, str]:
    return {
        "institution.name": institution.name,
        "institution.address": institution.address,
        "institution.contact": institution.contact,
        "institution.phone": institution.phone,
        "institution.type": institution.type,
        "institution.level": str(institution.level),
        "institution.ownership": institution.ownership,
        "inspection.inspectors": names,
        "inspection.date": day.isoformat(),
    }


async def begin(
    ws: Workspace,
    store: CampaignStore,
    *,
    person: Person,
    membership: Membership,
    campaign: OpenCampaign,
    institution_id: int,
    kind: str,
    mode: str = "section",
) -> Visit:
    """Begin a visit: the head and foot of the form are filled with what is known.

    Args:
        ws: The page's workspace.
        store: Definitions.
        person: Who begins it; becomes its first member.
        membership: The role that the person acts in; the visit belongs to its unit.
        campaign: The campaign.
        institution_id: Where.
        kind: A kind of the campaign, such as ``joint``.
        mode: ``section`` (exceptions only) or ``each`` (item by item).

    Raises:
        CampaignError: ``inspection-role``, ``kind-unknown`` or ``institution-missing``.
    """
    if membership.role not in INSPECTING_ROLES:
        raise CampaignError("inspection-role")
    definition = await store.definition(ws.connection, campaign.current_version_id)
    if kind not in {known.kind_id for known in definition.kinds}:
        raise CampaignError("kind-unknown")
    institution = await read_institution(ws.connection, institution_id)
    day = ws.now.astimezone(definition.zone).date()
    state = engine.start(
        definition.form,
        now=ws.now,
        zone=definition.zone,
        preloads=_preloads(institution, person.name, day),
    )
    made = await ws.connection.execute(
        insert(INSPECTIONS)
        .values(
            campaign_id=campaign.id,
            version_id=campaign.current_version_id,
            institution_id=institution_id,
            unit_id=membership.unit_id,
            area_id=institution.area_id,
            kind=kind,
            mode=mode,
            state=DRAFT,
            revision=0,
            corrections=0,
            inspected_on=day,
            created_by=person.id,
            created_at=ws.now,
            updated_at=ws.now,
        )
        .returning(INSPECTIONS.c.id)
    )
    inspection_id = int(made.scalar_one())
    await ws.connection.execute(
        insert(MEMBERS).values(inspection_id=inspection_id, person_id=person.id)
    )
    inspection = await ws.inspection(inspection_id)
    if inspection is None:
        raise CampaignError("inspection-missing")
    ws.write_answers(inspection, dict(state.answers), source="preload", author_id=person.id)
    store.keep_state(inspection_id, inspection.revision, state)
    return Visit(inspection, definition, state)


async def join(ws: Workspace, inspection: Inspection, access: Access) -> None:
    """Take part in a colleague's inspection of the same unit.

    Raises:
        CampaignError: ``inspection-not-yours`` for people of another unit.
    """
    if not inspecting_as(access, inspection):
        raise CampaignError("inspection-not-yours")
    insert_one = pg_insert if ws.connection.dialect.name == "postgresql" else sqlite_insert
    await ws.connection.execute(
        insert_one(MEMBERS)
        .values(inspection_id=inspection.id, person_id=access.person_id)
        .on_conflict_do_nothing(index_elements=["inspection_id", "person_id"])
    )


def change_setup(
    ws: Workspace, visit: Visit, *, kind: str | None = None, mode: str | None = None
) -> None:
    """Change what kind of visit a draft is, or how it is filled in.

    Raises:
        CampaignError: ``inspection-submitted`` or ``kind-unknown``.
    """
    if visit.inspection.state != DRAFT:
        raise CampaignError("inspection-submitted")
    if kind is not None:
        if kind not in {known.kind_id for known in visit.definition.kinds}:
            raise CampaignError("kind-unknown")
        visit.inspection.kind = kind
    if mode is not None:
        visit.inspection.mode = mode
    ws.change_inspection(visit.inspection)


def newer(visit: Visit, name: str, revision: int, person_id: int) -> Answer | None:
    """The answer that a colleague gave after the button was drawn, if there is one.

    A stale button shows it instead of overwriting it.
    """
    present = visit.inspection.answers.get(name)
    if present is None or present.revision <= revision or present.author_id == person_id:
        return None
    return present


def answer(
    ws: Workspace,
    store: CampaignStore,
    visit: Visit,
    name: str,
    raw: str,
    *,
    source: str,
    person_id: int | None,
) -> Step:
    """Answer one question of a draft; what is not taken comes back as issues.

    Raises:
        CampaignError: ``inspection-submitted`` when it is no draft any more.
    """
    if visit.inspection.state != DRAFT:
        raise CampaignError("inspection-submitted")
    form, zone = visit.definition.form, visit.definition.zone
    step = engine.answer(form, visit.state, name, raw, now=ws.now, zone=zone)
    if not step.issues:
        _store(ws, store, visit, step.state, step.changed, source=source, person_id=person_id)
    return step


def clear(
    ws: Workspace, store: CampaignStore, visit: Visit, names: Iterable[str], *, person_id: int
) -> None:
    """Take answers of a draft back.

    Raises:
        CampaignError: ``inspection-submitted`` when it is no draft any more.
    """
    if visit.inspection.state != DRAFT:
        raise CampaignError("inspection-submitted")
    form, zone = visit.definition.form, visit.definition.zone
    state, changed = visit.state, dict[str, str | None]()
    for name in names:
        step = engine.clear(form, state, name, now=ws.now, zone=zone)
        state = step.state
        changed.update(step.changed)
    _store(ws, store, visit, state, changed, source="tap", person_id=person_id)


def _store(
    ws: Workspace,
    store: CampaignStore,
    visit: Visit,
    state: State,
    changed: Mapping[str, str | None],
    *,
    source: str,
    person_id: int | None,
) -> None:
    inspection = visit.inspection
    real = {
        name: value
        for name, value in changed.items()
        if value != (kept.value if (kept := inspection.answers.get(name)) else None)
    }
    visit.state = state
    if real:
        ws.write_answers(inspection, real, source=source, author_id=person_id)
        fact = visit.definition.facts.get("inspected_on")
        if fact is not None and real.get(fact):
            inspection.inspected_on = date.fromisoformat(str(real[fact]))
    store.keep_state(inspection.id, inspection.revision, state)


def section_items(visit: Visit, group: str) -> tuple[Item, ...]:
    """The items of a section in the order of the document, computed ones left out."""
    return tuple(
        item for item in visit.definition.items if item.group == group and item.mode != "computed"
    )


def unmarked(visit: Visit, group: str) -> tuple[Item, ...]:
    """Items of a section whose yes or no is still open."""
    return tuple(
        item
        for item in section_items(visit, group)
        if item.mode == "toggle"
        and item.head.name not in visit.state.answers
        and item.head.name not in visit.state.hidden
    )


def confirm_rest(
    ws: Workspace, store: CampaignStore, visit: Visit, group: str, *, person_id: int
) -> int:
    """Record that the unmarked items of a section were checked one by one, nothing found.

    Returns:
        How many items were confirmed; each answer says that it came from this confirmation.

    Raises:
        CampaignError: ``inspection-submitted`` when it is no draft any more.
    """
    if visit.inspection.state != DRAFT:
        raise CampaignError("inspection-submitted")
    form, zone = visit.definition.form, visit.definition.zone
    items = unmarked(visit, group)
    state, changed = visit.state, dict[str, str | None]()
    for item in items:
        for name, clean in item.clean.items():
            step = engine.answer(form, state, name, clean, now=ws.now, zone=zone)
            if not step.issues:
                state = step.state
                changed.update(step.changed)
    _store(ws, store, visit, state, changed, source=CONFIRMED, person_id=person_id)
    return len(items)


async def submit(
    ws: Workspace, store: CampaignStore, visit: Visit, *, person: Person
) -> tuple[AnswerIssue, ...]:
    """Hand a draft in: from now on it counts; what stands against it comes back instead.

    Raises:
        CampaignError: ``inspection-submitted`` when it was handed in already.
    """
    inspection = visit.inspection
    if inspection.state != DRAFT:
        raise CampaignError("inspection-submitted")
    submission = engine.submit(visit.definition.form, visit.state)
    if submission.issues:
        return submission.issues
    inspection.state = SUBMITTED
    inspection.submitted_at = ws.now
    inspection.submitted_by = person.id
    inspection.revision += 1
    ws.change_inspection(inspection)
    store.keep_state(inspection.id, inspection.revision, visit.state)
    await _count(ws, visit, submission.values)
    return ()


async def _count(ws: Workspace, visit: Visit, values: Mapping[str, str]) -> None:
    await ws.flush()
    facts = await institution_facts(ws.connection, visit.inspection.institution_id)
    await record_inspection(ws.connection, visit.definition, visit.inspection, values, facts)


def attach_signed(
    ws: Workspace,
    store: CampaignStore,
    visit: Visit,
    name: str,
    media_id: int,
    *,
    person_id: int,
) -> int:
    """Add a photo of the signed form to a submitted inspection; returns how many there are.

    It proves the record and changes none of its answers, so it is no correction.
    """
    keys = visit.state.answers.get(name, "").split()
    if str(media_id) not in keys:
        keys.append(str(media_id))
    value = " ".join(keys)
    ws.write_answers(visit.inspection, {name: value}, source="photo", author_id=person_id)
    visit.state = engine.restore(
        visit.definition.form,
        visit.inspection.values(),
        now=ws.now,
        zone=visit.definition.zone,
    )
    store.keep_state(visit.inspection.id, visit.inspection.revision, visit.state)
    return len(keys)


def rehearse(
    ws: Workspace, visit: Visit, changes: Mapping[str, str]
) -> tuple[State, tuple[AnswerIssue, ...]]:
    """What a correction would lead to, and what would still be missing; nothing is stored."""
    form, zone = visit.definition.form, visit.definition.zone
    state = visit.state
    issues: list[AnswerIssue] = []
    for name, raw in changes.items():
        step = (
            engine.answer(form, state, name, raw, now=ws.now, zone=zone)
            if raw
            else engine.clear(form, state, name, now=ws.now, zone=zone)
        )
        issues.extend(step.issues)
        state = step.state
    if not issues:
        issues.extend(engine.submit(form, state).issues)
    return state, tuple(issues)


async def correct(
    ws: Workspace,
    store: CampaignStore,
    visit: Visit,
    changes: Mapping[str, str],
    reason: str,
    *,
    person: Person,
) -> None:
    """Correct a submitted inspection: the old answers are kept, tables count the new ones.

    Raises:
        CampaignError: ``inspection-draft`` when it was never submitted, ``reason-missing``,
            or ``correction-incomplete`` when the changed form could not be submitted.
    """
    inspection = visit.inspection
    if inspection.state != SUBMITTED:
        raise CampaignError("inspection-draft")
    if not reason.strip():
        raise CampaignError("reason-missing")
    state, issues = rehearse(ws, visit, changes)
    if issues:
        raise CampaignError("correction-incomplete", count=len(issues))
    before = visit.state.answers
    changed: dict[str, str | None] = {
        name: state.answers.get(name)
        for name in {**before, **state.answers}
        if before.get(name) != state.answers.get(name)
    }
    if not changed:
        return
    inspection.corrections += 1
    fact = visit.definition.facts.get("inspected_on")
    if fact is not None and changed.get(fact):
        inspection.inspected_on = date.fromisoformat(str(changed[fact]))
    ws.write_answers(
        inspection, changed, source="correction", author_id=person.id, reason=reason.strip()
    )
    visit.state = state
    store.keep_state(inspection.id, inspection.revision, state)
    await _count(ws, visit, engine.submit(visit.definition.form, state).values)


async def cancel(ws: Workspace, visit: Visit) -> None:
    """Give a draft up; its answers stay stored but are no longer offered.

    Raises:
        CampaignError: ``inspection-submitted`` when it was handed in.
    """
    if visit.inspection.state != DRAFT:
        raise CampaignError("inspection-submitted")
    visit.inspection.state = CANCELLED
    ws.change_inspection(visit.inspection)


async def listed(
    connection: AsyncConnection, person_id: int, state: str, limit: int = 8
) -> list[Listed]:
    """The person's inspections in a state, the latest first."""
    rows = await connection.execute(
        select(
            INSPECTIONS.c.id,
            INSTITUTIONS.c.name,
            INSPECTIONS.c.kind,
            INSPECTIONS.c.state,
            INSPECTIONS.c.inspected_on,
        )
        .join_from(INSPECTIONS, INSTITUTIONS, INSTITUTIONS.c.id == INSPECTIONS.c.institution_id)
        .join(MEMBERS, MEMBERS.c.inspection_id == INSPECTIONS.c.id)
        .where(MEMBERS.c.person_id == person_id, INSPECTIONS.c.state == state)
        .order_by(desc(INSPECTIONS.c.updated_at), desc(INSPECTIONS.c.id))
        .limit(limit)
    )
    return [Listed(*row) for row in rows]


async def unfinished_at(
    connection: AsyncConnection, person_id: int, campaign_id: int, institution_id: int
) -> int | None:
    """The person's open draft at an institution: going on beats beginning twice."""
    rows = await connection.execute(
        select(INSPECTIONS.c.id)
        .join(MEMBERS, MEMBERS.c.inspection_id == INSPECTIONS.c.id)
        .where(
            MEMBERS.c.person_id == person_id,
            INSPECTIONS.c.campaign_id == campaign_id,
            INSPECTIONS.c.institution_id == institution_id,
            INSPECTIONS.c.state == DRAFT,
        )
        .order_by(desc(INSPECTIONS.c.id))
        .limit(1)
    )
    return rows.scalar_one_or_none()


async def names_of(connection: AsyncConnection, person_ids: Sequence[int]) -> dict[int, str]:
    """People's names by id."""
    rows = await connection.execute(
        select(PEOPLE.c.id, PEOPLE.c.name).where(PEOPLE.c.id.in_(person_ids))
    )
    return {int(row.id): str(row.name) for row in rows}


async def changes_of(connection: AsyncConnection, inspection_id: int) -> list[Any]:
    """What was changed on an inspection, the latest first: name, old and new value, reason."""
    rows = await connection.execute(
        select(ANSWER_LOG)
        .where(ANSWER_LOG.c.inspection_id == inspection_id)
        .order_by(desc(ANSWER_LOG.c.id))
    )
    return list(rows)
