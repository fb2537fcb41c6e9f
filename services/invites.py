"""Invites: single-use links into a unit, who may hand them out, and asking to be let in."""

import base64
import binascii
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Row, Select, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from campaigns.errors import CampaignError
from services.people import (
    AREAS,
    CAMPAIGNS,
    UNITS,
    Access,
    clean_name,
    grant,
    private_chats,
    within,
)
from services.registry import Unit, units_in
from storage.tables import InviteRow, Role
from storage.workspace import Person, Workspace

INVITES = InviteRow.__table__  # type: ignore[attr-defined]  # SQLModel hides the Core table

INVITE_DAYS = 7
"""How long an invite can be used. Source: domain rule "Joining"."""

TOKEN_BYTES = 16
"""128 random bits. Source: domain rule "Joining"."""


@dataclass(frozen=True, slots=True)
class Invite:
    """An invite as its confirmation card shows it."""

    id: int
    name: str
    role: Role
    unit_id: int
    unit_name: str
    unit_code: str
    area_path: str
    campaign_id: int | None
    campaign_title: str | None
    institution_id: int | None
    created_by: int | None
    expires_at: datetime
    used_at: datetime | None
    used_by: int | None


_INVITE_SELECT: Select[tuple[object, ...]] = (
    select(
        INVITES.c.id,
        INVITES.c.name,
        INVITES.c.role,
        INVITES.c.unit_id,
        UNITS.c.name.label("unit_name"),
        UNITS.c.code.label("unit_code"),
        AREAS.c.path.label("area_path"),
        INVITES.c.campaign_id,
        CAMPAIGNS.c.title.label("campaign_title"),
        INVITES.c.institution_id,
        INVITES.c.created_by,
        INVITES.c.expires_at,
        INVITES.c.used_at,
        INVITES.c.used_by,
    )
    .join_from(INVITES, UNITS, UNITS.c.id == INVITES.c.unit_id)
    .join(AREAS, AREAS.c.id == UNITS.c.area_id)
    .outerjoin(CAMPAIGNS, CAMPAIGNS.c.id == INVITES.c.campaign_id)
)


def token_text(token: bytes) -> str:
    """The token as it stands in a link: base64url without padding, 22 characters."""
    return base64.urlsafe_b64encode(token).rstrip(b"=").decode("ascii")


def token_hash(text: str) -> str | None:
    """What is stored of a token; None when the text cannot be one of ours."""
    try:
        token = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (ValueError, binascii.Error):
        return None
    # Base64 has several spellings of the same bytes; only the one we wrote is accepted.
    if len(token) != TOKEN_BYTES or token_text(token) != text:
        return None
    return hashlib.sha256(token).hexdigest()


def join_link(bot_username: str, text: str) -> str:
    """The deep link that opens the private chat with the invite."""
    return f"https://t.me/{bot_username}?start=join_{text}"


async def create_invite(
    connection: AsyncConnection,
    *,
    token: bytes,
    name: str,
    unit_id: int,
    role: Role,
    now: datetime,
    campaign_id: int | None = None,
    institution_id: int | None = None,
    created_by: int | None = None,
) -> tuple[int, str]:
    """Make a single-use invite; only the token's hash is kept.

    Args:
        connection: The transaction to write in.
        token: 16 random bytes, made by the caller.
        name: The invited person's name, shown to them for confirmation.
        unit_id: Unit they will belong to.
        role: What they will be.
        now: Aware UTC; the invite ends seven days later.
        campaign_id: Limit to one campaign, or None for all.
        institution_id: For a liaison, their institution.
        created_by: The inviting person; None from the command line.

    Returns:
        The invite's id and the token as it stands in the link.

    Raises:
        CampaignError: ``name-bad``.
    """
    text = token_text(token)
    made = await connection.execute(
        insert(INVITES)
        .values(
            token_hash=token_hash(text),
            name=clean_name(name),
            unit_id=unit_id,
            role=role.value,
            campaign_id=campaign_id,
            institution_id=institution_id,
            created_by=created_by,
            created_at=now,
            expires_at=now + timedelta(days=INVITE_DAYS),
        )
        .returning(INVITES.c.id)
    )
    return int(made.scalar_one()), text


async def renew_invite(
    connection: AsyncConnection, invite_id: int, *, token: bytes, created_by: int, now: datetime
) -> str:
    """Give an unused invite a new link for seven days; the old link stops working.

    Raises:
        CampaignError: ``invite-used`` when somebody has joined with it.
    """
    text = token_text(token)
    done = await connection.execute(
        update(INVITES)
        .where(INVITES.c.id == invite_id, INVITES.c.used_at.is_(None))
        .values(
            token_hash=token_hash(text),
            created_by=created_by,
            expires_at=now + timedelta(days=INVITE_DAYS),
        )
    )
    if done.rowcount != 1:
        raise CampaignError("invite-used")
    return text


async def find_invite(connection: AsyncConnection, text: str) -> Invite:
    """Look up the invite behind a link, whatever its state.

    Raises:
        CampaignError: ``invite-unknown`` when no such token was made or it was replaced.
    """
    hashed = token_hash(text)
    row = None
    if hashed is not None:
        found = await connection.execute(_INVITE_SELECT.where(INVITES.c.token_hash == hashed))
        row = found.one_or_none()
    if row is None:
        raise CampaignError("invite-unknown")
    return _invite(row)


async def read_invite(connection: AsyncConnection, invite_id: int) -> Invite:
    """The invite by its id.

    Raises:
        CampaignError: ``invite-unknown``.
    """
    found = await connection.execute(_INVITE_SELECT.where(INVITES.c.id == invite_id))
    row = found.one_or_none()
    if row is None:
        raise CampaignError("invite-unknown")
    return _invite(row)


