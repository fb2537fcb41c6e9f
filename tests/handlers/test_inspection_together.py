"""A visit over days, phones, colleagues and databases; what happens after it was submitted."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.app import build, close, running
from sandbox.client import plain
from storage.tables import (
    AnswerLogRow,
    AnswerRow,
    ContributionRow,
    InspectionMemberRow,
    InspectionRow,
)
from tests.conftest import NOW
from tests.databases import Databases
from tests.handlers.visits import (
    Phone,
    answers,
    begin,
    counted,
    documents,
    inspector,
    state_of,
)
from tests.world import FAST, World, world

SAMPLE = {"zh": "抽查 20 人 · 无违法违规", "en": "20 sampled · none in violation"}
CONFIRM = {"zh": "均未发现问题 ✓", "en": "nothing found ✓"}
SUBMIT = {"zh": "提交", "en": "Submit"}


async def submitted(phone: Phone, locale: str, name: str) -> int:
    """A clean visit, handed in."""
    visit = await begin(phone, "section", name, locale)
    for _ in range(3):
        await phone.tap(SAMPLE[locale])
    for _ in range(3):
        await phone.tap(CONFIRM[locale])
    await phone.tap(SUBMIT[locale])
    return visit


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[World]:
    folder = tmp_path_factory.mktemp("together")
    async with world(databases.sqlite_url(), folder, NOW) as made:
        yield made


async def restarted(w: World) -> None:
    """Stop the bot's loops as SIGTERM does, and build it anew from what is stored."""
    w.app.stopping.set()
    await w.app.loops.drain(8)
    await w.app.nursery.drain(8)
    w.app = await build(w.settings, limits=FAST)


async def test_visit__left_for_days_and_over_a_restart__goes_on_where_it_stood(
    database_url: str, tmp_path: Path
) -> None:
    async with world(database_url, tmp_path, NOW) as w:
        phone = await inspector(w)
        visit = await begin(phone, "section")
        await phone.tap(SAMPLE["zh"])
        await phone.send("2 20/2")
        before = await answers(w, visit)
        card = await phone.card()
        await restarted(w)
        await w.client.clock(advance_seconds=3 * 86_400)
        try:
            async with running(w.app):
                # The card from before the restart still works.
                await phone.tap(SAMPLE["zh"])
                assert await answers(w, visit) == {**before, "i05_n": "20", "i05_m": "0"}
                assert card != await phone.card()
                await phone.send("/menu")
                await phone.tap("未完成（1）")
                await phone.tap("城中区示范")
                assert "本部分 23 问" in await phone.card()
                # The institution is found again as usual: the draft is taken up, not doubled.
                results = await phone.person.inline("城中区示范")
                await phone.person.pick(results, results["results"][0]["id"])
                await phone.look()
                assert "这家机构有一次未完成的检查，接着填。" in await phone.card()
                assert len(await w.rows(InspectionRow)) == 1
                for _ in range(3):
                    await phone.tap(CONFIRM["zh"])
                await phone.tap(SUBMIT["zh"])
                row = await state_of(w, visit)
                assert row.state == "submitted"
                assert (row.submitted_at - row.created_at).days == 3
                assert row.inspected_on.isoformat() == "2026-11-18"
        finally:
            await close(w.app)


async def test_colleague__joins_by_link__both_fill_in_one_visit(
    database_url: str, tmp_path: Path
) -> None:
    async with world(database_url, tmp_path, NOW) as w:
        first, second = await inspector(w), await inspector(w, "en", "演示同伴")
        visit = await begin(first, "section")
        await first.tap("目录")
        assert (await first.tap("邀请同行人"))["text"] == "链接已发到下方，请转发给同行人"
        link = plain((await first.person.sees())[-1]).rpartition("\n")[2]
        payload = link.partition("?start=")[2]
        assert payload == f"visit_{visit}"
        await second.person.start(payload)
        await second.look("/start")
        assert (await second.card()).startswith("You have joined this inspection.\n")
        assert len(await w.rows(InspectionMemberRow)) == 2
        await asyncio.gather(first.person.send("1 20/0"), second.person.send("2 20/1"))
        await w.settled()
        assert (await answers(w, visit)) == {
            "i01_n": "20",
            "i01_m": "0",
            "i02_n": "20",
            "i02_m": "1",
        }
        await second.send("5 20/0")
        await first.send("4 有")
        # What is confirmed must be what was on the screen.
        assert (await second.tap(CONFIRM["en"]))["text"] == (
            "A colleague has just changed this section. Please look before you confirm."
        )
        assert not await w.rows(AnswerRow, AnswerRow.source == "confirmed")
        await second.tap("The other 22 were checked")
        rows = await w.rows(AnswerRow, AnswerRow.source == "confirmed")
        assert len(rows) == 22
        assert (await answers(w, visit))["i04"] == "yes"
        authors = {
            row.name: row.author_id
            for row in await w.rows(AnswerRow, AnswerRow.source != "preload")
        }
        assert authors["i01_n"] != authors["i02_n"]


