"""What people send by mistake: one clear sentence in their language, and nothing is lost.

Join links that are used twice are in ``test_start.py``; outages of the database in
``test_bad_input_outages.py``; what an operator can get wrong in ``test_start_errors.py``.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from services.invites import TOKEN_BYTES, create_invite
from services.registry import unit_by_code
from storage.tables import (
    AnswerLogRow,
    AnswerRow,
    InspectionRow,
    MediaRow,
    MembershipRow,
    OutboxRow,
    OutboxState,
    Role,
    StrayTextRow,
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
    person_row,
    state_of,
)
from tests.world import GROUP, World, world

pytestmark = pytest.mark.asyncio(loop_scope="module")

PHONES = {"zh": "zh-hans", "en": "en-GB"}
LOCALES = pytest.mark.parametrize("locale", ["zh", "en"])
NUMBERS = iter(range(1, 1_000))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def w(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[World]:
    folder = tmp_path_factory.mktemp("bad-input")
    async with world(databases.sqlite_url(), folder, NOW) as made:
        yield made


async def visiting(w: World, locale: str, mode: str = "each") -> tuple[Phone, int]:
    """An inspector at the first question of a new visit."""
    phone = await inspector(w, PHONES[locale])
    return phone, await begin(phone, mode, "城中区示范", locale)


async def said(phone: Phone) -> list[str]:
    """The notices at the top of the newest card, before the empty line."""
    return (await phone.card()).partition("\n\n")[0].split("\n")


@LOCALES
async def test_number_asked__text_typed__asks_for_a_number_and_stores_nothing(
    w: World, locale: str
) -> None:
    phone, visit = await visiting(w, locale)
    for text in ("abc", "很多人", "1e9", "二十"):
        await phone.send(text)
        assert await said(phone) == [
            {"zh": "⚠️ 第 1 项：请输入数字。", "en": "⚠️ Item 1: Please type a number."}[locale]
        ]
    assert await answers(w, visit) == {}


@LOCALES
async def test_sample__more_in_violation_than_sampled__keeps_the_sample_and_refuses_the_rest(
    w: World, locale: str
) -> None:
    phone, visit = await visiting(w, locale)
    await phone.send("20/21")
    assert (
        await said(phone)
        == {
            "zh": ["已存 ✓ 1 项", "⚠️ 第 1 项：违法违规人数须为 0 或以上，且不能多于抽查人数"],
            "en": [
                "Saved ✓ 1 item",
                "⚠️ Item 1, persons in violation: "
                "The number in violation must be 0 or more and not above the number sampled",
            ],
        }[locale]
    )
    assert await answers(w, visit) == {"i01_n": "20"}
    await phone.send("１")
    assert await answers(w, visit) == {"i01_n": "20", "i01_m": "1"}


@LOCALES
async def test_number_asked__negative_or_absurd__names_the_range_and_stores_nothing(
    w: World, locale: str
) -> None:
    phone, visit = await visiting(w, locale)
    between = {
        "zh": "⚠️ 第 1 项：请填 0 到 9999 的整数",
        "en": "⚠️ Item 1: Please enter a whole number from 0 to 9999",
    }[locale]
    whole = {
        "zh": "⚠️ 第 1 项：请输入整数。",
        "en": "⚠️ Item 1: Please type a whole number.",
    }[locale]
    huge = {
        "zh": "⚠️ 第 1 项：数字过大或过小，请核对后重新输入。",
        "en": "⚠️ Item 1: The number is too large or too small. Please check it and type it again.",
    }[locale]
    for text, sentence in (
        ("-5", between),
        ("99999", between),
        ("－１", between),
        ("1.5", whole),
        ("9" * 40, huge),
    ):
        await phone.send(text)
        assert await said(phone) == [sentence], text
    assert await answers(w, visit) == {}


@LOCALES
async def test_remark__of_4096_characters__is_stored_whole_and_the_card_stays_readable(
    w: World, locale: str
) -> None:
    phone, visit = await visiting(w, locale)
    await phone.tap({"zh": "备注", "en": "Remark"}[locale])
    remark = "查" * 4_096
    await phone.send(remark)
    assert await said(phone) == [
        {"zh": "第 1 项备注已存 ✓", "en": "Remark on item 1 saved ✓"}[locale]
    ]
    assert await answers(w, visit) == {"i01_remark": remark}
    card = await phone.card()
    assert "查" * 100 in card
    assert len(card) < 1_500


@LOCALES
async def test_sticker__while_a_question_is_shown__says_what_to_do(w: World, locale: str) -> None:
    phone, visit = await visiting(w, locale)
    await phone.person.generate("sticker")
    await phone.look("sticker")
    assert await said(phone) == [
        {
            "zh": "这里收不了这类消息，请按下面的提示操作。",
            "en": "This kind of message cannot be used here. Please follow the card below.",
        }[locale]
    ]
    assert await answers(w, visit) == {}
    assert await w.rows(StrayTextRow, StrayTextRow.inspection_id == visit) == []


@LOCALES
async def test_album__sent_at_an_item__is_kept_there_and_answered_once(
    w: World, locale: str
) -> None:
    phone, visit = await visiting(w, locale)
    await phone.person.act("album", chat=phone.person.private, generate=[{}, {}, {}])
    await phone.look("album")
    assert await said(phone) == [
        {"zh": "1 号项 照片 3 张已存 ✓", "en": "Item 1: 3 photos kept ✓"}[locale]
    ]
    media = await w.rows(MediaRow, MediaRow.inspection_id == visit)
    assert [(m.name, m.kind, m.state) for m in media] == [("i01_photo", "photo", "stored")] * 3
    assert await answers(w, visit) == {"i01_photo": " ".join(str(m.id) for m in media)}


@LOCALES
@pytest.mark.parametrize("mode", ["each", "section"])
async def test_video__of_25_mb__is_noted_not_stored_and_a_shorter_one_is_asked_for(
    w: World, locale: str, mode: str
) -> None:
    phone, visit = await visiting(w, locale, mode)
    if mode == "section":
        for _ in range(3):
            await phone.send("20/0")
    before = await answers(w, visit)
    await phone.person.generate("video", generate={"bytes": 25_000_000})
    await phone.look("video")
    assert await said(phone) == [
        {
            "zh": "⚠️ 文件超过 20 MB，已登记但未能保存原件，请发一段短些的。",
            "en": "⚠️ The file is larger than 20 MB: it is noted but could not be stored. "
            "Please send a shorter one.",
        }[locale]
    ]
    (media,) = await w.rows(MediaRow, MediaRow.inspection_id == visit)
    assert (media.state, media.size_bytes, media.path) == ("too_big", 25_000_000, None)
    assert media.file_id
    assert await answers(w, visit) == before
    assert await w.rows(StrayTextRow, StrayTextRow.inspection_id == visit) == []


@LOCALES
async def test_group_button__pressed_by_a_stranger__is_refused_and_changes_nothing(
    w: World, locale: str
) -> None:
    await w.officer.send("/table@sandbox_bot", GROUP)
    await w.settled()
    number = next(NUMBERS) + 90_000
    stranger = await w.client.person(number, "路人", language_code=PHONES[locale])
    await w.client.change_group(GROUP, "add_member", user_id=number, by=w.officer.id)
    pushed = len(await w.rows(OutboxRow))
    answer = (await stranger.tap("本周", GROUP))["answer"]
    assert (
        answer["text"]
        == {
            "zh": "您不在柳州市专班，不能查看这里的数字。如需权限，请联系管理员。",
            "en": "You do not belong to the office of 柳州市 and cannot see its figures. "
            "If you need access, please contact an administrator.",
        }[locale]
    )
    assert len(await w.rows(OutboxRow)) == pushed


@LOCALES
async def test_two_inspectors__stale_button__shows_the_newer_value_instead_of_overwriting(
    w: World, locale: str
) -> None:
    first, visit = await visiting(w, locale)
    second = await inspector(w, PHONES[locale], "演示同伴")
    await second.person.start(f"visit_{visit}")
    await second.look("/start visit")
    for phone in (first, second):
        await phone.send("3 备注 一起看")
        await phone.tap({"zh": "目录", "en": "Items"}[locale])
        await phone.tap("○4")
    no, yes = {"zh": ("无", "有"), "en": ("No", "Yes")}[locale]
    await first.tap(yes)
    before = await w.rows(AnswerRow, AnswerRow.inspection_id == visit)
    answer = await second.tap(no)
    assert answer == {
        "text": {
            "zh": "这一项刚由演示同行人填为“有”，未改动。如需修改，请再点一次。",
            "en": '演示同行人 has just answered "Yes" here; nothing was changed. '
            "Tap again to change it.",
        }[locale],
        "show_alert": True,
    }
    assert await w.rows(AnswerRow, AnswerRow.inspection_id == visit) == before
    # The card now shows it; pressed again, it is meant.
    await second.tap(no)
    assert (await answers(w, visit))["i04"] == "no"


@LOCALES
async def test_double_taps__one_after_another_and_at_once__change_the_answer_once(
    w: World, locale: str
) -> None:
    phone, visit = await visiting(w, locale)
    for _ in range(2):
        await phone.send("20/0")
    no = {"zh": "无", "en": "No"}[locale]
    card = await w.card(phone.person)
    spot = {
        (row, col): button["text"]
        for row, line in enumerate(card["inline_keyboard"])
        for col, button in enumerate(line)
    }
    row, col = next(place for place, text in spot.items() if text == no)

    async def press() -> Any:
        done = await phone.person.act(
            "tap",
            chat=phone.person.private,
            message_id=card["message_id"],
            row=row,
            col=col,
            wait=10,
        )
        return done["answer"]

    replies = await asyncio.gather(press(), press(), press())
    assert all(reply is not None for reply in replies)
    await w.settled()
    revision = (await state_of(w, visit)).revision
    assert (await answers(w, visit))["i03"] == "no"
    # The next question was not answered by the second press.
    assert "i04" not in await answers(w, visit)
    assert [
        row.new_value
        for row in await w.rows(AnswerLogRow, AnswerLogRow.inspection_id == visit)
        if row.name == "i03"
    ] in ([], ["no"])
    assert "\n4\u3000" in await phone.card()
    assert (await state_of(w, visit)).revision == revision


@LOCALES
async def test_old_card__of_a_submitted_visit__says_so_and_changes_nothing(
    w: World, locale: str
) -> None:
    phone, visit = await visiting(w, locale, "section")
    sample, confirm, submit = {
        "zh": ("抽查 20 人 · 无违法违规", "均未发现问题 ✓", "提交"),
        "en": ("20 sampled · none in violation", "nothing found ✓", "Submit"),
    }[locale]
    old = await w.card(phone.person)
    pressed = old["inline_keyboard"][0][0]["callback_data"]
    for _ in range(3):
        await phone.tap(sample)
    marks = (await w.card(phone.person))["inline_keyboard"][0][0]["callback_data"]
    for _ in range(3):
        await phone.tap(confirm)
    await phone.tap(submit)
    before = await w.rows(AnswerRow, AnswerRow.inspection_id == visit)
    adds = await counted(w, visit)
    for data in (pressed, marks):
        answer = await stale(w, phone, data)
        assert (
            answer["text"]
            == {
                "zh": "这次检查已提交；如需改动，请用“更正”。",
                "en": 'This inspection has been submitted; use "Correct" to change it.',
            }[locale]
        )
    assert await w.rows(AnswerRow, AnswerRow.inspection_id == visit) == before
    assert await counted(w, visit) == adds


async def stale(w: World, phone: Phone, data: str) -> dict[str, Any]:
    """Press a button that an older state of a card had, as a phone that lost its signal does."""
    message_id = (await w.card(phone.person))["message_id"]
    markup = {"inline_keyboard": [[{"text": "…", "callback_data": data}]]}
    answer = await w.app.session.raw(
        "editMessageReplyMarkup",
        {"chat_id": phone.person.id, "message_id": message_id, "reply_markup": markup},
    )
    assert answer.ok
    return await phone.tap("…")


@LOCALES
async def test_old_button__of_a_former_program__asks_for_the_menu(w: World, locale: str) -> None:
    phone, visit = await visiting(w, locale)
    before = await w.rows(InspectionRow, InspectionRow.id == visit)
    answer = await stale(w, phone, "zz:1:2:3")
    assert answer == {
        "text": {
            "zh": "这个按钮已失效。请发送 /menu 打开最新页面。",
            "en": "This button no longer works. Send /menu for the current page.",
        }[locale],
        "show_alert": True,
    }
    assert await w.rows(InspectionRow, InspectionRow.id == visit) == before


@LOCALES
async def test_edited_message__without_an_item_number__says_that_it_does_not_count(
    w: World, locale: str
) -> None:
    phone, visit = await visiting(w, locale)
    sent = await phone.person.send("20")
    await phone.look("20")
    before = await answers(w, visit)
    await phone.person.act(
        "edit", chat=phone.person.private, message_id=sent["message_id"], text="19"
    )
    await phone.look("edit")
    assert await said(phone) == [
        {
            "zh": "⚠️ 修改已发出的消息不会改动答案。请重新发送，例如：4 无",
            "en": "⚠️ Editing a sent message does not change the answer. "
            "Please send it again, for example: 4 no",
        }[locale]
    ]
    assert await answers(w, visit) == before == {"i01_n": "20"}


@LOCALES
async def test_edited_message__with_an_item_number__counts_anew(w: World, locale: str) -> None:
    phone, visit = await visiting(w, locale)
    sent = await phone.person.send("4 有")
    await phone.look("4 有")
    await phone.person.act(
        "edit", chat=phone.person.private, message_id=sent["message_id"], text="4 无"
    )
    await phone.look("edit")
    assert await said(phone) == [{"zh": "已存 ✓ 1 项", "en": "Saved ✓ 1 item"}[locale]]
    assert await answers(w, visit) == {"i04": "no"}


@LOCALES
async def test_blocked__while_the_card_is_drawn__nothing_is_lost_and_menu_works_again(
    w: World, locale: str
) -> None:
    phone, visit = await visiting(w, locale)
    # Blocked between the press and the drawing: the answer counts, no card can be shown.
    await w.client.fault("delay", method="editMessageText", chat_id=phone.person.id, seconds=0.4)
    tapping = asyncio.ensure_future(
        phone.person.tap({"zh": "无违法违规", "en": "none in violation"}[locale])
    )
    await asyncio.sleep(0.25)
    await phone.person.act("block")
    await tapping
    await w.settled()
    assert await answers(w, visit) == {"i01_n": "20", "i01_m": "0"}
    assert (await person_row(w, phone.person.id)).unreachable_at is not None
    await phone.person.act("unblock")
    await phone.send("/menu")
    assert (await person_row(w, phone.person.id)).unreachable_at is None
    await phone.tap({"zh": "未完成（1）", "en": "Unfinished (1)"}[locale])
    await phone.tap("11-18")
    assert "\n2\u3000" in await phone.card()


async def test_blocked__papers_on_their_way__are_given_up_and_sent_again_when_asked(
    w: World,
) -> None:
    phone, visit = await visiting(w, "zh", "section")
    for _ in range(3):
        await phone.send("20/0")
    for _ in range(3):
        await phone.tap("均未发现问题 ✓")
    for method in ("editMessageText", "sendDocument"):
        await w.client.fault("delay", method=method, chat_id=phone.person.id, seconds=0.5)
    tapping = asyncio.ensure_future(phone.person.tap("提交"))
    await asyncio.sleep(0.25)
    await phone.person.act("block")
    await tapping
    await w.settled()
    await w.client.clear_faults()
    assert (await state_of(w, visit)).state == "submitted"
    papers = await w.rows(OutboxRow, OutboxRow.chat_id == phone.person.id)
    assert [(row.kind, row.state, row.error) for row in papers] == [
        ("inspection_form", OutboxState.FAILED, "Forbidden")
    ] * 2
    await phone.person.act("unblock")
    await phone.send("/menu")
    await phone.tap("我的检查")
    await phone.tap("11-18")
    await phone.tap("重新发送检查表")
    assert len(documents(await phone.person.sees(), ".pdf")) == 1
    assert len(documents(await phone.person.sees(), ".xlsx")) == 1


async def test_expired_invite__after_eight_days_on_the_clock__is_refused_in_one_sentence(
    w: World,
) -> None:
    async with w.engine.begin() as connection:
        unit = await unit_by_code(connection, "LZ-CZ-H")
        _, token = await create_invite(
            connection,
            token=secrets.token_bytes(TOKEN_BYTES),
            name="张三",
            unit_id=unit.id,
            role=Role.INSPECTOR,
            now=w.app.now(),
        )
    before = await w.rows(MembershipRow)
    await w.client.clock(advance_seconds=8 * 86_400)
    sentences = {
        "zh-hans": "此邀请链接已过期，有效期为 7 天。如需加入，请点“申请”。",
        "en": "This invite link has expired after 7 days. To join, press “Ask for access”.",
    }
    # The bot reads the sandbox's clock once a second.
    await asyncio.sleep(1.2)
    for number, (language, sentence) in enumerate(sentences.items(), 8_001):
        person = await w.client.person(number, "客", language_code=language)
        await person.start(f"join_{token}")
        await w.client.wait_for(sentence, person)
    assert await w.rows(MembershipRow) == before
