"""What people do with their phones: the actions of ``POST /sandbox/people/<id>/<action>``."""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Any

from sandbox import render
from sandbox.entities import detect, utf16_len
from sandbox.errors import ApiError, ControlError
from sandbox.methods.edit import REACTIONS
from sandbox.model import Bot, Chat, Json, Message, Person
from sandbox.params import Upload
from sandbox.world import CallbackQuery, InlineQuery, World

Action = Callable[[World, Person, Json, list[Upload]], Awaitable[Json]]

KNOWN_PLACE = {"latitude": 24.3264, "longitude": 109.4281}
"""Where a phone is unless told otherwise: the middle of Liuzhou."""

_MEDIA = ("photo", "document", "voice", "video", "audio", "animation", "sticker", "video_note")
_BUTTON_ACTIONS = (
    "url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "web_app",
    "login_url",
)


def find_bot(world: World, named: object) -> Bot:
    """A bot by id or username; the first when not named.

    Raises:
        ControlError: There is none.
    """
    if named in (None, ""):
        return next(iter(world.bots.values()))
    wanted = str(named).removeprefix("@").lower()
    for bot in world.bots.values():
        if wanted in (str(bot.id), bot.username.lower()):
            return bot
    raise ControlError("no such bot", 404)


def find_chat(world: World, person: Person, body: Json, name: str = "chat") -> Chat:
    """The chat that an action is about, if this person is in it.

    Raises:
        ControlError: There is none, or the person is not in it.
    """
    key = body.get(name)
    if key in (None, ""):
        return world.private(person.id, find_bot(world, body.get("bot")).id)
    chat = world.chats.get(str(key))
    if chat is not None and chat.migrated_to:
        chat = world.chats[chat.migrated_to]
    if chat is None or not chat.has(person.id):
        raise ControlError("this person is not in such a chat", 404)
    return chat


def find_message(chat: Chat, body: Json) -> Message:
    """The message that an action is about.

    Raises:
        ControlError: It is not (or no longer) there.
    """
    message = chat.messages.get(int(body.get("message_id") or 0))
    if message is None:
        raise ControlError("no such message", 404)
    return message


def _say(
    world: World,
    person: Person,
    body: Json,
    content: Json,
    *,
    group: str | None = None,
    **more: Any,
) -> Message:
    """Put a person's message into a chat."""
    chat = find_chat(world, person, body)
    if chat.blocked:
        raise ControlError("this person has blocked the bot: unblock first")
    reply_to = body.get("reply_to")
    if reply_to is not None and int(reply_to) not in chat.messages:
        raise ControlError("the message to reply to is not there", 404)
    thread = body.get("message_thread_id")
    if thread is None and reply_to is not None:
        thread = chat.messages[int(reply_to)].thread
    if thread in (0, 1):
        thread = None
    if thread is not None:
        topic = chat.topics.get(int(thread))
        if topic is None or (topic.closed and not chat.can(person.id, "can_manage_topics")):
            raise ControlError("no such open topic", 404)
    if chat.type == "private" and not chat.started:
        chat.started = True
        world.touch_chat(chat)
    message = world.post(
        chat,
        person.id,
        content,
        reply_to=int(reply_to) if reply_to is not None else None,
        thread=int(thread) if thread is not None else None,
        group=group,
        **more,
    )
    world.mark_read(chat, person.id)
    shown = chat.keyboards.get(person.id)
    if shown is not None and shown["kind"] == "force_reply":
        world.set_keyboard(chat, person.id, None)
    return message


def _view(world: World, message: Message) -> Json:
    return render.message_view(world, world.chats[message.chat], message)


def _text_fields(body: Json, name: str, entities_name: str) -> Json:
    text = str(body.get(name) or "").strip()
    if not text:
        return {}
    limit = 4096 if name == "text" else 1024
    if utf16_len(text) > limit:
        raise ControlError(f"a phone does not send more than {limit} characters here")
    given: list[Json] = list(body.get("entities") or [])
    entities = sorted([*given, *detect(text, given)], key=lambda e: (e["offset"], -e["length"]))
    return {name: text, **({entities_name: entities} if entities else {})}


