"""Changing, deleting and marking messages that are there."""

from typing import Any

from sandbox import markup, render
from sandbox.access import find_chat, find_message, writable_chat
from sandbox.errors import bad_request
from sandbox.methods.base import Method, caption_content, text_content
from sandbox.methods.media import media_content
from sandbox.methods.send import message_ids
from sandbox.model import Bot, Chat, Json, Message
from sandbox.params import Params
from sandbox.world import World

DELETE_WITHIN_SECONDS = 48 * 3600
_SAME = (
    "message is not modified: specified new message content and reply markup are exactly "
    "the same as a current content and reply markup of the message"
)
_REACTIONS = """
❤ 👍 👎 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡
🥱 🥴 😍 🐳 ❤‍🔥 🌚 🌭 💯 🤣 ⚡ 🍌 🏆 💔 🤨 😐 🍓 🍾 💋 🖕 😈
😴 😭 🤓 👻 👨‍💻 👀 🎃 🙈 😇 😨 🤝 ✍ 🤗 🫡 🎅 🎄 ☃ 💅 🤪 🗿
🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷‍♂ 🤷 🤷‍♀ 😡
"""
REACTIONS = frozenset(_REACTIONS.split())
"""Emoji that anyone may put on a message. Source: Bot API, ReactionTypeEmoji (2026-06)."""


def _editable(world: World, bot: Bot, params: Params) -> tuple[Chat, Message]:
    """Find the bot's own message that is to change."""
    inline_id = params.text("inline_message_id")
    if inline_id:
        key, message_id = world.inline_messages.get(inline_id, ("", 0))
        chat = world.chats.get(key)
        message = chat.messages.get(message_id) if chat else None
        if chat is None or message is None or message.via_bot != bot.id:
            raise bad_request("MESSAGE_ID_INVALID")
        return chat, message
    chat = writable_chat(world, bot, params)
    message = find_message(chat, params, "edit")
    if (
        message.sender != bot.id
        or "service" in message.content
        or message.forward is not None
        or message.other_markup
    ):
        raise bad_request("message can't be edited")
    return chat, message


def _finish(
    world: World, bot: Bot, params: Params, chat: Chat, message: Message, content: Json
) -> Any:
    keyboard = markup.inline(params.structure("reply_markup", "reply keyboard markup"))
    if content == message.content and keyboard == message.markup:
        raise bad_request(_SAME)
    shown_changes = content != message.content
    message.content = content
    message.markup = keyboard
    if shown_changes or message.edit_date is not None:
        message.edit_date = int(world.clock.now())
    world.edited(chat, message)
    if params.text("inline_message_id"):
        return True
    return render.message_api(world, bot, chat, message)


async def edit_message_text(world: World, bot: Bot, params: Params) -> Any:
    """Change a text message's text; without a keyboard in the request it loses its own."""
    content = text_content(world, params, "MESSAGE_TOO_LONG")
    chat, message = _editable(world, bot, params)
    if "text" not in message.content:
        raise bad_request("there is no text in the message to edit")
    return _finish(world, bot, params, chat, message, content)


async def edit_message_caption(world: World, bot: Bot, params: Params) -> Any:
    """Change or remove a caption."""
    caption = caption_content(world, params, "MEDIA_CAPTION_TOO_LONG")
    chat, message = _editable(world, bot, params)
    if "media" not in message.content:
        raise bad_request("there is no caption in the message to edit")
    content = {"media": message.content["media"], **caption}
    if message.content.get("has_media_spoiler"):
        content["has_media_spoiler"] = True
    return _finish(world, bot, params, chat, message, content)


async def edit_message_media(world: World, bot: Bot, params: Params) -> Any:
    """Exchange the file of a message, or put one under a text."""
    item = params.structure("media", "media")
    if item is None:
        raise bad_request("input media is not specified")
    chat, message = _editable(world, bot, params)
    if "media" not in message.content and "text" not in message.content:
        raise bad_request("message can't be edited")
    content = await media_content(world, bot, params, item, "MEDIA_CAPTION_TOO_LONG")
    return _finish(world, bot, params, chat, message, content)


async def edit_message_reply_markup(world: World, bot: Bot, params: Params) -> Any:
    """Exchange or remove only the buttons."""
    chat, message = _editable(world, bot, params)
    return _finish(world, bot, params, chat, message, message.content)


def _may_delete(world: World, bot: Bot, chat: Chat, message: Message) -> bool:
    if "service" in message.content and message.content["service"]["kind"].endswith("_created"):
        return False
    if chat.can(bot.id, "can_delete_messages"):
        return True
    young = world.clock.now() - message.date <= DELETE_WITHIN_SECONDS
    return young and (message.sender == bot.id or chat.type == "private")


async def delete_message(world: World, bot: Bot, params: Params) -> bool:
    """Delete one message that is young enough or that the bot has a right over."""
    chat = find_chat(world, bot, params)
    message = find_message(chat, params, "delete")
    if not _may_delete(world, bot, chat, message):
        own = message.sender == bot.id
        raise bad_request(
            "message can't be deleted for everyone" if own else "message can't be deleted"
        )
    world.delete(chat, [message.id])
    return True


async def delete_messages(world: World, bot: Bot, params: Params) -> bool:
    """Delete up to 100; what is gone or may not be deleted is skipped."""
    chat = find_chat(world, bot, params)
    wanted = [
        number
        for number in message_ids(params)
        if number in chat.messages and _may_delete(world, bot, chat, chat.messages[number])
    ]
    world.delete(chat, wanted)
    return True


async def set_message_reaction(world: World, bot: Bot, params: Params) -> bool:
    """Put one emoji on a message, or take it off."""
    chat = writable_chat(world, bot, params)
    message = find_message(chat, params, "react")
    given = params.structure("reaction", "reaction types") or []
    if not isinstance(given, list) or not all(isinstance(item, dict) for item in given):
        raise bad_request("can't parse reaction types JSON object")
    if len(given) > 1:
        raise bad_request("REACTIONS_TOO_MANY")
    if not given:
        message.reactions.pop(bot.id, None)
    else:
        emoji = str(given[0].get("emoji", "")).replace("\ufe0f", "")
        if given[0].get("type") != "emoji" or emoji not in REACTIONS:
            raise bad_request("REACTION_INVALID")
        message.reactions[bot.id] = emoji
    world.touch("message", f"{chat.key}/{message.id}")
    world.events.emit("message_edited", message=render.message_view(world, chat, message))
    return True


METHODS: dict[str, Method] = {
    "editMessageText": edit_message_text,
    "editMessageCaption": edit_message_caption,
    "editMessageMedia": edit_message_media,
    "editMessageReplyMarkup": edit_message_reply_markup,
    "deleteMessage": delete_message,
    "deleteMessages": delete_messages,
    "setMessageReaction": set_message_reaction,
}
