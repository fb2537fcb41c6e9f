"""Tables in chats: pushed on Monday, asked for, explained, and refused to strangers."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from campaigns.plan import CampaignDefinition
from sandbox.client import buttons, plain
from services.campaigns import CampaignStore
from services.contributions import institution_facts, record_inspection
from storage.tables import CampaignRow, InspectionRow, InstitutionRow, OutboxRow, UnitRow
from storage.workspace import Inspection
from tests.databases import Databases
from tests.world import GROUP, World, world

SLOW = 30.0
NEXT_MONDAY = "2026-11-23T01:00:01+00:00"


@pytest.fixture
async def w(databases: Databases, tmp_path: Path, now: datetime) -> AsyncIterator[World]:
    async with world(databases.sqlite_url(), tmp_path, now) as made:
        yield made


async def submit(w: World, number: int, code: str, values: dict[str, str]) -> None:
    """Let an inspection of this week's Monday count, as its submission does."""
    at = datetime(2026, 11, 16, 2, tzinfo=UTC)
    async with w.engine.begin() as connection:
        campaign = (await connection.execute(select(CampaignRow.__table__))).one()
        institutions = InstitutionRow.__table__
        institution_id = (
            await connection.execute(select(institutions.c.id).where(institutions.c.code == code))
        ).scalar_one()
        definition: CampaignDefinition = await CampaignStore().definition(
            connection, campaign.current_version_id
        )
        facts = await institution_facts(connection, institution_id)
        inspection = Inspection(
            id=number,
            campaign_id=campaign.id,
            version_id=campaign.current_version_id,
            institution_id=facts.id,
            unit_id=facts.unit_id,
            area_id=facts.area_id,
            kind="joint",
            mode="item",
            state="submitted",
            revision=1,
            corrections=0,
            inspected_on=date(2026, 11, 16),
            created_by=1,
            created_at=at,
            updated_at=at,
            submitted_at=at,
            submitted_by=1,
        )
        names = [name for name in Inspection.__dataclass_fields__ if name != "answers"]
        await connection.execute(
            insert(InspectionRow.__table__), {n: getattr(inspection, n) for n in names}
        )
        await record_inspection(connection, definition, inspection, values, facts)


async def city_codes(w: World) -> list[str]:
    """Codes of institutions that the city of the office group supervises itself or below."""
    async with w.engine.connect() as connection:
        found = await connection.execute(
            select(InstitutionRow.__table__.c.code)
            .join(UnitRow.__table__, UnitRow.__table__.c.id == InstitutionRow.__table__.c.unit_id)
            .where(InstitutionRow.__table__.c.code.startswith("4502"))
            .order_by(InstitutionRow.__table__.c.code)
        )
        return list(found.scalars())


async def seen(w: World, person: Any, text: str, chat: int | None = None) -> str:
    return plain(await w.client.wait_for(text, person, chat, timeout=SLOW))


async def test_monday__nine_o_clock__picture_with_figures_and_workbook_once(w: World) -> None:
    first, second, *_ = await city_codes(w)
    await submit(w, 1, first, {"i14": "yes", "i28": "yes", "i28_fine": "0.50"})
    await submit(w, 2, second, {"i14": "yes", "i13": "yes"})
    await w.client.clock(to=NEXT_MONDAY)
    text = await seen(w, w.officer, "第 12 周（11.16—11.22）· 柳州市", GROUP)
    lines = text.splitlines()
    assert lines[1] == "检查机构 2（+2，累计 2）"
    assert lines[3:6] == [
        "发现问题 3 起（+3，累计 3）",
        "罚款 1 家（+1，累计 1）",
        "罚款额 0.50 万元（+0.50，累计 0.50）",
    ]
    assert "最多：乱收费 2、未公示价格 1" in lines
    await w.settled()
    messages = [one for one in await w.officer.sees(GROUP) if one.get("media")]
    kinds = [one["media"]["kind"] for one in messages]
    assert kinds == ["photo", "document"]
    assert messages[1]["media"]["name"].endswith(".xlsx")
    assert [b["text"] for _, _, b in buttons(messages[0])] == ["明细", "最新数字"]
    await w.client.clock(advance_seconds=3600)
    await w.client.quiet(2.5, timeout=SLOW)
    assert len([one for one in await w.officer.sees(GROUP) if one.get("media")]) == 2
    states = {row.key.rpartition(":")[2]: row.state for row in await w.rows(OutboxRow)}
    assert {part: states[part] for part in ("message", "picture2", "file")} == {
        "message": 2,
        "picture2": 3,
        "file": 2,
    }


async def test_details__from_the_group__every_record_behind_a_figure(w: World) -> None:
    first, second, *_ = await city_codes(w)
    await submit(w, 1, first, {"i14": "yes"})
    await submit(w, 2, second, {"i14": "yes"})
    await w.client.clock(to=NEXT_MONDAY)
    message = await w.client.wait_for("第 12 周", w.officer, GROUP, timeout=SLOW)
    link = next(b["url"] for _, _, b in buttons(message) if b["text"] == "明细")
    await w.officer.start(link.partition("?start=")[2])
    await seen(w, w.officer, "点一行，看是哪些检查记录：")
    await w.officer.tap("乱收费 2 起")
    lines = (await seen(w, w.officer, "共 2 条记录")).splitlines()
    assert lines[0] == "乱收费 2 起"
    records = [line for line in lines if line.startswith("11.16 ")]
    assert f"（{first}）· 检查 1号 · 1" in records[0], records
    assert f"（{second}）· 检查 2号 · 1" in records[1], records


