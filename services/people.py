"""Who people are to the offices: memberships, what they allow, invites and access requests."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from campaigns.errors import CampaignError
from storage.tables import (
    AreaRow,
    CampaignRow,
    InspectionMemberRow,
    InspectionRow,
    MembershipRow,
    PersonRow,
    Role,
    UnitRow,
)
from storage.workspace import Person, Workspace

MEMBERSHIPS = MembershipRow.__table__  # type: ignore[attr-defined]  # SQLModel hides it
UNITS = UnitRow.__table__  # type: ignore[attr-defined]
AREAS = AreaRow.__table__  # type: ignore[attr-defined]
CAMPAIGNS = CampaignRow.__table__  # type: ignore[attr-defined]
PEOPLE = PersonRow.__table__  # type: ignore[attr-defined]
INSPECTIONS = InspectionRow.__table__  # type: ignore[attr-defined]
MEMBERS = InspectionMemberRow.__table__  # type: ignore[attr-defined]

NAME_LENGTH = 40
"""Longest accepted name of a person, in characters; longer ones are almost always a mistake."""

RANK = (
    Role.ORGANISER,
    Role.OFFICER,
    Role.REVIEWER,
    Role.INSPECTOR,
    Role.LIAISON,
    Role.CUSTODIAN,
)
"""Which membership a person acts in until they choose: the one that can do most."""

OFFICE_ROLES = (Role.ORGANISER, Role.OFFICER, Role.REVIEWER)
"""Roles that work with an area's tables and groups."""


def within(path: str, scope: str) -> bool:
    """Whether the area at ``path`` is the area ``scope`` or lies below it."""
    return path == scope or path.startswith(f"{scope}/")


@dataclass(frozen=True, slots=True)
class Membership:
    """One role of a person in one unit, with what is needed to judge its scope."""

    id: int
    role: Role
    campaign_id: int | None
    institution_id: int | None
    unit_id: int
    unit_code: str
    unit_name: str
    line: str
    area_id: int
    area_name: str
    area_level: str
    area_path: str


@dataclass(frozen=True, slots=True)
class Access:
    """A person's present memberships; everything not granted by one is denied."""

    person_id: int
    memberships: tuple[Membership, ...] = ()
    acting_id: int | None = None

    @property
    def acting(self) -> Membership | None:
        """The membership the person acts in: the chosen one, else the one that can do most."""
        for membership in self.memberships:
            if membership.id == self.acting_id:
                return membership
        return min(self.memberships, key=lambda m: (RANK.index(m.role), m.id), default=None)

    @property
    def roles(self) -> frozenset[Role]:
        """Every role the person has anywhere."""
        return frozenset(membership.role for membership in self.memberships)

    def having(
        self,
        *roles: Role,
        area_path: str | None = None,
        unit_id: int | None = None,
        campaign_id: int | None = None,
    ) -> tuple[Membership, ...]:
        """Memberships in one of ``roles`` that reach the given area, unit and campaign.

        Args:
            roles: Any of these is enough; none means every role.
            area_path: The area must be the membership's area or lie below it.
            unit_id: The membership must be in exactly this unit.
            campaign_id: A membership that is limited to another campaign does not count.
        """
        return tuple(
            membership
            for membership in self.memberships
            if (not roles or membership.role in roles)
            and (area_path is None or within(area_path, membership.area_path))
            and (unit_id is None or membership.unit_id == unit_id)
            and (campaign_id is None or membership.campaign_id in (None, campaign_id))
        )

    def can(
        self,
        *roles: Role,
        area_path: str | None = None,
        unit_id: int | None = None,
        campaign_id: int | None = None,
    ) -> bool:
        """Whether any membership in one of ``roles`` reaches what is given (see ``having``)."""
        return bool(
            self.having(*roles, area_path=area_path, unit_id=unit_id, campaign_id=campaign_id)
        )


_MEMBERSHIP_SELECT = (
    select(
        MEMBERSHIPS.c.id,
        MEMBERSHIPS.c.role,
        MEMBERSHIPS.c.campaign_id,
        MEMBERSHIPS.c.institution_id,
        MEMBERSHIPS.c.unit_id,
        UNITS.c.code.label("unit_code"),
        UNITS.c.name.label("unit_name"),
        UNITS.c.line,
        AREAS.c.id.label("area_id"),
        AREAS.c.name.label("area_name"),
        AREAS.c.level.label("area_level"),
        AREAS.c.path.label("area_path"),
    )
    .join_from(MEMBERSHIPS, UNITS, UNITS.c.id == MEMBERSHIPS.c.unit_id)
    .join(AREAS, AREAS.c.id == UNITS.c.area_id)
    .where(MEMBERSHIPS.c.ended_at.is_(None))
    .order_by(MEMBERSHIPS.c.id)
)


async def load_access(connection: AsyncConnection, person: Person) -> Access:
    """Read what ``person`` may do at present."""
    found = await connection.execute(
        _MEMBERSHIP_SELECT.where(MEMBERSHIPS.c.person_id == person.id)
    )
    memberships = tuple(Membership(**{**row._asdict(), "role": Role(row.role)}) for row in found)
    return Access(person.id, memberships, person.acting_membership_id)


