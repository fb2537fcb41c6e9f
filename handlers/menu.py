"""/menu and /cancel in private, and the few commands that make sense in a group."""

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

import handlers.views.menu  # noqa: F401 - registers the cards
from handlers import campaigns, invites
from handlers.callbacks import Go
from handlers.context import Ctx
from handlers.inputs import Reply, text_input
from handlers.institutions import choose_by_code
from services.inspections import INSPECTING_ROLES
from services.institutions import code_in
from storage.workspace import Card

router = Router(name="menu")
router.include_routers(invites.router, campaigns.router)
PRIVATE = F.chat.type == "private"


@router.message(Command("menu"), PRIVATE)
async def menu_command(_message: Message, ctx: Ctx) -> Reply:
    """Show the person's menu below what they wrote."""
    await ctx.show("menu", below=True)
    return None


@router.message(Command("cancel"), PRIVATE)
async def cancel_command(_message: Message, ctx: Ctx) -> Reply:
    """Leave whatever the card was asking; drafts are kept."""
    card = await ctx.ws.card(ctx.bot.id, ctx.chat_id)
    busy = card is not None and card.view not in ("menu", "help", "language", "switch")
    await ctx.show("menu", {"note": "cancel-done" if busy else "cancel-nothing"}, below=True)
    return None


@router.callback_query(Go.filter(F.to == "menu"))
async def menu_button(_query: CallbackQuery, ctx: Ctx) -> Reply:
    """The menu in place of what the card showed."""
    await ctx.show("menu")
    return None


@text_input("menu")
async def typed_at_menu(message: Message, ctx: Ctx, _card: Card) -> Reply:
    """An institution picked inline begins a visit; other text nobody asked for: what to do."""
    typed = message.text or ""
    if code_in(typed) is not None and (await ctx.access()).can(*INSPECTING_ROLES):
        return await choose_by_code(ctx, typed, {})
    await ctx.show("menu", {"notice": "menu-choose"} if await _knows_us(ctx) else {}, below=True)
    return None


async def _knows_us(ctx: Ctx) -> bool:
    return ctx.is_admin or bool((await ctx.access()).memberships)


text_input("help")(typed_at_menu)
text_input("language")(typed_at_menu)
text_input("switch")(typed_at_menu)
text_input("join_refused")(typed_at_menu)
