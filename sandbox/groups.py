"""Making and changing groups: ``/sandbox/groups``."""

from collections.abc import Callable

from sandbox import render
from sandbox.errors import ControlError
from sandbox.methods.forum import drop_topic, open_topic, set_topic_closed
from sandbox.model import PRESENT, Chat, Json, Member, Topic, admin_rights
from sandbox.people_base import find_bot
from sandbox.world import World

GroupAction = Callable[[World, Chat, Json], Json]


def create(world: World, body: Json) -> Chat:
    """Make a group with its people and, unless told otherwise, the first bot.

    Raises:
        ControlError: No title, or nobody to own it.
    """
    given = body.get("id")
    if given is not None and str(int(given)) in world.chats:
        held = world.chats[str(int(given))]
        return world.chats[held.migrated_to] if held.migrated_to else held
    title = str(body.get("title") or "").strip()
    people = [int(user) for user in body.get("members") or []]
    admins = [int(user) for user in body.get("admins") or []]
    creator = int(body.get("creator") or (people or admins or [0])[0])
    if not title or creator not in world.people:
        raise ControlError("a group has a title and at least one person")
    unknown = [user for user in [*people, *admins] if user not in world.people]
    if unknown:
        raise ControlError(f"no such person: {unknown[0]}", 404)
    is_forum = bool(body.get("is_forum", False))
    kind = "supergroup" if is_forum else str(body.get("type") or "supergroup")
    if kind not in ("group", "supergroup"):
        raise ControlError("type is group or supergroup")
    number = int(given) if given is not None else _free_id(world, kind)
    chat = Chat(
        key=str(number),
        id=number,
        type=kind,
        title=title[:128],
        username=str(body.get("username") or ""),
        is_forum=is_forum,
    )
    for user in people:
        chat.members[user] = Member(user, "member")
    for user in admins:
        chat.members[user] = Member(user, "administrator", False, admin_rights())
    chat.members[creator] = Member(creator, "creator")
    world.chats[chat.key] = chat
    world.touch_chat(chat)
    kind_created = "supergroup_chat_created" if kind == "supergroup" else "group_chat_created"
    world.post(chat, creator, {"service": {"kind": kind_created}})
    role = str(body.get("bot") or "none")
    if role != "none":
        add_bot(world, chat, {"bot_id": body.get("bot_id"), "status": role, "by": creator})
    return chat


def _free_id(world: World, kind: str) -> int:
    number = -1002000000001 if kind == "supergroup" else -4000000001
    while str(number) in world.chats:
        number -= 1
    return number


def owner_of(chat: Chat, body: Json) -> int:
    """Who does it: ``by``, else the owner of the group."""
    if body.get("by") is not None:
        return int(body["by"])
    return next((m.user_id for m in chat.members.values() if m.status == "creator"), 0)


def add_bot(world: World, chat: Chat, body: Json) -> Json:
    """Bring the bot in, as member or administrator."""
    bot = find_bot(world, body.get("bot_id"))
    by = owner_of(chat, body)
    status = str(body.get("status") or "member")
    if status not in ("member", "administrator"):
        raise ControlError("status is member or administrator")
    was_in = chat.has(bot.id)
    world.set_member(chat, bot.id, status, by, body.get("rights"))
    if not was_in:
        service: Json = {"kind": "new_chat_members", "user_ids": [bot.id]}
        world.post(chat, by, {"service": service})
    return render.chat_view(world, chat)


def remove_bot(world: World, chat: Chat, body: Json) -> Json:
    """Take the bot out; Telegram counts that as kicking it."""
    bot = find_bot(world, body.get("bot_id"))
    if chat.has(bot.id):
        status = "kicked" if body.get("kick", True) else "left"
        by = owner_of(chat, body)
        world.set_member(chat, bot.id, status, by)
        service: Json = {"kind": "left_chat_member", "user_id": bot.id}
        world.post(chat, by, {"service": service})
    return render.chat_view(world, chat)


def _account_id(world: World, body: Json) -> int:
    account_id = int(body.get("user_id") or 0)
    if world.account(account_id) is None:
        raise ControlError("no such person or bot", 404)
    return account_id


def promote(world: World, chat: Chat, body: Json) -> Json:
    """Make someone (also a bot) administrator."""
    account_id = _account_id(world, body)
    if not chat.has(account_id):
        raise ControlError("not in this group", 404)
    world.set_member(chat, account_id, "administrator", owner_of(chat, body), body.get("rights"))
    return render.chat_view(world, chat)


