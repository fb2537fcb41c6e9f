from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from campaigns.errors import CampaignError
from services.invites import (
    INVITES,
    TOKEN_BYTES,
    Invite,
    accept_invite,
    create_invite,
    find_invite,
    find_invite_state,
    invitable_roles,
    invite_units,
    join_link,
    may_invite,
    renew_invite,
    request_access,
    token_hash,
    token_text,
)
from services.people import (
    MEMBERSHIPS,
    Access,
    clean_name,
    end_membership,
    find_member,
    grant,
    load_access,
    switch_acting,
    within,
)
from services.registry import unit_by_code
from storage.tables import Role
from storage.workspace import OUTBOX, Person, Workspace
from tests.services.people_world import BOT, NOW, load_region, member

TOKEN = bytes(range(TOKEN_BYTES))


async def invite_to(
    ws: Workspace, unit: str = "LZ-H", role: Role = Role.INSPECTOR, by: int | None = None
) -> tuple[Invite, str]:
    unit_id = (await unit_by_code(ws.connection, unit)).id
    _, text = await create_invite(
        ws.connection,
        token=TOKEN,
        name="张三",
        unit_id=unit_id,
        role=role,
        created_by=by,
        now=NOW,
    )
    return await find_invite(ws.connection, text), text


async def newcomer(ws: Workspace, telegram_id: int = 900) -> Person:
    return await ws.create_person(BOT, telegram_id, "zh-hans")


async def pushed(ws: Workspace) -> list[tuple[int, str]]:
    await ws.flush()
    rows = await ws.connection.execute(
        select(OUTBOX.c.chat_id, OUTBOX.c.kind).order_by(OUTBOX.c.id)
    )
    return [(row.chat_id, row.kind) for row in rows]


# ---- tokens --------------------------------------------------------------------------------


@given(st.binary(min_size=TOKEN_BYTES, max_size=TOKEN_BYTES))
def test_token__any_random_bytes__make_a_link_telegram_takes_and_only_a_hash_is_kept(
    token: bytes,
) -> None:
    text = token_text(token)
    payload = join_link("demo_bot", text).partition("?start=")[2]
    # Source: Bot API, deep linking: up to 64 characters of A-Z, a-z, 0-9, _ and -.
    assert len(payload) <= 64
    assert all(c.isascii() and (c.isalnum() or c in "_-") for c in payload)
    hashed = token_hash(text)
    assert hashed is not None
    assert text not in hashed


@given(st.text(max_size=40))
def test_token_hash__anything_typed__never_raises_and_has_one_spelling(text: str) -> None:
    hashed = token_hash(text)
    assert hashed is None or len(text) == 22


# ---- joining -------------------------------------------------------------------------------


async def test_invite__opened_in_time__shows_name_unit_and_role(ws: Workspace) -> None:
    await load_region(ws)
    invite, text = await invite_to(ws)
    assert (invite.name, invite.unit_name, invite.role) == ("张三", "柳州市卫健委", Role.INSPECTOR)
    stored = (await ws.connection.execute(select(INVITES.c.token_hash))).scalar_one()
    assert text not in stored


async def test_accept__first_use__makes_membership_takes_name_and_tells_the_inviter(
    ws: Workspace,
) -> None:
    await load_region(ws)
    officer = await member(ws, 1, Role.OFFICER, "LZ-H")
    invite, _ = await invite_to(ws, by=officer.id)
    person = await newcomer(ws)
    membership_id = await accept_invite(ws, person, invite, NOW)
    await ws.flush()
    access = await load_access(ws.connection, person)
    assert person.name == "张三"
    assert access.acting is not None
    assert (access.acting.id, access.acting.unit_code) == (membership_id, "LZ-H")
    assert await pushed(ws) == [(1, "joined")]
    found = await find_member(ws.connection, membership_id)
    assert found is not None
    assert found[0] == "张三"


async def test_accept__name_corrected__keeps_the_persons_own(ws: Workspace) -> None:
    await load_region(ws)
    invite, _ = await invite_to(ws)
    person = await newcomer(ws)
    person.name = "章三"
    await accept_invite(ws, person, invite, NOW, keep_name=True)
    assert person.name == "章三"


