"""Keeps the world in one SQLite file, so that a restart goes on where it stopped.

Changed things are written together every quarter of a second in one transaction; a crash loses
at most that, never leaves half a state.
"""

import asyncio
import json
import sqlite3
from contextlib import closing
from dataclasses import fields
from pathlib import Path
from typing import Any

from sandbox.model import Chat, File, Json, Member, Message, Person, Topic
from sandbox.world import World

PAUSE_SECONDS = 0.25
_SEQ_GAP = 1_000_000
"""After a crash events may have been numbered that were not saved; later numbers start above."""


def _pack(thing: Any, leave_out: frozenset[str] = frozenset()) -> Json:
    return {f.name: getattr(thing, f.name) for f in fields(thing) if f.name not in leave_out}


_CHAT_APART = frozenset({"messages", "members", "topics"})
_BOT_FIXED = frozenset({"id", "token"})


def _dump(world: World, kind: str, key: str) -> Json | None:
    """What to write for a thing; None when it is gone."""
    if kind == "message":
        chat_key, _, number = key.rpartition("/")
        chat = world.chats.get(chat_key)
        message = chat.messages.get(int(number)) if chat else None
        return _pack(message) if message else None
    if kind == "chat":
        held = world.chats.get(key)
        if held is None:
            return None
        packed = _pack(held, _CHAT_APART)
        packed["members"] = [_pack(member) for member in held.members.values()]
        packed["topics"] = [_pack(topic) for topic in held.topics.values()]
        return packed
    if kind == "update":
        bot_id, _, number = key.partition("/")
        mailbox = world.mailboxes.get(int(bot_id))
        update = mailbox.pending.get(int(number)) if mailbox else None
        if mailbox is None or update is None:
            return None
        return {"update": update, "queue": mailbox.queues[int(number)]}
    if kind == "bot":
        return _pack(world.bots[int(key)], _BOT_FIXED)
    if kind == "person":
        person = world.people.get(int(key))
        return _pack(person) if person else None
    if kind == "file":
        file = world.stored_files.get(key)
        return _pack(file) if file else None
    return world.clock.dump()


class Keeper:
    """Writes a world's changes down and reads them back.

    Args:
        world: What is kept.
        folder: Where; created when missing.
    """

    def __init__(self, world: World, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._world = world
        self._path = folder / "sandbox.sqlite"
        self._lock = asyncio.Lock()
        with closing(self._connect()) as connection, connection:
            connection.execute(
                "CREATE TABLE IF NOT EXISTS things (kind TEXT, key TEXT, number INTEGER, "
                "body TEXT NOT NULL, PRIMARY KEY (kind, key)) WITHOUT ROWID"
            )
        self._connection = self._connect()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, check_same_thread=False)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        return connection

    def load(self) -> None:
        """Fill the world with what an earlier run left."""
        world = self._world
        rows: dict[str, list[tuple[str, Json]]] = {}
        for kind, key, body in self._connection.execute(
            "SELECT kind, key, body FROM things ORDER BY kind, number, key"
        ):
            rows.setdefault(kind, []).append((key, json.loads(body)))
        for _, body in rows.get("meta", []):
            world.clock.load(body)
            world.events.seq = int(body.get("seq", 0)) + _SEQ_GAP
        for key, body in rows.get("bot", []):
            bot = world.bots.get(int(key))
            if bot is not None:
                _fill(bot, body)
        for _, body in rows.get("person", []):
            person = Person(**body)
            world.people[person.id] = person
        for _, body in rows.get("file", []):
            file = File(**body)
            world.stored_files[file.id] = file
        for _, body in rows.get("chat", []):
            chat = _chat(body)
            world.chats[chat.key] = chat
        for _, body in rows.get("message", []):
            self._load_message(body)
        for key, body in rows.get("update", []):
            bot_id, _, number = key.partition("/")
            if int(bot_id) in world.mailboxes:
                mailbox = world.mailboxes[int(bot_id)]
                mailbox.restore(int(number), body["update"], body["queue"])
        for person in world.people.values():
            for bot in world.bots.values():
                world.private(person.id, bot.id)

    def _load_message(self, body: Json) -> None:
        chat = self._world.chats.get(body["chat"])
        if chat is None:
            return
        body["reactions"] = {int(user): emoji for user, emoji in body["reactions"].items()}
        message = Message(**body)
        chat.messages[message.id] = message
        if message.inline_id:
            self._world.inline_messages[message.inline_id] = (chat.key, message.id)

    async def run(self) -> None:
        """Write changes down until cancelled."""
        while True:
            await asyncio.sleep(PAUSE_SECONDS)
            await self.flush()

    async def flush(self) -> None:
        """Write down what has changed since the last time, in one transaction."""
        async with self._lock:
            dirty = self._world.dirty
            if not dirty:
                return
            self._world.dirty = {}
            put: list[tuple[str, str, int, str]] = []
            gone: list[tuple[str, str]] = []
            for kind, key in dirty:
                body = _dump(self._world, kind, key)
                if body is None:
                    gone.append((kind, key))
                    continue
                last = key.rpartition("/")[2]
                number = int(last) if kind in ("message", "update") else 0
                put.append((kind, key, number, json.dumps(body, ensure_ascii=False)))
            meta = {**self._world.clock.dump(), "seq": self._world.events.seq}
            put.append(("meta", "clock", 0, json.dumps(meta)))
            await asyncio.to_thread(self._write, put, gone)

    def _write(self, put: list[tuple[str, str, int, str]], gone: list[tuple[str, str]]) -> None:
        with self._connection:
            self._connection.executemany("DELETE FROM things WHERE kind = ? AND key = ?", gone)
            self._connection.executemany(
                "INSERT INTO things (kind, key, number, body) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (kind, key) DO UPDATE SET body = excluded.body",
                put,
            )

    async def close(self) -> None:
        """Write the last changes and let go of the file."""
        self._world.touch("meta", "clock")
        await self.flush()
        self._connection.close()


def _fill(thing: Any, body: Json) -> None:
    names = {f.name for f in fields(thing)}
    for name, value in body.items():
        if name in names:
            setattr(thing, name, value)


def _chat(body: Json) -> Chat:
    members = [Member(**member) for member in body.pop("members")]
    topics = [Topic(**topic) for topic in body.pop("topics")]
    for name in ("keyboards", "unread"):
        body[name] = {int(user): value for user, value in body[name].items()}
    chat = Chat(**body)
    chat.members = {member.user_id: member for member in members}
    chat.topics = {topic.id: topic for topic in topics}
    return chat
