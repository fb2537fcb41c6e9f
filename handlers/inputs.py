"""What a message in a private chat means depends on the card that is shown there.

There is no conversation state beside the card: its view (and the step in its parameters) says
what typed text, a location or a deep link is for, so that nothing is forgotten in a crash.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from aiogram.methods import TelegramMethod
from aiogram.types import Message

from handlers.context import Ctx
from storage.workspace import Card

Reply = list[TelegramMethod[Any]] | None
Input = Callable[[Message, Ctx, Card], Awaitable[Reply]]
DeepLink = Callable[[Message, Ctx, str], Awaitable[Reply]]

TEXT_INPUTS: dict[str, Input] = {}
"""By view: what a text message means while that card is shown."""

LOCATION_INPUTS: dict[str, Input] = {}
"""By view: what a shared location means while that card is shown."""

DEEP_LINKS: dict[str, DeepLink] = {}
"""By prefix (up to the first underscore): what ``/start <prefix>_<rest>`` opens."""


def text_input(view: str) -> Callable[[Input], Input]:
    """Register what typed text means while the card shows ``view``."""
    return _register(TEXT_INPUTS, view)


def location_input(view: str) -> Callable[[Input], Input]:
    """Register what a shared location means while the card shows ``view``."""
    return _register(LOCATION_INPUTS, view)


def _register(table: dict[str, Input], view: str) -> Callable[[Input], Input]:
    def register(function: Input) -> Input:
        if view in table:
            raise ValueError(f"input of view {view} is registered twice")
        table[view] = function
        return function

    return register


def deep_link(prefix: str) -> Callable[[DeepLink], DeepLink]:
    """Register what a deep link ``?start=<prefix>_<rest>`` opens; it is given the rest."""

    def register(function: DeepLink) -> DeepLink:
        if prefix in DEEP_LINKS:
            raise ValueError(f"deep link {prefix} is registered twice")
        DEEP_LINKS[prefix] = function
        return function

    return register
