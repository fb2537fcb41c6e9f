"""A newcomer's first visit to the demo, by clicks only: an inspection, a pick, Monday's tables."""

import io
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import aiohttp
import openpyxl
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.browser.desk_world import Phone, phone_of
from tests.demo_process import Demo

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

INSPECTOR, GROUP = 101, -1_002_000_000_101
SIZES = {"desktop": (1280, 800), "phone": (390, 844)}
MOST_PRESSES = 12
TOUR_CLOSED = (
    "localStorage.getItem('desk.tour.open') ?? localStorage.setItem('desk.tour.open', 'false')"
)
CUT_LABELS = """() => [...document.querySelectorAll('[data-testid=inline-button]')]
  .filter((node) => [node, ...node.querySelectorAll('*')]
    .some((part) => part.scrollWidth > part.clientWidth + 1 && part.clientWidth > 0))
  .map((node) => node.textContent)"""

OpenDemo = Callable[[str], Awaitable[Page]]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def demo(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Demo]:
    """The real demo: sandbox, bot and region, as `make demo` starts them."""
    running = Demo(Path(tmp_path_factory.mktemp("demo")) / "data")
    assert await running.start() is None, await running.errors()
    yield running
    assert await running.stop() == 0


@pytest_asyncio.fixture(loop_scope="session")
async def open_demo(browser: Browser, demo: Demo) -> AsyncIterator[OpenDemo]:
    """Opens the page at a size; a script error on it fails the test."""
    errors: list[str] = []
    contexts = []

    async def opened(size: str) -> Page:
        width, height = SIZES[size]
        context = await browser.new_context(
            viewport={"width": width, "height": height}, locale="zh-CN", has_touch=size == "phone"
        )
        contexts.append(context)
        await context.add_init_script(TOUR_CLOSED)
        page = await context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        await page.goto(demo.url)
        await expect(page.locator("body[data-ready]")).to_be_attached()
        return page

    yield opened
    for context in contexts:
        await context.close()
    assert not errors


