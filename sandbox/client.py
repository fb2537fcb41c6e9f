"""Acting as people in tests: over HTTP, as the page does.

```
async with Client(server.url) as client:
    anna = await client.person(1001, "安娜", language_code="zh-hans")
    await anna.start("join_x")
    await client.wait_for("欢迎", who=anna)
    await anna.tap("有")
```
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiohttp

Json = dict[str, Any]

TIMEOUT_SECONDS = 5.0


class Refused(Exception):  # noqa: N818 - it is the server's refusal, named as such
    """The control API said no; the text is its sentence."""


class Client:
    """Drives one sandbox.

    Args:
        url: Root address of the sandbox.
    """

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def request(self, method: str, path: str, **more: Any) -> Json:
        """Make one request of the control API.

        Raises:
            Refused: The server answered with an error.
        """
        if self._session is None:
            raise RuntimeError("use the client in an async with block")
        async with self._session.request(method, self.url + path, **more) as response:
            body: Json = await response.json()
            if response.status >= 400:
                raise Refused(str(body.get("error", response.status)))
            return body

    async def get(self, path: str) -> Json:
        """Read."""
        return await self.request("GET", path)

    async def post(self, path: str, body: Any = None) -> Json:
        """Do."""
        return await self.request("POST", path, json=body if body is not None else {})

    async def person(self, person_id: int, first_name: str, **fields: Any) -> "Person":
        """Make (or change) a person and give their hands."""
        spec = {"id": person_id, "first_name": first_name, **fields}
        return Person(self, await self.post("/sandbox/users", spec))

    async def group(self, title: str, members: list["Person"], **fields: Any) -> Json:
        """Make a group; ``bot="member"`` or ``"administrator"`` brings the bot in."""
        spec = {"title": title, "members": [member.id for member in members], **fields}
        return await self.post("/sandbox/groups", spec)

    async def change_group(self, chat: int | str, action: str, **body: Any) -> Json:
        """Do something to a group: promote, add_bot, migrate, topic, ..."""
        return await self.post(f"/sandbox/groups/{chat}/{action}", body)

    async def change_bot(self, bot_id: int, **fields: Any) -> Json:
        """Change what a bot's owner sets: privacy, inline, username."""
        return await self.request("PATCH", f"/sandbox/bots/{bot_id}", json=fields)

    async def fault(self, kind: str, **fields: Any) -> None:
        """Put trouble in force."""
        await self.post("/sandbox/faults", {"kind": kind, **fields})

    async def clear_faults(self) -> None:
        """End all trouble."""
        await self.request("DELETE", "/sandbox/faults")

    async def clock(self, **change: Any) -> Json:
        """Read or move the clock (to, offset_seconds, advance_seconds, speed)."""
        if change:
            return await self.post("/sandbox/clock", change)
        return await self.get("/sandbox/clock")

    async def state(self) -> Json:
        """Everything."""
        return await self.get("/sandbox/state")

    async def chat(self, key: str | int) -> Json:
        """One chat with its messages."""
        return await self.get(f"/sandbox/chats/{key}")

    async def log(self) -> list[Json]:
        """What Telegram would have said."""
        found: list[Json] = (await self.get("/sandbox/log"))["log"]
        return found

    async def seq(self) -> int:
        """Number of the newest event."""
        return int((await self.get("/sandbox/events"))["seq"])

    async def events(self, since: int, timeout: float = 0.0, types: str = "") -> Json:
        """Events after ``since``, waiting up to ``timeout`` seconds for the first."""
        query = f"since={since}&timeout={timeout}" + (f"&types={types}" if types else "")
        return await self.get(f"/sandbox/events?{query}")

    async def settle(
        self, done: Callable[[], Awaitable[Any]], timeout: float = TIMEOUT_SECONDS
    ) -> Any:
        """Ask again after every event until ``done`` gives something true.

        Args:
            done: Looks at the world; what it gives is given back.
            timeout: Seconds.

        Raises:
            AssertionError: It stayed false.
        """
        loop = asyncio.get_running_loop()
        until = loop.time() + timeout
        seq = await self.seq()
        while True:
            if found := await done():
                return found
            left = until - loop.time()
            if left <= 0:
                raise AssertionError(f"not so within {timeout} s")
            seq = int((await self.events(seq, min(left, 1.0)))["seq"])

    async def quiet(self, seconds: float = 0.3, timeout: float = TIMEOUT_SECONDS) -> None:
        """Wait until no message has come or changed for ``seconds``."""
        loop = asyncio.get_running_loop()
        until = loop.time() + timeout
        seq = await self.seq()
        kinds = "message_new,message_edited,message_deleted,callback_answer"
        while loop.time() < until:
            answer = await self.events(seq, seconds, kinds)
            if not answer["events"]:
                return
            seq = int(answer["seq"])
        raise AssertionError(f"still busy after {timeout} s")

    async def wait_for(
        self,
        text: str,
        who: "Person",
        chat: str | int | None = None,
        newer_than: int = 0,
        **more: Any,
    ) -> Json:
        """Wait until a person sees a message with ``text`` in it; gives the newest such.

        Args:
            text: What the text or caption must contain.
            who: The person.
            chat: Where; the private chat with the first bot by default.
            newer_than: Only messages with a higher id count.
            **more: ``timeout`` in seconds.

        Raises:
            AssertionError: It did not come; says what is there instead.
        """

        async def look() -> Json | None:
            messages = await who.sees(chat)
            return next(
                (
                    m
                    for m in reversed(messages)
                    if text in plain(m) and m["message_id"] > newer_than
                ),
                None,
            )

        try:
            found: Json = await self.settle(look, **more)
        except AssertionError:
            there = transcript(await who.sees(chat))
            raise AssertionError(f"no message with {text!r}; there is:\n{there}") from None
        return found


