"""Buttons that people press and lines that they type after a bot's name."""

import asyncio
import secrets
import time

from sandbox import render
from sandbox.errors import ControlError
from sandbox.model import CallbackQuery, InlineQuery, Json, Message, Person
from sandbox.params import Upload
from sandbox.people_base import find_bot, find_chat, find_message, say, view
from sandbox.people_files import contact, location
from sandbox.people_words import send
from sandbox.world import World

_BUTTON_ACTIONS = (
    "url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "web_app",
    "login_url",
)


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
    message = say(
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
    return view(world, message)
