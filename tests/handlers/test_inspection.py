"""A whole visit as an inspector does it: both ways of answering, review, submission, papers."""

import os
import re
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path

import pytest
import pytest_asyncio
from openpyxl import load_workbook

from sandbox.client import plain
from storage.tables import AnswerRow, MediaRow
from tests.conftest import NOW
from tests.databases import Databases
from tests.handlers.visits import (
    Phone,
    answers,
    begin,
    counted,
    documents,
    file_bytes,
    inspector,
    state_of,
)
from tests.reports.pdf_text import text_of
from tests.world import World, world

pytestmark = pytest.mark.asyncio(loop_scope="module")

TRANSCRIPTS = Path(__file__).parent / "transcripts"
MOST_STEPS = 12


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def w(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[World]:
    folder = tmp_path_factory.mktemp("visits")
    async with world(databases.sqlite_url(), folder, NOW) as made:
        yield made


WORDS = {
    "zh": {
        "start": "开始检查",
        "begin": "▶ 开始：只点有问题的",
        "sample": "抽查 20 人 · 无违法违规",
        "confirm": "问已逐项检查，均未发现问题 ✓",
        "submit": "提交",
    },
    "en": {
        "start": "Start an inspection",
        "begin": "▶ Start: mark exceptions only",
        "sample": "20 sampled · none in violation",
        "confirm": "were checked one by one, nothing found ✓",
        "submit": "Submit",
    },
}


@pytest.mark.parametrize(("phone_language", "locale"), [("zh-hans", "zh"), ("en", "en")])
async def test_exceptions_only__clean_visit__is_submitted_in_eleven_steps(
    w: World, phone_language: str, locale: str
) -> None:
    phone = await inspector(w, phone_language)
    words = WORDS[locale]
    name = {"zh": "柳州市示范口腔医院", "en": "柳州市示范木棉医院"}[locale]
    await phone.tap(words["start"])
    await phone.send(name)
    await phone.tap(name)
    await phone.tap(words["begin"])
    for _ in range(3):
        await phone.tap(words["sample"])
    for _ in range(3):
        await phone.tap(words["confirm"])
    await phone.tap(words["submit"])
    assert phone.steps == 11 <= MOST_STEPS
    number = int(re.findall(r"(?:编号|no\.) (\d+)", "\n".join(phone.lines))[-1])
    row = await state_of(w, number)
    assert (row.state, row.mode, row.kind) == ("submitted", "section", "joint")
    stored = await w.rows(AnswerRow, AnswerRow.inspection_id == number)
    by_source: dict[str, set[str]] = {}
    for answer in stored:
        by_source.setdefault(answer.source, set()).add(answer.value)
    assert by_source["confirmed"] == {"no"}
    assert sum(a.source == "confirmed" for a in stored) == 23 + 4 + 7
    assert sorted(a.value for a in stored if a.source == "tap") == ["0"] * 3 + ["20"] * 3
    assert set((await counted(w, number)).values()) == {10_000}
    golden(f"clean_visit_{locale}", phone)


def golden(name: str, phone: Phone) -> None:
    """Compare a conversation with the one that was read and approved.

    ``UPDATE_TRANSCRIPTS=1`` writes it anew; read it before it goes in.
    """
    said = re.sub(r"(编号|no\.|检查表-|checklist-)( ?)\d+", r"\1\2N", "\n\n".join(phone.lines))
    path = TRANSCRIPTS / f"{name}.txt"
    if os.environ.get("UPDATE_TRANSCRIPTS") == "1":
        path.parent.mkdir(exist_ok=True)
        path.write_text(said + "\n", encoding="utf-8")
    assert path.read_text(encoding="utf-8") == said + "\n"


async def finish(phone: Phone, locale: str) -> None:
    """Item 4 and 28 with their follow-ups, everything else clean, from the first card on."""
    words = WORDS[locale]
    await phone.send("20/1")
    await phone.tap(words["sample"])
    await phone.tap(words["sample"])
    await phone.tap({"zh": "4 超范围", "en": "4 Beyond scope"}[locale])
    await phone.tap({"zh": "18 违法广告", "en": "18 Illegal ads"}[locale])
    await phone.tap({"zh": "其余 21 问", "en": "The other 21"}[locale])


async def test_exceptions_only__two_findings__asks_their_follow_ups_and_papers_arrive(
    w: World,
) -> None:
    phone = await inspector(w)
    number = await begin(phone, "section", "城中区示范康和医院")
    await finish(phone, "zh")
    assert "清理违法广告（条）" in await phone.card()
    await phone.send("3")
    assert "关闭或整改网络媒体（个）" in await phone.card()
    await phone.tap("0")
    assert "受到行政处罚机构情况" in await phone.card()
    await phone.tap("28 罚没")
    # Pressed once more, the mark is gone; it can be set again.
    await phone.tap("● 28 罚没")
    assert "i28" not in await answers(w, number)
    await phone.tap("28 罚没")
    await phone.tap("其余 3 问")
    assert "罚款（万元）" in await phone.card()
    await phone.send("罚2000元")
    assert "2000元 已按 0.2万元 记录" in await phone.card()
    assert (await answers(w, number))["i28_fine"] == "0.2"
    await phone.send("设备1台")
    await phone.tap("问已逐项检查，均未发现问题 ✓")
    card = await phone.card()
    assert card.startswith("提交前核对")
    assert "🔴 1 医师出租、出借、转让《医师执业证书》（挂证）：抽查人数 20，违法违规人数 1" in card
    assert "🔴 28 罚款、没收：罚款（万元） 0.2，没收内容 设备1台" in card
    await phone.tap("提交")
    card = await phone.card()
    assert card.startswith(f"检查已提交 · 编号 {number}\n")
    sent = await phone.person.sees()
    (pdf,), (xlsx,) = documents(sent, ".pdf"), documents(sent, ".xlsx")
    assert pdf["media"]["name"] == f"检查表-{number}-2026-11-18-第1版.pdf"
    text = text_of(await file_bytes(w, pdf))
    for part in ("附件2", "工作检查表", "城中区示范康和医院", "抽查20人，违法违规1人", "设备1台"):
        assert part in text
    sheet = load_workbook(BytesIO(await file_bytes(w, xlsx))).worksheets[0]
    cells = [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value]
    assert any("抽查 20 人，违法违规 1 人" in cell for cell in cells)
    assert any("罚款 0.2 万元，没收 设备1台" in cell for cell in cells)
    assert any("城中区示范康和医院" in cell for cell in cells)
    adds = await counted(w, number)
    figures = ("inspected", "i01", "i04", "i18_ads", "i28", "punished", "fine_total")
    assert {key.partition(".")[2]: amount / 10_000 for key, amount in adds.items()}.items() >= {
        **dict.fromkeys(figures, 1.0),
        "i18_ads": 3.0,
        "fine_total": 0.2,
    }.items()
    assert not {"table2.i03", "table2.i18_media", "table2.i30b_n"} & set(adds)
    golden("two_findings_zh", phone)


ITEMS = 37
"""Numbered items that are answered; two more are computed."""


async def test_item_by_item__every_item_in_turn__reaches_the_review(w: World) -> None:
    phone = await inspector(w, "en")
    number = await begin(phone, "each", "鱼峰区示范口腔诊所", "en")
    reached = []
    for _ in range(2 * ITEMS):
        card = await phone.card()
        if card.startswith("Review"):
            break
        item = re.findall(r"^(\d+[a-c]?)\u3000", card, re.M)[-1]
        reached.append(item)
        match item:
            case "1" | "2" | "5":
                await phone.send("20/1" if item == "1" else "20/0")
            case "18" if "Online media closed" in card:
                await phone.tap("1")
            case "18" if "Illegal advertisements removed" in card:
                await phone.send("2")
            case "28" if "What was confiscated" in card:
                await phone.send("1 device")
            case "28" if "Fine (10,000 yuan)" in card:
                await phone.send("fine 2500 yuan")
            case "30b" if "Number of persons" in card:
                await phone.tap("2")
            case "4" | "18" | "28" | "30b":
                await phone.tap("Yes")
            case _:
                await phone.tap("No")
    once = list(dict.fromkeys(reached))
    assert len(once) == ITEMS
    assert once[:8] == ["1", "2", "3", "4", "5", "6a", "6b", "7"]
    assert reached.count("18") == 3
    assert reached.count("28") == 3
    await phone.tap("Submit")
    assert (await phone.card()).startswith(f"Submitted · inspection no. {number}\n")
    assert (await state_of(w, number)).state == "submitted"
    given = await answers(w, number)
    assert given["i28_fine"] == "0.25"
    assert given["i30b_n"] == "2"
    golden("item_by_item_en", phone)


NAMES = re.compile(r"鱼峰区[\w]+|城中区[\w]+|柳州市[\w]+|演示同行人|人民|学院[\w]+路\d+号|语言 ")


async def test_english__whole_visit__shows_no_chinese_but_names(w: World) -> None:
    phone = await inspector(w, "en")
    await begin(phone, "section", "鱼峰区示范中医诊所", "en")
    await finish(phone, "en")
    for text in ("2", "0", "abc", "4 yes remark old sign", "99 yes", "hello"):
        await phone.send(text)
    for label in ("Items", "Review", "Items", "Invite a colleague", "Continue ›"):
        await phone.tap(label)
    await phone.send("/help")
    for message in await phone.person.sees():
        if not message["from"]["is_bot"]:
            continue
        labels = [b["text"] for row in message.get("inline_keyboard", []) for b in row]
        for said in (plain(message), *labels):
            left = NAMES.sub("", said)
            assert not re.search(r"[\u3001-\u303f\u4e00-\u9fff\uff01-\uff5e]", left), said


async def test_signed_photo__after_submission__is_kept_with_the_record(w: World) -> None:
    phone = await inspector(w)
    number = await begin(phone, "section", "城中区示范口腔诊所")
    for _ in range(3):
        await phone.tap(WORDS["zh"]["sample"])
    for _ in range(3):
        await phone.tap(WORDS["zh"]["confirm"])
    await phone.tap("提交")
    before = await state_of(w, number)
    await phone.person.generate("photo")
    await phone.look("photo")
    assert await phone.first_line() == "签字照片已存 ✓"
    assert "已存签字照片 1 张 ✓" in await phone.card()
    (media,) = await w.rows(MediaRow, MediaRow.inspection_id == number)
    assert (media.name, media.state) == ("signed_photo", "stored")
    assert (w.settings.data_dir / media.path).stat().st_size > 0
    after = await state_of(w, number)
    assert (after.state, after.corrections) == (before.state, 0)
