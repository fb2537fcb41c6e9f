"""Typed text goes to the activity that the card shows; asked first, because it comes most."""

from typing import Any

from aiogram import Router
from aiogram.filters import Filter
from aiogram.types import Message

from handlers.context import Ctx
from handlers.inputs import TEXT_INPUTS, Input, Reply
from handlers.institutions import choose_by_code
from services.institutions import code_in
from storage.workspace import Card

router = Router(name="typed")


class ActiveInput(Filter):
    """Text in a private chat, no command, while a card waits for text.

    A coroutine rather than aiogram's magic filters: those run in a thread for every message.
    """

    async def __call__(self, message: Message, ctx: Ctx) -> bool | dict[str, Any]:
        """Find the card and who reads its text."""
        if not ctx.private or not message.text or message.text.startswith("/"):
            return False
        card = await ctx.ws.card(ctx.bot.id, ctx.chat_id)
        read = TEXT_INPUTS.get(card.view) if card is not None else None
        return False if read is None else {"card": card, "read": read}


@router.message(ActiveInput())
async def typed(message: Message, ctx: Ctx, card: Card, read: Input) -> Reply:
    """Hand the text to the activity at hand; an inline pick is no answer to a question."""
    picked = message.via_bot is not None and message.via_bot.id == ctx.bot.id
    if picked and "inspection" in card.params and code_in(message.text or "") is not None:
        return await choose_by_code(ctx, message.text or "", {})
    return await read(message, ctx, card)