@pytest.mark.asyncio(loop_scope="module")
async def test_link__opened_by_somebody_of_another_unit__is_refused(shared: World) -> None:
    w = shared
    phone = await inspector(w)
    visit = await begin(phone, "each")
    await w.citizen.start(f"visit_{visit}")
    await w.client.wait_for(
        "这次检查不属于您的单位，不能打开。如需参与，请联系检查人。", w.citizen
    )
    members = await w.rows(InspectionMemberRow, InspectionMemberRow.inspection_id == visit)
    assert len(members) == 1


TEXTS = {
    "zh": {
        "change": "改第 4 项",
        "yes": "有",
        "why": "请输入更正原因（必填），发送后立即生效。",
        "reason": "复核后发现诊室超范围",
        "done": "已更正 ✓ 原记录保留，统计表已按新结果计算。",
        "title": "检查已更正 1 次 · 编号 {n}",
        "file": "检查表-{n}-2026-11-18-第2版.pdf",
    },
    "en": {
        "change": "change 4",
        "yes": "Yes",
        "why": "Type the reason (required). The correction counts as soon as it is sent.",
        "reason": "seen on the second look",
        "done": "Corrected ✓ The old record is kept; the tables count the new one.",
        "title": "Corrected once · inspection no. {n}",
        "file": "checklist-{n}-2026-11-18-v2.pdf",
    },
}


@pytest.mark.parametrize("locale", ["zh", "en"])
@pytest.mark.asyncio(loop_scope="module")
async def test_correction__with_a_reason__keeps_both_versions_and_counts_anew(
    shared: World, locale: str
) -> None:
    words = TEXTS[locale]
    w = shared
    phone = await inspector(w, {"zh": "zh-hans", "en": "en"}[locale])
    visit = await submitted(phone, locale, "城中区示范")
    before = await counted(w, visit)
    assert "table2.i04" not in before
    await phone.send(words["change"])
    assert "\n4\u3000" in await phone.card()
    await phone.tap(words["yes"])
    assert words["why"] in await phone.card()
    assert (await answers(w, visit))["i04"] == "no"
    await phone.send(words["reason"])
    card = await phone.card()
    assert card.startswith(words["done"])
    assert words["title"].format(n=visit) in card
    assert (await answers(w, visit))["i04"] == "yes"
    log = {
        (row.name, row.old_value, row.new_value, row.reason)
        for row in await w.rows(AnswerLogRow, AnswerLogRow.inspection_id == visit)
    }
    assert ("i04", "no", "yes", words["reason"]) in log
    assert await counted(w, visit) == {**before, "table2.i04": 10_000}
    closed = await w.rows(
        ContributionRow,
        ContributionRow.record_id == visit,
        ContributionRow.valid_to_seq.is_not(None),
    )
    assert {row.row_key for row in closed} == set(before)
    row = await state_of(w, visit)
    assert (row.state, row.corrections) == ("submitted", 1)
    names = [m["media"]["name"] for m in documents(await phone.person.sees(), ".pdf")]
    assert words["file"].format(n=visit) in names


@pytest.mark.asyncio(loop_scope="module")
async def test_correction__given_up_or_without_a_change__leaves_the_record_alone(
    shared: World,
) -> None:
    w = shared
    phone = await inspector(w)
    visit = await submitted(phone, "zh", "城中区示范")
    before = await w.rows(AnswerRow, AnswerRow.inspection_id == visit)
    await phone.send("4 有 备注 新情况")
    assert "请输入更正原因" in await phone.card()
    await phone.tap("‹ 不改了")
    assert (await phone.card()).startswith(f"检查已提交 · 编号 {visit}\n")
    await phone.tap("更正")
    await phone.tap("28")
    await phone.tap("有")
    # A fine belongs to it: it is asked before the reason.
    assert "罚款（万元）" in await phone.card()
    await phone.send("很多")
    assert "请输入数字" in await phone.card()
    await phone.send("罚2000元")
    assert "没收" in await phone.card() or "请输入更正原因" in await phone.card()
    await phone.tap("‹ 不改了")
    assert await w.rows(AnswerRow, AnswerRow.inspection_id == visit) == before
    assert (await state_of(w, visit)).corrections == 0


@pytest.mark.asyncio(loop_scope="module")
async def test_draft__given_up__is_no_longer_offered_and_stays_stored(shared: World) -> None:
    w = shared
    phone = await inspector(w)
    visit = await begin(phone, "each")
    await phone.send("20/0")
    await phone.tap("目录")
    await phone.tap("提交前核对")
    await phone.tap("作废")
    assert "确认作废 城中区示范人民医院" in await phone.card()
    assert "已填 1 / 37 项。" in await phone.card()
    await phone.tap("确认作废")
    assert "这次检查已作废" in await phone.card()
    assert (await state_of(w, visit)).state == "cancelled"
    assert await answers(w, visit) == {"i01_n": "20", "i01_m": "0"}
    assert not any(label.startswith("未完成") for label in await phone.labels())
