"""What a message shows, independent of the client that will send it.

Cards and pushes are made of the same parts; ``bot`` turns them into aiogram calls (a person's
own conversation) or python-telegram-bot calls (the outbox).
"""

from dataclasses import dataclass
from html import escape as escape


@dataclass(frozen=True, slots=True)
class Button:
    """One inline button; exactly one of the targets is set."""

    text: str
    data: str | None = None
    """Callback data, 1 to 64 bytes: record ids and a revision, never content."""
    url: str | None = None
    inline_here: str | None = None
    """Start an inline query in this chat with the given text."""
    copy: str | None = None


Rows = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True)
class File:
    """A document or picture made by us."""

    name: str
    data: bytes
    photo: bool = False


@dataclass(frozen=True, slots=True)
class Content:
    """A message: HTML text (or caption), buttons, at most one file."""

    text: str
    buttons: Rows = ()
    file: File | None = None
    ask_location: str | None = None
    """Label of a reply-keyboard button that shares the location (private chats only)."""


def rows(buttons: list[Button], per_row: int) -> Rows:
    """Lay buttons out in rows of ``per_row`` (at most 8, Bot API limit)."""
    return tuple(tuple(buttons[i : i + per_row]) for i in range(0, len(buttons), per_row))
