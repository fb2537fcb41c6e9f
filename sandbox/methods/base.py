"""What all methods share: their shape, and sending one message the way a request asks."""

from collections.abc import Awaitable, Callable
from typing import Any

from sandbox import markup
from sandbox.access import find_reply, find_thread
from sandbox.entities import format_text, utf16_len
from sandbox.errors import bad_request
from sandbox.model import Bot, Chat, Json, Message
from sandbox.params import Params
from sandbox.world import World

Method = Callable[[World, Bot, Params], Awaitable[Any]]

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024


class Described:
    """A result that comes with a sentence, as setWebhook's."""

    __slots__ = ("description", "result")

    def __init__(self, result: Any, description: str) -> None:
        self.result = result
        self.description = description


def resolve_mentions(world: World, entities: list[Json]) -> list[Json]:
    """Put the named user into text mentions; drop those of unknown people."""
    if not any("user_id" in entity for entity in entities):
        return entities
    kept: list[Json] = []
    for entity in entities:
        if "user_id" in entity:
            account = world.account(entity["user_id"])
            if account is None:
                continue
            entity = {**entity, "user": account.short()}
            del entity["user_id"]
        kept.append(entity)
    return kept


def formatted(world: World, source: str, parse_mode: str, given: Any) -> tuple[str, list[Json]]:
    """A bot's text with entities, mentions resolved."""
    if given is not None and not isinstance(given, list):
        raise bad_request("can't parse entities: expected an Array")
    text, entities = format_text(source, parse_mode, given)
    return text, resolve_mentions(world, entities)


def text_content(world: World, params: Params, too_long: str = "message is too long") -> Json:
    """Content of a text message.

    Raises:
        ApiError: 400 when there is no text, too much of it, or it does not parse.
    """
    source = params.text("text")
    if not source:
        raise bad_request("message text is empty")
    given = params.structure("entities", "message entities")
    text, entities = formatted(world, source, params.text("parse_mode"), given)
    if not text:
        raise bad_request("text must be non-empty")
    if len(text) > TEXT_LIMIT // 2 and utf16_len(text) > TEXT_LIMIT:
        raise bad_request(too_long)
    content: Json = {"text": text}
    if entities:
        content["entities"] = entities
    options = params.structure("link_preview_options", "link preview options")
    if options:
        content["link_preview_options"] = options
    elif params.flag("disable_web_page_preview"):
        content["link_preview_options"] = {"is_disabled": True}
    return content


def caption_content(
    world: World, source: Json | Params, too_long: str = "message caption is too long"
) -> Json:
    """Caption fields of a media message; none when there is no caption.

    Args:
        world: For mentions.
        source: The request, or one item of an album.
        too_long: How Telegram refuses a long caption here.
    """
    params = source if isinstance(source, Params) else Params(source)
    content: Json = {}
    text = params.text("caption")
    if text:
        given = params.structure("caption_entities", "caption entities")
        text, entities = formatted(world, text, params.text("parse_mode"), given)
        if utf16_len(text) > CAPTION_LIMIT:
            raise bad_request(too_long)
        if text:
            content["caption"] = text
        if text and entities:
            content["caption_entities"] = entities
    if params.flag("show_caption_above_media"):
        content["show_caption_above_media"] = True
    if params.flag("has_spoiler"):
        content["has_media_spoiler"] = True
    return content


def deliver(
    world: World, bot: Bot, chat: Chat, params: Params, content: Json, *, group: str | None = None
) -> Message:
    """Send one message with whatever the request says of reply, topic, keyboard and silence.

    Raises:
        ApiError: 400 when the reply, topic or keyboard is not valid.
    """
    thread = find_thread(chat, bot, params)
    reply_to = find_reply(chat, params)
    if reply_to is not None and thread is None:
        thread = chat.messages[reply_to].thread
    inline, other = (None, None)
    if group is None:
        given = params.structure("reply_markup", "reply keyboard markup")
        inline, other = markup.any_markup(given, private=chat.type == "private")
    message = world.post(
        chat,
        bot.id,
        content,
        reply_to=reply_to,
        thread=thread,
        markup=inline,
        other_markup=other is not None,
        group=group,
        silent=params.flag("disable_notification"),
        protected=params.flag("protect_content"),
    )
    if other is not None:
        _show_keyboard(world, chat, message, other)
    return message


def _show_keyboard(world: World, chat: Chat, message: Message, keyboard: Json) -> None:
    readers = world.people_in(chat)
    if keyboard.pop("selective") and chat.is_group:
        meant: set[int] = set()
        if message.reply_to is not None and message.reply_to in chat.messages:
            meant.add(chat.messages[message.reply_to].sender)
        names = {world.people[r].username.lower(): r for r in readers if world.people[r].username}
        text = str(message.content.get("text") or message.content.get("caption") or "").lower()
        meant.update(reader for name, reader in names.items() if f"@{name}" in text)
        for entity in message.content.get("entities", []):
            if entity["type"] == "text_mention":
                meant.add(entity["user"]["id"])
        readers = [reader for reader in readers if reader in meant]
    for reader in readers:
        removed = keyboard["kind"] == "remove"
        shown = None if removed else {**keyboard, "message_id": message.id}
        world.set_keyboard(chat, reader, shown)
