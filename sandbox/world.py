"""The state of the sandbox and the few verbs that change it."""

import secrets
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from sandbox import render
from sandbox.clock import Clock
from sandbox.errors import ControlError
from sandbox.events import Events
from sandbox.faults import Faults
from sandbox.files import FileStore
from sandbox.limits import Limits
from sandbox.model import (
    HISTORY_LIMIT,
    PRESENT,
    Bot,
    CallbackQuery,
    Chat,
    File,
    InlineQuery,
    Json,
    Member,
    Message,
    Person,
    admin_rights,
)
from sandbox.privacy import hears
from sandbox.updates import Mailbox

LOG_KEPT = 2_000
CALLBACKS_KEPT = 20_000
ICON_COLOR = 7322096
_YEAR_2026 = 1_767_225_600


class World:
    """Everything that exists in one sandbox.

    Args:
        tokens: Bot tokens that are valid here, "<id>:<secret>".
        folder: Where state and files are kept; None keeps nothing after the run.
        limits: Whether flood limits are enforced from the start.
    """

    def __init__(self, tokens: list[str], folder: Path | None, *, limits: bool) -> None:
        self.clock = Clock()
        self.events = Events()
        self.faults = Faults()
        self.limits = Limits()
        self.limits_on = limits
        self.network_delay_ms = 0
        self.callback_seconds = 300.0
        self.files = FileStore(folder / "files" if folder else None)
        self.people: dict[int, Person] = {}
        self.bots: dict[int, Bot] = {}
        self.by_token: dict[str, Bot] = {}
        self.chats: dict[str, Chat] = {}
        self.stored_files: dict[str, File] = {}
        self.mailboxes: dict[int, Mailbox] = {}
        self.callbacks: dict[str, CallbackQuery] = {}
        self.inline_queries: dict[str, InlineQuery] = {}
        self.inline_messages: dict[str, tuple[str, int]] = {}
        # Telegram answers a repeated line itself for as long as the bot allowed it: by bot,
        # person (0: everyone), line and offset.
        self.inline_cache: dict[tuple[int, int, str, str], tuple[float, InlineQuery]] = {}
        self.perform: Callable[[Bot, str, Json], Awaitable[Any]] | None = None
        self.toasts: list[Json] = []
        self.log: list[Json] = []
        self.dirty: dict[tuple[str, str], None] | None = {} if folder else None
        for token in tokens:
            self._add_bot(token)

    def _add_bot(self, token: str) -> None:
        number, _, secret = token.partition(":")
        if not number.isdigit() or not secret:
            raise ValueError("a token is <number>:<secret>")
        first = not self.bots
        bot = Bot(
            # A bot may remember update ids of an earlier, forgotten sandbox: never give one
            # twice. Ten a second since 2026 stays above them and below 2**31 until 2032.
            next_update_id=int((time.time() - _YEAR_2026) * 10),
            id=int(number),
            token=token,
            username="sandbox_bot" if first else f"sandbox{number}_bot",
            first_name="Sandbox" if first else f"Sandbox {number}",
        )
        self.bots[bot.id] = bot
        self.by_token[token] = bot
        self.mailboxes[bot.id] = Mailbox(self, bot)

    # -- keeping --------------------------------------------------------------------------

    def touch(self, kind: str, key: object) -> None:
        """Mark a thing as changed (or gone), for the next write to disk."""
        if self.dirty is not None:
            self.dirty[kind, str(key)] = None

    def touch_chat(self, chat: Chat) -> None:
        """Keep a changed chat and tell the page."""
        self.touch("chat", chat.key)
        self.events.emit("chat", chat=render.chat_view(self, chat))

    # -- looking up -----------------------------------------------------------------------

    def account(self, account_id: int) -> Person | Bot | None:
        """A person or bot by id."""
        return self.people.get(account_id) or self.bots.get(account_id)

    def group(self, chat_id: int) -> Chat | None:
        """A group by id."""
        return self.chats.get(str(chat_id))

    def groups_of(self, account_id: int) -> list[Chat]:
        """Groups in which this person or bot is now."""
        return [chat for chat in self.chats.values() if chat.is_group and chat.has(account_id)]

    def private(self, user_id: int, bot_id: int) -> Chat:
        """The dialogue of a person with a bot."""
        key = f"{user_id}:{bot_id}"
        chat = self.chats.get(key)
        if chat is None:
            chat = Chat(key=key, id=user_id, type="private", user_id=user_id, bot_id=bot_id)
            self.chats[key] = chat
            self.touch("chat", key)
        return chat

    def bots_in(self, chat: Chat) -> list[Bot]:
        """Bots that take part in a chat."""
        if chat.type == "private":
            return [self.bots[chat.bot_id]] if chat.bot_id in self.bots else []
        return [bot for bot in self.bots.values() if chat.has(bot.id)]

    def people_in(self, chat: Chat) -> list[int]:
        """Ids of the people who see a chat."""
        if chat.type == "private":
            return [chat.user_id]
        return [m.user_id for m in chat.members.values() if not m.is_bot and m.status in PRESENT]

    # -- people and groups ----------------------------------------------------------------

    def put_person(self, spec: Json) -> Person:
        """Create or change a person.

        Raises:
            ControlError: No name, or the id is a bot's.
        """
        given = spec.get("id")
        person_id = int(given) if given is not None else max([1000, *self.people]) + 1
        if person_id in self.bots or person_id <= 0:
            raise ControlError("this id cannot be a person's")
        person = self.people.get(person_id)
        if person is None:
            if not spec.get("first_name"):
                raise ControlError("first_name is missing")
            person = Person(id=person_id, first_name=str(spec["first_name"]))
            self.people[person_id] = person
        for name in ("first_name", "last_name", "username", "language_code", "label", "order"):
            if name in spec:
                empty = None if name in ("label", "order") else ""
                setattr(person, name, spec[name] if spec[name] is not None else empty)
        person.deleted = bool(spec.get("deleted", False))
        for bot in self.bots.values():
            self.private(person_id, bot.id)
        self.touch("person", person_id)
        self.events.emit("user", user=render.person_view(self, person))
        return person

    def set_member(
        self,
        chat: Chat,
        account_id: int,
        status: str,
        by: int,
        rights: dict[str, bool] | None = None,
    ) -> None:
        """Change a membership and tell the bots: ``my_chat_member`` or ``chat_member``."""
        old = chat.members.get(account_id)
        before = render.member_api(self, old or Member(account_id, "left"))
        given = admin_rights(rights) if status == "administrator" else {}
        is_bot = account_id in self.bots
        chat.members[account_id] = Member(account_id, status, is_bot, given)
        after = render.member_api(self, chat.members[account_id])
        self.touch_chat(chat)
        if before == after:
            return
        actor = self.account(by) or self.account(account_id)
        if actor is None:
            return
        for bot in self.bots.values():
            concerned = bot.id == account_id
            if not concerned and chat.status_of(bot.id) not in ("administrator", "creator"):
                continue
            self.mailboxes[bot.id].put(
                "my_chat_member" if concerned else "chat_member",
                {
                    "chat": render.chat_api(self, chat),
                    "from": render.user_api(actor),
                    "date": int(self.clock.now()),
                    "old_chat_member": before,
                    "new_chat_member": after,
                },
                queue=chat.id,
            )

    def set_blocked(self, chat: Chat, *, blocked: bool) -> None:
        """A person blocks or unblocks the bot of a private chat."""
        if chat.blocked == blocked:
            return
        chat.blocked = blocked
        self.touch_chat(chat)
        bot, person = self.bots[chat.bot_id], self.people[chat.user_id]
        member: Json = {"user": render.bot_api(bot), "status": "member"}
        kicked: Json = {"user": render.bot_api(bot), "status": "kicked", "until_date": 0}
        self.mailboxes[bot.id].put(
            "my_chat_member",
            {
                "chat": render.chat_api(self, chat),
                "from": person.api(),
                "date": int(self.clock.now()),
                "old_chat_member": member if blocked else kicked,
                "new_chat_member": kicked if blocked else member,
            },
            queue=chat.id,
        )

    def migrate(self, chat: Chat, by: int, new_id: int | None = None) -> Chat:
        """Turn a group into a supergroup with another id, as Telegram does.

        Raises:
            ControlError: It is no basic group.
        """
        if chat.type != "group" or chat.migrated_to:
            raise ControlError("only a basic group migrates, once")
        wanted = new_id or -1002000000000 - abs(chat.id) % 1_000_000_000
        while new_id is None and str(wanted) in self.chats:
            wanted -= 1
        if str(wanted) in self.chats:
            raise ControlError("the new id is taken")
        new = Chat(
            key=str(wanted),
            id=wanted,
            type="supergroup",
            title=chat.title,
            migrated_from=chat.key,
            members={m.user_id: m for m in chat.members.values()},
        )
        self.chats[new.key] = new
        self.post(chat, by, {"service": {"kind": "migrate_to", "id": wanted}})
        chat.migrated_to = new.key
        self.touch_chat(chat)
        self.touch_chat(new)
        self.post(new, by, {"service": {"kind": "migrate_from", "id": chat.id}})
        return new

    # -- messages -------------------------------------------------------------------------

    def post(
        self,
        chat: Chat,
        sender: int,
        content: Json,
        *,
        reply_to: int | None = None,
        thread: int | None = None,
        markup: Json | None = None,
        other_markup: bool = False,
        via_bot: int | None = None,
        inline_id: str | None = None,
        forward: Json | None = None,
        group: str | None = None,
        silent: bool = False,
        protected: bool = False,
        edit_date: int | None = None,
    ) -> Message:
        """Put a message into a chat and tell everyone who is to hear of it."""
        owner = self.bots[chat.bot_id] if chat.type == "private" else chat
        message = Message(
            chat=chat.key,
            id=owner.next_message_id,
            date=int(self.clock.now()),
            sender=sender,
            content=content,
            thread=thread,
            reply_to=reply_to,
            markup=markup,
            other_markup=other_markup,
            edit_date=edit_date,
            via_bot=via_bot,
            inline_id=inline_id,
            forward=forward,
            group=group,
            silent=silent,
            protected=protected,
        )
        owner.next_message_id += 1
        if owner is not chat:
            self.touch("bot", chat.bot_id)
        chat.messages[message.id] = message
        if inline_id is not None:
            self.inline_messages[inline_id] = (chat.key, message.id)
        self._forget_oldest(chat)
        events = self.events
        events.emit("message_new", message=render.message_view(self, chat, message))
        for reader in self.people_in(chat):
            if reader != sender:
                count = chat.unread.get(reader, 0) + 1
                chat.unread[reader] = count
                events.emit("unread", chat=chat.key, user_id=reader, count=count)
        self.touch("chat", chat.key)
        self.touch("message", f"{chat.key}/{message.id}")
        self._tell_bots(chat, message, "message")
        return message

    def edited(self, chat: Chat, message: Message) -> None:
        """Keep an edited message and tell everyone."""
        self.touch("message", f"{chat.key}/{message.id}")
        self.events.emit("message_edited", message=render.message_view(self, chat, message))
        if message.sender not in self.bots:
            self._tell_bots(chat, message, "edited_message")

    def delete(self, chat: Chat, message_ids: list[int]) -> list[int]:
        """Remove messages; gives those that were there."""
        gone = [m for m in message_ids if chat.messages.pop(m, None) is not None]
        if gone:
            for message_id in gone:
                self.touch("message", f"{chat.key}/{message_id}")
            self.events.emit("message_deleted", chat=chat.key, message_ids=gone)
            pinned = [m for m in chat.pinned if m not in gone]
            if pinned != chat.pinned:
                self._set_pinned(chat, pinned)
        return gone

    def pin(self, chat: Chat, message_id: int, by: int, *, silent: bool = False) -> None:
        """Pin a message on top, with the service message that Telegram adds."""
        if chat.pinned[:1] == [message_id]:
            return
        self._set_pinned(chat, [message_id, *(m for m in chat.pinned if m != message_id)])
        service: Json = {"kind": "pinned_message", "message_id": message_id}
        thread = chat.messages[message_id].thread
        self.post(chat, by, {"service": service}, silent=silent, thread=thread)

    def unpin(self, chat: Chat, message_ids: list[int]) -> None:
        """Unpin messages; there is no service message for it."""
        self._set_pinned(chat, [m for m in chat.pinned if m not in message_ids])

    def _set_pinned(self, chat: Chat, pinned: list[int]) -> None:
        chat.pinned = pinned
        self.touch("chat", chat.key)
        self.events.emit("pinned", chat=chat.key, pinned=pinned)

    def set_keyboard(self, chat: Chat, user_id: int, keyboard: Json | None) -> None:
        """Show a reply keyboard to one person, or take it away."""
        if keyboard is None:
            if chat.keyboards.pop(user_id, None) is None:
                return
        else:
            chat.keyboards[user_id] = keyboard
        self.touch("chat", chat.key)
        self.events.emit("keyboard", chat=chat.key, user_id=user_id, keyboard=keyboard)

    def mark_read(self, chat: Chat, user_id: int) -> None:
        """A person has looked at a chat."""
        if chat.unread.pop(user_id, None):
            self.touch("chat", chat.key)
            self.events.emit("unread", chat=chat.key, user_id=user_id, count=0)

    def _forget_oldest(self, chat: Chat) -> None:
        if len(chat.messages) <= HISTORY_LIMIT + len(chat.pinned):
            return
        oldest = next((m for m in chat.messages if m not in chat.pinned), None)
        if oldest is not None:
            gone = chat.messages.pop(oldest)
            if gone.inline_id:
                self.inline_messages.pop(gone.inline_id, None)
            self.touch("message", f"{chat.key}/{oldest}")

    def _tell_bots(self, chat: Chat, message: Message, kind: str) -> None:
        service = "service" in message.content
        if message.sender in self.bots and not service:
            return
        for bot in self.bots_in(chat):
            if service or hears(bot, chat, message):
                mailbox = self.mailboxes[bot.id]
                if mailbox.wants(kind):
                    body = render.message_api(self, bot, chat, message)
                    mailbox.put(kind, body, queue=chat.id)

    # -- presses and inline lines -----------------------------------------------------------

    def remember_callback(self, query: CallbackQuery) -> None:
        """Keep a press for its answer; the oldest go first."""
        self.callbacks[query.id] = query
        if len(self.callbacks) > CALLBACKS_KEPT:
            self.callbacks.pop(next(iter(self.callbacks)))

    def remember_inline(self, query: InlineQuery) -> None:
        """Keep an inline line for its results; the oldest go first."""
        self.inline_queries[query.id] = query
        if len(self.inline_queries) > 1_000:
            self.inline_queries.pop(next(iter(self.inline_queries)))

    def new_query_id(self) -> str:
        """An id for a callback or inline query: digits, as Telegram's."""
        return str(secrets.randbits(62))

    def add_file(self, file: File) -> File:
        """Take a stored file into the books."""
        self.stored_files[file.id] = file
        self.touch("file", file.id)
        return file

    def write_log(self, entry: Json) -> None:
        """Note what Telegram would have said; never what was said to it."""
        self.log.append(entry)
        if len(self.log) > LOG_KEPT * 2:
            del self.log[:LOG_KEPT]
        self.events.emit("log", entry=entry)

    def reset(self) -> None:
        """Forget people, groups, messages, files and updates; keep the tokens."""
        for kind, keys in (
            ("person", list(self.people)),
            ("chat", list(self.chats)),
            ("file", list(self.stored_files)),
            ("message", [f"{c.key}/{m}" for c in self.chats.values() for m in c.messages]),
        ):
            for key in keys:
                self.touch(kind, key)
        for held in (
            self.people,
            self.chats,
            self.stored_files,
            self.callbacks,
            self.inline_queries,
            self.inline_messages,
            self.inline_cache,
        ):
            held.clear()
        self.toasts.clear()
        self.log.clear()
        self.faults.clear()
        self.files.clear()
        for mailbox in self.mailboxes.values():
            mailbox.drop_pending()
        self.clock.set_speed(1.0)
        self.clock.set_offset(0.0)
        self.touch("meta", "clock")
        self.events.clear()
        self.events.emit("reset")
