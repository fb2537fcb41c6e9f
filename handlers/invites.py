"""/invite: organisers, officers and admins hand out single-use links."""

import secrets
from typing import Any

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.methods import SendMessage, TelegramMethod
from aiogram.types import CallbackQuery, LinkPreviewOptions, Message

import handlers.views.invites  # noqa: F401 - registers the card
from campaigns.errors import CampaignError
from handlers.callbacks import Go
from handlers.content import escape
from handlers.context import Ctx
from handlers.inputs import Reply, text_input
from handlers.invite_callbacks import Inv
from services.invites import (
    TOKEN_BYTES,
    create_invite,
    invitable_roles,
    invite_units,
    join_link,
    may_invite,
    read_invite,
    renew_invite,
)
from services.opening import open_campaigns
from services.registry import read_unit
from storage.tables import Role
from storage.workspace import Card

router = Router(name="invites")
PRIVATE = F.chat.type == "private"


@router.message(Command("invite"), PRIVATE)
async def invite_command(_message: Message, ctx: Ctx) -> Reply:
    """Begin an invite below what was written."""
    return await _begin(ctx, below=True)


@router.callback_query(Go.filter(F.to == "invite"))
async def invite_button(_query: CallbackQuery, ctx: Ctx) -> Reply:
    """Begin an invite from the menu or from an access request."""
    return await _begin(ctx, below=False)


async def _begin(ctx: Ctx, *, below: bool) -> Reply:
    roles = invitable_roles(await ctx.access(), admin=ctx.is_admin)
    if not roles:
        raise CampaignError("invite-not-yours")
    await ctx.show("invite", {}, below=below)
    return None


async def _card(ctx: Ctx) -> Card:
    card = await ctx.ws.card(ctx.bot.id, ctx.chat_id)
    if card is None or card.view != "invite":
        raise CampaignError("button-old")
    card.params.pop("notice", None)
    return card


@router.callback_query(Inv.filter(F.act == "reissue"))
async def reissue(_query: CallbackQuery, callback_data: Inv, ctx: Ctx) -> Reply:
    """Answer an access request: a new link with what the used or expired invite said."""
    old = await read_invite(ctx.ws.connection, _number(callback_data.value))
    await _check(ctx, old.role, old.unit_id)
    if old.used_at is None:
        return await _renew(ctx, old.id)
    return await _make(ctx, old.role, old.unit_id, old.campaign_id, old.name, below=True)


@router.callback_query(Inv.filter(F.act == "renew"))
async def renew(_query: CallbackQuery, callback_data: Inv, ctx: Ctx) -> Reply:
    """Replace the link of an invite that was made here."""
    old = await read_invite(ctx.ws.connection, _number(callback_data.value))
    await _check(ctx, old.role, old.unit_id)
    return await _renew(ctx, old.id)


@router.callback_query(Inv.filter())
async def step(_query: CallbackQuery, callback_data: Inv, ctx: Ctx) -> Reply:
    """One tap of the dialogue."""
    card = await _card(ctx)
    params, act, value = dict(card.params), callback_data.act, callback_data.value
    if act == "more":
        params.pop("made", None)
    elif act == "role":
        roles = invitable_roles(await ctx.access(), admin=ctx.is_admin)
        if value not in roles:
            raise CampaignError("invite-not-yours")
        params = {"role": value}
        units = await invite_units(
            ctx.ws.connection, await ctx.access(), Role(value), admin=ctx.is_admin
        )
        if len(units) == 1:
            params["unit"] = units[0].id
    elif act == "page" and "role" in params:
        params["page"] = _number(value)
    elif act == "unit" and "role" in params:
        await _check(ctx, Role(params["role"]), _number(value))
        params["unit"] = _number(value)
    elif act == "campaign" and "unit" in params:
        running = {campaign.id for campaign in await open_campaigns(ctx.ws.connection)}
        params["campaign"] = _number(value) if _number(value) in running else None
    else:
        raise CampaignError("button-old")
    await ctx.show("invite", params)
    return None


@text_input("invite")
async def typed(message: Message, ctx: Ctx, card: Card) -> Reply:
    """Part of a unit's name, or the invited person's name."""
    params = {key: value for key, value in card.params.items() if key != "notice"}
    if "made" in params or "role" not in params:
        await ctx.show("invite", {**params, "notice": "menu-choose"}, below=True)
        return None
    if "unit" not in params:
        part = " ".join((message.text or "").split())[:40]
        await ctx.show("invite", {"role": params["role"], "q": part}, below=True)
        return None
    role, unit_id = Role(params["role"]), int(params["unit"])
    await _check(ctx, role, unit_id)
    return await _make(ctx, role, unit_id, params.get("campaign"), message.text or "", below=True)


def _number(value: str) -> int:
    if not value.isdecimal() or len(value) > 18:
        raise CampaignError("button-unknown")
    return int(value)


async def _check(ctx: Ctx, role: Role, unit_id: int) -> None:
    unit = await read_unit(ctx.ws.connection, unit_id)
    access = await ctx.access()
    if not may_invite(access, role, unit.area_path, unit.line, admin=ctx.is_admin):
        raise CampaignError("invite-not-there", unit=unit.name)


async def _make(
    ctx: Ctx, role: Role, unit_id: int, campaign_id: int | None, name: str, *, below: bool
) -> Reply:
    invite_id, token = await create_invite(
        ctx.ws.connection,
        token=secrets.token_bytes(TOKEN_BYTES),
        name=name,
        unit_id=unit_id,
        role=role,
        campaign_id=campaign_id,
        created_by=ctx.me.id,
        now=ctx.now,
    )
    params = {"role": role.value, "unit": unit_id, "made": invite_id}
    await ctx.show("invite", params, below=below)
    return [await _link(ctx, invite_id, token)]


async def _renew(ctx: Ctx, invite_id: int) -> Reply:
    token = await renew_invite(
        ctx.ws.connection,
        invite_id,
        token=secrets.token_bytes(TOKEN_BYTES),
        created_by=ctx.me.id,
        now=ctx.now,
    )
    made = await read_invite(ctx.ws.connection, invite_id)
    params = {"role": made.role.value, "unit": made.unit_id, "made": invite_id}
    await ctx.show("invite", {**params, "notice": "invite-renewed"}, below=True)
    return [await _link(ctx, invite_id, token)]


async def _link(ctx: Ctx, invite_id: int, token: str) -> TelegramMethod[Any]:
    # The token is kept nowhere: a link lost on its way is replaced with "new link". It stands
    # in a message of its own so that forwarding it forwards nothing else.
    made = await read_invite(ctx.ws.connection, invite_id)
    sentence = ctx.t(
        "invite-message",
        name=escape(made.name),
        unit=escape(made.unit_name),
        role=ctx.t(f"role-{made.role}"),
    )
    return SendMessage(
        chat_id=ctx.chat_id,
        text=f"{sentence}\n{join_link(ctx.bot.username, token)}",
        parse_mode="HTML",
        link_preview_options=LinkPreviewOptions(is_disabled=True),
    )
