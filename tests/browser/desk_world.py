"""What the browser tests share: who is on the desk and how a test reaches a phone."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
from playwright.async_api import Locator, Page, expect

from tests.browser.desk_bot import DeskBot

TOKEN = "123456:TEST"
INSPECTOR, CITIZEN, OFFICER = 101, 102, 103
GROUP = -1002000000001


@dataclass(frozen=True, slots=True)
class Desk:
    """The sandbox as a test drives it beside the browser."""

    url: str
    bot: DeskBot
    session: aiohttp.ClientSession

    async def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        async with self.session.post(f"{self.url}/sandbox/{path}", json=body) as answer:
            data: dict[str, Any] = await answer.json()
            assert answer.status == 200, data
            return data

    async def get(self, path: str) -> dict[str, Any]:
        async with self.session.get(f"{self.url}/sandbox/{path}") as answer:
            data: dict[str, Any] = await answer.json()
            return data

    async def act(self, user: int, action: str, **body: Any) -> dict[str, Any]:
        return await self.post(f"people/{user}/{action}", body)


@dataclass(frozen=True, slots=True)
class Phone:
    """One phone on the page, found by whose it is."""

    page: Page
    node: Locator

    def get(self, testid: str, **options: Any) -> Locator:
        found = self.node.get_by_test_id(testid)
        return found.filter(**options) if options else found

    def key(self, text: str) -> Locator:
        return self.get("inline-button", has_text=text).last

    async def say(self, text: str) -> None:
        await self.get("composer").fill(text)
        await self.get("send").click()

    async def sees(self, text: str) -> Locator:
        message = self.get("message", has_text=text).last
        await expect(message).to_be_visible()
        return message


OpenPage = Callable[..., Awaitable[Page]]
Seat = Callable[[Page, int], Phone]


def phone_of(page: Page, seat: str) -> Phone:
    """The phone of ``u:<user id>`` or the place of ``g:<chat id>``."""
    return Phone(page, page.locator(f'[data-testid=phone][data-seat="{seat}"]'))
