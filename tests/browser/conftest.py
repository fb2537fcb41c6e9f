"""A real sandbox server, a tiny bot on it, and Chromium looking at the page."""

import shutil
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect

from sandbox import server as sandbox_server
from tests.browser.desk_bot import DeskBot
from tests.browser.desk_world import (
    GROUP,
    INSPECTOR,
    OFFICER,
    TOKEN,
    Desk,
    OpenPage,
    Seat,
    phone_of,
)

ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# The tour would cover what other tests look at; its own test opens it.
TOUR_CLOSED = (
    "localStorage.getItem('desk.tour.open') ?? localStorage.setItem('desk.tour.open', 'false')"
)

expect.set_options(timeout=10_000)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    path = shutil.which("chromium")
    if path is None:
        pytest.fail("Chromium is not installed: the browser tests need `chromium` on the PATH.")
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=path, args=ARGS)
        yield launched
        await launched.close()


@pytest_asyncio.fixture(loop_scope="session")
async def desk() -> AsyncIterator[Desk]:
    """Three people, one group with the bot in it, the bot running."""
    server = await sandbox_server.start(port=0, tokens=[TOKEN], state_dir=None, limits=False)
    async with aiohttp.ClientSession() as session:
        bot = DeskBot(server.url, TOKEN)
        desk = Desk(server.url, bot, session)
        labels = [("检查人", "Inspector"), ("群众", "Citizen"), ("经办人", "Officer")]
        for order, (zh, en) in enumerate(labels, start=1):
            await desk.post(
                "users",
                {
                    "id": INSPECTOR + order - 1,
                    "first_name": f"示范{order}",
                    "language_code": "zh-hans",
                    "label": {"zh": zh, "en": en},
                    "order": order,
                },
            )
        await desk.post(
            "groups",
            {
                "id": GROUP,
                "title": "示范专班",
                "type": "supergroup",
                "creator": OFFICER,
                "members": [INSPECTOR, OFFICER],
                "bot": "administrator",
            },
        )
        await bot.start()
        yield desk
        await bot.close()
    await server.close()


@pytest_asyncio.fixture(loop_scope="session")
async def open_page(browser: Browser, desk: Desk) -> AsyncIterator[OpenPage]:
    """Opens the page at a size; a script error on it fails the test."""
    errors: list[str] = []
    contexts = []

    async def opened(width: int = 1280, height: int = 800, **options: Any) -> Page:
        context = await browser.new_context(
            viewport={"width": width, "height": height}, locale="zh-CN", **options
        )
        contexts.append(context)
        await context.add_init_script(TOUR_CLOSED)
        page = await context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        await page.goto(desk.url)
        await expect(page.locator("body[data-ready]")).to_be_attached()
        return page

    yield opened
    for context in contexts:
        await context.close()
    assert not errors


@pytest.fixture
def seat() -> Seat:
    return lambda page, number: phone_of(page, f"{'u' if number > 0 else 'g'}:{number}")
