import pytest
from sqlalchemy import select

from campaigns.errors import CampaignError
from services.groups import (
    CARDS,
    Group,
    bind,
    bindable_units,
    bindings,
    list_groups,
    migrate,
    move_topic,
    note_presence,
    read_group,
    tell_officers_of_removal,
)
from services.people import load_access
from services.registry import unit_by_code
from storage.tables import OutboxState, Role
from storage.workspace import OUTBOX, Person, Workspace
from tests.services.people_world import BOT, NOW, load_region, member

GROUP, SUPER = -400, -100400


async def presence(
    ws: Workspace, state: str = "member", chat: int = GROUP, by: int | None = None
) -> str | None:
    return await note_presence(
        ws.connection,
        bot_id=BOT,
        chat_id=chat,
        title="专班群",
        type="group",
        state=state,
        can_pin=state == "administrator",
        by_person=by,
        now=NOW,
    )


async def bind_as(
    ws: Workspace,
    person: Person,
    unit: str,
    purposes: tuple[str, ...] = ("tables", "reminders"),
    *,
    admin: bool = False,
    thread: int | None = None,
    chat: int = GROUP,
) -> None:
    await bind(
        ws,
        bot_id=BOT,
        chat_id=chat,
        thread_id=thread,
        unit=await unit_by_code(ws.connection, unit),
        purposes=purposes,
        access=await load_access(ws.connection, person),
        admin=admin,
        now=NOW,
    )


async def bound(ws: Workspace, chat: int = GROUP) -> list[tuple[str, str, int | None]]:
    found = await bindings(ws.connection, BOT, chat)
    return sorted((b.unit_name, b.purpose, b.thread_id) for b in found)


async def test_presence__added_promoted_removed__is_kept_with_who_added(ws: Workspace) -> None:
    assert await presence(ws, by=3) is None
    assert await presence(ws, "administrator", by=4) == "member"
    group = await read_group(ws.connection, BOT, GROUP)
    assert group == Group(GROUP, "专班群", "group", "administrator", True, None, 3)
    assert await presence(ws, "left") == "administrator"
    gone = await read_group(ws.connection, BOT, GROUP)
    assert gone is not None
    assert not gone.present


async def test_bind__officer_of_the_unit__binds_both_purposes_to_the_topic(ws: Workspace) -> None:
    await load_region(ws)
    await presence(ws)
    officer = await member(ws, 1, Role.OFFICER, "LZ-H")
    await bind_as(ws, officer, "LZ-H", thread=12)
    assert await bound(ws) == [("柳州市卫健委", "reminders", 12), ("柳州市卫健委", "tables", 12)]
    await bind_as(ws, officer, "LZ-H", ("tables",))
    assert await bound(ws) == [("柳州市卫健委", "tables", None)]
    await bind_as(ws, officer, "LZ-H", ())
    assert await bound(ws) == []


@pytest.mark.parametrize(
    ("role", "unit", "target"),
    [
        (Role.OFFICER, "LZ-H", "CZ-H"),
        (Role.INSPECTOR, "LZ-H", "LZ-H"),
        (Role.REVIEWER, "LZ-H", "LZ-H"),
        (Role.ORGANISER, "LZ-H", "GX-H"),
    ],
)
async def test_bind__somebody_else__refuses_and_binds_nothing(
    ws: Workspace, role: Role, unit: str, target: str
) -> None:
    await load_region(ws)
    await presence(ws)
    with pytest.raises(CampaignError) as refused:
        await bind_as(ws, await member(ws, 1, role, unit), target)
    assert refused.value.key == "bind-not-yours"
    assert await bound(ws) == []


async def test_bind__organiser_above_and_admin__may_bind_units_below(ws: Workspace) -> None:
    await load_region(ws)
    await presence(ws)
    organiser = await member(ws, 1, Role.ORGANISER, "LZ-H")
    await bind_as(ws, organiser, "CZ-H")
    units = await bindable_units(
        ws.connection, await load_access(ws.connection, organiser), admin=False
    )
    assert [unit.code for unit in units] == ["LZ-H", "LZ-H-YZ", "LZ-I", "CZ-H", "YF-H"]
    stranger = await ws.create_person(BOT, 5, "zh")
    await bind_as(ws, stranger, "GX-H", admin=True)
    assert {name for name, *_ in await bound(ws)} == {"示范自治区卫健委"}


async def test_bind__taken_by_another_office__must_be_released_by_it(ws: Workspace) -> None:
    await load_region(ws)
    await presence(ws)
    await bind_as(ws, await member(ws, 1, Role.OFFICER, "LZ-H"), "LZ-H")
    with pytest.raises(CampaignError) as refused:
        await bind_as(ws, await member(ws, 2, Role.OFFICER, "NN-H"), "NN-H")
    assert (refused.value.key, refused.value.params) == ("bind-taken", {"unit": "柳州市卫健委"})


