"""The desk around the phones: sizes, reload, language, clock, log, tour, lost connection."""

import re
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import expect

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

SHANGHAI = ZoneInfo("Asia/Shanghai")


async def sandbox_time(desk: Desk) -> datetime:
    return datetime.fromisoformat((await desk.get("clock"))["now"]).astimezone(SHANGHAI)


async def begin(phone: Phone) -> None:
    await phone.get("start-button").click()
    await phone.sees("请选择")


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1280, 800)])
@pytest.mark.parametrize("language", ["zh", "en"])
async def test_size__phone_and_desktop__never_scrolls_sideways(
    open_page: OpenPage, seat: Seat, width: int, height: int, language: str
) -> None:
    page = await open_page(width, height)
    await page.get_by_test_id("tour-opener").click()
    phone = seat(page, INSPECTOR)
    await begin(phone)
    for text in ("/rich", "/doc", "/album", "/keys", "长" * 900, "x" * 900):
        await phone.say(text)
    await phone.sees("收到：xxx")
    await page.get_by_test_id(f"language-{language}").click()
    sizes = await page.evaluate(
        "[document.documentElement.scrollWidth, document.body.scrollWidth, innerWidth]"
    )
    assert max(sizes) == width
    wide = await phone.get("messages").evaluate("node => node.scrollWidth - node.clientWidth")
    assert wide <= 0


async def test_places__desktop__three_phones_and_the_group_lie_side_by_side(
    open_page: OpenPage,
) -> None:
    page = await open_page()
    phones = page.get_by_test_id("phone")
    await expect(phones).to_have_count(4)
    boxes = [await phones.nth(n).bounding_box() for n in range(4)]
    edges = [(box["x"], box["x"] + box["width"]) for box in boxes if box]
    assert all(a[1] <= b[0] for a, b in pairwise(edges))
    assert edges[-1][1] <= 1280


async def test_places__narrow__one_at_a_time_by_tabs(
    open_page: OpenPage, seat: Seat, desk: Desk
) -> None:
    page = await open_page(390, 844, has_touch=True)
    await expect(page.get_by_test_id("phone")).to_have_count(1)
    await desk.act(CITIZEN, "start")
    tab = page.get_by_test_id("seat-tab").filter(has_text="群众")
    await expect(tab).to_contain_text("1")
    await tab.tap()
    await seat(page, CITIZEN).sees("请选择")
    await expect(page.get_by_test_id("phone")).to_have_count(1)
    await expect(tab).to_have_text("群众")


async def test_reload__reader_further_up_with_a_draft__keeps_both(
    open_page: OpenPage, seat: Seat
) -> None:
    page = await open_page()
    phone = seat(page, INSPECTOR)
    await begin(phone)
    await phone.say("/many")
    await phone.sees("第 59 条")
    messages = phone.get("messages")
    await messages.hover()
    await page.mouse.wheel(0, -1500)
    await expect(phone.get("to-end")).to_be_visible()
    await phone.get("composer").fill("写到一半\n第二行")
    await page.wait_for_timeout(400)
    before = await messages.evaluate("node => node.scrollTop")
    await page.reload()
    await expect(page.locator("body[data-ready]")).to_be_attached()
    await expect(phone.get("composer")).to_have_value("写到一半\n第二行")
    after = await messages.evaluate("node => node.scrollTop")
    assert abs(after - before) <= 2
    assert before > 200


async def test_reload__other_chat_open__is_open_again(open_page: OpenPage, seat: Seat) -> None:
    page = await open_page()
    phone = seat(page, INSPECTOR)
    await phone.get("back").click()
    await phone.get("chat-entry", has_text="示范专班").click()
    await page.reload()
    await expect(phone.node.locator("h3")).to_have_text("示范专班")


async def test_scroll__new_message_while_reading_above__stays_and_counts(
    open_page: OpenPage, seat: Seat, desk: Desk
) -> None:
    page = await open_page()
    phone = seat(page, INSPECTOR)
    await begin(phone)
    await phone.say("/many")
    await phone.sees("第 59 条")
    await phone.get("messages").hover()
    await page.mouse.wheel(0, -1200)
    await expect(phone.get("to-end")).to_be_visible()
    before = await phone.get("messages").evaluate("node => node.scrollTop")
    await desk.bot.call("sendMessage", chat_id=INSPECTOR, text="新到的一条")
    await expect(phone.get("to-end")).to_contain_text("1")
    assert await phone.get("messages").evaluate("node => node.scrollTop") == before
    await phone.get("to-end").click()
    await expect(phone.get("message", has_text="新到的一条")).to_be_in_viewport()


