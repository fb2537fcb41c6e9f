"""Sending text, places and contacts; copying and forwarding; the typing line."""

from sandbox import render
from sandbox.access import find_chat, find_message, find_thread, writable_chat
from sandbox.errors import bad_request
from sandbox.methods.base import (
    Method,
    caption_content,
    deliver,
    text_content,
)
from sandbox.model import Bot, Chat, Json, Message
from sandbox.params import Params
from sandbox.world import World

CHAT_ACTIONS = frozenset(
    {
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "record_audio",
        "upload_audio",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
        "cancel",
    }
)


async def send_message(world: World, bot: Bot, params: Params) -> Json:
    """Send a text."""
    content = text_content(world, params)
    chat = writable_chat(world, bot, params)
    message = deliver(world, bot, chat, params, content)
    return render.message_api(world, bot, chat, message)


def place(params: Params) -> Json:
    """Read a location.

    Raises:
        ApiError: 400 when a coordinate is missing or outside the globe.
    """
    latitude, longitude = params.number("latitude"), params.number("longitude")
    if latitude is None:
        raise bad_request("latitude is empty")
    if longitude is None:
        raise bad_request("longitude is empty")
    if not -90 <= latitude <= 90 or not -180 <= longitude <= 180:
        raise bad_request("wrong location specified")
    return {"latitude": latitude, "longitude": longitude}


async def send_location(world: World, bot: Bot, params: Params) -> Json:
    """Send a place."""
    content: Json = {"location": place(params)}
    chat = writable_chat(world, bot, params)
    message = deliver(world, bot, chat, params, content)
    return render.message_api(world, bot, chat, message)


async def send_venue(world: World, bot: Bot, params: Params) -> Json:
    """Send a place with a name."""
    where = place(params)
    title, address = params.text("title"), params.text("address")
    if not title or not address:
        raise bad_request(f"venue {'address' if title else 'title'} must be non-empty")
    content: Json = {
        "location": where,
        "venue": {"location": where, "title": title, "address": address},
    }
    chat = writable_chat(world, bot, params)
    message = deliver(world, bot, chat, params, content)
    return render.message_api(world, bot, chat, message)


async def send_contact(world: World, bot: Bot, params: Params) -> Json:
    """Send a contact."""
    number, name = params.text("phone_number"), params.text("first_name")
    if not number or not name:
        raise bad_request(f"{'first name' if number else 'phone number'} must be non-empty")
    contact: Json = {"phone_number": number, "first_name": name}
    if params.text("last_name"):
        contact["last_name"] = params.text("last_name")
    chat = writable_chat(world, bot, params)
    message = deliver(world, bot, chat, params, {"contact": contact})
    return render.message_api(world, bot, chat, message)


async def send_chat_action(world: World, bot: Bot, params: Params) -> bool:
    """Show that the bot is busy."""
    action = params.text("action").lower()
    if action not in CHAT_ACTIONS:
        raise bad_request("wrong parameter action in request")
    chat = writable_chat(world, bot, params)
    thread = find_thread(chat, bot, params)
    world.events.emit(
        "typing",
        chat=chat.key,
        **{"from": bot.short()},
        action=action,
        seconds=5,
        **({"message_thread_id": thread} if thread else {}),
    )
    return True


def _source(world: World, bot: Bot, params: Params, purpose: str) -> tuple[Chat, Message]:
    chat = find_chat(world, bot, params, "from_chat_id")
    message = find_message(chat, params, purpose)
    if "service" in message.content or message.protected:
        done = "copied" if purpose == "copy" else "forwarded"
        raise bad_request(f"message can't be {done}")
    return chat, message


async def copy_message(world: World, bot: Bot, params: Params) -> Json:
    """Send another message's content as the bot's own."""
    target = writable_chat(world, bot, params)
    _, source = _source(world, bot, params, "copy")
    content = dict(source.content)
    if "caption" in params.values and "media" in content:
        for name in ("caption", "caption_entities", "show_caption_above_media"):
            content.pop(name, None)
        content.update(caption_content(world, params))
    message = deliver(world, bot, target, params, content)
    return {"message_id": message.id}


def _forward(
    world: World, bot: Bot, target: Chat, source: Message, params: Params, group: str | None
) -> Message:
    origin = source.forward or {"user_id": source.sender, "date": source.date}
    return world.post(
        target,
        bot.id,
        dict(source.content),
        thread=find_thread(target, bot, params),
        forward=origin,
        markup=source.markup if source.sender == bot.id else None,
        group=group,
        silent=params.flag("disable_notification"),
        protected=params.flag("protect_content"),
    )


async def forward_message(world: World, bot: Bot, params: Params) -> Json:
    """Forward a message with its origin."""
    target = writable_chat(world, bot, params)
    _, source = _source(world, bot, params, "forward")
    message = _forward(world, bot, target, source, params, None)
    return render.message_api(world, bot, target, message)


def message_ids(params: Params) -> list[int]:
    """Read ``message_ids``: 1 to 100 numbers.

    Raises:
        ApiError: 400 when they are not.
    """
    given = params.structure("message_ids", "message identifiers")
    if not isinstance(given, list) or not given:
        raise bad_request("message identifiers are not specified")
    if len(given) > 100:
        raise bad_request("too many message identifiers specified")
    try:
        return [int(item) for item in given]
    except (TypeError, ValueError):
        raise bad_request("invalid message identifier specified") from None


async def copy_messages(world: World, bot: Bot, params: Params) -> list[Json]:
    """Copy several; those that are gone are skipped."""
    target = writable_chat(world, bot, params)
    chat = find_chat(world, bot, params, "from_chat_id")
    sent: list[Json] = []
    for message_id in message_ids(params):
        source = chat.messages.get(message_id)
        if source is None or "service" in source.content or source.protected:
            continue
        content = dict(source.content)
        if params.flag("remove_caption"):
            content.pop("caption", None)
            content.pop("caption_entities", None)
        message = deliver(world, bot, target, params, content, group=source.group)
        sent.append({"message_id": message.id})
    return sent


async def forward_messages(world: World, bot: Bot, params: Params) -> list[Json]:
    """Forward several; those that are gone are skipped."""
    target = writable_chat(world, bot, params)
    chat = find_chat(world, bot, params, "from_chat_id")
    sent: list[Json] = []
    for message_id in message_ids(params):
        source = chat.messages.get(message_id)
        if source is None or "service" in source.content or source.protected:
            continue
        message = _forward(world, bot, target, source, params, source.group)
        sent.append({"message_id": message.id})
    return sent


METHODS: dict[str, Method] = {
    "sendMessage": send_message,
    "sendLocation": send_location,
    "sendVenue": send_venue,
    "sendContact": send_contact,
    "sendChatAction": send_chat_action,
    "copyMessage": copy_message,
    "copyMessages": copy_messages,
    "forwardMessage": forward_message,
    "forwardMessages": forward_messages,
}
