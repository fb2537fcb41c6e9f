"""Callback data that more than one journey uses; a journey's own buttons live in its module."""

from aiogram.filters.callback_data import CallbackData


class Go(CallbackData, prefix="go"):
    """A button that opens another place of the bot.

    ``to`` is one of menu, start (an inspection), drafts, mine, tables, status, language, help,
    invite, campaign, switch.
    """

    to: str