async def switch_acting(ws: Workspace, person: Person, access: Access, membership_id: int) -> None:
    """Let the person act in another of their own memberships from now on.

    Raises:
        CampaignError: ``membership-missing`` when it is not theirs or has ended.
    """
    if all(membership.id != membership_id for membership in access.memberships):
        raise CampaignError("membership-missing")
    person.acting_membership_id = membership_id
    ws.change_person(person)


async def end_membership(ws: Workspace, membership_id: int, now: datetime) -> None:
    """End a membership; what the person did in it stays theirs.

    Raises:
        CampaignError: ``membership-missing`` when there is none or it has ended already.
    """
    done = await ws.connection.execute(
        update(MEMBERSHIPS)
        .where(MEMBERSHIPS.c.id == membership_id, MEMBERSHIPS.c.ended_at.is_(None))
        .values(ended_at=now)
    )
    if done.rowcount != 1:
        raise CampaignError("membership-missing")


async def grant(
    ws: Workspace,
    person: Person,
    role: Role,
    unit_id: int,
    *,
    campaign_id: int | None = None,
    institution_id: int | None = None,
    granted_by: int | None = None,
    now: datetime,
) -> int:
    """Make ``person`` a member and let them act as one; the same membership is kept once.

    Returns:
        The membership's id.
    """
    same = await ws.connection.execute(
        select(MEMBERSHIPS.c.id).where(
            MEMBERSHIPS.c.person_id == person.id,
            MEMBERSHIPS.c.unit_id == unit_id,
            MEMBERSHIPS.c.role == role.value,
            MEMBERSHIPS.c.campaign_id.is_not_distinct_from(campaign_id),
            MEMBERSHIPS.c.institution_id.is_not_distinct_from(institution_id),
            MEMBERSHIPS.c.ended_at.is_(None),
        )
    )
    membership_id: int | None = same.scalars().first()
    if membership_id is None:
        made = await ws.connection.execute(
            insert(MEMBERSHIPS)
            .values(
                person_id=person.id,
                unit_id=unit_id,
                role=role.value,
                campaign_id=campaign_id,
                institution_id=institution_id,
                granted_at=now,
                granted_by=granted_by,
            )
            .returning(MEMBERSHIPS.c.id)
        )
        membership_id = int(made.scalar_one())
    person.acting_membership_id = membership_id
    ws.change_person(person)
    return membership_id


def clean_name(text: str) -> str:
    """A person's name as typed, made fit to print.

    Raises:
        CampaignError: ``name-bad`` when it is empty, too long, several lines or a command.
    """
    name = " ".join(text.split())
    if (
        not name
        or len(name) > NAME_LENGTH
        or "\n" in text.strip()
        or name.startswith(("/", "@", "#"))
        or not any(character.isalpha() for character in name)
        or not name.isprintable()
    ):
        raise CampaignError("name-bad", max=NAME_LENGTH)
    return name


async def private_chats(
    connection: AsyncConnection, bot_id: int, person_ids: Iterable[int | None]
) -> list[int]:
    """Private chats of people (a private chat has its person's Telegram id), reachable ones."""
    wanted = [person_id for person_id in person_ids if person_id is not None]
    if not wanted:
        return []
    found = await connection.execute(
        select(PEOPLE.c.telegram_id)
        .where(
            PEOPLE.c.id.in_(wanted),
            PEOPLE.c.bot_id == bot_id,
            PEOPLE.c.unreachable_at.is_(None),
        )
        .order_by(PEOPLE.c.id)
    )
    return list(found.scalars())


async def count_drafts(connection: AsyncConnection, person_id: int) -> int:
    """How many inspections the person has begun and not submitted."""
    found = await connection.execute(
        select(func.count())
        .select_from(MEMBERS)
        .join(INSPECTIONS, INSPECTIONS.c.id == MEMBERS.c.inspection_id)
        .where(MEMBERS.c.person_id == person_id, INSPECTIONS.c.state == "draft")
    )
    return int(found.scalar_one())


async def find_person(connection: AsyncConnection, person_id: int) -> Person | None:
    """The person with this id, for looking only."""
    found = await connection.execute(
        select(*(PEOPLE.c[name] for name in Person.__dataclass_fields__)).where(
            PEOPLE.c.id == person_id
        )
    )
    row = found.one_or_none()
    return None if row is None else Person(*row)


async def find_member(
    connection: AsyncConnection, membership_id: int
) -> tuple[str, Membership] | None:
    """Name and membership of a present member; None when it has ended."""
    found = await connection.execute(
        _MEMBERSHIP_SELECT.add_columns(PEOPLE.c.name.label("person_name"))
        .join(PEOPLE, PEOPLE.c.id == MEMBERSHIPS.c.person_id)
        .where(MEMBERSHIPS.c.id == membership_id)
    )
    row = found.one_or_none()
    if row is None:
        return None
    values = row._asdict()
    name = str(values.pop("person_name"))
    return name, Membership(**{**values, "role": Role(values["role"])})
