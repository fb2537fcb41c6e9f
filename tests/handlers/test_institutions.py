"""Finding the institution of a visit and entering a missing one, as an inspector does it."""

from datetime import datetime
from pathlib import Path

from sandbox.client import Person, plain
from storage.tables import InstitutionRow
from tests.databases import Databases
from tests.world import World, world

SLOW = 20.0
ASK = "请输入机构名称的一部分、拼音或首字母，例如：示范、shifan、lzsf。"


async def seen(w: World, person: Person, text: str) -> str:
    return plain(await w.client.wait_for(text, person, timeout=SLOW))


async def begin(w: World) -> None:
    """The inspector, asked for the institution."""
    await w.inspector.start()
    await seen(w, w.inspector, "演示检查人")
    await w.inspector.tap("开始检查")
    await seen(w, w.inspector, ASK)


async def test_search__by_initials__chooses_with_one_message_and_one_tap(
    databases: Databases, tmp_path: Path, now: datetime
) -> None:
    async with world(databases.sqlite_url(), tmp_path, now) as w:
        await begin(w)
        await w.inspector.send("ｌｚｓｓｆｒｍ")
        await seen(w, w.inspector, "“ｌｚｓｓｆｒｍ”的查找结果：")
        await w.inspector.tap("柳州市示范人民医院（三级）")
        text = await seen(w, w.inspector, "检查方式")
        assert "柳州市示范人民医院" in text
        # Another city's hospital of that name is outside the inspector's area.
        assert (await w.inspector.inline("南宁市"))["results"] == []


async def test_inline__picked_from_the_menu__begins_a_visit_there(
    databases: Databases, tmp_path: Path, now: datetime
) -> None:
    async with world(databases.sqlite_url(), tmp_path, now) as w:
        await w.inspector.start()
        await seen(w, w.inspector, "演示检查人")
        results = await w.inspector.inline("人民")
        titles = [result["title"] for result in results["results"]]
        assert titles == ["柳州市示范人民医院", "城中区示范人民医院", "鱼峰区示范人民医院"]
        await w.inspector.pick(results, results["results"][1]["id"])
        assert "城中区示范人民医院" in await seen(w, w.inspector, "检查方式")


async def test_inline__a_stranger__finds_nothing(
    databases: Databases, tmp_path: Path, now: datetime
) -> None:
    async with world(databases.sqlite_url(), tmp_path, now) as w:
        assert (await w.citizen.inline("人民"))["results"] == []


async def test_location__shared__lists_the_nearest_and_keeps_no_place(
    databases: Databases, tmp_path: Path, now: datetime
) -> None:
    async with world(databases.sqlite_url(), tmp_path, now) as w:
        await begin(w)
        await w.inspector.tap("附近的机构")
        await seen(w, w.inspector, "位置只用于本次查找，不保存。")
        await w.inspector.act("location", latitude=24.315, longitude=109.411)
        card = await w.client.wait_for("离您最近的机构：", w.inspector, timeout=SLOW)
        labels = [row[0]["text"] for row in card["inline_keyboard"][:8]]
        assert all("米" in label or "公里" in label for label in labels)


async def test_search__nothing_found__says_what_to_do(
    databases: Databases, tmp_path: Path, now: datetime
) -> None:
    async with world(databases.sqlite_url(), tmp_path, now) as w:
        await begin(w)
        await w.inspector.send("不存在的<b>")
        await seen(w, w.inspector, "没有找到“不存在的<b>”。可换个词再试，或点“登记新机构”。")


async def test_register__a_missing_one__is_offered_the_similar_then_begins_a_visit(
    databases: Databases, tmp_path: Path, now: datetime
) -> None:
    async with world(databases.sqlite_url(), tmp_path, now) as w:
        before = len(await w.rows(InstitutionRow))
        await begin(w)
        await w.inspector.tap("登记新机构")
        await seen(w, w.inspector, "请输入机构全称")
        await w.inspector.send("诊所")
        await seen(w, w.inspector, "请输入机构全称：4 至 80 个字，一行文字。")
        await w.inspector.send("城中示范长乐诊所")
        await seen(w, w.inspector, "已登记的机构中有相近的，是其中一家吗？")
        await w.inspector.tap("都不是，继续登记")
        for question, tap in (
            ("机构类型？", "● 门诊部、诊所"),
            ("等级？", "未定级"),
            ("性质？", "社会办"),
            ("所在县（区）？", "城中区"),
        ):
            await seen(w, w.inspector, question)
            await w.inspector.tap(tap)
        await seen(w, w.inspector, "请输入地址。")
        await w.inspector.send("示范路 1 号")
        await seen(w, w.inspector, "以上信息是否正确？确认后即可检查。")
        assert len(await w.rows(InstitutionRow)) == before
        await w.inspector.tap("确认登记")
        assert "城中示范长乐诊所" in await seen(w, w.inspector, "检查方式")
        (made,) = await w.rows(InstitutionRow, InstitutionRow.name == "城中示范长乐诊所")
        assert (made.code, made.type, made.level, made.ownership, made.address) == (
            "450202-X0001",
            "clinic",
            0,
            "private",
            "示范路 1 号",
        )
        assert made.registered_by is not None