async def test_language__switched__page_and_peoples_phones_change(
    open_page: OpenPage, seat: Seat, desk: Desk
) -> None:
    page = await open_page()
    await page.get_by_test_id("language-en").click()
    await expect(page).to_have_title("Inspection desk")
    await expect(page.get_by_test_id("clock-monday")).to_have_text("Mon 09:00")
    await expect(seat(page, INSPECTOR).node).to_contain_text("Inspector")
    await expect(seat(page, INSPECTOR).get("start-button")).to_have_text("Start")
    await begin(seat(page, INSPECTOR))
    codes = {user["language_code"] for user in (await desk.get("users"))["users"]}
    assert codes == {"en"}
    assert desk.bot.seen[-1]["message"]["from"]["language_code"] == "en"
    await page.reload()
    await expect(page).to_have_title("Inspection desk")
    await page.get_by_test_id("language-zh").click()
    await expect(page).to_have_title("检查演练台")


async def test_clock__next_monday__jumps_there(open_page: OpenPage, desk: Desk) -> None:
    page = await open_page()
    before = await sandbox_time(desk)
    await page.get_by_test_id("clock-monday").click()
    await expect(page.get_by_test_id("clock-time")).to_contain_text("09:00")
    now = await sandbox_time(desk)
    assert (now.weekday(), now.hour, now.minute) == (0, 9, 0)
    assert timedelta(0) < now - before <= timedelta(days=7, minutes=1)
    await page.get_by_test_id("clock-day").click()
    await expect(page.get_by_test_id("notice")).to_contain_text("周二")
    assert (await sandbox_time(desk)).weekday() == 1


async def test_clock__third_of_december_then_real_time__goes_and_comes_back(
    open_page: OpenPage, desk: Desk
) -> None:
    page = await open_page()
    await page.get_by_test_id("clock-dec3").click()
    await expect(page.get_by_test_id("clock-time")).to_contain_text("09:00")
    now = await sandbox_time(desk)
    assert (now.month, now.day, now.hour) == (12, 3, 9)
    await page.get_by_test_id("clock-pick").click()
    await page.get_by_test_id("clock-real").click()
    await expect(page.get_by_test_id("notice")).to_contain_text("真实时间")
    assert (await desk.get("clock"))["offset_seconds"] == 0


async def test_clock__date_picked__is_beijing_time(open_page: OpenPage, desk: Desk) -> None:
    page = await open_page(timezone_id="America/New_York")
    await page.get_by_test_id("clock-pick").click()
    await page.get_by_test_id("clock-field").fill("2031-03-04T17:30")
    await page.get_by_test_id("clock-go").click()
    await expect(page.get_by_test_id("clock-time")).to_contain_text("17:30")
    now = await sandbox_time(desk)
    assert (now.year, now.month, now.day, now.hour, now.minute) == (2031, 3, 4, 17, 30)


async def test_clock__fast__a_minute_passes_each_second(open_page: OpenPage, desk: Desk) -> None:
    page = await open_page()
    await page.get_by_test_id("clock-fast").click()
    await expect(page.get_by_test_id("clock-fast")).to_have_attribute("aria-pressed", "true")
    assert (await desk.get("clock"))["speed"] == 60
    await page.get_by_test_id("clock-fast").click()
    await expect(page.get_by_test_id("clock-fast")).to_have_attribute("aria-pressed", "false")


async def test_log__bot_sends_bad_markup__telegrams_refusal_is_red(
    open_page: OpenPage, seat: Seat
) -> None:
    page = await open_page()
    phone = seat(page, INSPECTOR)
    await begin(phone)
    await phone.say("/bad")
    await page.get_by_test_id("log-toggle").click()
    await expect(page.get_by_test_id("log-error")).to_contain_text("can't parse entities")
    await expect(page.get_by_test_id("log-list")).to_contain_text("sendMessage")
    await expect(page.get_by_test_id("log-list")).not_to_contain_text("没有结尾")
    await page.get_by_test_id("log-errors-only").check()
    await expect(page.get_by_test_id("log-line")).to_have_count(0)


async def test_tour__person_does_the_step__goes_on_and_survives_a_reload(
    open_page: OpenPage, seat: Seat
) -> None:
    page = await open_page()
    await page.get_by_test_id("tour-opener").click()
    words = page.get_by_test_id("tour-text")
    await expect(words).to_contain_text("开始使用")
    await expect(seat(page, INSPECTOR).get("start-button")).to_have_class(
        r"start-button tour-target"
    )
    await begin(seat(page, INSPECTOR))
    await expect(words).to_contain_text("开始检查")
    await page.reload()
    await expect(words).to_contain_text("开始检查")


