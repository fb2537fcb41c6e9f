"""First contact: /start with and without a link, joining, language, help, asking for access.

Anybody may use these; what they open is decided by the person's memberships.
"""

from aiogram import F, Router
from aiogram.filters import Command, CommandObject, CommandStart
from aiogram.methods import AnswerCallbackQuery
from aiogram.types import CallbackQuery, Message

import handlers.views.start  # noqa: F401 - registers the cards
from campaigns.errors import CampaignError
from handlers.callbacks import Go
from handlers.context import Ctx
from handlers.inputs import DEEP_LINKS, Reply, deep_link, text_input
from handlers.start_callbacks import Join, Language, Switch
from locales import LANGUAGES
from services.invites import accept_invite, check_invite, find_invite, read_invite, request_access
from services.people import clean_name, load_access, switch_acting
from storage.workspace import Card

router = Router(name="start")
PRIVATE = F.chat.type == "private"


@router.message(CommandStart(), PRIVATE)
async def start(message: Message, command: CommandObject, ctx: Ctx) -> Reply:
    """Open what the link names, or the menu."""
    prefix, _, rest = (command.args or "").partition("_")
    opened = DEEP_LINKS.get(prefix)
    if opened is not None and rest:
        return await opened(message, ctx, rest)
    await ctx.show("menu", below=True)
    return None


@deep_link("join")
async def open_invite(_message: Message, ctx: Ctx, rest: str) -> Reply:
    """Show an invite for confirmation, or say why it cannot be used."""
    try:
        invite = await find_invite(ctx.ws.connection, rest)
    except CampaignError:
        await ctx.show("join_refused", {"invite": 0}, below=True)
        return None
    if invite.used_by == ctx.me.id:
        await ctx.show("menu", {"note": "join-already"}, below=True)
        return None
    try:
        check_invite(invite, ctx.now)
    except CampaignError:
        await ctx.show("join_refused", {"invite": invite.id}, below=True)
        return None
    await ctx.show("join", {"invite": invite.id}, below=True)
    return None


async def _invite_card(ctx: Ctx, invite_id: int) -> Card:
    # Only who opened the link sees this invite's card; the button's id alone proves nothing.
    card = await ctx.ws.card(ctx.bot.id, ctx.chat_id)
    if (
        card is None
        or card.view not in ("join", "join_refused")
        or card.params.get("invite") != invite_id
    ):
        raise CampaignError("join-reopen")
    return card


@router.callback_query(Join.filter(F.act.in_({"ok", "name", "back", "no"})))
async def answer_invite(_query: CallbackQuery, callback_data: Join, ctx: Ctx) -> Reply:
    """Confirm, correct the name first, or decline."""
    card = await _invite_card(ctx, callback_data.invite)
    if card.view != "join":
        raise CampaignError("join-reopen")
    if callback_data.act == "no":
        await ctx.show("menu", {"note": "join-declined"})
        return None
    if callback_data.act in ("name", "back"):
        step = "name" if callback_data.act == "name" else "confirm"
        params = {key: value for key, value in card.params.items() if key != "notice"}
        await ctx.show("join", {**params, "step": step})
        return None
    invite = await read_invite(ctx.ws.connection, callback_data.invite)
    if invite.used_by == ctx.me.id:
        await ctx.show("menu", {"note": "join-already"})
        return None
    await ctx.ws.flush()
    try:
        await accept_invite(
            ctx.ws, ctx.me, invite, ctx.now, keep_name=bool(card.params.get("own_name"))
        )
    except CampaignError:
        await ctx.show("join_refused", {"invite": invite.id})
        return None
    await ctx.show("menu", {"note": "join-done"})
    return None


@text_input("join")
async def name_typed(message: Message, ctx: Ctx, card: Card) -> Reply:
    """Take over the name that the invited person types."""
    params = {key: value for key, value in card.params.items() if key != "notice"}
    if params.get("step") != "name":
        await ctx.show("join", {**params, "notice": "menu-choose"}, below=True)
        return None
    ctx.me.name = clean_name(message.text or "")
    ctx.ws.change_person(ctx.me)
    await ctx.show("join", {**params, "step": "confirm", "own_name": True}, below=True)
    return None


@router.callback_query(Join.filter(F.act == "ask"))
async def ask_access(_query: CallbackQuery, callback_data: Join, ctx: Ctx) -> Reply:
    """Pass the request on to the admins and to who made the invite."""
    invite = None
    if callback_data.invite:
        await _invite_card(ctx, callback_data.invite)
        invite = await read_invite(ctx.ws.connection, callback_data.invite)
    count = await request_access(ctx.ws, ctx.me, ctx.bot.admins, ctx.now, invite=invite)
    await ctx.show("join_refused", {"invite": callback_data.invite, "asked": count})
    return None


@router.message(Command("help"), PRIVATE)
async def help_command(_message: Message, ctx: Ctx) -> Reply:
    """Say what can be done here."""
    await ctx.show("help", below=True)
    return None


@router.callback_query(Go.filter(F.to == "help"))
async def help_button(_query: CallbackQuery, ctx: Ctx) -> Reply:
    """The same from a button."""
    await ctx.show("help")
    return None


@router.message(Command("language"), PRIVATE)
async def language_command(_message: Message, ctx: Ctx) -> Reply:
    """Offer the languages."""
    await ctx.show("language", below=True)
    return None


@router.callback_query(Go.filter(F.to == "language"))
async def language_button(_query: CallbackQuery, ctx: Ctx) -> Reply:
    """The same from a button."""
    await ctx.show("language")
    return None


@router.callback_query(Language.filter())
async def choose_language(query: CallbackQuery, callback_data: Language, ctx: Ctx) -> Reply:
    """Keep the person's choice and answer in it at once."""
    if callback_data.code not in LANGUAGES:
        raise CampaignError("button-unknown")
    ctx.me.language = callback_data.code
    ctx.ws.change_person(ctx.me)
    ctx.use_language()
    await ctx.show("menu")
    return [AnswerCallbackQuery(callback_query_id=query.id, text=ctx.t("language-done"))]


@router.callback_query(Go.filter(F.to == "switch"))
async def switch_button(_query: CallbackQuery, ctx: Ctx) -> Reply:
    """Offer the person's own memberships to act in."""
    await ctx.show("switch")
    return None


@router.callback_query(Switch.filter())
async def switch(_query: CallbackQuery, callback_data: Switch, ctx: Ctx) -> Reply:
    """Act in another unit from now on."""
    access = await load_access(ctx.ws.connection, ctx.me)
    await switch_acting(ctx.ws, ctx.me, access, callback_data.membership)
    await ctx.show("menu")
    return None
