"""Groups the bot is in, and what they are bound to: a unit, for a purpose, in a topic."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from campaigns.errors import CampaignError
from services.people import AREAS, MEMBERSHIPS, PEOPLE, UNITS, Access, within
from services.registry import Unit, units_in
from storage.tables import CardRow, GroupBindingRow, GroupRow, OutboxRow, OutboxState, Role
from storage.workspace import Person, Workspace

GROUPS = GroupRow.__table__  # type: ignore[attr-defined]  # SQLModel hides the Core table
BINDINGS = GroupBindingRow.__table__  # type: ignore[attr-defined]
CARDS = CardRow.__table__  # type: ignore[attr-defined]
OUTBOX = OutboxRow.__table__  # type: ignore[attr-defined]

PURPOSES = ("tables", "reminders")
"""What a group can be bound for; tips come with their own journey."""

PRESENT = ("member", "administrator")
"""States in which the bot can speak in a group."""

BINDING_ROLES = (Role.ORGANISER, Role.OFFICER)
"""Who may bind a group to a unit. Source: domain rule "Joining"."""


@dataclass(frozen=True, slots=True)
class Group:
    """A group as the bot knows it."""

    chat_id: int
    title: str
    type: str
    state: str
    can_pin: bool
    migrated_to: int | None
    added_by: int | None

    @property
    def present(self) -> bool:
        """Whether the bot can speak there."""
        return self.state in PRESENT


@dataclass(frozen=True, slots=True)
class Binding:
    """A purpose for which a group is bound to a unit, and the topic it uses."""

    id: int
    chat_id: int
    thread_id: int | None
    purpose: str
    unit_id: int
    unit_name: str
    area_id: int
    area_name: str
    area_path: str


_GROUP_SELECT: Select[Any] = select(*(GROUPS.c[name] for name in Group.__dataclass_fields__))
_BINDING_SELECT: Select[Any] = (
    select(
        BINDINGS.c.id,
        BINDINGS.c.chat_id,
        BINDINGS.c.thread_id,
        BINDINGS.c.purpose,
        BINDINGS.c.unit_id,
        UNITS.c.name.label("unit_name"),
        AREAS.c.id.label("area_id"),
        AREAS.c.name.label("area_name"),
        AREAS.c.path.label("area_path"),
    )
    .join_from(BINDINGS, UNITS, UNITS.c.id == BINDINGS.c.unit_id)
    .join(AREAS, AREAS.c.id == UNITS.c.area_id)
    .order_by(BINDINGS.c.id)
)


async def read_group(connection: AsyncConnection, bot_id: int, chat_id: int) -> Group | None:
    """The group, following its migration; None when the bot never was there."""
    for _ in range(3):
        found = await connection.execute(
            _GROUP_SELECT.where(GROUPS.c.bot_id == bot_id, GROUPS.c.chat_id == chat_id)
        )
        row = found.one_or_none()
        if row is None:
            return None
        group = Group(*row)
        if group.migrated_to is None:
            return group
        chat_id = group.migrated_to
    return None


async def bindings(connection: AsyncConnection, bot_id: int, chat_id: int) -> list[Binding]:
    """What a group is bound to."""
    found = await connection.execute(
        _BINDING_SELECT.where(BINDINGS.c.bot_id == bot_id, BINDINGS.c.chat_id == chat_id)
    )
    return [Binding(*row) for row in found]


async def note_presence(
    connection: AsyncConnection,
    *,
    bot_id: int,
    chat_id: int,
    title: str,
    type: str,  # noqa: A002 - Telegram's word
    state: str,
    can_pin: bool,
    by_person: int | None,
    now: datetime,
) -> str | None:
    """Keep what Telegram says about the bot in a group.

    Args:
        connection: The transaction to write in.
        bot_id: The bot.
        chat_id: The group.
        title: Its present title.
        type: group or supergroup.
        state: member, administrator or left.
        can_pin: Whether the bot may pin messages there.
        by_person: Who changed it.
        now: Aware UTC.

    Returns:
        The state before; None when the bot is in the group for the first time.
    """
    found = await connection.execute(
        _GROUP_SELECT.where(GROUPS.c.bot_id == bot_id, GROUPS.c.chat_id == chat_id)
    )
    row = found.one_or_none()
    before = None if row is None else str(row.state)
    # A group that has become a supergroup says "left" about its old self afterwards.
    if before == "migrated":
        return before
    came = state in PRESENT and before not in PRESENT
    values: dict[str, Any] = {
        "title": title,
        "type": type,
        "state": state,
        "can_pin": can_pin,
        "changed_at": now,
    }
    if came:
        values["added_by"] = by_person
    insert_or_update = pg_insert if connection.dialect.name == "postgresql" else sqlite_insert
    await connection.execute(
        insert_or_update(GROUPS)
        .values(bot_id=bot_id, chat_id=chat_id, **values)
        .on_conflict_do_update(index_elements=["bot_id", "chat_id"], set_=values)
    )
    return before


async def bindable_units(
    connection: AsyncConnection, access: Access, *, admin: bool
) -> list[Unit]:
    """Units to which the person may bind a group: those where they organise or are officer.

    An organiser may also bind units below, an admin any; everybody's own come first.
    """
    own = access.having(*BINDING_ROLES)
    if admin:
        units = await units_in(connection)
    else:
        reachable: dict[int, Unit] = {}
        for membership in own:
            if membership.role is Role.ORGANISER:
                found = await units_in(connection, membership.area_path)
            else:
                found = await units_in(connection, ids=[membership.unit_id])
            reachable.update((unit.id, unit) for unit in found)
        units = sorted(reachable.values(), key=lambda unit: (unit.area_path, unit.code))
    mine = {membership.unit_id for membership in own}
    return sorted(units, key=lambda unit: unit.id not in mine)


def may_bind(access: Access, unit: Unit, *, admin: bool) -> bool:
    """Whether the person may bind a group to ``unit`` or release it."""
    return admin or any(
        membership.unit_id == unit.id
        or (membership.role is Role.ORGANISER and within(unit.area_path, membership.area_path))
        for membership in access.having(*BINDING_ROLES)
    )


async def bind(
    ws: Workspace,
    *,
    bot_id: int,
    chat_id: int,
    thread_id: int | None,
    unit: Unit,
    purposes: Iterable[str],
    access: Access,
    admin: bool,
    now: datetime,
) -> None:
    """Bind a group to a unit for exactly the given purposes; others of that unit are released.

    A purpose has one unit per group: binding it again moves it.

    Raises:
        CampaignError: ``bind-not-yours`` when the person is neither organiser nor officer there,
            ``group-left`` when the bot is not in the group any more,
            ``bind-taken`` when another office has bound the purpose and has not released it.
    """
    wanted = [purpose for purpose in PURPOSES if purpose in set(purposes)]
    if not may_bind(access, unit, admin=admin):
        raise CampaignError("bind-not-yours", unit=unit.name)
    group = await read_group(ws.connection, bot_id, chat_id)
    if group is None or not group.present:
        raise CampaignError("group-left")
    present = await bindings(ws.connection, bot_id, group.chat_id)
    for binding in present:
        if binding.purpose in wanted and binding.unit_id != unit.id:
            (other,) = await units_in(ws.connection, ids=[binding.unit_id])
            if not may_bind(access, other, admin=admin):
                raise CampaignError("bind-taken", unit=other.name)
    for purpose in PURPOSES:
        same_unit = any(b.purpose == purpose and b.unit_id == unit.id for b in present)
        if purpose in wanted or same_unit:
            await ws.connection.execute(
                delete(BINDINGS).where(
                    BINDINGS.c.bot_id == bot_id,
                    BINDINGS.c.chat_id == group.chat_id,
                    BINDINGS.c.purpose == purpose,
                )
            )
    if wanted:
        await ws.connection.execute(
            insert(BINDINGS),
            [
                {
                    "bot_id": bot_id,
                    "chat_id": group.chat_id,
                    "thread_id": thread_id,
                    "purpose": purpose,
                    "unit_id": unit.id,
                    "bound_by": access.person_id,
                    "bound_at": now,
                }
                for purpose in wanted
            ],
        )


async def move_topic(
    connection: AsyncConnection, bot_id: int, chat_id: int, thread_id: int | None
) -> None:
    """Have everything that a group is bound for arrive in this topic from now on."""
    await connection.execute(
        update(BINDINGS)
        .where(BINDINGS.c.bot_id == bot_id, BINDINGS.c.chat_id == chat_id)
        .values(thread_id=thread_id)
    )


async def migrate(connection: AsyncConnection, bot_id: int, old: int, new: int) -> None:
    """Follow a group that became a supergroup: bindings, cards and waiting messages move.

    Telegram says it twice (in the old and in the new chat) and once more as an error when
    something is sent to the old one; doing it again changes nothing. Message ids start anew in
    the supergroup, so cards are sent afresh there.
    """
    if old == new:
        return
    here = (GROUPS.c.bot_id == bot_id, GROUPS.c.chat_id == old)
    row = (await connection.execute(select(GROUPS).where(*here))).one_or_none()
    if row is not None:
        values = {**row._asdict(), "chat_id": new, "type": "supergroup", "migrated_to": None}
        if row.state == "migrated":
            values["state"] = "member"
        insert_ignoring = pg_insert if connection.dialect.name == "postgresql" else sqlite_insert
        await connection.execute(
            insert_ignoring(GROUPS)
            .values(**values)
            .on_conflict_do_nothing(index_elements=["bot_id", "chat_id"])
        )
        await connection.execute(
            update(GROUPS).where(*here).values(state="migrated", migrated_to=new)
        )
    taken = select(BINDINGS.c.purpose).where(
        BINDINGS.c.bot_id == bot_id, BINDINGS.c.chat_id == new
    )
    old_bindings = (BINDINGS.c.bot_id == bot_id, BINDINGS.c.chat_id == old)
    already = list((await connection.execute(taken)).scalars())
    if already:
        await connection.execute(
            delete(BINDINGS).where(*old_bindings, BINDINGS.c.purpose.in_(already))
        )
    await connection.execute(update(BINDINGS).where(*old_bindings).values(chat_id=new))
    old_cards = (CARDS.c.bot_id == bot_id, CARDS.c.chat_id == old)
    shown = list(
        (
            await connection.execute(
                select(CARDS.c.purpose).where(CARDS.c.bot_id == bot_id, CARDS.c.chat_id == new)
            )
        ).scalars()
    )
    if shown:
        await connection.execute(delete(CARDS).where(*old_cards, CARDS.c.purpose.in_(shown)))
    await connection.execute(
        update(CARDS)
        .where(*old_cards)
        .values(chat_id=new, message_id=None, old_message_id=None, wanted=CARDS.c.wanted + 1)
    )
    await connection.execute(
        update(OUTBOX)
        .where(
            OUTBOX.c.bot_id == bot_id,
            OUTBOX.c.chat_id == old,
            OUTBOX.c.state.in_([OutboxState.WAITING, OutboxState.SENDING]),
        )
        .values(chat_id=new)
    )


async def tell_officers_of_removal(
    ws: Workspace, *, bot_id: int, chat_id: int, by: Person | None, now: datetime
) -> int:
    """Tell the people of the bound units, once per removal, that their group gets nothing now.

    Returns:
        How many people are told.
    """
    bound = await bindings(ws.connection, bot_id, chat_id)
    if not bound:
        return 0
    found = await ws.connection.execute(
        select(PEOPLE.c.telegram_id)
        .join_from(MEMBERSHIPS, PEOPLE, PEOPLE.c.id == MEMBERSHIPS.c.person_id)
        .where(
            MEMBERSHIPS.c.unit_id.in_([binding.unit_id for binding in bound]),
            MEMBERSHIPS.c.role.in_([role.value for role in BINDING_ROLES]),
            MEMBERSHIPS.c.ended_at.is_(None),
            PEOPLE.c.bot_id == bot_id,
            PEOPLE.c.unreachable_at.is_(None),
        )
        .distinct()
        .order_by(PEOPLE.c.telegram_id)
    )
    told = [person for person in found.scalars() if by is None or person != by.telegram_id]
    for telegram_id in told:
        ws.push(
            f"removed:{bot_id}:{chat_id}:{now:%Y%m%d%H%M%S}:{telegram_id}",
            bot_id,
            telegram_id,
            "group_removed",
            {"chat": chat_id},
        )
    return len(told)


async def list_groups(
    connection: AsyncConnection, bot_id: int, access: Access, *, admin: bool
) -> list[tuple[Group, list[str]]]:
    """Groups the bot is in that the person may bind, with the units they are bound to.

    Shown are unbound groups that the person added the bot to, and groups bound to units that
    the person may bind; an admin sees all. Unbound ones come first.
    """
    found = await connection.execute(
        _GROUP_SELECT.where(GROUPS.c.bot_id == bot_id, GROUPS.c.state.in_(PRESENT)).order_by(
            GROUPS.c.title, GROUPS.c.chat_id
        )
    )
    units = {unit.id: unit for unit in await bindable_units(connection, access, admin=admin)}
    bound: dict[int, dict[int, str]] = {}
    for row in await connection.execute(_BINDING_SELECT.where(BINDINGS.c.bot_id == bot_id)):
        bound.setdefault(row.chat_id, {})[row.unit_id] = row.unit_name
    listed = []
    for row in found:
        group = Group(*row)
        here = bound.get(group.chat_id, {})
        own = group.added_by == access.person_id if not here else any(u in units for u in here)
        if admin or own:
            listed.append((group, list(here.values())))
    return sorted(listed, key=lambda pair: bool(pair[1]))
