"""The demo's people, their phones and the office group, made over the sandbox's control API."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Self

import aiohttp

from bot.errors import StartError

INSPECTOR, CITIZEN, OFFICER, ORGANISER = 101, 102, 103, 104
GROUP = -1_002_000_000_101
BOT_NAME = "专项检查助手"
GROUP_TITLE = "柳州市专项整治专班群"

PEOPLE = (
    (INSPECTOR, {"zh": "检查人", "en": "Inspector"}, "演示检查人"),
    (OFFICER, {"zh": "经办人", "en": "Officer"}, "演示经办人"),
    (CITIZEN, {"zh": "群众", "en": "Citizen"}, "演示群众"),
    (ORGANISER, {"zh": "牵头部门", "en": "Organiser"}, "演示牵头人"),
)
HAVE_STARTED = (OFFICER, CITIZEN, ORGANISER)
"""The inspector's first press is the newcomer's."""

FIRST_WORDS = (
    (ORGANISER, "本周请各组按计划完成检查。统计表每周一 9:00 发到本群。"),
    (OFFICER, "收到。"),
    (OFFICER, "/status@{bot}"),
)
"""What the group says on the first day, so that it looks as a group does."""

ANSWER_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class DemoWorld:
    """The sandbox as the demo sets it up."""

    root: str
    token: str
    session: aiohttp.ClientSession

    @classmethod
    @asynccontextmanager
    async def connected(cls, root: str, token: str) -> AsyncIterator[Self]:
        """A connection to the sandbox at ``root``, which need not answer yet."""
        async with aiohttp.ClientSession() as session:
            yield cls(root, token, session)

    async def answers(self) -> bool:
        """Whether the sandbox is up."""
        try:
            async with self.session.get(f"{self.root}/sandbox/health") as response:
                return response.status == 200
        except aiohttp.ClientError:
            return False

    async def bot_listens(self) -> bool:
        """Whether the bot has come so far that it receives."""
        log = await self._get("log")
        return any(line["method"] == "deleteWebhook" for line in log["log"])

    async def populate(self) -> bool:
        """People with phones, and the group with the bot as administrator, where missing.

        Returns:
            Whether they were missing.
        """
        known = {user["id"] for user in (await self._get("users"))["users"]}
        if {number for number, *_ in PEOPLE} <= known:
            return False
        bot = (await self._get("bots"))["bots"][0]
        await self._send("PATCH", f"bots/{bot['id']}", {"first_name": BOT_NAME})
        for order, (number, label, name) in enumerate(PEOPLE, 1):
            phone = {"id": number, "first_name": name, "label": label, "order": order}
            await self._send("POST", "users", {**phone, "language_code": "zh-hans"})
        group = {"id": GROUP, "title": GROUP_TITLE, "type": "supergroup", "creator": ORGANISER}
        members = [ORGANISER, OFFICER, INSPECTOR]
        await self._send("POST", "groups", {**group, "members": members, "bot": "administrator"})
        return True

    async def first_words(self) -> None:
        """Phones open their chat with the bot; the group begins with a few words."""
        bot = (await self._get("bots"))["bots"][0]
        for number in HAVE_STARTED:
            await self._send("POST", f"people/{number}/start", {})
        for number, words in FIRST_WORDS:
            said = {"chat": str(GROUP), "text": words.format(bot=bot["username"])}
            await self._send("POST", f"people/{number}/send", said)
        for _ in range(int(ANSWER_SECONDS * 10)):
            chats = (await self._get("state?messages=400"))["chats"]
            answered = [any(m["from"]["is_bot"] for m in chat["messages"]) for chat in chats]
            if sum(answered) > len(HAVE_STARTED):
                return
            await asyncio.sleep(0.1)

    async def _get(self, path: str) -> dict[str, Any]:
        return await self._send("GET", path, None)

    async def _send(
        self, method: str, path: str, body: dict[str, Any] | None, *, under: str = "sandbox"
    ) -> dict[str, Any]:
        url = f"{self.root}/{under}/{path}"
        async with self.session.request(method, url, json=body) as response:
            answer: dict[str, Any] = await response.json()
            if response.status != 200:
                raise StartError(f"the sandbox refused {path}: {answer}")
            return answer
