"""Opening a campaign in chat: admins and organisers, on a phone as on the command line."""

import re
import unicodedata
from datetime import date

from aiogram import F, Router
from aiogram.types import CallbackQuery, Message

import handlers.views.campaigns  # noqa: F401 - registers the card
from campaigns.campaign import list_packs
from campaigns.errors import CampaignError
from handlers.callbacks import Go
from handlers.campaign_callbacks import Camp
from handlers.context import Ctx
from handlers.inputs import Reply, text_input
from locales import LANGUAGES
from services.opening import open_campaign
from storage.tables import Role
from storage.workspace import Card

router = Router(name="campaigns")

YEARS = 5
"""A first day further away than this is a slip of the finger."""

_DATE = re.compile(r"(\d{4})\s*[-./年]\s*(\d{1,2})\s*[-./月]\s*(\d{1,2})\s*日?")


async def _check(ctx: Ctx) -> None:
    if not (ctx.is_admin or (await ctx.access()).can(Role.ORGANISER)):
        raise CampaignError("campaign-not-yours")


def read_date(text: str) -> date | None:
    """A day as people type it: 2026-09-01, 2026.9.1, 2026年9月1日, full-width digits too."""
    found = _DATE.fullmatch(unicodedata.normalize("NFKC", text).strip())
    try:
        return date(*(int(part) for part in found.groups())) if found else None
    except ValueError:
        return None


@router.callback_query(Go.filter(F.to == "campaign"))
async def campaign_button(_query: CallbackQuery, ctx: Ctx) -> Reply:
    """List what runs and what can be opened."""
    await _check(ctx)
    await ctx.show("campaign", {})
    return None


@router.callback_query(Camp.filter())
async def step(_query: CallbackQuery, callback_data: Camp, ctx: Ctx) -> Reply:
    """One tap of the dialogue."""
    await _check(ctx)
    card = await ctx.ws.card(ctx.bot.id, ctx.chat_id)
    if card is None or card.view != "campaign":
        raise CampaignError("button-old")
    params = {key: value for key, value in card.params.items() if key != "notice"}
    if callback_data.act == "pack" and callback_data.value in list_packs():
        await ctx.show("campaign", {"pack": callback_data.value})
    elif callback_data.act == "date" and "pack" in params:
        await ctx.show("campaign", {"pack": params["pack"]})
    elif callback_data.act == "open" and "starts" in params:
        await open_campaign(
            ctx.ws.connection,
            str(params["pack"]),
            date.fromisoformat(params["starts"]),
            now=ctx.now,
            # What groups receive and what is sent upward is Chinese, whoever opens it; the
            # command line offers the choice.
            language=LANGUAGES[0],
        )
        await ctx.show("menu", {"note": "campaign-opened"})
    else:
        raise CampaignError("button-old")
    return None


@text_input("campaign")
async def date_typed(message: Message, ctx: Ctx, card: Card) -> Reply:
    """Take the first day as typed; what is no day is asked again."""
    await _check(ctx)
    params = {key: value for key, value in card.params.items() if key != "notice"}
    if "pack" not in params:
        await ctx.show("campaign", {"notice": "menu-choose"}, below=True)
        return None
    starts_on = read_date(message.text or "")
    if starts_on is None or abs(starts_on.year - ctx.now.year) > YEARS:
        await ctx.show("campaign", {"pack": params["pack"], "notice": "date-bad"}, below=True)
        return None
    await ctx.show(
        "campaign", {"pack": params["pack"], "starts": starts_on.isoformat()}, below=True
    )
    return None
