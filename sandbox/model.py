"""Who and what exists: people, bots, chats, messages, files."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

HISTORY_LIMIT = 400
"""Messages kept per chat; older ones are forgotten unless pinned."""

ADMIN_RIGHTS = (
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_send_welcome_messages",
    "can_pin_messages",
    "can_manage_topics",
)

PRESENT = frozenset({"creator", "administrator", "member"})


@dataclass(slots=True)
class Person:
    """A made-up human; ``label`` is the caption of the phone on the page."""

    id: int
    first_name: str
    last_name: str = ""
    username: str = ""
    language_code: str = ""
    label: Any = None
    order: int | None = None
    deleted: bool = False

    def short(self) -> Json:
        """Bot API ``User`` without the language, as inside messages."""
        user: Json = {"id": self.id, "is_bot": False, "first_name": self.first_name}
        if self.last_name:
            user["last_name"] = self.last_name
        if self.username:
            user["username"] = self.username
        return user

    def api(self) -> Json:
        """Bot API ``User`` as the sender of an update."""
        user = self.short()
        if self.language_code:
            user["language_code"] = self.language_code
        return user


@dataclass(slots=True)
class Bot:
    """A bot account and everything its owner has set."""

    id: int
    token: str
    username: str
    first_name: str
    privacy: bool = True
    inline: bool = True
    inline_feedback: bool = False
    names: dict[str, str] = field(default_factory=dict)
    descriptions: dict[str, str] = field(default_factory=dict)
    short_descriptions: dict[str, str] = field(default_factory=dict)
    commands: dict[str, list[Json]] = field(default_factory=dict)
    menu_button: Json = field(default_factory=lambda: {"type": "commands"})
    next_message_id: int = 1
    next_update_id: int = 1
    allowed_updates: list[str] | None = None
    webhook: Json | None = None

    def short(self) -> Json:
        """Bot API ``User`` as the sender of a message."""
        return {
            "id": self.id,
            "is_bot": True,
            "first_name": self.first_name,
            "username": self.username,
        }


@dataclass(slots=True)
class Member:
    """One membership; ``rights`` only for administrators."""

    user_id: int
    status: str
    is_bot: bool = False
    rights: dict[str, bool] = field(default_factory=dict)


@dataclass(slots=True)
class Topic:
    """A forum topic; its id is the id of the service message that opened it."""

    id: int
    name: str
    icon_color: int = 7322096
    closed: bool = False


@dataclass(slots=True)
class File:
    """A stored file; ``size`` is what Telegram would report, ``stored`` whether bytes exist."""

    id: str
    kind: str
    name: str
    mime: str
    size: int
    width: int = 0
    height: int = 0
    duration: int = 0
    stored: bool = True


@dataclass(slots=True)
class Message:
    """One message; ``content`` holds Bot API fields, files by reference, services neutrally."""

    chat: str
    id: int
    date: int
    sender: int
    content: Json
    thread: int | None = None
    reply_to: int | None = None
    markup: Json | None = None
    other_markup: bool = False
    edit_date: int | None = None
    via_bot: int | None = None
    inline_id: str | None = None
    forward: Json | None = None
    group: str | None = None
    silent: bool = False
    protected: bool = False
    reactions: dict[int, str] = field(default_factory=dict)


@dataclass(slots=True)
class Chat:
    """A private dialogue of one person with one bot, or a group."""

    key: str
    id: int
    type: str
    title: str = ""
    username: str = ""
    is_forum: bool = False
    user_id: int = 0
    bot_id: int = 0
    started: bool = False
    blocked: bool = False
    members: dict[int, Member] = field(default_factory=dict)
    topics: dict[int, Topic] = field(default_factory=dict)
    pinned: list[int] = field(default_factory=list)
    keyboards: dict[int, Json] = field(default_factory=dict)
    unread: dict[int, int] = field(default_factory=dict)
    menu_button: Json | None = None
    migrated_to: str | None = None
    migrated_from: str | None = None
    next_message_id: int = 1
    messages: dict[int, Message] = field(default_factory=dict)

    @property
    def is_group(self) -> bool:
        """Whether several people may be here."""
        return self.type != "private"

    def status_of(self, user_id: int) -> str:
        """Membership of a person or bot; "left" when never there."""
        member = self.members.get(user_id)
        return member.status if member else "left"

    def has(self, user_id: int) -> bool:
        """Whether this person or bot is in the chat now."""
        if self.type == "private":
            return user_id in (self.user_id, self.bot_id)
        return self.status_of(user_id) in PRESENT

    def can(self, user_id: int, right: str) -> bool:
        """Whether this member holds an administrator's right."""
        member = self.members.get(user_id)
        if member is None:
            return False
        if member.status == "creator":
            return True
        return member.status == "administrator" and member.rights.get(right, False)


@dataclass(slots=True)
class CallbackQuery:
    """A press that waits for the bot's answer; ``at`` is monotonic seconds."""

    id: str
    user_id: int
    bot_id: int
    chat: str
    message_id: int
    at: float
    answer: Json | None = None
    waiter: asyncio.Future[Json] | None = None


@dataclass(slots=True)
class InlineQuery:
    """A line typed after the bot's name; ``at`` is monotonic seconds."""

    id: str
    user_id: int
    bot_id: int
    chat: str
    query: str
    offset: str
    at: float
    results: list[Json] = field(default_factory=list)
    answered: bool = False
    next_offset: str = ""
    button: Json | None = None
    waiter: asyncio.Future[None] | None = None


def admin_rights(given: dict[str, bool] | None = None) -> dict[str, bool]:
    """Rights of a freshly promoted administrator: all but appointing others, unless given."""
    rights = {right: right != "can_promote_members" for right in ADMIN_RIGHTS}
    if given:
        rights.update({name: bool(on) for name, on in given.items() if name in rights})
    return rights
