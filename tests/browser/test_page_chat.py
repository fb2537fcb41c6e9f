"""A person chats in the page exactly as in the app: texts, buttons, lists, media."""

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.desk_bot import SHEET, picture
from tests.browser.desk_world import (
    CITIZEN,
    GROUP,
    INSPECTOR,
    OFFICER,
    Desk,
    OpenPage,
    Phone,
    Seat,
)

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def begin(page: Page, seat: Seat) -> Phone:
    phone = seat(page, INSPECTOR)
    await phone.get("start-button").click()
    await phone.sees("请选择")
    return phone


async def test_start__never_opened__introduces_the_bot_then_greets(
    open_page: OpenPage, seat: Seat
) -> None:
    page = await open_page()
    phone = seat(page, INSPECTOR)
    await expect(phone.node).to_contain_text("检查、线索、报表。")
    await expect(phone.get("composer")).to_be_hidden()
    await phone.get("start-button").click()
    await phone.sees("请选择（无）")
    await expect(phone.get("composer")).to_be_visible()


async def test_button__toast_answer__is_shown_in_that_phone_only(
    open_page: OpenPage, seat: Seat
) -> None:
    page = await open_page()
    phone = await begin(page, seat)
    await phone.key("提示").click()
    await expect(phone.get("toast")).to_have_text("已存 ✓")
    await expect(phone.key("提示")).not_to_have_attribute("aria-busy", "true")
    assert await seat(page, OFFICER).get("toast").count() == 0


async def test_button__alert_answer__must_be_confirmed(open_page: OpenPage, seat: Seat) -> None:
    phone = await begin(await open_page(), seat)
    await phone.key("警告").click()
    await expect(phone.get("dialog")).to_contain_text("您不在专班")
    await phone.get("dialog-ok").click()
    await expect(phone.get("dialog")).to_have_count(0)


async def test_button__edits_its_card__stays_one_message_marked_edited(
    open_page: OpenPage, seat: Seat
) -> None:
    phone = await begin(await open_page(), seat)
    before = await phone.get("message").count()
    await phone.key("改卡片").click()
    card = await phone.sees("卡片已更新")
    await expect(card.get_by_test_id("edited")).to_be_visible()
    assert await phone.get("message").count() == before


async def test_button__bot_does_not_answer__shows_the_wheel(
    open_page: OpenPage, seat: Seat
) -> None:
    phone = await begin(await open_page(), seat)
    await phone.key("不答复").click()
    await expect(phone.key("不答复")).to_have_attribute("aria-busy", "true")


async def test_button__copies_a_code__confirms(open_page: OpenPage, seat: Seat) -> None:
    page = await open_page(permissions=["clipboard-read", "clipboard-write"])
    phone = await begin(page, seat)
    await phone.key("复制码").click()
    await expect(phone.get("toast")).to_have_text("已复制")
    assert await page.evaluate("navigator.clipboard.readText()") == "7305 0937"


async def test_deep_link__pressed__offers_start_and_sends_the_payload(
    open_page: OpenPage, seat: Seat
) -> None:
    phone = await begin(await open_page(), seat)
    await phone.key("深链接").click()
    await phone.get("start-button").click()
    await phone.sees("请选择（deep_42）")


async def test_link__pasted_join_code__starts_with_it(open_page: OpenPage, seat: Seat) -> None:
    phone = seat(await open_page(), CITIZEN)
    await phone.get("chat-menu").click()
    await phone.get("open-link").click()
    await phone.get("link-field").fill("https://t.me/sandbox_bot?start=join_abc")
    await phone.get("dialog-ok").click()
    await phone.get("start-button").click()
    await phone.sees("请选择（join_abc）")