class Person:
    """One person's hands and eyes.

    Args:
        client: The sandbox.
        user: As the control API gave it.
    """

    def __init__(self, client: Client, user: Json) -> None:
        self._client = client
        self.user = user
        self.id: int = user["id"]
        self.private: str = next(key for key in user["chats"] if ":" in key)

    async def act(self, action: str, **body: Any) -> Json:
        """Do anything that the control API offers people."""
        return await self._client.post(f"/sandbox/people/{self.id}/{action}", body)

    async def send(self, text: str, chat: str | int | None = None, **more: Any) -> Json:
        """Type a text."""
        return await self.act("send", chat=self._key(chat), text=text, **more)

    async def start(self, payload: str = "", **more: Any) -> Json:
        """Press START, with a deep link's payload."""
        return await self.act("start", payload=payload, **more)

    async def upload(
        self,
        kind: str,
        content: bytes | list[bytes],
        name: str,
        mime: str,
        chat: str | int | None = None,
        **more: Any,
    ) -> Json:
        """Send real bytes as photo, document, album, ..."""
        form = aiohttp.FormData()
        form.add_field("payload", json.dumps({"chat": self._key(chat), **more}))
        for part in content if isinstance(content, list) else [content]:
            form.add_field("file", part, filename=name, content_type=mime)
        path = f"/sandbox/people/{self.id}/{kind}"
        return await self._client.request("POST", path, data=form)

    async def send_file(self, kind: str, path: Path, mime: str, **more: Any) -> Json:
        """Send a file from disk."""
        content = await asyncio.to_thread(path.read_bytes)
        return await self.upload(kind, content, path.name, mime, **more)

    async def generate(self, kind: str, chat: str | int | None = None, **more: Any) -> Json:
        """Send a made-up file; ``generate={"bytes": n}`` declares a size."""
        return await self.act(kind, chat=self._key(chat), **more)

    async def tap(
        self, text: str, chat: str | int | None = None, wait: float = TIMEOUT_SECONDS
    ) -> Json:
        """Press the button whose text is, else contains, ``text`` on the newest such message.

        Raises:
            AssertionError: No message that this person sees has such a button.
        """
        messages = await self.sees(chat)
        for fits in (lambda label: label == text, lambda label: text in label):
            for message in reversed(messages):
                for row, col, button in buttons(message):
                    if fits(button["text"]):
                        return await self.act(
                            "tap",
                            chat=self._key(chat),
                            message_id=message["message_id"],
                            row=row,
                            col=col,
                            wait=wait,
                        )
        raise AssertionError(f"no button {text!r}; there is:\n{transcript(messages)}")

    async def press(self, text: str, chat: str | int | None = None, **more: Any) -> Json:
        """Press a button of the reply keyboard."""
        return await self.act("press", chat=self._key(chat), text=text, **more)

    async def inline(self, query: str, chat: str | int | None = None, **more: Any) -> Json:
        """Type a line after the bot's name."""
        return await self.act("inline", chat=self._key(chat), query=query, **more)

    async def pick(self, results: Json, result_id: str, chat: str | int | None = None) -> Json:
        """Choose one of the results of ``inline``."""
        query_id = results["inline_query_id"]
        body = {"inline_query_id": query_id, "result_id": result_id}
        return await self.act("choose", chat=self._key(chat), **body)

    async def sees(self, chat: str | int | None = None, last: int = 400) -> list[Json]:
        """The newest messages of a chat, oldest first."""
        path = f"/sandbox/chats/{self._key(chat)}?messages={last}"
        found: list[Json] = (await self._client.get(path))["messages"]
        return found

    async def newest(self, chat: str | int | None = None) -> Json:
        """The last message.

        Raises:
            AssertionError: There is none.
        """
        messages = await self.sees(chat, 1)
        if not messages:
            raise AssertionError("there is no message")
        return messages[-1]

    async def transcript(self, chat: str | int | None = None) -> str:
        """The chat as text."""
        return transcript(await self.sees(chat))

    def _key(self, chat: str | int | None) -> str:
        return self.private if chat is None else str(chat)


def plain(message: Json) -> str:
    """The text or caption."""
    return str(message.get("text") or message.get("caption") or "")


def buttons(message: Json) -> Iterator[tuple[int, int, Json]]:
    """Row, column and button of each inline button."""
    for row, line in enumerate(message.get("inline_keyboard", [])):
        for col, button in enumerate(line):
            yield row, col, button


def describe(message: Json) -> str:
    """One message as text: who, what is attached, what is said, which buttons."""
    sender = message["from"]
    who = "bot" if sender["is_bot"] else sender["first_name"]
    parts: list[str] = []
    if service := message.get("service"):
        parts.append(f"<{service['kind']}>")
    if media := message.get("media"):
        parts.append(f"<{media['kind']} {media.get('name', '')}>")
    if "location" in message:
        parts.append("<location>")
    if "contact" in message:
        parts.append("<contact>")
    if plain(message):
        parts.append(plain(message))
    edited = " (edited)" if "edit_date" in message else ""
    lines = [f"{who}{edited}: {' '.join(parts)}"]
    lines.extend(
        "  " + " ".join(f"[{button['text']}]" for button in row)
        for row in message.get("inline_keyboard", [])
    )
    return "\n".join(lines)


def transcript(messages: list[Json]) -> str:
    """Messages as text, for golden conversations: no ids, no times."""
    return "\n".join(describe(message) for message in messages)
