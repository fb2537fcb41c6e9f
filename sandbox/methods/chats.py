"""Groups and dialogues: what they are, who is in them, what is pinned."""

from sandbox import render
from sandbox.access import find_chat, find_message, writable_chat
from sandbox.errors import bad_request
from sandbox.methods.base import Method
from sandbox.model import PRESENT, Bot, Chat, Json, Member
from sandbox.params import Params
from sandbox.world import World

_PERMISSIONS = (
    "can_send_messages",
    "can_send_audios",
    "can_send_documents",
    "can_send_photos",
    "can_send_videos",
    "can_send_video_notes",
    "can_send_voice_notes",
    "can_send_polls",
    "can_send_other_messages",
    "can_add_web_page_previews",
    "can_react_to_messages",
    "can_edit_tag",
    "can_invite_users",
)
_NO_PIN_RIGHT = "not enough rights to manage pinned messages in the chat"


async def get_chat(world: World, bot: Bot, params: Params) -> Json:
    """``ChatFullInfo``."""
    chat = find_chat(world, bot, params)
    shown = render.chat_api(world, chat)
    shown.update(
        accent_color_id=abs(chat.id) % 7,
        max_reaction_count=11,
        accepted_gift_types={
            "unlimited_gifts": False,
            "limited_gifts": False,
            "unique_gifts": False,
            "premium_subscription": False,
            "gifts_from_channels": False,
        },
    )
    if chat.username:
        shown["active_usernames"] = [chat.username]
    if chat.is_group:
        shown["permissions"] = {
            **dict.fromkeys(_PERMISSIONS, True),
            "can_change_info": False,
            "can_pin_messages": False,
            "can_manage_topics": False,
        }
    if chat.pinned and chat.pinned[0] in chat.messages:
        pinned = chat.messages[chat.pinned[0]]
        shown["pinned_message"] = render.message_api(world, bot, chat, pinned)
    return shown


def _group(world: World, bot: Bot, params: Params) -> Chat:
    chat = find_chat(world, bot, params)
    if not chat.is_group:
        raise bad_request("there are no administrators in the private chat")
    return chat


async def get_chat_member(world: World, bot: Bot, params: Params) -> Json:
    """One person's or bot's membership."""
    chat = find_chat(world, bot, params)
    user_id = params.integer("user_id") or 0
    if user_id <= 0:
        raise bad_request("invalid user_id specified")
    if world.account(user_id) is None:
        raise bad_request("member not found" if chat.type == "group" else "PARTICIPANT_ID_INVALID")
    if not chat.is_group:
        if not chat.has(user_id):
            raise bad_request("member not found")
        return render.member_api(world, Member(user_id, "member"))
    member = chat.members.get(user_id)
    return render.member_api(world, member or Member(user_id, "left"))


async def get_chat_administrators(world: World, bot: Bot, params: Params) -> list[Json]:
    """Owner and administrators; of bots only the asking one."""
    chat = _group(world, bot, params)
    return [
        render.member_api(world, member)
        for member in chat.members.values()
        if member.status in ("creator", "administrator")
        and (not member.is_bot or member.user_id == bot.id)
    ]


async def get_chat_member_count(world: World, bot: Bot, params: Params) -> int:
    """How many are in the chat, bots included."""
    chat = find_chat(world, bot, params)
    if not chat.is_group:
        return 2
    return sum(member.status in PRESENT for member in chat.members.values())


async def leave_chat(world: World, bot: Bot, params: Params) -> bool:
    """Leave a group."""
    chat = find_chat(world, bot, params)
    if not chat.is_group:
        raise bad_request("chat not found")
    world.set_member(chat, bot.id, "left", by=bot.id)
    world.post(chat, bot.id, {"service": {"kind": "left_chat_member", "user_id": bot.id}})
    return True


def _check_pin_right(bot: Bot, chat: Chat) -> None:
    if chat.is_group and not chat.can(bot.id, "can_pin_messages"):
        raise bad_request(_NO_PIN_RIGHT)


async def pin_chat_message(world: World, bot: Bot, params: Params) -> bool:
    """Pin a message on top."""
    chat = writable_chat(world, bot, params)
    message = find_message(chat, params, "pin")
    _check_pin_right(bot, chat)
    if "service" in message.content:
        raise bad_request("message can't be pinned")
    silent = params.flag("disable_notification")
    world.pin(chat, message.id, bot.id, silent=silent)
    return True


async def unpin_chat_message(world: World, bot: Bot, params: Params) -> bool:
    """Unpin one message, by default the newest pinned."""
    chat = writable_chat(world, bot, params)
    _check_pin_right(bot, chat)
    message_id = params.integer("message_id")
    if message_id is None:
        message_id = chat.pinned[0] if chat.pinned else None
    if message_id is None or message_id not in chat.messages:
        raise bad_request("message to unpin not found")
    world.unpin(chat, [message_id])
    return True


async def unpin_all_chat_messages(world: World, bot: Bot, params: Params) -> bool:
    """Unpin everything."""
    chat = writable_chat(world, bot, params)
    _check_pin_right(bot, chat)
    if chat.pinned:
        world.unpin(chat, list(chat.pinned))
    return True


async def get_user_profile_photos(world: World, _bot: Bot, params: Params) -> Json:
    """Nobody here has a portrait."""
    if world.account(params.integer("user_id") or 0) is None:
        raise bad_request("invalid user_id specified")
    return {"total_count": 0, "photos": []}


METHODS: dict[str, Method] = {
    "getChat": get_chat,
    "getChatMember": get_chat_member,
    "getChatAdministrators": get_chat_administrators,
    "getChatMemberCount": get_chat_member_count,
    "getChatMembersCount": get_chat_member_count,
    "leaveChat": leave_chat,
    "pinChatMessage": pin_chat_message,
    "unpinChatMessage": unpin_chat_message,
    "unpinAllChatMessages": unpin_all_chat_messages,
    "getUserProfilePhotos": get_user_profile_photos,
}
