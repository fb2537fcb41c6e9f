"""What no other conversation took."""

from aiogram import F, Router
from aiogram.methods import AnswerCallbackQuery
from aiogram.types import CallbackQuery, Message

from handlers.context import Ctx
from handlers.inputs import LOCATION_INPUTS, Reply

router = Router(name="fallback")


@router.message(F.chat.type == "private", F.location | F.venue)
async def located(message: Message, ctx: Ctx) -> Reply:
    """Give a shared location to the activity at hand."""
    card = await ctx.ws.card(ctx.bot.id, ctx.chat_id)
    read = LOCATION_INPUTS.get(card.view) if card is not None else None
    if card is None or read is None:
        await ctx.show("menu", below=True)
        return None
    return await read(message, ctx, card)


@router.message(F.chat.type == "private")
async def something_else(message: Message, ctx: Ctx) -> Reply:
    """A sticker, a contact, an unknown command: show again what the bot is waiting for."""
    card = await ctx.ws.card(ctx.bot.id, ctx.chat_id)
    if card is None or (message.text and not message.text.startswith("/")):
        await ctx.show("menu", below=True)
        return None
    params = {**card.params, "notice": "notice-not-understood"}
    if card.shown >= card.wanted:
        # What an earlier message led to has been read; it is not said again.
        for said in ("saved", "files", "notices"):
            params.pop(said, None)
    await ctx.show(card.view, params, below=True)
    return None


@router.callback_query()
async def old_button(query: CallbackQuery, ctx: Ctx) -> Reply:
    """A button of a former version or of another bot: say what to do."""
    return [
        AnswerCallbackQuery(
            callback_query_id=query.id, text=ctx.t("error-old-button"), show_alert=True
        )
    ]