def _invite(row: Row[tuple[object, ...]]) -> Invite:
    values = row._asdict()
    values["role"] = Role(values["role"])
    return Invite(**values)


def check_invite(invite: Invite, now: datetime) -> None:
    """Refuse an invite that can no longer be used.

    Raises:
        CampaignError: ``invite-used`` or ``invite-expired``.
    """
    if invite.used_at is not None:
        raise CampaignError("invite-used")
    if now >= invite.expires_at:
        raise CampaignError("invite-expired")


async def find_invite_state(connection: AsyncConnection, invite_id: int, now: datetime) -> str:
    """Why an invite cannot be used, as the key of a sentence; ``invite-open`` when it can."""
    try:
        check_invite(await read_invite(connection, invite_id), now)
    except CampaignError as refusal:
        return refusal.key
    return "invite-open"


async def accept_invite(
    ws: Workspace, person: Person, invite: Invite, now: datetime, *, keep_name: bool = False
) -> int:
    """Join: use the invite up, make the membership, take over the name, tell who invited.

    Args:
        ws: The page's workspace.
        person: Who joins.
        invite: As read before; its state is checked again here.
        now: Aware UTC.
        keep_name: The person corrected the name on the card; keep theirs.

    Returns:
        The new membership's id.

    Raises:
        CampaignError: ``invite-used`` or ``invite-expired``.
    """
    check_invite(invite, now)
    taken = await ws.connection.execute(
        update(INVITES)
        .where(INVITES.c.id == invite.id, INVITES.c.used_at.is_(None))
        .values(used_at=now, used_by=person.id)
    )
    if taken.rowcount != 1:
        raise CampaignError("invite-used")
    if not (keep_name and person.name):
        person.name = invite.name
    membership_id = await grant(
        ws,
        person,
        invite.role,
        invite.unit_id,
        campaign_id=invite.campaign_id,
        institution_id=invite.institution_id,
        granted_by=invite.created_by,
        now=now,
    )
    for chat_id in await private_chats(ws.connection, person.bot_id, [invite.created_by]):
        ws.push(
            f"joined:{invite.id}", person.bot_id, chat_id, "joined", {"membership": membership_id}
        )
    return membership_id


async def request_access(
    ws: Workspace,
    person: Person,
    admins: Iterable[int],
    now: datetime,
    *,
    invite: Invite | None = None,
) -> int:
    """Ask the admins (and who made the invite) to let ``person`` in, at most once a day.

    Args:
        ws: The page's workspace.
        person: Who asks.
        admins: Telegram ids of the deployment's admins.
        now: Aware UTC.
        invite: The used or expired invite the request comes from, if any.

    Returns:
        How many people are asked.

    Raises:
        CampaignError: ``request-nobody`` when the deployment has nobody to ask.
    """
    chats = set(admins)
    if invite is not None:
        chats.update(await private_chats(ws.connection, person.bot_id, [invite.created_by]))
    chats.discard(person.telegram_id)
    if not chats:
        raise CampaignError("request-nobody")
    params = {"person": person.id, "invite": invite.id if invite else None}
    for chat_id in sorted(chats):
        ws.push(
            f"access:{person.bot_id}:{person.id}:{now.date():%Y%m%d}:{chat_id}",
            person.bot_id,
            chat_id,
            "access_request",
            params,
            lane=1,
        )
    return len(chats)


# ---- who may invite whom -----------------------------------------------------------------

_MAY_INVITE = {
    Role.ORGANISER: (
        Role.ORGANISER,
        Role.OFFICER,
        Role.REVIEWER,
        Role.INSPECTOR,
        Role.LIAISON,
    ),
    Role.OFFICER: (Role.OFFICER, Role.REVIEWER, Role.INSPECTOR, Role.LIAISON),
}
CHAT_ROLES = (Role.INSPECTOR, Role.OFFICER, Role.REVIEWER, Role.ORGANISER)
"""Roles that an invite in chat offers, commonest first; the others need an institution or a
custodian's own arrangements and come with the journeys that use them."""


def invitable_roles(access: Access, *, admin: bool) -> tuple[Role, ...]:
    """Roles that the person may hand out somewhere, commonest first."""
    if admin:
        return CHAT_ROLES
    return tuple(
        role
        for role in CHAT_ROLES
        if any(role in _MAY_INVITE.get(m.role, ()) for m in access.memberships)
    )


async def invite_units(
    connection: AsyncConnection, access: Access, role: Role, *, admin: bool, part: str = ""
) -> list[Unit]:
    """Units into which the person may invite somebody as ``role``, own ones first.

    Args:
        connection: Where to read.
        access: The inviting person's memberships.
        role: What the invited person will be.
        admin: Whether the inviting person is an admin of the deployment.
        part: Part of the unit's name, to narrow the list.
    """
    paths: set[str | None] = {None} if admin else {m.area_path for m in access.memberships}
    units: dict[int, Unit] = {}
    for path in sorted(paths, key=str):
        for unit in await units_in(connection, path, part=part):
            if may_invite(access, role, unit.area_path, unit.line, admin=admin):
                units[unit.id] = unit
    own = {membership.unit_id for membership in access.memberships}
    return sorted(units.values(), key=lambda u: (u.id not in own, u.area_path, u.code))


def may_invite(access: Access, role: Role, area_path: str, line: str, *, admin: bool) -> bool:
    """Whether the person may invite somebody as ``role`` into a unit there.

    An organiser reaches every unit of the own area and below, an officer those of the own line.
    """
    return admin or any(
        role in _MAY_INVITE.get(membership.role, ())
        and within(area_path, membership.area_path)
        and (membership.role is Role.ORGANISER or membership.line == line)
        for membership in access.memberships
    )