async def test_inline__typed_query__lists_results_and_picking_sends(
    open_page: OpenPage, seat: Seat
) -> None:
    phone = await begin(await open_page(), seat)
    await phone.get("composer").fill("@sandbox_bot 人民")
    await expect(phone.get("inline-result")).to_have_count(2)
    await phone.get("inline-result", has_text="示范二人民医院").click()
    chosen = await phone.sees("示范二人民医院 #1")
    await expect(chosen).to_contain_text("@sandbox_bot")
    await phone.sees("机构已选")
    await expect(phone.get("composer")).to_have_value("")


async def test_inline__button_of_the_bot__fills_the_line_and_keys_choose(
    open_page: OpenPage, seat: Seat
) -> None:
    page = await open_page()
    phone = await begin(page, seat)
    await phone.key("找机构").click()
    await expect(phone.get("composer")).to_have_value("@sandbox_bot 人民")
    await expect(phone.get("inline-result")).to_have_count(2)
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await phone.sees("示范二人民医院 #1")


async def test_reply_keyboard__pressed__sends_its_text_and_can_be_folded(
    open_page: OpenPage, seat: Seat
) -> None:
    phone = await begin(await open_page(), seat)
    await phone.say("/keys")
    await expect(phone.get("composer")).to_have_attribute("placeholder", "可分多条")
    await phone.get("reply-button", has_text="写完了").click()
    await phone.sees("收到：写完了")
    await phone.get("keyboard-toggle").click()
    await expect(phone.get("reply-keyboard")).to_have_count(0)


async def test_reply_keyboard__asks_for_location__sends_it_after_consent(
    open_page: OpenPage, seat: Seat
) -> None:
    phone = await begin(await open_page(), seat)
    await phone.say("/keys")
    await phone.get("reply-button", has_text="发位置").click()
    await phone.get("dialog-ok").click()
    await expect(phone.get("location")).to_be_visible()
    await phone.sees("位置已存")
    await expect(phone.get("reply-keyboard")).to_have_count(0)


async def test_photo__chosen_from_disk__is_shown_and_opens_large(
    open_page: OpenPage, seat: Seat, tmp_path: Path
) -> None:
    file = tmp_path / "wall.jpg"
    file.write_bytes(picture(200))
    page = await open_page()
    phone = await begin(page, seat)
    await phone.get("attach").click()
    async with page.expect_file_chooser() as chooser:
        await phone.get("attach-photo").click()
    await (await chooser.value).set_files(file)
    await phone.sees("照片已存")
    image = phone.get("photo").locator("img")
    await expect(image).to_be_visible()
    await page.wait_for_function(
        "image => image.complete && image.naturalWidth > 0", arg=await image.element_handle()
    )
    await phone.get("photo").click()
    await expect(page.get_by_test_id("viewer-image")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_test_id("viewer")).to_have_count(0)


async def test_photo__sample_from_the_menu__needs_no_file(open_page: OpenPage, seat: Seat) -> None:
    phone = await begin(await open_page(), seat)
    await phone.get("attach").click()
    await phone.get("attach-photo-sample").click()
    await phone.sees("照片已存")


async def test_album__from_the_bot__is_one_bubble_of_three(
    open_page: OpenPage, seat: Seat
) -> None:
    phone = await begin(await open_page(), seat)
    await phone.say("/album")
    await expect(phone.get("album").get_by_test_id("photo")).to_have_count(3)


async def test_document__from_the_bot__opens_and_downloads(
    open_page: OpenPage, seat: Seat
) -> None:
    page = await open_page()
    phone = await begin(page, seat)
    await phone.say("/doc")
    document = phone.get("document")
    await expect(document).to_contain_text("检查表 附件2.png")
    await expect(document).to_contain_text(f"{len(SHEET)} 字节")
    async with page.expect_popup() as popup:
        await document.get_by_test_id("document-open").click()
    await expect((await popup.value).locator("img")).to_be_visible()
    async with page.expect_download() as download:
        await document.get_by_test_id("document-download").click()
    saved = await download.value
    assert saved.suggested_filename == "检查表 附件2.png"
    assert Path(await saved.path()).read_bytes() == SHEET