async def test_bind__bot_not_in_the_group__refuses(ws: Workspace) -> None:
    await load_region(ws)
    officer = await member(ws, 1, Role.OFFICER, "LZ-H")
    with pytest.raises(CampaignError) as refused:
        await bind_as(ws, officer, "LZ-H")
    assert refused.value.key == "group-left"


async def test_removal__bound_group__tells_its_officers_once_and_keeps_the_binding(
    ws: Workspace,
) -> None:
    await load_region(ws)
    await presence(ws)
    officer = await member(ws, 1, Role.OFFICER, "LZ-H")
    await member(ws, 2, Role.ORGANISER, "LZ-H")
    await member(ws, 3, Role.INSPECTOR, "LZ-H")
    await bind_as(ws, officer, "LZ-H")
    await presence(ws, "left")
    for _ in range(2):
        told = await tell_officers_of_removal(ws, bot_id=BOT, chat_id=GROUP, by=officer, now=NOW)
        assert told == 1
    await ws.flush()
    rows = await ws.connection.execute(select(OUTBOX.c.chat_id, OUTBOX.c.kind))
    assert [tuple(row) for row in rows] == [(2, "group_removed")]
    assert len(await bound(ws)) == 2


async def test_removal__unbound_group__tells_nobody(ws: Workspace) -> None:
    await presence(ws)
    assert await tell_officers_of_removal(ws, bot_id=BOT, chat_id=GROUP, by=None, now=NOW) == 0


async def test_migrate__told_twice__moves_bindings_cards_and_waiting_messages_once(
    ws: Workspace,
) -> None:
    await load_region(ws)
    await presence(ws, "administrator")
    await bind_as(ws, await member(ws, 1, Role.OFFICER, "LZ-H"), "LZ-H", thread=None)
    card = await ws.show(BOT, GROUP, "group", {})
    card.message_id, card.shown = 77, card.wanted
    ws.push("waiting", BOT, GROUP, "weekly", {})
    ws.push("sent", BOT, GROUP, "weekly", {})
    await ws.flush()
    await ws.connection.execute(
        OUTBOX.update().where(OUTBOX.c.key == "sent").values(state=OutboxState.SENT)
    )
    for _ in range(2):
        await migrate(ws.connection, BOT, GROUP, SUPER)
    # The old group says that the bot has left it; the supergroup is where it lives now.
    assert await presence(ws, "left") == "migrated"
    group = await read_group(ws.connection, BOT, GROUP)
    assert group is not None
    assert (group.chat_id, group.type, group.state) == (SUPER, "supergroup", "administrator")
    assert await bound(ws) == []
    assert len(await bound(ws, SUPER)) == 2
    cards = await ws.connection.execute(
        select(CARDS.c.chat_id, CARDS.c.message_id, CARDS.c.wanted > CARDS.c.shown)
    )
    assert [tuple(row) for row in cards] == [(SUPER, None, True)]
    outbox = await ws.connection.execute(select(OUTBOX.c.key, OUTBOX.c.chat_id))
    assert {row.key: row.chat_id for row in outbox} == {"waiting": SUPER, "sent": GROUP}


async def test_migrate__the_new_group_is_known_already__keeps_its_own_binding(
    ws: Workspace,
) -> None:
    await load_region(ws)
    officer = await member(ws, 1, Role.OFFICER, "LZ-H")
    await presence(ws)
    await presence(ws, chat=SUPER)
    await bind_as(ws, officer, "LZ-H", ("tables",))
    await bind_as(ws, officer, "LZ-H", ("tables",), chat=SUPER, thread=3)
    await migrate(ws.connection, BOT, GROUP, SUPER)
    assert await bound(ws, SUPER) == [("柳州市卫健委", "tables", 3)]
    assert await bound(ws) == []


async def test_move_topic__bound_group__moves_every_purpose(ws: Workspace) -> None:
    await load_region(ws)
    await presence(ws)
    await bind_as(ws, await member(ws, 1, Role.OFFICER, "LZ-H"), "LZ-H")
    await move_topic(ws.connection, BOT, GROUP, 55)
    assert {thread for *_, thread in await bound(ws)} == {55}


async def test_list_groups__an_officer__sees_own_bound_and_self_added_ones(ws: Workspace) -> None:
    await load_region(ws)
    officer = await member(ws, 1, Role.OFFICER, "LZ-H")
    other = await member(ws, 2, Role.OFFICER, "NN-H")
    await presence(ws, by=officer.id)
    await presence(ws, chat=-401, by=other.id)
    await presence(ws, chat=-402, by=other.id)
    await bind_as(ws, other, "NN-H", chat=-402)

    async def seen(person: Person, *, admin: bool = False) -> list[int]:
        access = await load_access(ws.connection, person)
        return [g.chat_id for g, _ in await list_groups(ws.connection, BOT, access, admin=admin)]

    assert await seen(officer) == [GROUP]
    assert await seen(other) == [-401, -402]
    assert sorted(await seen(officer, admin=True)) == [-402, -401, GROUP]