async def test_latest__nothing_new_then_a_correction__toast_then_sent_again(w: World) -> None:
    first, second, *_ = await city_codes(w)
    await submit(w, 1, first, {"i14": "yes"})
    await w.client.clock(to=NEXT_MONDAY)
    await seen(w, w.officer, "检查机构 1", GROUP)
    await w.settled()
    answer = await w.officer.tap("最新数字", GROUP)
    assert "发布之后没有新的提交或更正" in str(answer)
    await submit(w, 2, second, {})
    answer = await w.officer.tap("最新数字", GROUP)
    assert "数字有更新，正在重新发布" in str(answer)
    await seen(w, w.officer, "检查机构 2", GROUP)


async def test_table__in_private__turns_pages_and_sends_files(w: World) -> None:
    first, *_ = await city_codes(w)
    await submit(w, 1, first, {"i14": "yes"})
    await w.officer.start()
    await w.client.quiet(0.3, timeout=SLOW)
    await w.officer.send("/table")
    assert "本期各项均为 0。" in await seen(w, w.officer, "表二 · 第 11 周（11.9—11.15）")
    await w.officer.tap("本周")
    assert "乱收费 1 起" in await seen(w, w.officer, "表二 · 第 12 周（11.16—11.22）")
    await w.officer.tap("表一")
    assert "表一 · 第 12 周" in await seen(w, w.officer, "表一 · 第 12 周")
    for button, ending in (("xlsx", ".xlsx"), ("PDF", ".pdf")):
        await w.officer.tap(button)
        await w.settled()
        files = [m["media"]["name"] for m in await w.officer.sees() if m.get("media")]
        assert files[-1] == f"柳州市_表一_2026-11-16_2026-11-22{ending}"


async def test_status__in_the_group__who_is_in_and_coverage_below(w: World) -> None:
    first, *_ = await city_codes(w)
    await submit(w, 1, first, {})
    await w.officer.send("/status", GROUP)
    lines = (await seen(w, w.officer, "阶段：集中整治阶段", GROUP)).splitlines()
    assert lines[0] == "广西医疗卫生专项整治 · 柳州市"
    assert lines[2] == "本周（11.16—11.22）：已提交 1 份，未完成 0 份"
    assert "覆盖率（目标 100% / 50%）" in lines
    areas = lines[lines.index("覆盖率（目标 100% / 50%）") + 1 : -2]
    assert [line.partition("　")[0] for line in areas] == [
        "柳州市",
        "柳州市本级",
        "城中区",
        "鱼峰区",
    ]
    counts = [tuple(map(int, re.findall(r"(\d+)/(\d+)", line)[0])) for line in areas]
    assert counts[0] == tuple(map(sum, zip(*counts[1:], strict=True)))
    assert lines[-1] == "下次发布：11.23 09:00"


async def test_table__stranger__is_refused_in_private_and_in_the_group(w: World) -> None:
    await w.citizen.start()
    await w.citizen.send("/table")
    await seen(
        w,
        w.citizen,
        "您没有查看统计表的权限。如有需要，请向本单位经办人索取邀请链接。",
    )
    await w.officer.send("/table", GROUP)
    await seen(w, w.officer, "第 11 周", GROUP)
    await w.client.change_group(GROUP, "add_member", user_id=w.citizen.id, by=w.officer.id)
    answer = await w.citizen.tap("本周", GROUP)
    assert "您不在柳州市专班，不能查看这里的数字。如需权限，请联系管理员。" in str(answer)


async def test_table__english_phone__own_language_in_private_the_campaigns_in_the_group(
    databases: Databases, tmp_path: Path, now: datetime
) -> None:
    async with world(databases.sqlite_url(), tmp_path, now, language="en") as w:
        await w.officer.start()
        await w.officer.send("/table")
        message = await w.client.wait_for(
            "Table two · Week 11 (9 Nov – 15 Nov)", w.officer, timeout=SLOW
        )
        labels = [b["text"] for _, _, b in buttons(message)]
        assert labels == [
            *("Table one", "● Table two"),
            *("This week", "● Last week", "This month", "To date"),
            *("Picture", "xlsx", "PDF"),
            *("Details", "Status", "Menu"),
        ]
        await w.officer.send("/table", GROUP)
        message = await w.client.wait_for("表二 · 第 11 周", w.officer, GROUP, timeout=SLOW)
        labels = [b["text"] for _, _, b in buttons(message)]
        assert labels == [
            *("表一", "● 表二"),
            *("本周", "● 上周", "本月", "累计"),
            *("图", "xlsx", "PDF"),
            *("明细", "进展"),
        ]
