"""Which group talk a bot hears."""

from sandbox.entities import slice_utf16
from sandbox.model import Bot, Chat, Message


def hears(bot: Bot, chat: Chat, message: Message) -> bool:
    """Whether a bot is given a person's message: privacy mode of groups.

    A bot in privacy mode that is no administrator gets commands that are not another bot's,
    replies to its messages, messages that name it, and those sent through it inline.

    Source: core.telegram.org/bots/features#privacy-mode (2026-06).
    """
    if chat.type == "private" or not bot.privacy:
        return True
    if chat.status_of(bot.id) in ("administrator", "creator") or message.via_bot == bot.id:
        return True
    if message.reply_to is not None:
        replied = chat.messages.get(message.reply_to)
        if replied is not None and replied.sender == bot.id:
            return True
    text = message.content.get("text") or message.content.get("caption") or ""
    marks = message.content.get("entities") or message.content.get("caption_entities") or []
    own = f"@{bot.username}".lower()
    for mark in marks:
        if mark["type"] == "bot_command":
            said = slice_utf16(text, mark["offset"], mark["length"]).lower()
            if ("@" not in said and mark["offset"] == 0) or said.endswith(own):
                return True
        elif mark["type"] == "mention":
            if slice_utf16(text, mark["offset"], mark["length"]).lower() == own:
                return True
        elif mark["type"] == "text_mention" and mark["user"]["id"] == bot.id:
            return True
    return False
