"""Messages to other chats: one renderer per kind, run when the message is about to be sent.

A renderer looks at the present state; it returns None when the message no longer makes sense (a
duty handed in meanwhile is not chased). Its parameters are ids and keys, never content.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from handlers.content import Content
from handlers.context import Bot
from locales import Param, text
from services.campaigns import CampaignStore


@dataclass(frozen=True, slots=True)
class PushContext:
    """What a renderer may read: a connection for looking only, and where it will be sent."""

    connection: AsyncConnection
    now: datetime
    bot: Bot
    campaigns: CampaignStore
    chat_id: int
    locale: str
    """The recipient's language; a group's is its campaign's."""
    data_dir: Path

    def t(self, key: str, **params: Param) -> str:
        """An interface text in the recipient's language."""
        return text(self.locale, key, **params)


Push = Callable[[PushContext, Mapping[str, Any]], Awaitable[Content | None]]

PUSHES: dict[str, Push] = {}


def push(kind: str) -> Callable[[Push], Push]:
    """Register a renderer under the kind that outbox rows keep."""

    def register(function: Push) -> Push:
        if kind in PUSHES:
            raise ValueError(f"push {kind} is registered twice")
        PUSHES[kind] = function
        return function

    return register