async def test_connection__lost_and_back__shows_what_was_missed(
    open_page: OpenPage, seat: Seat, desk: Desk
) -> None:
    page = await open_page()
    phone = seat(page, INSPECTOR)
    await begin(phone)
    await page.context.set_offline(True)
    await page.evaluate("dispatchEvent(new Event('offline'))")
    await desk.bot.call("sendMessage", chat_id=INSPECTOR, text="断线时到的")
    await page.context.set_offline(False)
    await phone.sees("断线时到的")


async def test_reset__on_the_server__empties_the_desk(open_page: OpenPage, desk: Desk) -> None:
    page = await open_page()
    await expect(page.get_by_test_id("phone")).to_have_count(4)
    await desk.post("reset", {})
    await expect(page.get_by_test_id("phone")).to_have_count(0)
    await expect(page.get_by_test_id("desk")).to_contain_text("还没有人")
    await desk.post("users", {"id": 7, "first_name": "新人", "language_code": "zh-hans"})
    await expect(page.get_by_test_id("phone")).to_have_count(1)


async def test_keyboard_only__whole_exchange__needs_no_mouse(
    open_page: OpenPage, seat: Seat
) -> None:
    page = await open_page()
    phone = seat(page, INSPECTOR)
    await phone.get("start-button").focus()
    await page.keyboard.press("Enter")
    await phone.sees("请选择")
    await phone.key("改卡片").focus()
    await page.keyboard.press("Enter")
    await phone.sees("卡片已更新")
    await expect(phone.key("改卡片")).to_be_focused()
    await phone.get("composer").focus()
    await page.keyboard.type("第一行")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("第二行")
    await page.keyboard.press("Enter")
    await phone.sees("收到：第一行\n第二行")


async def test_group__migrates__its_place_follows(
    open_page: OpenPage, seat: Seat, desk: Desk
) -> None:
    old = await desk.post(
        "groups", {"title": "旧群", "type": "group", "members": [INSPECTOR], "bot": "member"}
    )
    page = await open_page(390, 844)
    tabs = page.get_by_test_id("seat-tab")
    await expect(tabs.filter(has_text="旧群")).to_have_count(1)
    new = await desk.post(f"groups/{old['id']}/migrate", {})
    await expect(page.locator(f'[data-seat="g:{new["id"]}"]')).to_have_count(1)
    await expect(page.locator(f'[data-seat="g:{old["id"]}"]')).to_have_count(0)
    assert await page.locator(f'[data-seat="g:{GROUP}"]').count() == 1


async def test_texts__both_languages__have_the_same_keys_and_blanks(open_page: OpenPage) -> None:
    page = await open_page()
    texts = await page.evaluate("async () => (await import('/page/js/texts.js')).TEXTS")
    assert texts["zh"].keys() == texts["en"].keys()
    for key, words in texts["zh"].items():
        if not key.startswith("date"):  # a language orders and names the parts of a date itself
            assert set(re.findall(r"\{\w+\}", words)) == set(
                re.findall(r"\{\w+\}", texts["en"][key])
            ), key
    steps = (await page.evaluate("fetch('/page/tour.json').then(r => r.json())"))["steps"]
    assert all({"zh", "en"} <= step["text"].keys() for step in steps)


async def test_places__more_people_than_room__another_phone_takes_a_place(
    open_page: OpenPage, seat: Seat, desk: Desk
) -> None:
    label = {"zh": "机构联络员", "en": "Liaison"}
    await desk.post("users", {"id": 104, "first_name": "示范四", "label": label, "order": 4})
    page = await open_page()
    await expect(page.get_by_test_id("phone")).to_have_count(4)
    await expect(seat(page, 104).node).to_have_count(0)
    await seat(page, CITIZEN).get("seat-change").click()
    await seat(page, CITIZEN).get("seat-option", has_text="机构联络员").click()
    await expect(seat(page, 104).node).to_be_visible()
    await expect(seat(page, CITIZEN).node).to_have_count(0)
    await page.reload()
    await expect(seat(page, 104).node).to_be_visible()


async def test_language__changed_elsewhere__the_page_follows(
    open_page: OpenPage, desk: Desk
) -> None:
    page = await open_page()
    for user in (INSPECTOR, CITIZEN, OFFICER):
        async with desk.session.patch(
            f"{desk.url}/sandbox/users/{user}", json={"language_code": "en"}
        ) as answer:
            assert answer.status == 200
    await expect(page).to_have_title("Inspection desk")