def demote(world: World, chat: Chat, body: Json) -> Json:
    """Make an administrator an ordinary member again."""
    account_id = _account_id(world, body)
    if not chat.has(account_id):
        raise ControlError("not in this group", 404)
    world.set_member(chat, account_id, "member", owner_of(chat, body))
    return render.chat_view(world, chat)


def add_member(world: World, chat: Chat, body: Json) -> Json:
    """Bring a person in."""
    account_id = _account_id(world, body)
    if account_id in world.bots:
        return add_bot(world, chat, {**body, "bot_id": account_id})
    if not chat.has(account_id):
        by = int(body.get("by") or account_id)
        world.set_member(chat, account_id, "member", by)
        service: Json = {"kind": "new_chat_members", "user_ids": [account_id]}
        world.post(chat, by, {"service": service})
        world.events.emit("user", user=render.person_view(world, world.people[account_id]))
    return render.chat_view(world, chat)


def remove_member(world: World, chat: Chat, body: Json) -> Json:
    """Take a person out, or let them leave."""
    account_id = _account_id(world, body)
    if account_id in world.bots:
        return remove_bot(world, chat, {**body, "bot_id": account_id})
    if chat.has(account_id):
        by = int(body.get("by") or account_id)
        world.set_member(chat, account_id, "left" if by == account_id else "kicked", by)
        service: Json = {"kind": "left_chat_member", "user_id": account_id}
        world.post(chat, by, {"service": service})
        world.events.emit("user", user=render.person_view(world, world.people[account_id]))
    return render.chat_view(world, chat)


def migrate(world: World, chat: Chat, body: Json) -> Json:
    """Turn a basic group into a supergroup."""
    new_id = body.get("new_id")
    new = world.migrate(chat, owner_of(chat, body), int(new_id) if new_id is not None else None)
    for member in new.members.values():
        if member.user_id in world.people and member.status in PRESENT:
            person = world.people[member.user_id]
            world.events.emit("user", user=render.person_view(world, person))
    return render.chat_view(world, new)


def topic(world: World, chat: Chat, body: Json) -> Json:
    """Open a topic."""
    name = str(body.get("name") or "").strip()
    if not chat.is_forum or not name:
        raise ControlError("only a forum has topics, and each has a name")
    made = open_topic(world, chat, owner_of(chat, body), name)
    return {"message_thread_id": made.id, "name": made.name, "icon_color": made.icon_color}


def _topic(chat: Chat, body: Json) -> Topic:
    found = chat.topics.get(int(body.get("message_thread_id") or 0))
    if found is None:
        raise ControlError("no such topic", 404)
    return found


def close_topic(world: World, chat: Chat, body: Json) -> Json:
    """Close a topic."""
    set_topic_closed(world, chat, owner_of(chat, body), _topic(chat, body), closed=True)
    return render.chat_view(world, chat)


def reopen_topic(world: World, chat: Chat, body: Json) -> Json:
    """Open a topic again."""
    set_topic_closed(world, chat, owner_of(chat, body), _topic(chat, body), closed=False)
    return render.chat_view(world, chat)


def delete_topic(world: World, chat: Chat, body: Json) -> Json:
    """Delete a topic with everything in it."""
    drop_topic(world, chat, _topic(chat, body))
    return render.chat_view(world, chat)


def change(world: World, chat: Chat, body: Json) -> Json:
    """Rename a group, or make it a forum."""
    if body.get("title") and body["title"] != chat.title:
        chat.title = str(body["title"])[:128]
        service: Json = {"kind": "new_chat_title", "title": chat.title}
        world.post(chat, owner_of(chat, body), {"service": service})
    if "is_forum" in body:
        if chat.type != "supergroup":
            raise ControlError("only a supergroup can be a forum")
        chat.is_forum = bool(body["is_forum"])
    world.touch_chat(chat)
    return render.chat_view(world, chat)


ACTIONS: dict[str, GroupAction] = {
    "add_bot": add_bot,
    "remove_bot": remove_bot,
    "promote": promote,
    "demote": demote,
    "add_member": add_member,
    "remove_member": remove_member,
    "migrate": migrate,
    "topic": topic,
    "close_topic": close_topic,
    "reopen_topic": reopen_topic,
    "delete_topic": delete_topic,
}
