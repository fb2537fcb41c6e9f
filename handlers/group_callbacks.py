"""Buttons of the cards about office groups."""

from aiogram.filters.callback_data import CallbackData


class Bind(CallbackData, prefix="bind"):
    """A step of binding a group.

    ``act``: open (value: chat id), unit (unit id), toggle (purpose), page (number), ok, release.
    """

    act: str
    value: str = ""
