"""Finding the institution for an inspection: typing, place, inline query; entering a new one.

Everything is scoped to the area in which the person may inspect, on every tap.
"""

from typing import Any

from aiogram import Router
from aiogram.methods import AnswerInlineQuery, SendMessage
from aiogram.types import (
    CallbackQuery,
    InlineQuery,
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    InputTextMessageContent,
    KeyboardButton,
    Message,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)

from campaigns.errors import CampaignError
from handlers.context import Ctx
from handlers.inputs import Reply, location_input, text_input
from handlers.institution_callbacks import Pick, Reg
from handlers.views.institutions import NOWHERE, facts_line, inspection_scope, register_areas
from services.institution_entry import (
    clean_address,
    clean_institution_name,
    register_institution,
    similar_institutions,
)
from services.institutions import (
    LEVELS,
    OWNERSHIPS,
    TYPES,
    code_in,
    institution_by_code,
    institutions_by_id,
    nearest,
    search_institutions,
)
from services.opening import local_day
from services.people import within
from storage.workspace import Card

router = Router(name="institutions")

INLINE_RESULTS = 20
OWN = ("q", "near", "todo", "page", "notice")
"""Parameters of the search itself; all others belong to the inspection being begun."""
STEPS = ("name", "similar", "type", "level", "own", "area", "address", "check")


def _outer(params: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in params.items() if key not in OWN}


async def _scope(ctx: Ctx) -> str | None:
    path = await inspection_scope(ctx)
    if path == NOWHERE:
        raise CampaignError("inspection-role")
    return path


async def _card(ctx: Ctx, view: str) -> Card:
    card = await ctx.ws.card(ctx.bot.id, ctx.chat_id)
    if card is None or card.view != view:
        raise CampaignError("button-old")
    return card


async def _chosen(ctx: Ctx, institution_id: int, params: dict[str, Any]) -> Reply:
    # Imported late: the inspection opens this search, and this search opens the inspection.
    from handlers.inspection.setup import institution_chosen

    path = await _scope(ctx)
    found = await institutions_by_id(ctx.ws.connection, [institution_id])
    if not found:
        raise CampaignError("institution-unknown")
    if path is not None and not within(found[0].area_path, path):
        raise CampaignError("institution-elsewhere", area=found[0].area_name)
    await institution_chosen(ctx, institution_id, _outer(params))
    return None


async def choose_by_code(ctx: Ctx, typed: str, params: dict[str, Any]) -> Reply:
    """Choose the institution whose code stands in a text, as an inline pick sends it.

    Raises:
        CampaignError: There is no such institution in the person's area.
    """
    code = code_in(typed)
    if code is None:
        raise CampaignError("institution-unknown")
    found = await institution_by_code(ctx.ws.connection, code, await _scope(ctx))
    return await _chosen(ctx, found.id, params)


# ---- searching -----------------------------------------------------------------------------


@text_input("pick_institution")
async def search_typed(message: Message, ctx: Ctx, card: Card) -> Reply:
    """Search for what was typed; a code, or a single exact name, is chosen at once."""
    typed = " ".join((message.text or "").split())[:80]
    if code_in(typed) is not None:
        return await choose_by_code(ctx, typed, card.params)
    await _scope(ctx)
    await ctx.show("pick_institution", {**_outer(card.params), "q": typed}, below=True)
    return None


@location_input("pick_institution")
async def search_near(message: Message, ctx: Ctx, card: Card) -> Reply:
    """List the nearest institutions; the place itself is not kept."""
    place = message.location or (message.venue.location if message.venue else None)
    if place is None:
        return None
    today = await local_day(ctx.ws.connection, ctx.now)
    found = await nearest(
        ctx.ws.connection, place.latitude, place.longitude, await _scope(ctx), on=today
    )
    near = [[institution.id, metres] for institution, metres in found]
    await ctx.show("pick_institution", {**_outer(card.params), "near": near}, below=True)
    # Whoever shared a place from the attachment menu has no such keyboard to take away; Telegram
    # takes it away only with a message, so one short line says what happened.
    return [
        SendMessage(
            chat_id=ctx.chat_id,
            text=ctx.t("pick-near-got"),
            reply_markup=ReplyKeyboardRemove(),
        )
    ]


@router.callback_query(Pick.filter())
async def pick(_query: CallbackQuery, callback_data: Pick, ctx: Ctx) -> Reply:
    """One tap on the search card."""
    card = await _card(ctx, "pick_institution")
    act, value, outer = callback_data.act, callback_data.value, _outer(card.params)
    if act == "i" and value.isdecimal():
        return await _chosen(ctx, int(value), card.params)
    if act == "page" and value.isdecimal():
        kept = {key: part for key, part in card.params.items() if key in ("q", "todo")}
        await ctx.show("pick_institution", {**outer, **kept, "page": int(value)})
    elif act == "todo":
        await ctx.show("pick_institution", {**outer, "todo": 1})
    elif act == "new":
        await ctx.show("register", {"for": outer, "step": "name"})
    elif act == "near":
        button = KeyboardButton(text=ctx.t("pick-near-share"), request_location=True)
        return [
            SendMessage(
                chat_id=ctx.chat_id,
                text=ctx.t("pick-near-ask"),
                reply_markup=ReplyKeyboardMarkup(
                    keyboard=[[button]], resize_keyboard=True, one_time_keyboard=True
                ),
            )
        ]
    else:
        raise CampaignError("button-unknown")
    return None


