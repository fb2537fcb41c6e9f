"""How things look: to bots (Bot API objects) and to the page (views of the control API)."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sandbox.files import api_media
from sandbox.model import Bot, Chat, Json, Member, Message, Person

if TYPE_CHECKING:
    from sandbox.world import World

_DIRECT = (
    "text",
    "entities",
    "caption",
    "caption_entities",
    "show_caption_above_media",
    "has_media_spoiler",
    "location",
    "venue",
    "contact",
    "link_preview_options",
)
_VIEWED = (
    "text",
    "entities",
    "caption",
    "caption_entities",
    "show_caption_above_media",
    "location",
    "contact",
)
PREVIEW_CHARACTERS = 80


def user_api(account: Person | Bot) -> Json:
    """Bot API ``User`` of whoever causes an update."""
    return account.api() if isinstance(account, Person) else account.short()


def bot_api(bot: Bot) -> Json:
    """Bot API ``User`` of a bot, short."""
    return bot.short()


def _account(world: "World", account_id: int) -> Json:
    account = world.account(account_id)
    if account is None:
        return {"id": account_id, "is_bot": False, "first_name": ""}
    return account.short()


def chat_api(world: "World", chat: Chat) -> Json:
    """Bot API ``Chat``."""
    if chat.type == "private":
        person = world.people.get(chat.user_id)
        shown: Json = {"id": chat.id, "first_name": person.first_name if person else ""}
        if person and person.last_name:
            shown["last_name"] = person.last_name
        if person and person.username:
            shown["username"] = person.username
        shown["type"] = "private"
        return shown
    shown = {"id": chat.id, "title": chat.title, "type": chat.type}
    if chat.username:
        shown["username"] = chat.username
    if chat.is_forum:
        shown["is_forum"] = True
    return shown


def member_api(world: "World", member: Member) -> Json:
    """Bot API ``ChatMember``."""
    shown: Json = {"user": _account(world, member.user_id), "status": member.status}
    if member.status == "creator":
        shown["is_anonymous"] = False
    elif member.status == "administrator":
        shown.update(can_be_edited=False, is_anonymous=False, **member.rights)
    elif member.status == "kicked":
        shown["until_date"] = 0
    return shown


def _service_api(world: "World", bot: Bot, chat: Chat, service: Json) -> Json:
    kind = service["kind"]
    if kind == "new_chat_members":
        return {"new_chat_members": [_account(world, user) for user in service["user_ids"]]}
    if kind == "left_chat_member":
        return {"left_chat_member": _account(world, service["user_id"])}
    if kind in ("group_chat_created", "supergroup_chat_created"):
        return {kind: True}
    if kind == "new_chat_title":
        return {"new_chat_title": service["title"]}
    if kind == "pinned_message":
        pinned = chat.messages.get(service["message_id"])
        if pinned is None:
            inaccessible = {"message_id": service["message_id"], "date": 0}
            return {"pinned_message": {**inaccessible, "chat": chat_api(world, chat)}}
        return {"pinned_message": message_api(world, bot, chat, pinned, nested=True)}
    if kind in ("migrate_to", "migrate_from"):
        return {f"{kind}_chat_id": service["id"]}
    if kind == "forum_topic_created":
        return {kind: {"name": service["name"], "icon_color": service["icon_color"]}}
    if kind == "forum_topic_edited":
        return {kind: {"name": service["name"]}}
    return {kind: {}}


def message_api(
    world: "World", bot: Bot, chat: Chat, message: Message, *, nested: bool = False
) -> Json:
    """Bot API ``Message`` as one bot sees it (file identifiers are its own).

    Args:
        world: Where everything is.
        bot: Who looks.
        chat: Where the message is.
        message: What is shown.
        nested: Inside another message: without its own reply.
    """
    sender = world.account(message.sender)
    shown: Json = {
        "message_id": message.id,
        "from": user_api(sender) if sender else _account(world, message.sender),
        "chat": chat_api(world, chat),
        "date": message.date,
    }
    if message.edit_date is not None:
        shown["edit_date"] = message.edit_date
    if message.forward is not None:
        shown["forward_origin"] = _origin_api(world, message.forward)
    if message.thread is not None:
        shown["message_thread_id"] = message.thread
        shown["is_topic_message"] = True
    if not nested:
        # In a topic everything that answers nothing else answers the message that opened it.
        replied = chat.messages.get(message.reply_to or message.thread or 0)
        if replied is not None and replied.id != message.id:
            shown["reply_to_message"] = message_api(world, bot, chat, replied, nested=True)
    if message.via_bot is not None:
        shown["via_bot"] = _account(world, message.via_bot)
    if message.protected:
        shown["has_protected_content"] = True
    if message.group is not None:
        shown["media_group_id"] = message.group
    content = message.content
    for name in _DIRECT:
        if name in content:
            shown[name] = content[name]
    if "media" in content:
        file = world.stored_files.get(content["media"]["file"])
        if file is not None:
            shown.update(api_media(file, bot.id, content["media"]))
    if "service" in content:
        shown.update(_service_api(world, bot, chat, content["service"]))
    if message.markup is not None:
        shown["reply_markup"] = message.markup
    return shown


def _origin_api(world: "World", forward: Json) -> Json:
    if "user_id" in forward:
        user = _account(world, forward["user_id"])
        return {"type": "user", "date": forward["date"], "sender_user": user}
    return {"type": "hidden_user", "date": forward["date"], "sender_user_name": forward["name"]}


# -- views for the page ---------------------------------------------------------------------


def ordered(chats: Iterable[Chat]) -> list[Chat]:
    """Chats in the order in which the page lists them: dialogues, then groups."""
    return sorted(chats, key=lambda chat: (chat.is_group, abs(chat.id), chat.bot_id))


def preview(message: Message | None) -> str:
    """A short plain line for quotes and the pinned bar."""
    if message is None:
        return ""
    text = str(message.content.get("text") or message.content.get("caption") or "")
    return text.replace("\n", " ")[:PREVIEW_CHARACTERS]


def _service_view(world: "World", chat: Chat, service: Json) -> Json:
    kind = service["kind"]
    if kind == "new_chat_members":
        return {"kind": kind, "users": [_account(world, user) for user in service["user_ids"]]}
    if kind == "left_chat_member":
        return {"kind": kind, "user": _account(world, service["user_id"])}
    if kind == "pinned_message":
        text = preview(chat.messages.get(service["message_id"]))
        return {"kind": kind, "message_id": service["message_id"], "text": text}
    if kind in ("migrate_to", "migrate_from"):
        return {"kind": kind, "chat": str(service["id"])}
    return service


def message_view(world: "World", chat: Chat, message: Message) -> Json:
    """``Message`` of the control API."""
    shown: Json = {
        "chat": message.chat,
        "message_id": message.id,
        "date": message.date,
        "from": _account(world, message.sender),
    }
    if message.edit_date is not None:
        shown["edit_date"] = message.edit_date
    if message.via_bot is not None:
        shown["via_bot"] = _account(world, message.via_bot)
    if message.thread is not None:
        shown["message_thread_id"] = message.thread
        shown["is_topic_message"] = True
    content = message.content
    for name in _VIEWED:
        if name in content:
            shown[name] = content[name]
    if "media" in content:
        shown["media"] = media_view(world, content)
    if "venue" in content:
        shown["venue"] = {
            "title": content["venue"]["title"],
            "address": content["venue"]["address"],
        }
    if content.get("link_preview_options", {}).get("is_disabled"):
        shown["link_preview"] = False
    if message.group is not None:
        shown["media_group_id"] = message.group
    if message.reply_to is not None:
        replied = chat.messages.get(message.reply_to)
        shown["reply_to"] = {
            "message_id": message.reply_to,
            "from": _account(world, replied.sender if replied else 0),
            "text": preview(replied),
        }
    if message.forward is not None:
        origin = message.forward
        source = (
            _account(world, origin["user_id"])
            if "user_id" in origin
            else {"first_name": origin["name"]}
        )
        shown["forward"] = {"from": source, "date": origin["date"]}
    if message.markup is not None:
        shown["inline_keyboard"] = message.markup["inline_keyboard"]
    if "service" in content:
        shown["service"] = _service_view(world, chat, content["service"])
    if message.reactions:
        shown["reactions"] = [
            {"emoji": emoji, "user_id": user} for user, emoji in message.reactions.items()
        ]
    if message.silent:
        shown["silent"] = True
    if message.protected:
        shown["protected"] = True
    return shown


def media_view(world: "World", content: Json) -> Json:
    """``Media`` of the control API."""
    media = content["media"]
    file = world.stored_files.get(media["file"])
    if file is None:
        return {"kind": media["kind"], "file_id": media["file"], "url": "", "mime": "", "size": 0}
    shown: Json = {
        "kind": file.kind,
        "file_id": file.id,
        "url": f"/sandbox/files/{file.id}",
        "name": file.name,
        "mime": file.mime,
        "size": file.size,
    }
    for name in ("width", "height", "duration"):
        if getattr(file, name):
            shown[name] = getattr(file, name)
    if media.get("emoji"):
        shown["emoji"] = media["emoji"]
    if content.get("has_media_spoiler"):
        shown["spoiler"] = True
    return shown


def person_view(world: "World", person: Person) -> Json:
    """``User`` of the control API."""
    shown = person.api()
    if person.label:
        shown["label"] = person.label
    if person.order is not None:
        shown["order"] = person.order
    shown["chats"] = [
        chat.key
        for chat in ordered(world.chats.values())
        if person.id in world.people_in(chat) and not chat.migrated_to
    ]
    return shown


def bot_view(bot: Bot) -> Json:
    """``Bot`` of the control API."""
    scopes: dict[str, dict[str, list[Json]]] = {}
    for key, value in bot.commands.items():
        scope, _, language = key.partition("|")
        scopes.setdefault(scope, {})[language] = value
    commands = scopes.get("default", {})
    return {
        **bot.short(),
        "first_name": bot.names.get("") or bot.first_name,
        "privacy": bot.privacy,
        "inline": bot.inline,
        "inline_feedback": bot.inline_feedback,
        "commands": commands.get("", []),
        "commands_by_language": {code: value for code, value in commands.items() if code},
        "commands_by_scope": scopes,
        "description": bot.descriptions.get("", ""),
        "descriptions": bot.descriptions,
        "short_description": bot.short_descriptions.get("", ""),
        "menu_button": bot.menu_button,
    }


def chat_view(world: "World", chat: Chat, messages: int | None = None) -> Json:
    """``Chat`` of the control API.

    Args:
        world: Where everything is.
        chat: What is shown.
        messages: How many of the newest messages to add; None adds no list at all.
    """
    shown: Json = {"key": chat.key, "id": chat.id, "type": chat.type, "is_forum": chat.is_forum}
    if chat.type == "private":
        bot = world.bots.get(chat.bot_id)
        shown["title"] = (bot.names.get("") or bot.first_name) if bot else ""
        shown.update(
            user_id=chat.user_id,
            bot_id=chat.bot_id,
            started=chat.started,
            blocked=chat.blocked,
        )
        if chat.menu_button:
            shown["menu_button"] = chat.menu_button
    else:
        shown["title"] = chat.title
        if chat.username:
            shown["username"] = chat.username
        shown["members"] = [
            {
                "user_id": member.user_id,
                "is_bot": member.is_bot,
                "status": member.status,
                **({"rights": member.rights} if member.rights else {}),
            }
            for member in chat.members.values()
        ]
        if chat.is_forum:
            shown["topics"] = [
                {
                    "message_thread_id": topic.id,
                    "name": topic.name,
                    "icon_color": topic.icon_color,
                    "is_closed": topic.closed,
                }
                for topic in chat.topics.values()
            ]
    if chat.migrated_to:
        shown["migrated_to"] = chat.migrated_to
    if chat.migrated_from:
        shown["migrated_from"] = chat.migrated_from
    shown["pinned"] = list(chat.pinned)
    shown["keyboards"] = {str(user): keyboard for user, keyboard in chat.keyboards.items()}
    shown["unread"] = {str(user): count for user, count in chat.unread.items() if count}
    if messages is not None:
        newest = list(chat.messages.values())[-messages:] if messages else []
        shown["messages"] = [message_view(world, chat, message) for message in newest]
    return shown
