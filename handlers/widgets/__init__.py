"""Question types in chat: what a card offers to tap, and how typed text is read.

One file per type with an ``options`` function; a new type is one file plus one line in
``WIDGETS``. A test fails when the engine can run a type that has no widget here.
"""

from collections.abc import Callable
from dataclasses import dataclass

from handlers.widgets import date, integer, media, select_multiple, select_one, typed
from handlers.widgets.base import Asked, Option

__all__ = ["WIDGETS", "Asked", "Option", "Widget"]


@dataclass(frozen=True, slots=True)
class Widget:
    """How a question type is asked.

    Args:
        options: What the card offers to tap.
        hint: Fluent key of the line that says what to type or send; empty for taps only.
    """

    options: Callable[[Asked], tuple[Option, ...]]
    hint: str = ""


WIDGETS: dict[str, Widget] = {
    "select_one": Widget(select_one.options),
    "select_multiple": Widget(select_multiple.options, "ask-select-multiple"),
    "integer": Widget(integer.options, "ask-integer"),
    "decimal": Widget(typed.options, "ask-decimal"),
    "text": Widget(typed.options, "ask-text"),
    "date": Widget(date.options, "ask-date"),
    "image": Widget(media.options, "ask-image"),
    "file": Widget(media.options, "ask-file"),
    "geopoint": Widget(typed.options, "ask-geopoint"),
    "note": Widget(typed.options),
}