async def test_accept__forwarded_link_used_twice__refuses_the_second_person(ws: Workspace) -> None:
    await load_region(ws)
    invite, _ = await invite_to(ws)
    first, second = await newcomer(ws, 901), await newcomer(ws, 902)
    await accept_invite(ws, first, invite, NOW)
    # The second person still holds the card drawn before the first one confirmed.
    with pytest.raises(CampaignError) as refused:
        await accept_invite(ws, second, invite, NOW)
    assert refused.value.key == "invite-used"
    await ws.flush()
    rows = await ws.connection.execute(select(MEMBERSHIPS.c.person_id))
    assert list(rows.scalars()) == [first.id]
    assert second.name == ""


@pytest.mark.parametrize(
    ("later", "state"),
    [
        (timedelta(days=7) - timedelta(seconds=1), "invite-open"),
        (timedelta(days=7), "invite-expired"),
    ],
)
async def test_invite__after_days__expires_after_seven(
    ws: Workspace, later: timedelta, state: str
) -> None:
    await load_region(ws)
    invite, _ = await invite_to(ws)
    assert await find_invite_state(ws.connection, invite.id, NOW + later) == state


async def test_accept__expired__refuses_and_changes_nothing(ws: Workspace) -> None:
    await load_region(ws)
    invite, _ = await invite_to(ws)
    person = await newcomer(ws)
    with pytest.raises(CampaignError) as refused:
        await accept_invite(ws, person, invite, NOW + timedelta(days=8))
    assert refused.value.key == "invite-expired"
    assert (await load_access(ws.connection, person)).memberships == ()


@pytest.mark.parametrize("text", ["", "short", "x" * 22, "AAECAwQFBgcICQoLDA0ODx", "中文"])
async def test_find_invite__unknown_token__refuses(ws: Workspace, text: str) -> None:
    await load_region(ws)
    await invite_to(ws)
    with pytest.raises(CampaignError) as refused:
        await find_invite(ws.connection, text)
    assert refused.value.key == "invite-unknown"


async def test_renew__unused_invite__replaces_the_link(ws: Workspace) -> None:
    await load_region(ws)
    officer = await member(ws, 1, Role.OFFICER, "LZ-H")
    invite, old = await invite_to(ws)
    new = await renew_invite(
        ws.connection, invite.id, token=b"n" * TOKEN_BYTES, created_by=officer.id, now=NOW
    )
    with pytest.raises(CampaignError):
        await find_invite(ws.connection, old)
    assert (await find_invite(ws.connection, new)).id == invite.id
    await accept_invite(ws, await newcomer(ws), await find_invite(ws.connection, new), NOW)
    with pytest.raises(CampaignError) as refused:
        await renew_invite(ws.connection, invite.id, token=TOKEN, created_by=1, now=NOW)
    assert refused.value.key == "invite-used"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("张三", "张三"), ("  Ana   Silva ", "Ana Silva"), ("欧阳·示范", "欧阳·示范")],
)
def test_clean_name__a_name__is_trimmed(typed: str, kept: str) -> None:
    assert clean_name(typed) == kept


@pytest.mark.parametrize(
    "typed", ["", "  ", "123", "/menu", "@张三", "张\n三", "张" * 41, "张\x00三"]
)
def test_clean_name__no_name__refuses(typed: str) -> None:
    with pytest.raises(CampaignError) as refused:
        clean_name(typed)
    assert refused.value.key == "name-bad"


# ---- asking for access ---------------------------------------------------------------------


async def test_request_access__twice_a_day__asks_admins_and_inviter_once(ws: Workspace) -> None:
    await load_region(ws)
    officer = await member(ws, 1, Role.OFFICER, "LZ-H")
    invite, _ = await invite_to(ws, by=officer.id)
    person = await newcomer(ws)
    for _ in range(2):
        assert await request_access(ws, person, {77}, NOW, invite=invite) == 2
    assert await pushed(ws) == [(1, "access_request"), (77, "access_request")]


async def test_request_access__no_admin__says_so(ws: Workspace) -> None:
    with pytest.raises(CampaignError) as refused:
        await request_access(ws, await newcomer(ws), set(), NOW)
    assert refused.value.key == "request-nobody"


# ---- what memberships allow ------------------------------------------------------------------


async def test_access__several_memberships__acts_in_the_chosen_else_the_widest(
    ws: Workspace,
) -> None:
    await load_region(ws)
    person = await member(ws, 1, Role.OFFICER, "LZ-H")
    await member(ws, 1, Role.INSPECTOR, "CZ-H")
    access = await load_access(ws.connection, person)
    assert access.acting is not None
    assert access.acting.unit_code == "CZ-H"
    officer_id = access.having(Role.OFFICER)[0].id
    await switch_acting(ws, person, access, officer_id)
    await ws.flush()
    switched = await load_access(ws.connection, person)
    assert switched.acting is not None
    assert switched.acting.id == officer_id
    await end_membership(ws, officer_id, NOW)
    ended = await load_access(ws.connection, person)
    assert ended.acting is not None
    assert ended.acting.unit_code == "CZ-H"
    with pytest.raises(CampaignError):
        await end_membership(ws, officer_id, NOW)
    assert Access(1, switched.memberships, None).acting == switched.having(Role.OFFICER)[0]


