"""Which chat a request means, and whether the bot may write there."""

from sandbox.entities import Json
from sandbox.errors import ApiError, bad_request, forbidden
from sandbox.model import Bot, Chat, Message
from sandbox.params import Params
from sandbox.world import World


def find_chat(world: World, bot: Bot, params: Params, name: str = "chat_id") -> Chat:
    """Find the chat that a bot names by number or @username.

    Raises:
        ApiError: 400 when there is none (that this bot has met), with
            ``migrate_to_chat_id`` when the group became a supergroup; 403 for people who have
            not started the bot and for groups it is out of.
    """
    given = params.text(name).strip()
    if not given:
        raise bad_request("chat_id is empty")
    if given.startswith("@"):
        wanted = given[1:].lower()
        for chat in world.chats.values():
            if chat.is_group and chat.username.lower() == wanted:
                return _readable(world, bot, chat)
        raise bad_request("chat not found")
    try:
        number = int(given)
    except ValueError:
        raise bad_request("chat not found") from None
    if number < 0:
        group = world.chats.get(given)
        if group is None:
            raise bad_request("chat not found")
        return _readable(world, bot, group)
    if number in world.bots:
        raise forbidden("bots can't send messages to bots")
    private = world.chats.get(f"{number}:{bot.id}")
    person = world.people.get(number)
    if private is None or person is None:
        raise bad_request("chat not found")
    if not private.started:
        if any(chat.has(bot.id) for chat in world.groups_of(number)):
            raise forbidden("bot can't initiate conversation with a user")
        raise bad_request("chat not found")
    if person.deleted:
        raise forbidden("user is deactivated")
    return private


def _readable(world: World, bot: Bot, chat: Chat) -> Chat:
    if chat.migrated_to:
        raise ApiError(
            400,
            "group chat was upgraded to a supergroup chat",
            {"migrate_to_chat_id": world.chats[chat.migrated_to].id},
        )
    status = chat.status_of(bot.id)
    if status == "kicked":
        raise forbidden(f"bot was kicked from the {chat.type} chat")
    if status == "left":
        if bot.id in chat.members or chat.username:
            raise forbidden(f"bot is not a member of the {chat.type} chat")
        raise bad_request("chat not found")
    return chat


def writable_chat(world: World, bot: Bot, params: Params, name: str = "chat_id") -> Chat:
    """Find a chat to send to.

    Raises:
        ApiError: As ``find_chat``, and 403 when the person has blocked the bot.
    """
    chat = find_chat(world, bot, params, name)
    if chat.blocked:
        raise forbidden("bot was blocked by the user")
    return chat


def find_message(chat: Chat, params: Params, purpose: str) -> Message:
    """Find the message that a request names.

    Args:
        chat: Where.
        params: With ``message_id``.
        purpose: "edit", "delete", "pin", ...: for "message to <purpose> not found".
    """
    message_id = params.integer("message_id") or 0
    if message_id <= 0:
        raise bad_request("message identifier is not specified")
    message = chat.messages.get(message_id)
    if message is None:
        raise bad_request(f"message to {purpose} not found")
    return message


def find_thread(chat: Chat, bot: Bot, params: Params) -> int | None:
    """Find the topic to write into.

    Raises:
        ApiError: 400 when there is no such topic or it is closed to the bot.
    """
    thread = params.integer("message_thread_id")
    if not thread:
        return None
    topic = chat.topics.get(thread) if chat.is_forum else None
    if topic is None:
        raise bad_request("message thread not found")
    if topic.closed and not chat.can(bot.id, "can_manage_topics"):
        raise bad_request("TOPIC_CLOSED")
    return thread


def find_reply(chat: Chat, params: Params) -> int | None:
    """Find the message that a new one answers (``reply_parameters`` or the older fields).

    Raises:
        ApiError: 400 "message to be replied not found" unless the bot allows that.
    """
    given = params.structure("reply_parameters", "reply parameters")
    if given is not None and not isinstance(given, dict):
        raise bad_request("can't parse reply parameters JSON object")
    source: Json = given or {}
    message_id = source.get("message_id") or params.integer("reply_to_message_id")
    if not message_id:
        return None
    tolerant = source.get("allow_sending_without_reply")
    if tolerant is None:
        tolerant = params.flag("allow_sending_without_reply")
    other_chat = source.get("chat_id")
    missing = other_chat is not None and str(other_chat) not in (str(chat.id), f"@{chat.username}")
    try:
        number = int(message_id)
    except (TypeError, ValueError):
        raise bad_request("can't parse reply parameters JSON object") from None
    if missing or number not in chat.messages:
        if tolerant:
            return None
        raise bad_request("message to be replied not found")
    return number
