"""Joining, inviting and the commands that work anywhere, as people see them."""

import secrets
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from sandbox.client import Person, plain
from services.invites import TOKEN_BYTES, create_invite
from services.registry import unit_by_code
from storage.tables import CampaignRow, InviteRow, MembershipRow, PersonRow, Role
from tests.databases import Databases
from tests.world import CITIZEN, World, world

SLOW = 20.0
"""Seconds to wait for a reply; a busy machine is not a failure."""
LANGUAGES = [("zh-hans", "zh"), ("de", "en")]


async def link(w: World, now: datetime, name: str = "张三") -> str:
    """The payload of a fresh invite as an inspector of a county."""
    async with w.engine.begin() as connection:
        unit = await unit_by_code(connection, "LZ-CZ-H")
        _, token = await create_invite(
            connection,
            token=secrets.token_bytes(TOKEN_BYTES),
            name=name,
            unit_id=unit.id,
            role=Role.INSPECTOR,
            now=now,
        )
    return f"join_{token}"


async def seen(w: World, person: Person, text: str) -> str:
    """Wait for a message with ``text``; the whole of it."""
    return plain(await w.client.wait_for(text, person, timeout=SLOW))


async def members(w: World) -> list[int]:
    """Telegram ids of those who have a membership."""
    people = {row.id: row.telegram_id for row in await w.rows(PersonRow)}
    return [people[row.person_id] for row in await w.rows(MembershipRow)]


JOIN = {
    "zh": (
        "加入专项整治\n姓名：{name}\n单位：城中区卫生健康局\n身份：检查人\n"
        "专项行动：本单位全部\n\n请核对。确认后即可使用。"
    ),
    "en": (
        "Join the campaign\nName: {name}\nUnit: 城中区卫生健康局\nRole: inspector\n"
        "Campaign: all of this unit\n\nPlease check. You can start once you confirm."
    ),
}


@pytest.mark.parametrize(
    ("phone", "locale", "wrong", "ask", "confirm", "done"),
    [
        ("zh-hans", "zh", "姓名不对", "请输入您的姓名。", "确认加入", "已加入"),
        (
            "de",
            "en",
            "Wrong name",
            "Please type your name.",
            "Confirm and join",
            "You have joined",
        ),
    ],
)
async def test_join__name_corrected_then_confirmed__becomes_a_member_under_that_name(
    databases: Databases,
    tmp_path: Path,
    now: datetime,
    phone: str,
    locale: str,
    wrong: str,
    ask: str,
    confirm: str,
    done: str,
) -> None:
    async with world(databases.sqlite_url(), tmp_path, now, language=phone) as w:
        citizen = w.citizen
        await citizen.start(await link(w, now))
        assert await seen(w, citizen, "张三") == JOIN[locale].format(name="张三")
        await citizen.tap(wrong)
        await seen(w, citizen, ask)
        await citizen.send("莫三")
        assert await seen(w, citizen, "莫三\n") == JOIN[locale].format(name="莫三")
        assert CITIZEN not in await members(w)
        await citizen.tap(confirm)
        await seen(w, citizen, f"✅ {done}")
        assert CITIZEN in await members(w)
        (person,) = await w.rows(PersonRow, PersonRow.telegram_id == CITIZEN)
        assert person.name == "莫三"


USED = {
    "zh": "此邀请链接已被使用，每条链接限用一次。如需加入，请点“申请”。",
    "en": "This invite link has been used; each works once. To join, press “Ask for access”.",
}
EXPIRED = {
    "zh": "此邀请链接已过期，有效期为 7 天。如需加入，请点“申请”。",
    "en": "This invite link has expired after 7 days. To join, press “Ask for access”.",
}
ASKED = {
    "zh": ("申请", "申请已转交 1 位管理人员，批准后您会收到新的链接。"),
    "en": (
        "Ask for access",
        "Your request has gone to the admin. Once it is approved you will receive a new link.",
    ),
}


@pytest.mark.parametrize(("phone", "locale"), LANGUAGES)
async def test_join__forwarded_link_used_twice__second_person_reads_why_and_can_ask(
    databases: Databases, tmp_path: Path, now: datetime, phone: str, locale: str
) -> None:
    async with world(databases.sqlite_url(), tmp_path, now, language=phone) as w:
        payload = await link(w, now)
        await w.organiser.start()
        await seen(w, w.organiser, "演示牵头人")
        first = await w.client.person(501, "一", language_code=phone)
        await first.start(payload)
        await w.citizen.start(payload)
        confirm = {"zh": "确认加入", "en": "Confirm and join"}[locale]
        await seen(w, first, "张三")
        await seen(w, w.citizen, "张三")
        await first.tap(confirm)
        await w.client.wait_for({"zh": "已加入", "en": "joined"}[locale], first, timeout=SLOW)
        before = len(await w.rows(MembershipRow))
        await w.citizen.tap(confirm)
        assert await seen(w, w.citizen, USED[locale][:12]) == USED[locale]
        button, sentence = ASKED[locale]
        await w.citizen.tap(button)
        assert await seen(w, w.citizen, sentence) == sentence
        assert len(await w.rows(MembershipRow)) == before
        # The admin hears of it in their own chat and answers with a new link from there.
        await w.client.wait_for("张三", w.organiser, timeout=SLOW)
        await w.organiser.tap({"zh": "换新链接", "en": "New link"}[locale])
        text = await seen(w, w.organiser, "?start=join_")
        await w.citizen.start(text.partition("?start=")[2])
        await seen(w, w.citizen, "张三")
        await w.citizen.tap(confirm)
        await seen(w, w.citizen, {"zh": "✅ 已加入", "en": "✅ You have joined"}[locale])
        assert CITIZEN in await members(w)


