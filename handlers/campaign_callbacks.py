"""Buttons of the dialogue that opens a campaign."""

from aiogram.filters.callback_data import CallbackData


class Camp(CallbackData, prefix="camp"):
    """``act``: pack (pack id), date (ask again), open."""

    act: str
    value: str = ""