async def send(world: World, person: Person, body: Json, _files: list[Upload]) -> Json:
    """Type a text."""
    content = _text_fields(body, "text", "entities")
    if not content:
        raise ControlError("text is missing")
    return _view(world, _say(world, person, body, content))


async def start(world: World, person: Person, body: Json, files: list[Upload]) -> Json:
    """Open a deep link: press START, with its payload."""
    bot = find_bot(world, body.get("bot"))
    chat = world.private(person.id, bot.id)
    if chat.blocked:
        world.set_blocked(chat, blocked=False)
    payload = str(body.get("payload") or "")
    text = f"/start {payload}" if payload else "/start"
    return await send(world, person, {"chat": chat.key, "text": text}, files)


async def edit(world: World, person: Person, body: Json, _files: list[Upload]) -> Json:
    """Change an own message."""
    chat = find_chat(world, person, body)
    message = find_message(chat, body)
    if message.sender != person.id:
        raise ControlError("only an own message can be changed")
    content = dict(message.content)
    name, entities = ("text", "entities") if "text" in content else ("caption", "caption_entities")
    content.pop(entities, None)
    content.pop("caption", None)
    fields = _text_fields({name: body.get("text")}, name, entities)
    if name == "text" and not fields:
        raise ControlError("text is missing")
    message.content = {**content, **fields}
    message.edit_date = int(world.clock.now())
    world.edited(chat, message)
    return _view(world, message)


async def delete(world: World, person: Person, body: Json, _files: list[Upload]) -> Json:
    """Delete messages for everyone: in private any, in groups own ones."""
    chat = find_chat(world, person, body)
    wanted = [int(m) for m in body.get("message_ids") or []]
    allowed = [
        m
        for m in wanted
        if m in chat.messages
        and (
            not chat.is_group
            or chat.messages[m].sender == person.id
            or chat.can(person.id, "can_delete_messages")
        )
    ]
    return {"deleted": len(world.delete(chat, allowed))}


def _button(message: Message, body: Json) -> Json:
    rows: list[list[Json]] = (message.markup or {}).get("inline_keyboard", [])
    if "row" in body:
        try:
            return rows[int(body["row"])][int(body.get("col", 0))]
        except (IndexError, ValueError) as error:
            raise ControlError("no such button", 404) from error
    buttons = [button for row in rows for button in row]
    if "data" in body:
        found = [b for b in buttons if b.get("callback_data") == body["data"]]
    else:
        wanted = str(body.get("text", ""))
        found = [b for b in buttons if b["text"] == wanted]
        found = found or [b for b in buttons if wanted in b["text"]]
    if not found:
        raise ControlError("no such button", 404)
    return found[0]


async def tap(world: World, person: Person, body: Json, _files: list[Upload]) -> Json:
    """Press a button under a message."""
    chat = find_chat(world, person, body)
    message = find_message(chat, body)
    button = _button(message, body)
    world.mark_read(chat, person.id)
    if "callback_data" not in button:
        action = next((name for name in _BUTTON_ACTIONS if name in button), "none")
        return {"action": action, "value": button.get(action)}
    bot = world.bots.get(message.via_bot or message.sender)
    if bot is None:
        raise ControlError("nobody listens to this button")
    query = CallbackQuery(
        id=world.new_query_id(),
        user_id=person.id,
        bot_id=bot.id,
        chat=chat.key,
        message_id=message.id,
        at=time.monotonic(),
    )
    wait = float(body.get("wait") or 0)
    if wait > 0:
        query.waiter = asyncio.get_running_loop().create_future()
    world.remember_callback(query)
    update: Json = {
        "id": query.id,
        "from": person.api(),
        "chat_instance": str(abs(hash_of(chat.key, bot.id))),
        "data": button["callback_data"],
    }
    if message.inline_id is not None:
        update["inline_message_id"] = message.inline_id
    else:
        update["message"] = render.message_api(world, bot, chat, message)
    world.mailboxes[bot.id].put("callback_query", update, queue=chat.id)
    if query.waiter is not None:
        try:
            async with asyncio.timeout(wait):
                await query.waiter
        except TimeoutError:
            pass
    return {"action": "callback", "callback_query_id": query.id, "answer": query.answer}