@pytest.mark.parametrize(("phone", "locale"), LANGUAGES)
async def test_join__expired_link__reads_one_sentence_and_nothing_changes(
    databases: Databases, tmp_path: Path, now: datetime, phone: str, locale: str
) -> None:
    async with world(databases.sqlite_url(), tmp_path, now, language=phone) as w:
        await w.citizen.start(await link(w, now - timedelta(days=8)))
        assert await seen(w, w.citizen, EXPIRED[locale][:12]) == EXPIRED[locale]
        assert CITIZEN not in await members(w)
        (invite,) = await w.rows(InviteRow)
        assert invite.used_at is None


async def test_invite__organiser_in_chat__makes_a_link_that_works_once(
    databases: Databases, tmp_path: Path, now: datetime
) -> None:
    async with world(databases.sqlite_url(), tmp_path, now) as w:
        await w.organiser.send("/invite")
        await seen(w, w.organiser, "邀请的人担任什么身份？")
        await w.organiser.tap("检查人")
        await seen(w, w.organiser, "加入哪个单位？")
        await w.organiser.send("城中")
        await w.client.quiet(0.5, timeout=SLOW)
        await w.organiser.tap("城中区卫生健康局")
        await seen(w, w.organiser, "请输入被邀请人的姓名。")
        await w.organiser.send("123")
        await seen(w, w.organiser, "请输入真实姓名，一行文字，不超过 40 个字。")
        assert await w.rows(InviteRow) == []
        await w.organiser.send("小<莫>")
        text = await seen(w, w.organiser, "t.me/")
        assert text.startswith("小<莫>，您好：请点开链接加入“城中区卫生健康局”（检查人）。")
        (invite,) = await w.rows(InviteRow)
        assert invite.token_hash not in text
        await w.citizen.start(text.partition("?start=")[2])
        await seen(w, w.citizen, "小<莫>")
        await w.citizen.tap("确认加入")
        await seen(w, w.organiser, "✅ 小<莫> 已加入 城中区卫生健康局，身份：检查人。")


async def test_invite__an_inspector__is_refused_and_told_whom_to_ask(
    databases: Databases, tmp_path: Path, now: datetime
) -> None:
    async with world(databases.sqlite_url(), tmp_path, now) as w:
        await w.inspector.send("/invite")
        await seen(
            w,
            w.inspector,
            "邀请人员限牵头部门和经办人。如需权限，请联系本单位经办人或管理员。",
        )
        assert await w.rows(InviteRow) == []


async def test_commands__anywhere__answer_in_the_chosen_language(
    databases: Databases, tmp_path: Path, now: datetime
) -> None:
    async with world(databases.sqlite_url(), tmp_path, now) as w:
        await w.citizen.start()
        welcome = await seen(w, w.citizen, "医疗机构专项检查助手")
        assert "邀请链接" in welcome
        await w.citizen.send("/language")
        await seen(w, w.citizen, "请选择语言 / Choose a language")
        await w.citizen.tap("English")
        await seen(w, w.citizen, "Inspection campaign assistant")
        await w.citizen.send("/help")
        help_text = await seen(w, w.citizen, "Help\n")
        assert "/cancel leave what you are doing" in help_text
        assert "/table" not in help_text
        await w.citizen.send("/cancel")
        await seen(w, w.citizen, "There is nothing to cancel")
        (person,) = await w.rows(PersonRow, PersonRow.telegram_id == CITIZEN)
        assert (person.language, person.phone_language) == ("en", "zh-hans")


async def test_campaign__opened_in_chat_by_an_organiser__runs_in_chinese(
    databases: Databases, tmp_path: Path, now: datetime
) -> None:
    async with world(databases.sqlite_url(), tmp_path, now, language="en") as w:
        await w.organiser.start()
        await seen(w, w.organiser, "演示牵头人")
        await w.organiser.tap("Campaigns")
        await seen(w, w.organiser, "Choose a plan to open:")
        await w.organiser.tap("2020 special campaign")
        await seen(w, w.organiser, "On which day does it start?")
        await w.organiser.send("soon")
        await seen(w, w.organiser, "That is no date. Please type it like 2026-09-01.")
        await w.organiser.send("２０２６年9月1日")
        await seen(w, w.organiser, "The campaign guangxi-2026 is open already.")
        await w.organiser.tap("Other date")
        await w.client.quiet(0.5, timeout=SLOW)
        await w.organiser.send("2027-03-01")
        await seen(w, w.organiser, "2027-03-01 to 2027-06-30")
        await w.organiser.tap("Open it")
        await seen(w, w.organiser, "✅ The campaign is open")
        rows = {row.code: row for row in await w.rows(CampaignRow)}
        assert sorted(rows) == ["guangxi-2026", "guangxi-2027"]
        assert rows["guangxi-2027"].title == "2027年广西医疗卫生领域突出问题专项整治行动"
        # An inspector has no such button and no such right.
        await w.inspector.start()
        await seen(w, w.inspector, "演示检查人")
        assert "Campaigns" not in await w.inspector.transcript()
