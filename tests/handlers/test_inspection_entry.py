"""Lines, photos and texts that inspectors send, in bursts and late, and where they end up."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from sandbox.client import plain
from storage.tables import AnswerRow, MediaRow, StrayTextRow
from tests.conftest import NOW
from tests.databases import Databases
from tests.handlers.visits import Phone, answers, begin, inspector
from tests.world import World, world

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def w(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[World]:
    folder = tmp_path_factory.mktemp("entry")
    async with world(databases.sqlite_url(), folder, NOW) as made:
        yield made


async def notices(phone: Phone) -> list[str]:
    """The notices at the top of the newest card, before the empty line."""
    return (await phone.card()).partition("\n\n")[0].split("\n")


async def test_lines__that_arrive_in_one_burst__are_applied_by_number_and_answered_once(
    w: World,
) -> None:
    phone = await inspector(w)
    visit = await begin(phone, "section")
    before = len(await phone.person.sees())
    # The phone was without signal: all that follows the first line arrives together.
    await w.client.fault("http_502", method="getUpdates", count=2)
    await phone.person.send("诊室门口没有公示牌")
    await asyncio.sleep(0.2)
    lines = (
        "4 有",
        "1 20/1",
        "28 有 罚2000元 没收 设备1台",
        "30b 有 2",
        "２　１９／０",
        "7 有 备注 无资质；6a 无",
        "6 有",
        "99 有",
        "33a 有",
        "4 罚2",
    )
    for line in lines:
        await phone.person.send(line)
    await phone.look("burst")
    cards = [m for m in (await phone.person.sees())[before:] if m["from"]["is_bot"]]
    said = await notices(phone)
    assert said[0] == "已存 ✓ 7 项"
    assert said[1:] == [
        "第 28 项：2000元 已按 0.2万元 记录",
        "⚠️ 第 6 项分几小项，请写明，例如 6a、6b。",
        "⚠️ 没有第 99 项，请核对编号。",
        "⚠️ 第 33a 项由系统合计，不用填写。",
        "⚠️ 第 4 项没有“罚2”这一栏，未记录，其余已存。",
    ]
    # One answer for the first line, one for all that came together.
    assert len(cards) == 2
    assert await answers(w, visit) == {
        "i01_n": "20",
        "i01_m": "1",
        "i02_n": "19",
        "i02_m": "0",
        "i04": "yes",
        "i06a": "no",
        "i07": "yes",
        "i07_remark": "无资质",
        "i28": "yes",
        "i28_fine": "0.2",
        "i28_confiscated": "设备1台",
        "i30b": "yes",
        "i30b_n": "2",
    }
    rows = await w.rows(AnswerRow, AnswerRow.inspection_id == visit)
    assert {row.source for row in rows} == {"preload", "entry"}


@pytest.mark.parametrize("gap", [0.0, 0.15])
async def test_line__that_names_another_item__never_answers_the_question_shown(
    w: World, gap: float
) -> None:
    phone = await inspector(w)
    visit = await begin(phone, "each")
    await phone.person.send("2 20/1")
    await asyncio.sleep(gap)
    await phone.person.send("5 10/2")
    await phone.look("2, 5")
    assert await answers(w, visit) == {
        "i02_n": "20",
        "i02_m": "1",
        "i05_n": "10",
        "i05_m": "2",
    }
    assert "\n1\u3000" in await phone.card()


async def test_photos__at_an_item_by_caption_and_as_album__are_kept_where_they_belong(
    w: World,
) -> None:
    phone = await inspector(w)
    visit = await begin(phone, "each")
    person = phone.person
    await person.generate("photo")
    await phone.look("photo")
    assert await notices(phone) == ["1 号项 照片 1 张已存 ✓"]
    await person.generate("photo")
    await phone.look("photo")
    assert await notices(phone) == ["1 号项 照片 2 张已存 ✓"]
    await person.generate("photo", caption="7 有 备注 无资质")
    await phone.look("photo")
    assert await notices(phone) == ["已存 ✓ 1 项", "7 号项 照片 1 张已存 ✓"]
    await person.act("album", chat=person.private, generate=[{}, {}, {}], caption="9")
    await phone.look("album")
    assert await notices(phone) == ["9 号项 照片 3 张已存 ✓"]
    # Still at item 1: a picture without a number goes there, however the card moved down.
    await person.generate("document", generate={"name": "记录.pdf"})
    await phone.look("document")
    assert await notices(phone) == ["1 号项 照片 3 张已存 ✓"]
    media = {row.id: row for row in await w.rows(MediaRow, MediaRow.inspection_id == visit)}
    given = await answers(w, visit)
    assert {name: value for name, value in given.items() if "photo" not in name} == {
        "i07": "yes",
        "i07_remark": "无资质",
    }
    kept = {
        name: [media[int(key)].kind for key in value.split()]
        for name, value in given.items()
        if "photo" in name
    }
    assert kept == {
        "i01_photo": ["photo", "photo", "document"],
        "i07_photo": ["photo"],
        "i09_photo": ["photo"] * 3,
    }
    for row in media.values():
        assert row.state == "stored"
        assert (w.settings.data_dir / row.path).stat().st_size > 0


async def test_photos__sent_one_after_another_without_waiting__all_belong_to_the_item_shown(
    w: World,
) -> None:
    phone = await inspector(w)
    visit = await begin(phone, "each")
    for _ in range(4):
        await phone.person.generate("photo")
        await asyncio.sleep(0.04)
    await phone.look("photos")
    assert await notices(phone) == ["1 号项 照片 4 张已存 ✓"]
    assert len((await answers(w, visit))["i01_photo"].split()) == 4
    assert await w.rows(StrayTextRow, StrayTextRow.inspection_id == visit) == []


async def test_remark_back_jump_and_missing__lead_where_they_say(w: World) -> None:
    phone = await inspector(w)
    visit = await begin(phone, "each")
    await phone.send("20/0")
    await phone.tap("备注")
    assert "备注" in (await phone.card()).splitlines()[-2]
    await phone.send("两名护士在外进修")
    assert await notices(phone) == ["第 2 项备注已存 ✓"]
    assert "● 备注：两名护士在外进修" in await phone.card()
    await phone.tap("‹ 上一项")
    assert "\n1\u3000" in await phone.card()
    assert "● 抽查人数：20\n● 违法违规人数：0" in await phone.card()
    await phone.tap("目录")
    assert {"✓1", "○2", "○32c"} <= set(await phone.labels())
    await phone.tap("○29")
    assert "\n29\u3000其他行政处罚" in await phone.card()
    await phone.tap("有")
    await phone.tap("目录")
    assert "●29" in await phone.labels()
    await phone.tap("提交前核对")
    card = await phone.card()
    assert "已检查 2 / 37 项，有情况 1 项" in card
    # Items 2 and 5 ask for two figures each, and count once.
    assert "还缺 35 项，点按钮直接去填：" in card
    assert "提交" not in await phone.labels()
    await phone.tap("4 超范围")
    assert "\n4\u3000" in await phone.card()
    assert (await answers(w, visit)) == {
        "i01_n": "20",
        "i01_m": "0",
        "i02_remark": "两名护士在外进修",
        "i29": "yes",
    }


async def test_text__that_comes_too_late_for_its_card__is_offered_and_placed_by_button(
    w: World,
) -> None:
    phone = await inspector(w)
    visit = await begin(phone, "each")
    await w.client.fault("delay", method="sendMessage", chat_id=phone.person.id, seconds=0.6)
    await phone.person.send("20/0")
    await asyncio.sleep(0.2)
    # Meant for item 1 perhaps; the card of item 2 is still on its way.
    await phone.person.send("19")
    await phone.look("19")
    assert await answers(w, visit) == {"i01_n": "20", "i01_m": "0"}
    asked = await w.client.wait_for("未归项", phone.person)
    assert plain(asked) == (
        "未归项 1 条：不能确定属于哪一项，还没有记入。\n“19”\n请选它属于哪一项："
    )
    await phone.tap("算第 2 无证行医")
    assert await answers(w, visit) == {"i01_n": "20", "i01_m": "0", "i02_n": "19"}
    assert any(plain(m) == "未归项都已处理 ✓" for m in await phone.person.sees())
    (stray,) = await w.rows(StrayTextRow, StrayTextRow.inspection_id == visit)
    assert (stray.text, stray.placed_at is not None) == ("19", True)


async def test_text__without_a_number_on_a_section__becomes_the_remark_of_the_chosen_item(
    w: World,
) -> None:
    phone = await inspector(w)
    visit = await begin(phone, "section")
    for _ in range(3):
        await phone.send("20/0")
    await phone.send("诊室门口没有公示牌")
    await phone.send("第二条")
    await phone.send("第三条不要")
    asked = plain(await w.client.wait_for("未归项", phone.person))
    assert asked.startswith("未归项 3 条")
    await phone.tap("算第 1 挂证")
    await phone.tap("算第 1 挂证")
    await phone.tap("不用了")
    assert (await answers(w, visit))["i01_remark"] == "诊室门口没有公示牌\n第二条"
    assert any(plain(m) == "未归项都已处理 ✓" for m in await phone.person.sees())