def hash_of(key: str, bot_id: int) -> int:
    """A number that stays the same for a chat and bot (``chat_instance``)."""
    number = bot_id
    for character in key:
        number = (number * 1_000_003 + ord(character)) % (1 << 62)
    return number


async def press(world: World, person: Person, body: Json, files: list[Upload]) -> Json:
    """Press a button of the reply keyboard that this person sees."""
    chat = find_chat(world, person, body)
    keyboard = chat.keyboards.get(person.id)
    wanted = str(body.get("text", ""))
    buttons = [b for row in (keyboard or {}).get("rows", []) for b in row]
    found = [b for b in buttons if b["text"] == wanted] or [
        b for b in buttons if wanted and wanted in b["text"]
    ]
    if keyboard is None or not found:
        raise ControlError("no such button on the keyboard", 404)
    if keyboard["one_time"]:
        world.set_keyboard(chat, person.id, None)
    button = found[0]
    about: Json = {"chat": chat.key}
    if chat.is_group:
        about["reply_to"] = keyboard["message_id"]
        if keyboard["message_id"] not in chat.messages:
            del about["reply_to"]
    if button.get("request_location"):
        return await location(world, person, {**about, **(body.get("location") or {})}, files)
    if button.get("request_contact"):
        return await contact(world, person, {**about, **(body.get("contact") or {})}, files)
    return await send(world, person, {**about, "text": button["text"]}, files)


def _media_action(kind: str) -> Action:
    async def act(world: World, person: Person, body: Json, files: list[Upload]) -> Json:
        find_chat(world, person, body)
        upload = files[0] if files else None
        content = await _media_content(world, kind, body, upload, body.get("generate") or {})
        return _view(world, _say(world, person, body, content))

    act.__doc__ = f"Send a {kind.replace('_', ' ')}."
    return act


async def _media_content(
    world: World, kind: str, body: Json, upload: Upload | None, wanted: Json
) -> Json:
    try:
        if upload is not None:
            file = await world.files.add(kind, upload.content, upload.name, upload.mime, wanted)
            if wanted.get("bytes") is not None:
                file.size, file.stored = int(wanted["bytes"]), False
        else:
            file = await world.files.generate(kind, wanted)
    except ApiError as error:
        raise ControlError(error.description) from error
    world.add_file(file)
    content = (
        {}
        if kind in ("sticker", "video_note")
        else _text_fields(body, "caption", "caption_entities")
    )
    content["media"] = {"kind": kind, "file": file.id}
    if kind == "sticker":
        content["media"]["emoji"] = str(body.get("emoji") or "👍")
    return content


async def album(world: World, person: Person, body: Json, files: list[Upload]) -> Json:
    """Send several pictures (or videos, or documents) at once."""
    find_chat(world, person, body)
    kind = str(body.get("kind") or "photo")
    wanted = body.get("generate") or [{}, {}]
    if kind not in ("photo", "video", "document") or not isinstance(wanted, list):
        raise ControlError("an album has photos, videos or documents")
    sources: list[tuple[Upload | None, Json]]
    sources = [(f, {}) for f in files] if files else [(None, item) for item in wanted]
    if not 2 <= len(sources) <= 10:
        raise ControlError("an album has 2 to 10 files")
    group = str(secrets.randbits(62))
    contents = []
    for index, (upload, item) in enumerate(sources):
        about = body if index == 0 else {}
        contents.append(await _media_content(world, kind, about, upload, item))
    sent = [_say(world, person, body, content, group=group) for content in contents]
    return {"messages": [_view(world, message) for message in sent]}


