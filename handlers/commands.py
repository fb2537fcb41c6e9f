"""The command list that Telegram shows beside the typing line, per language."""

from typing import Any, Protocol

from handlers.context import Bot
from locales import LANGUAGES, text

PRIVATE = ("menu", "help", "cancel", "language", "table", "status", "invite", "bind")
GROUP = ("table", "status", "bind", "help")


class Caller(Protocol):
    """What is needed of the Bot API."""

    async def raw(
        self, name: str, payload: dict[str, Any], timeout_seconds: float | None = None
    ) -> Any:
        """Call a method."""
        ...


async def set_commands(session: Caller, _bot: Bot) -> None:
    """Tell Telegram commands and purpose, in Chinese by default and in every language."""
    for scope, names in (("all_private_chats", PRIVATE), ("all_group_chats", GROUP)):
        for language in (None, *LANGUAGES):
            locale = language or LANGUAGES[0]
            commands = [
                {"command": name, "description": text(locale, f"command-{name}")} for name in names
            ]
            payload: dict[str, Any] = {"commands": commands, "scope": {"type": scope}}
            if language is not None:
                payload["language_code"] = language
            await session.raw("setMyCommands", payload)
    for language in (None, *LANGUAGES):
        locale = language or LANGUAGES[0]
        said: dict[str, Any] = {"description": text(locale, "bot-description")}
        if language is not None:
            said["language_code"] = language
        await session.raw("setMyDescription", said)