class Walk:
    """An inspector at a phone: presses are counted, and every card must be readable."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.phone: Phone = phone_of(page, f"u:{INSPECTOR}")
        self.presses = 0

    async def shows(self, text: str) -> None:
        """The newest message says this, no label is cut, and nothing scrolls sideways."""
        await expect(self.phone.get("message").last).to_contain_text(text)
        assert await self.page.evaluate(CUT_LABELS) == []
        await still_fits(self.page)

    async def tap(self, label: str, then: str) -> None:
        self.presses += 1
        card = self.phone.get("message").last
        await card.get_by_test_id("inline-button").filter(has_text=label).last.click()
        await self.shows(then)

    async def search(self, part: str) -> None:
        """Typing a name is what a person does here, too."""
        self.presses += 1
        await self.phone.say(part)

    async def open_menu(self) -> None:
        """By the start button, or by the list of commands beside the typing line."""
        start = self.phone.get("start-button")
        if await start.is_visible():
            await start.click()
        else:
            await self.phone.get("commands-button").click()
            await self.phone.get("command-option").filter(has_text="menu").first.click()
        await self.shows("开始检查")


async def still_fits(page: Page) -> None:
    """The page is as wide as the window, and so is what each chat shows."""
    wide = await page.evaluate(
        "() => [document.documentElement, ...document.querySelectorAll('[data-testid=messages]')]"
        ".map((node) => node.scrollWidth - node.clientWidth)"
    )
    assert max(wide) <= 0


async def go_to(page: Page, seat: str) -> Phone:
    """The place on the desk; on a narrow screen by its tab."""
    tab = page.locator(f'[data-testid=seat-tab][data-seat="{seat}"]')
    if await tab.count():
        await tab.click()
    return phone_of(page, seat)


@pytest.mark.parametrize(
    ("size", "part", "name"),
    [
        ("desktop", "示范医院", "柳州市示范医院"),
        ("phone", "sfrm", "柳州市示范人民医院"),
    ],
)
async def test_inspection__clicks_only__is_submitted_and_its_form_arrives(
    open_demo: OpenDemo, size: str, part: str, name: str
) -> None:
    page = await open_demo(size)
    walk = Walk(page)
    await walk.open_menu()
    await walk.tap("开始检查", "选择被检查机构")
    await walk.search(part)
    await walk.shows(name)
    await walk.tap(name, "检查方式")
    await walk.tap("开始：只点有问题的", "抽查人数")
    for following in ("无证行医", "使用非卫生技术人员", "只点有问题的"):
        await walk.tap("无违法违规", following)
    await walk.tap("14 乱收费", "已选：14 乱收费")
    await walk.tap("其余", "受到行政处罚机构情况")
    await walk.tap("均未发现问题", "受到处理人员情况")
    await walk.tap("均未发现问题", "提交前核对")
    review = await walk.phone.get("message").last.inner_text()
    assert name in review
    assert re.search(r"有情况 1 项", review)
    assert "乱收费" in review
    papers = walk.phone.get("document")
    before = await papers.count()
    walk.presses += 1
    await walk.phone.get("message").last.get_by_text("提交", exact=True).click()
    assert walk.presses <= MOST_PRESSES + 1  # one of them marked a finding
    await expect(papers).to_have_count(before + 2, timeout=20_000)
    for ending, kind in ((".pdf", b"%PDF"), (".xlsx", b"PK")):
        async with page.expect_download() as download:
            await papers.filter(has_text=ending).last.get_by_test_id("document-download").click()
        got = await download.value
        assert got.suggested_filename.endswith(ending)
        assert Path(await got.path()).read_bytes().startswith(kind)
    await still_fits(page)


async def test_photo__sent_at_an_item__is_acknowledged_at_that_item(open_demo: OpenDemo) -> None:
    walk = Walk(await open_demo("phone"))
    await walk.open_menu()
    await walk.tap("开始检查", "选择被检查机构")
    await walk.search("长乐")
    await walk.shows("城中区示范长乐诊所")
    await walk.tap("城中区示范长乐诊所", "检查方式")
    await walk.tap("开始：逐项检查", "抽查人数")
    await walk.phone.get("attach").click()
    await walk.page.get_by_test_id("attach-photo-sample").click()
    await walk.shows("1 号项 照片 1 张已存")


async def test_inline__picked_while_typing__begins_the_inspection(open_demo: OpenDemo) -> None:
    walk = Walk(await open_demo("desktop"))
    await walk.open_menu()
    await walk.tap("开始检查", "选择被检查机构")
    card = walk.phone.get("message").last
    await card.get_by_test_id("inline-button").filter(has_text="边输入边选").click()
    await expect(walk.phone.get("composer")).to_have_value(re.compile(r"^@\w+ "))
    await walk.phone.get("composer").press_sequentially("示范")
    results = walk.phone.get("inline-result")
    await expect(results.first).to_contain_text("示范")
    name = (await results.first.inner_text()).splitlines()[0]
    await results.first.click()
    await walk.shows("开始：只点有问题的")
    await walk.shows(name)


async def test_reload__reading_above_with_a_text_begun__keeps_both(open_demo: OpenDemo) -> None:
    page = await open_demo("phone")
    group = await go_to(page, f"g:{GROUP}")
    messages = group.get("messages")
    await expect(messages).to_contain_text("覆盖率")
    await messages.evaluate("node => node.scrollTo(0, 40)")
    await group.get("composer").fill("写到一半")
    await page.wait_for_timeout(400)
    before = await messages.evaluate("node => node.scrollTop")
    await page.reload()
    await expect(group.get("composer")).to_have_value("写到一半")
    assert abs(await messages.evaluate("node => node.scrollTop") - before) <= 2


async def test_monday__clock_moved__tables_arrive_in_the_group(
    open_demo: OpenDemo, demo: Demo
) -> None:
    page = await open_demo("desktop")
    group = phone_of(page, f"g:{GROUP}")
    began = time.monotonic()
    await page.get_by_test_id("clock-monday").click()
    await expect(group.get("document").filter(has_text=".xlsx")).to_have_count(1, timeout=30_000)
    assert time.monotonic() - began < 30
    figures = await group.get("message", has_text="检查机构").last.inner_text()
    inspected = int(re.search(r"检查机构 (\d+)", figures)[1])  # type: ignore[index]  # asserted so
    assert inspected > 0
    pictures = group.get("photo").locator("img")
    assert await pictures.count() >= 1
    assert await pictures.last.evaluate("node => node.complete && node.naturalWidth") >= 900
    source = (
        await group.get("document")
        .last.get_by_test_id("document-download")
        .evaluate("node => node.href || node.querySelector('a')?.href")
    )
    assert await _inspected_in_workbook(source) == inspected
    await still_fits(page)


async def _inspected_in_workbook(url: str) -> int:
    """Last week's institutions inspected, added up from table one of the workbook."""
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        book = openpyxl.load_workbook(io.BytesIO(await answer.read()))
    sheet = book.worksheets[0]
    heads = {cell.value: cell for row in sheet.iter_rows() for cell in row if cell.value}
    head = heads["检查数量"]
    below = sheet.iter_rows(
        min_row=head.row + 1, min_col=head.column, max_col=head.column, values_only=True
    )
    return sum(value for (value,) in below if isinstance(value, int))
