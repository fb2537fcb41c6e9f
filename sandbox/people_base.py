"""What all actions of people share: finding bot, chat and message, and saying something."""

from collections.abc import Awaitable, Callable
from typing import Any

from sandbox import render
from sandbox.entities import detect, utf16_len
from sandbox.errors import ControlError
from sandbox.model import Bot, Chat, Json, Message, Person
from sandbox.params import Upload
from sandbox.world import World

Action = Callable[[World, Person, Json, list[Upload]], Awaitable[Json]]


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


def say(
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


def view(world: World, message: Message) -> Json:
    return render.message_view(world, world.chats[message.chat], message)


def text_fields(body: Json, name: str, entities_name: str) -> Json:
    text = str(body.get(name) or "").strip()
    if not text:
        return {}
    limit = 4096 if name == "text" else 1024
    if utf16_len(text) > limit:
        raise ControlError(f"a phone does not send more than {limit} characters here")
    given: list[Json] = list(body.get("entities") or [])
    entities = sorted([*given, *detect(text, given)], key=lambda e: (e["offset"], -e["length"]))
    return {name: text, **({entities_name: entities} if entities else {})}