@pytest.mark.parametrize("kind", ["voice", "video", "contact", "sticker"])
async def test_sample__chosen_from_the_menu__appears_as_own_message(
    open_page: OpenPage, seat: Seat, kind: str
) -> None:
    phone = await begin(await open_page(), seat)
    await phone.get("attach").click()
    await phone.get(f"attach-{kind}").click()
    shown = {"voice": "sound"}.get(kind, kind)
    await expect(phone.get(shown)).to_be_visible()
    if kind == "video":
        await expect(phone.get(shown)).to_contain_text("25.0 MB")


async def test_text__html_entities__are_drawn_and_code_is_copied(
    open_page: OpenPage, seat: Seat
) -> None:
    page = await open_page(permissions=["clipboard-read", "clipboard-write"])
    phone = await begin(page, seat)
    await phone.say("/rich")
    message = await phone.sees("粗体")
    await expect(message.locator("strong")).to_have_text("粗体")
    await expect(message.locator("em")).to_have_text("斜体")
    await expect(message.locator("blockquote")).to_have_text("引文")
    await expect(message.locator("a")).to_have_attribute("href", "https://example.org/x")
    spoiler = message.locator(".spoiler-text")
    await expect(spoiler).to_be_hidden()
    await message.locator(".spoiler").click()
    await expect(spoiler).to_be_visible()
    await message.get_by_test_id("copy-code").click()
    assert await page.evaluate("navigator.clipboard.readText()") == "7305 0937 5512"


async def test_text__looks_like_markup__stays_text(open_page: OpenPage, seat: Seat) -> None:
    page = await open_page()
    phone = await begin(page, seat)
    await phone.say("/nasty")
    message = await phone.sees("onerror")
    await expect(message).to_contain_text("<script>alert(1)</script>")
    assert await message.locator("img, script").count() == 0
    assert await page.title() == "检查演练台"


async def test_commands__menu_button__lists_and_sends(open_page: OpenPage, seat: Seat) -> None:
    phone = await begin(await open_page(), seat)
    await phone.get("commands-button").click()
    await phone.get("command-option", has_text="怎么用").click()
    await phone.sees("收到：/help")


async def test_pinned__by_the_bot__bar_and_service_line(open_page: OpenPage, seat: Seat) -> None:
    phone = await begin(await open_page(), seat)
    await phone.say("/pin")
    await expect(phone.get("pinned")).to_contain_text("本月看板")
    await expect(phone.get("service").last).to_contain_text("置顶了“本月看板”")


async def test_typing__bot_prepares_an_answer__is_said_under_its_name(
    open_page: OpenPage, seat: Seat
) -> None:
    phone = await begin(await open_page(), seat)
    await phone.say("/typing")
    await expect(phone.get("chat-status")).to_contain_text("正在输入")


async def test_edit__own_message_by_menu__changes_it(open_page: OpenPage, seat: Seat) -> None:
    phone = await begin(await open_page(), seat)
    await phone.say("1 20/1")
    await phone.sees("收到：1 20/1")
    await phone.get("message").filter(has_text="1 20/1").first.click(button="right")
    await phone.get("menu-edit").click()
    await expect(phone.get("composer")).to_have_value("1 20/1")
    await phone.say("1 20/2")
    await expect(await phone.sees("1 20/2")).to_contain_text("已修改")


async def test_reply__by_menu__quotes_the_message(open_page: OpenPage, seat: Seat) -> None:
    phone = await begin(await open_page(), seat)
    await phone.get("message", has_text="请选择").click(button="right", position={"x": 20, "y": 8})
    await phone.get("menu-reply").click()
    await phone.say("好")
    await expect(phone.get("message").filter(has_text="好").first).to_contain_text("请选择")


