"""Buttons of the invite dialogue."""

from aiogram.filters.callback_data import CallbackData


class Inv(CallbackData, prefix="inv"):
    """A step of inviting.

    ``act``: role, unit (id), page (number), campaign (id, 0 for any), name (back to typing),
    renew, more, reissue (invite id, from an access request).
    """

    act: str
    value: str = ""
