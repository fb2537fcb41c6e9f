"""Calling the Bot API for conversations: aiogram's session, with answers read lightly.

A reply needs only to know whether it worked and under which message id; turning every answer
into a full Message costs more than the conversation itself (a third of the throughput). Calls of
the pipeline therefore go through ``raw``; aiogram's own methods work on the same session.
"""

import json
from dataclasses import dataclass
from typing import Any

from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiohttp import ClientError, ClientTimeout
from aiohttp_socks import ProxyConnectionError, ProxyError, ProxyTimeoutError

REQUEST_SECONDS = 20.0
"""Time-out of one call; a hanging server must not hold a chat for longer."""


NETWORK_ERRORS = (
    ClientError,
    TimeoutError,
    OSError,
    ProxyError,
    ProxyConnectionError,
    ProxyTimeoutError,
)
"""No answer arrived, for a reason that may pass."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the Bot API said; ``code`` 0 means that no answer arrived."""

    ok: bool
    code: int
    description: str = ""
    result: Any = None
    retry_after: float | None = None
    migrate_to: int | None = None

    @property
    def not_modified(self) -> bool:
        """The message shows this already."""
        return self.code == 400 and "message is not modified" in self.description

    @property
    def cannot_edit(self) -> bool:
        """The message is gone or too old: send it anew."""
        return self.code == 400 and any(
            sign in self.description
            for sign in (
                "message to edit not found",
                "message can't be edited",
                "MESSAGE_ID_INVALID",
                "message_id_invalid",
            )
        )

    @property
    def unreachable(self) -> bool:
        """The person blocked the bot, or the bot is no longer in the group."""
        return self.code == 403 or (self.code == 400 and "chat not found" in self.description)

    @property
    def passing(self) -> bool:
        """Worth trying again later: no answer, a server error, or too many requests."""
        return self.code == 0 or self.code == 429 or self.code >= 500


def read_answer(status: int, body: dict[str, Any]) -> Answer:
    """Turn a response body into an ``Answer``."""
    if body.get("ok"):
        return Answer(True, status, result=body.get("result"))
    parameters = body.get("parameters") or {}
    return Answer(
        False,
        int(body.get("error_code", status)),
        str(body.get("description", "")),
        retry_after=parameters.get("retry_after"),
        migrate_to=parameters.get("migrate_to_chat_id"),
    )


class LightSession(AiohttpSession):
    """aiogram's HTTP session with one additional, cheaper way to call."""

    def __init__(self, root: str, token: str, proxy: str | None = None) -> None:
        """Make a session for the server at ``root`` (no trailing slash)."""
        super().__init__(proxy=proxy, api=TelegramAPIServer.from_base(root), limit=200)
        self._token = token
        self._call_timeout = ClientTimeout(total=REQUEST_SECONDS)

    async def raw(
        self, name: str, payload: dict[str, Any], timeout_seconds: float | None = None
    ) -> Answer:
        """Call a method with a JSON body; never raises for what the network or server does."""
        session = await self.create_session()
        url = self.api.api_url(token=self._token, method=name)
        timeout = (
            self._call_timeout if timeout_seconds is None else ClientTimeout(total=timeout_seconds)
        )
        try:
            async with session.post(url, json=payload, timeout=timeout) as response:
                body = json.loads(await response.read())
                return read_answer(response.status, body)
        except NETWORK_ERRORS as error:
            return Answer(False, 0, type(error).__name__)
        except (ValueError, AttributeError):
            return Answer(False, 502, "unreadable answer")
