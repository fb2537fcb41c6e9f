"""Buttons of the cards of the first contact."""

from aiogram.filters.callback_data import CallbackData


class Join(CallbackData, prefix="join"):
    """Answer to an invite: ok, name (it is wrong), back, no, ask (for access)."""

    act: str
    invite: int


class Language(CallbackData, prefix="lang"):
    """A chosen language."""

    code: str


class Switch(CallbackData, prefix="act"):
    """The membership to act in."""

    membership: int
