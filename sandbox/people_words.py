"""What people write, change, delete, forward, pin, like, and whom they block."""

from sandbox import render
from sandbox.errors import ControlError
from sandbox.methods.edit import REACTIONS
from sandbox.model import Json, Person
from sandbox.params import Upload
from sandbox.people_base import (
    Action,
    find_bot,
    find_chat,
    find_message,
    say,
    text_fields,
    view,
)
from sandbox.world import World


async def send(world: World, person: Person, body: Json, _files: list[Upload]) -> Json:
    """Type a text."""
    content = text_fields(body, "text", "entities")
    if not content:
        raise ControlError("text is missing")
    return view(world, say(world, person, body, content))


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
    fields = text_fields({name: body.get("text")}, name, entities)
    if name == "text" and not fields:
        raise ControlError("text is missing")
    message.content = {**content, **fields}
    message.edit_date = int(world.clock.now())
    world.edited(chat, message)
    return view(world, message)


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


async def forward(world: World, person: Person, body: Json, _files: list[Upload]) -> Json:
    """Forward a message into another chat (or the same)."""
    source_chat = find_chat(world, person, body, "from_chat")
    source = find_message(source_chat, body)
    if "service" in source.content or source.protected:
        raise ControlError("this message cannot be forwarded")
    origin = source.forward or {"user_id": source.sender, "date": source.date}
    message = say(world, person, body, dict(source.content), forward=origin)
    return view(world, message)


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
    world.events.emit("message_edited", message=view(world, message))
    if before == (emoji or None):
        return view(world, message)
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
    return view(world, message)


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


def blocking(*, blocked: bool) -> Action:
    async def act(world: World, person: Person, body: Json, _files: list[Upload]) -> Json:
        chat = world.private(person.id, find_bot(world, body.get("bot")).id)
        world.set_blocked(chat, blocked=blocked)
        return render.chat_view(world, chat)

    act.__doc__ = "Block the bot." if blocked else "Let the bot write again."
    return act
