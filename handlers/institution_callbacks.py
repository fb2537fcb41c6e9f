"""Buttons for finding and entering an institution."""

from aiogram.filters.callback_data import CallbackData


class Pick(CallbackData, prefix="pick"):
    """``act``: i (institution id), page (number), todo (not inspected yet), near, all, new."""

    act: str
    value: str = ""


class Reg(CallbackData, prefix="reg"):
    """``act``: type, level, own, area (id), page, skip, back, ok, i (an existing one's id)."""

    act: str
    value: str = ""