async def location(world: World, person: Person, body: Json, _files: list[Upload]) -> Json:
    """Send where the phone is."""
    try:
        where = {name: float(body.get(name, KNOWN_PLACE[name])) for name in KNOWN_PLACE}
    except (TypeError, ValueError) as error:
        raise ControlError("a place is two numbers") from error
    return _view(world, _say(world, person, body, {"location": where}))


async def contact(world: World, person: Person, body: Json, _files: list[Upload]) -> Json:
    """Send a contact, by default the own made-up number."""
    shown: Json = {
        "phone_number": str(body.get("phone_number") or f"8610000{person.id % 100_000:05d}"),
        "first_name": str(body.get("first_name") or person.first_name),
    }
    if "phone_number" not in body:
        shown["user_id"] = person.id
    if body.get("last_name"):
        shown["last_name"] = str(body["last_name"])
    return _view(world, _say(world, person, body, {"contact": shown}))


async def forward(world: World, person: Person, body: Json, _files: list[Upload]) -> Json:
    """Forward a message into another chat (or the same)."""
    source_chat = find_chat(world, person, body, "from_chat")
    source = find_message(source_chat, body)
    if "service" in source.content or source.protected:
        raise ControlError("this message cannot be forwarded")
    origin = source.forward or {"user_id": source.sender, "date": source.date}
    message = _say(world, person, body, dict(source.content), forward=origin)
    return _view(world, message)


async def inline(world: World, person: Person, body: Json, _files: list[Upload]) -> Json:
    """Type a line after the bot's name and see its results."""
    chat = find_chat(world, person, body)
    bot = find_bot(world, body.get("bot"))
    if not bot.inline:
        raise ControlError("this bot has no inline mode")
    text, offset = str(body.get("query") or ""), str(body.get("offset") or "")
    query = InlineQuery(
        id=world.new_query_id(),
        user_id=person.id,
        bot_id=bot.id,
        chat=chat.key,
        query=text,
        offset=offset,
        at=time.monotonic(),
    )
    world.remember_inline(query)
    for who in (person.id, 0):
        until, earlier = world.inline_cache.get((bot.id, who, text, offset), (0.0, query))
        if until > time.monotonic():
            query.results, query.answered = earlier.results, True
            query.next_offset, query.button = earlier.next_offset, earlier.button
            return _inline_view(query)
    query.waiter = asyncio.get_running_loop().create_future()
    mine = chat.type == "private" and chat.bot_id == bot.id
    update = {
        "id": query.id,
        "from": person.api(),
        "chat_type": "sender" if mine else chat.type,
        "query": text[:256],
        "offset": offset,
    }
    world.mailboxes[bot.id].put("inline_query", update, queue=person.id)
    try:
        async with asyncio.timeout(float(body.get("wait", 5))):
            await query.waiter
    except TimeoutError:
        pass
    return _inline_view(query)


def _inline_view(query: InlineQuery) -> Json:
    shown: Json = {
        "inline_query_id": query.id,
        "answered": query.answered,
        "results": [
            {**result["shown"], **_first_text(result["content"])} for result in query.results
        ],
        "next_offset": query.next_offset,
    }
    if query.button:
        shown["button"] = query.button
    return shown


def _first_text(content: Json) -> Json:
    return {"text": content["text"]} if "text" in content else {}