async def test_switch__somebody_elses_membership__refuses(ws: Workspace) -> None:
    await load_region(ws)
    person = await member(ws, 1, Role.OFFICER, "LZ-H")
    other = await member(ws, 2, Role.ORGANISER, "GX-H")
    theirs = (await load_access(ws.connection, other)).memberships[0].id
    access = await load_access(ws.connection, person)
    with pytest.raises(CampaignError):
        await switch_acting(ws, person, access, theirs)


async def test_grant__same_again__is_kept_once(ws: Workspace) -> None:
    await load_region(ws)
    person = await member(ws, 1, Role.OFFICER, "LZ-H")
    unit_id = (await unit_by_code(ws.connection, "LZ-H")).id
    again = await grant(ws, person, Role.OFFICER, unit_id, now=NOW)
    assert [m.id for m in (await load_access(ws.connection, person)).memberships] == [again]


async def test_can__area_unit_and_campaign__deny_what_is_not_granted(ws: Workspace) -> None:
    await load_region(ws)
    person = await member(ws, 1, Role.OFFICER, "LZ-H")
    unit_id = (await unit_by_code(ws.connection, "CZ-H")).id
    await grant(ws, person, Role.INSPECTOR, unit_id, campaign_id=7, now=NOW)
    access = await load_access(ws.connection, person)
    assert access.can(Role.OFFICER, area_path="45/4502/450202")
    assert not access.can(Role.OFFICER, area_path="45")
    assert not access.can(Role.OFFICER, area_path="45/4501")
    assert access.can(Role.INSPECTOR, campaign_id=7)
    assert not access.can(Role.INSPECTOR, campaign_id=8)
    assert not access.can(Role.INSPECTOR, unit_id=unit_id + 100)
    assert not access.can(Role.ORGANISER)
    assert access.roles == {Role.OFFICER, Role.INSPECTOR}


@given(st.lists(st.text("0123456789", min_size=1, max_size=3), min_size=1, max_size=4), st.data())
def test_within__paths__follow_the_tree_not_the_letters(
    codes: list[str], data: st.DataObject
) -> None:
    depth = data.draw(st.integers(1, len(codes)))
    scope = "/".join(codes[:depth])
    assert within("/".join(codes), scope)
    assert not within(f"{scope}9", scope)


# ---- who may invite whom -------------------------------------------------------------------


async def test_may_invite__roles_and_places__follow_area_and_line(ws: Workspace) -> None:
    await load_region(ws)
    organiser = await load_access(ws.connection, await member(ws, 1, Role.ORGANISER, "LZ-H"))
    officer = await load_access(ws.connection, await member(ws, 2, Role.OFFICER, "LZ-H"))
    inspector = await load_access(ws.connection, await member(ws, 3, Role.INSPECTOR, "LZ-H"))
    city, county, region = "45/4502", "45/4502/450202", "45"
    assert may_invite(organiser, Role.ORGANISER, county, "insurance", admin=False)
    assert not may_invite(organiser, Role.OFFICER, region, "health", admin=False)
    assert not may_invite(organiser, Role.CUSTODIAN, city, "health", admin=False)
    assert may_invite(officer, Role.INSPECTOR, county, "health", admin=False)
    assert not may_invite(officer, Role.INSPECTOR, county, "insurance", admin=False)
    assert not may_invite(officer, Role.ORGANISER, city, "health", admin=False)
    assert not may_invite(inspector, Role.INSPECTOR, city, "health", admin=False)
    assert may_invite(inspector, Role.ORGANISER, region, "tcm", admin=True)
    assert invitable_roles(inspector, admin=False) == ()
    assert Role.ORGANISER not in invitable_roles(officer, admin=False)
    units = await invite_units(ws.connection, officer, Role.INSPECTOR, admin=False)
    assert [unit.code for unit in units] == ["LZ-H", "LZ-H-YZ", "CZ-H", "YF-H"]
    found = await invite_units(ws.connection, organiser, Role.OFFICER, admin=False, part="医保")
    assert [unit.code for unit in found] == ["LZ-I"]