async def test_group__spoken_by_two_members__each_sees_the_other(
    open_page: OpenPage, seat: Seat
) -> None:
    page = await open_page()
    group = seat(page, GROUP)
    await group.say("大家好")
    own = group.get("message").filter(has_text="大家好").first
    await expect(own).to_have_class("row mine first last")
    await group.get("speaker").click()
    await group.get("speaker-option", has_text="检查人").click()
    await expect(own).to_have_class("row theirs first last")
    await expect(own).to_contain_text("示范3")
    await group.say("/menu@sandbox_bot")
    await group.key("提示").click()
    await expect(group.get("toast")).to_have_text("已存 ✓")


async def test_group__in_a_members_phone__is_a_second_chat_with_a_badge(
    open_page: OpenPage, seat: Seat, desk: Desk
) -> None:
    page = await open_page()
    phone = seat(page, INSPECTOR)
    await phone.get("back").click()
    await expect(phone.get("chat-entry")).to_have_count(2)
    await desk.act(OFFICER, "send", chat=str(GROUP), text="请今天报")
    entry = phone.get("chat-entry", has_text="示范专班")
    await expect(entry.get_by_test_id("unread")).to_be_visible()
    await expect(entry).to_contain_text("请今天报")
    await entry.click()
    await phone.sees("请今天报")
    await phone.get("back").click()
    await expect(entry.get_by_test_id("unread")).to_have_count(0)


async def test_blocked__by_the_person__can_be_restarted(open_page: OpenPage, seat: Seat) -> None:
    phone = await begin(await open_page(), seat)
    await phone.get("chat-menu").click()
    await phone.get("block").click()
    await expect(phone.get("composer")).to_be_hidden()
    await phone.get("start-button").click()
    await expect(phone.get("message", has_text="请选择")).to_have_count(2)


async def test_deep_link__in_the_group__opens_the_speakers_own_phone(
    open_page: OpenPage, seat: Seat
) -> None:
    page = await open_page(390, 844)
    await page.get_by_test_id("seat-tab").filter(has_text="工作群").click()
    group = seat(page, GROUP)
    await group.say("/menu@sandbox_bot")
    await group.key("深链接").click()
    phone = seat(page, OFFICER)
    await phone.get("start-button").click()
    await phone.sees("请选择（deep_42）")


async def test_long_press__on_a_touch_screen__opens_the_messages_menu(
    open_page: OpenPage, seat: Seat
) -> None:
    page = await open_page(390, 844, has_touch=True, is_mobile=True)
    phone = seat(page, INSPECTOR)
    await phone.get("start-button").tap()
    message = await phone.sees("请选择")
    await message.locator(".text").dispatch_event("touchstart", await touch_at(message))
    await expect(phone.get("menu-reply")).to_be_visible()


async def touch_at(node: Locator) -> dict[str, Any]:
    """One finger on a node, as the event constructor wants it."""
    finger = await node.evaluate_handle(
        "node => [new Touch({identifier: 1, target: node, clientX: 60, clientY: 300})]"
    )
    return {"touches": finger, "bubbles": True}


async def test_topic__chosen__shows_its_messages_and_sends_there(
    open_page: OpenPage, seat: Seat, desk: Desk
) -> None:
    forum = await desk.post(
        "groups",
        {
            "id": GROUP - 1,
            "title": "话题群",
            "is_forum": True,
            "creator": OFFICER,
            "members": [OFFICER],
            "bot": "member",
        },
    )
    topic = await desk.post(f"groups/{forum['id']}/topic", {"name": "周报", "by": OFFICER})
    thread = topic["message_thread_id"]
    await desk.act(OFFICER, "send", chat=forum["key"], text="综合里的话")
    page = await open_page(390, 844)
    await page.get_by_test_id("seat-tab").filter(has_text="话题群").click()
    place = seat(page, forum["id"])
    await place.sees("综合里的话")
    await place.get("topic", has_text="周报").click()
    await expect(place.get("message", has_text="综合里的话")).to_have_count(0)
    await place.say("本周已报")
    await place.sees("本周已报")
    chat = await desk.get(f"chats/{forum['key']}")
    sent = next(m for m in chat["messages"] if m.get("text") == "本周已报")
    assert sent["message_thread_id"] == thread
