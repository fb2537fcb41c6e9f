"""Topics of a forum."""

from sandbox.access import find_chat
from sandbox.errors import bad_request
from sandbox.methods.base import Method
from sandbox.model import Bot, Chat, Json, Topic
from sandbox.params import Params
from sandbox.world import ICON_COLOR, World

ICON_COLORS = frozenset({7322096, 16766590, 13338331, 9367192, 16749490, 16478047})


def open_topic(world: World, chat: Chat, by: int, name: str, color: int = ICON_COLOR) -> Topic:
    """Open a topic; its id is that of its first service message."""
    service: Json = {"kind": "forum_topic_created", "name": name, "icon_color": color}
    owner_next = chat.next_message_id
    chat.topics[owner_next] = Topic(owner_next, name, color)
    message = world.post(chat, by, {"service": service}, thread=owner_next)
    world.touch_chat(chat)
    return chat.topics[message.id]


def set_topic_closed(world: World, chat: Chat, by: int, topic: Topic, *, closed: bool) -> None:
    """Close or reopen a topic, with the service message."""
    topic.closed = closed
    kind = "forum_topic_closed" if closed else "forum_topic_reopened"
    world.post(chat, by, {"service": {"kind": kind}}, thread=topic.id)
    world.touch_chat(chat)


def drop_topic(world: World, chat: Chat, topic: Topic) -> None:
    """Delete a topic with everything in it."""
    world.delete(chat, [m.id for m in chat.messages.values() if m.thread == topic.id])
    del chat.topics[topic.id]
    world.touch_chat(chat)


def _forum(world: World, bot: Bot, params: Params, purpose: str) -> Chat:
    chat = find_chat(world, bot, params)
    if not chat.is_forum:
        raise bad_request("the chat is not a forum")
    if not chat.can(bot.id, "can_manage_topics"):
        raise bad_request(f"not enough rights to {purpose}")
    return chat


def _topic(chat: Chat, params: Params) -> Topic:
    topic = chat.topics.get(params.integer("message_thread_id") or 0)
    if topic is None:
        raise bad_request("message thread not found")
    return topic


async def create_forum_topic(world: World, bot: Bot, params: Params) -> Json:
    """Open a topic."""
    chat = _forum(world, bot, params, "create a topic")
    name = params.text("name").strip()
    if not 1 <= len(name) <= 128:
        raise bad_request("topic name is empty" if not name else "TOPIC_TITLE_TOO_LONG")
    color = params.integer("icon_color") or ICON_COLOR
    if color not in ICON_COLORS:
        raise bad_request("TOPIC_ICON_COLOR_INVALID")
    topic = open_topic(world, chat, bot.id, name, color)
    return {"message_thread_id": topic.id, "name": topic.name, "icon_color": topic.icon_color}


async def edit_forum_topic(world: World, bot: Bot, params: Params) -> bool:
    """Rename a topic."""
    chat = _forum(world, bot, params, "edit the topic")
    topic = _topic(chat, params)
    name = params.text("name").strip()
    if not name or name == topic.name:
        raise bad_request("TOPIC_NOT_MODIFIED")
    topic.name = name[:128]
    service: Json = {"kind": "forum_topic_edited", "name": topic.name}
    world.post(chat, bot.id, {"service": service}, thread=topic.id)
    world.touch_chat(chat)
    return True


async def close_forum_topic(world: World, bot: Bot, params: Params) -> bool:
    """Close a topic."""
    chat = _forum(world, bot, params, "close the topic")
    topic = _topic(chat, params)
    if topic.closed:
        raise bad_request("TOPIC_NOT_MODIFIED")
    set_topic_closed(world, chat, bot.id, topic, closed=True)
    return True


async def reopen_forum_topic(world: World, bot: Bot, params: Params) -> bool:
    """Open a closed topic again."""
    chat = _forum(world, bot, params, "reopen the topic")
    topic = _topic(chat, params)
    if not topic.closed:
        raise bad_request("TOPIC_NOT_MODIFIED")
    set_topic_closed(world, chat, bot.id, topic, closed=False)
    return True


async def delete_forum_topic(world: World, bot: Bot, params: Params) -> bool:
    """Delete a topic with its messages."""
    chat = _forum(world, bot, params, "delete the topic")
    drop_topic(world, chat, _topic(chat, params))
    return True


METHODS: dict[str, Method] = {
    "createForumTopic": create_forum_topic,
    "editForumTopic": edit_forum_topic,
    "closeForumTopic": close_forum_topic,
    "reopenForumTopic": reopen_forum_topic,
    "deleteForumTopic": delete_forum_topic,
}