@router.inline_query()
async def inline(query: InlineQuery, ctx: Ctx) -> Reply:
    """Institutions of the person's own area; the text that is sent carries the code."""
    path = await inspection_scope(ctx)
    results: list[InlineQueryResultArticle] = []
    button = None
    start = int(query.offset) if query.offset.isdecimal() and len(query.offset) < 6 else 0
    if path == NOWHERE:
        button = InlineQueryResultsButton(text=ctx.t("inline-join")[:64], start_parameter="help")
    else:
        today = await local_day(ctx.ws.connection, ctx.now)
        found = await search_institutions(
            ctx.ws.connection, query.query[:80], path, on=today, limit=INLINE_RESULTS, offset=start
        )
        results = [
            InlineQueryResultArticle(
                id=str(institution.id),
                title=institution.name,
                description=f"{facts_line(ctx, institution)} · {institution.area_name}",
                input_message_content=InputTextMessageContent(
                    message_text=f"{institution.name} · #{institution.code}"
                ),
            )
            for institution in found
        ]
    return [
        AnswerInlineQuery(
            inline_query_id=query.id,
            results=list(results),
            cache_time=0,
            is_personal=True,
            next_offset=str(start + INLINE_RESULTS) if len(results) == INLINE_RESULTS else "",
            button=button,
        )
    ]


# ---- entering a missing institution --------------------------------------------------------


async def _go_on(ctx: Ctx, params: dict[str, Any], *, below: bool) -> Reply:
    """Ask for the first fact that is still missing."""
    if "name" not in params:
        step = "name"
    elif not params.get("new") and await _similar(ctx, str(params["name"])):
        step = "similar"
    elif "type" not in params:
        step = "type"
    elif "level" not in params:
        step = "level"
    elif "own" not in params:
        step = "own"
    elif "area" not in params:
        areas = await register_areas(ctx)
        if len(areas) == 1:
            return await _go_on(ctx, {**params, "area": areas[0].id}, below=below)
        step = "area"
    else:
        step = "check" if "address" in params else "address"
    await ctx.show("register", {**params, "step": step}, below=below)
    return None


async def _similar(ctx: Ctx, name: str) -> bool:
    today = await local_day(ctx.ws.connection, ctx.now)
    return bool(
        await similar_institutions(ctx.ws.connection, name, await _scope(ctx), on=today, limit=1)
    )


@text_input("register")
async def register_typed(message: Message, ctx: Ctx, card: Card) -> Reply:
    """The name or the address; at the other steps the buttons are shown again."""
    params = {key: value for key, value in card.params.items() if key != "notice"}
    text = message.text or ""
    if params.get("step") == "name":
        return await _go_on(ctx, {**params, "name": clean_institution_name(text)}, below=True)
    if params.get("step") == "address":
        return await _go_on(ctx, {**params, "address": clean_address(text)}, below=True)
    await ctx.show("register", {**params, "notice": "menu-choose"}, below=True)
    return None


@router.callback_query(Reg.filter())
async def register(_query: CallbackQuery, callback_data: Reg, ctx: Ctx) -> Reply:
    """One tap of entering an institution."""
    card = await _card(ctx, "register")
    params = {key: value for key, value in card.params.items() if key != "notice"}
    act, value, step = callback_data.act, callback_data.value, str(params.get("step"))
    outer = dict(params.get("for") or {})
    if act == "back":
        return await _back(ctx, params, step)
    if act == "i" and step == "similar" and value.isdecimal():
        return await _chosen(ctx, int(value), outer)
    if act == "page" and value.isdecimal():
        await ctx.show("register", {**params, "page": int(value)})
        return None
    if act == "ok" and step == "check":
        return await _register(ctx, params, outer)
    if act == "skip" and step == "similar":
        params["new"] = 1
    elif act == "skip" and step == "address":
        params["address"] = ""
    elif act == "type" and value in TYPES:
        params["type"] = value
    elif act == "level" and value in {str(level) for level in LEVELS}:
        params["level"] = int(value)
    elif act == "own" and value in OWNERSHIPS:
        params["own"] = value
    elif act == "area" and value in {str(area.id) for area in await register_areas(ctx)}:
        params["area"] = int(value)
    else:
        raise CampaignError("button-old")
    return await _go_on(ctx, params, below=False)


async def _back(ctx: Ctx, params: dict[str, Any], step: str) -> Reply:
    """Forget the last fact and ask for it again; before the first one, back to the search."""
    place = STEPS.index(step) if step in STEPS else 0
    asked_before = [name for name in STEPS[:place] if name in params]
    if len(await register_areas(ctx)) == 1 and asked_before and asked_before[-1] == "area":
        params.pop("area")
        asked_before.pop()
    if not asked_before:
        await ctx.show("pick_institution", dict(params.get("for") or {}))
        return None
    params.pop(asked_before[-1])
    if asked_before[-1] == "name":
        params.pop("new", None)
    return await _go_on(ctx, params, below=False)


async def _register(ctx: Ctx, params: dict[str, Any], outer: dict[str, Any]) -> Reply:
    area_id = int(params["area"])
    if area_id not in {area.id for area in await register_areas(ctx)}:
        raise CampaignError("inspection-role")
    institution_id = await register_institution(
        ctx.ws.connection,
        name=str(params["name"]),
        type=str(params["type"]),
        level=int(params["level"]),
        ownership=str(params["own"]),
        area_id=area_id,
        address=str(params.get("address") or ""),
        registered_by=ctx.me.id,
    )
    return await _chosen(ctx, institution_id, outer)