async def choose(world: World, person: Person, body: Json, _files: list[Upload]) -> Json:
    """Pick one of the results: it is sent as this person's message."""
    query = world.inline_queries.get(str(body.get("inline_query_id")))
    if query is None or query.user_id != person.id:
        raise ControlError("no such inline query", 404)
    wanted = str(body.get("result_id"))
    result = next((r for r in query.results if r["shown"]["id"] == wanted), None)
    if result is None:
        raise ControlError("no such result", 404)
    bot = world.bots[query.bot_id]
    about = {**body, "chat": body.get("chat") or query.chat}
    inline_id = secrets.token_urlsafe(18) if result["markup"] else None
    message = _say(
        world,
        person,
        about,
        dict(result["content"]),
        markup=result["markup"],
        via_bot=bot.id,
        inline_id=inline_id,
    )
    if bot.inline_feedback:
        chosen: Json = {"result_id": wanted, "from": person.api(), "query": query.query}
        if inline_id is not None:
            chosen["inline_message_id"] = inline_id
        world.mailboxes[bot.id].put("chosen_inline_result", chosen, queue=person.id)
    return _view(world, message)


async def read(world: World, person: Person, body: Json, _files: list[Upload]) -> Json:
    """Look at a chat."""
    world.mark_read(find_chat(world, person, body), person.id)
    return {"unread": 0}


async def react(world: World, person: Person, body: Json, _files: list[Upload]) -> Json:
    """Put an emoji on a message, or take it off; bots hear of it if they asked and may."""
    chat = find_chat(world, person, body)
    message = find_message(chat, body)
    emoji = str(body.get("emoji") or "").replace("\ufe0f", "")
    if emoji and emoji not in REACTIONS:
        raise ControlError("no such reaction")
    before = message.reactions.pop(person.id, None)
    if emoji:
        message.reactions[person.id] = emoji
    world.touch("message", f"{chat.key}/{message.id}")
    world.events.emit("message_edited", message=_view(world, message))
    if before == (emoji or None):
        return _view(world, message)
    for bot in world.bots_in(chat):
        if chat.is_group and chat.status_of(bot.id) != "administrator":
            continue
        update: Json = {
            "chat": render.chat_api(world, chat),
            "message_id": message.id,
            "user": person.api(),
            "date": int(world.clock.now()),
            "old_reaction": [{"type": "emoji", "emoji": before}] if before else [],
            "new_reaction": [{"type": "emoji", "emoji": emoji}] if emoji else [],
        }
        world.mailboxes[bot.id].put("message_reaction", update, queue=chat.id)
    return _view(world, message)


async def pin(world: World, person: Person, body: Json, _files: list[Upload]) -> Json:
    """Pin a message (in groups: with the right to)."""
    chat = find_chat(world, person, body)
    message = find_message(chat, body)
    if chat.is_group and not chat.can(person.id, "can_pin_messages"):
        raise ControlError("this person may not pin here", 403)
    world.pin(chat, message.id, person.id)
    return {"pinned": chat.pinned}


async def unpin(world: World, person: Person, body: Json, _files: list[Upload]) -> Json:
    """Unpin a message."""
    chat = find_chat(world, person, body)
    if chat.is_group and not chat.can(person.id, "can_pin_messages"):
        raise ControlError("this person may not unpin here", 403)
    world.unpin(chat, [int(body.get("message_id") or 0)])
    return {"pinned": chat.pinned}


def _blocking(*, blocked: bool) -> Action:
    async def act(world: World, person: Person, body: Json, _files: list[Upload]) -> Json:
        chat = world.private(person.id, find_bot(world, body.get("bot")).id)
        world.set_blocked(chat, blocked=blocked)
        return render.chat_view(world, chat)

    act.__doc__ = "Block the bot." if blocked else "Let the bot write again."
    return act


ACTIONS: dict[str, Action] = {
    "send": send,
    "start": start,
    "edit": edit,
    "delete": delete,
    "tap": tap,
    "press": press,
    "album": album,
    "location": location,
    "contact": contact,
    "forward": forward,
    "inline": inline,
    "choose": choose,
    "read": read,
    "react": react,
    "pin": pin,
    "unpin": unpin,
    "block": _blocking(blocked=True),
    "unblock": _blocking(blocked=False),
    **{kind: _media_action(kind) for kind in _MEDIA},
}
