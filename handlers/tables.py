"""/table and /status, in private and in bound groups, and the buttons of their cards."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.methods import AnswerCallbackQuery
from aiogram.types import CallbackQuery, Message

import handlers.table_pushes
import handlers.views.tables  # noqa: F401 - registers the cards
from campaigns.errors import CampaignError
from handlers.callbacks import Go
from handlers.context import Ctx
from handlers.inputs import Reply, deep_link
from handlers.table_access import Place, place
from handlers.table_callbacks import Tab, read_period
from services.planner import Due

router = Router(name="tables")

FILES = ("png", "xlsx", "pdf")
PICTURES = 3
"""Most pictures that one table is sent in; the longest table of the plans takes two."""


async def _show(ctx: Ctx, view: str, params: dict[str, Any], *, below: bool = False) -> None:
    """Show a card: in private the main one, in a group one of its own."""
    purpose = "main" if ctx.private else "tables"
    await ctx.show(view, params, purpose=purpose, below=below)


# ---- commands and ways in ------------------------------------------------------------------


@router.message(Command("table"))
async def table_command(_message: Message, ctx: Ctx) -> Reply:
    """Last week's main table for the person's, or the group's, area."""
    await place(ctx)
    await _show(ctx, "tables", {}, below=True)
    return None


@router.message(Command("status"))
async def status_command(_message: Message, ctx: Ctx) -> Reply:
    """Who is in, and how far coverage is."""
    await place(ctx)
    await _show(ctx, "table_status", {}, below=True)
    return None


@router.callback_query(Go.filter(F.to == "tables"))
async def tables_button(_query: CallbackQuery, ctx: Ctx) -> Reply:
    """The tables from the menu."""
    await place(ctx)
    await _show(ctx, "tables", {})
    return None


@router.callback_query(Go.filter(F.to == "status"))
async def status_button(_query: CallbackQuery, ctx: Ctx) -> Reply:
    """The status from the menu."""
    await place(ctx)
    await _show(ctx, "table_status", {})
    return None


@deep_link("tables")
async def details_from_group(_message: Message, ctx: Ctx, rest: str) -> Reply:
    """Come from a group's [明细]: the figures of the table, for those in scope."""
    pieces = rest.split("_")
    if len(pieces) != 4 or not all(pieces[index].isdecimal() for index in (0, 1, 3)):
        raise CampaignError("tables-link-bad")
    campaign_id, table, code, unit_id = pieces
    found = await place(ctx, int(campaign_id), int(unit_id))
    read_period(code, found.definition, ZoneInfo(found.campaign.timezone), ctx.now)
    params = {"c": found.campaign.id, "t": int(table), "p": code, "u": found.unit.id}
    await _show(ctx, "table_rows", params, below=True)
    return None


# ---- buttons -------------------------------------------------------------------------------


@router.callback_query(Tab.filter(F.act == "latest"))
async def latest(query: CallbackQuery, callback_data: Tab, ctx: Ctx) -> Reply:
    """Send a pushed message again when something was submitted or corrected since."""
    found = await place(ctx, callback_data.c, callback_data.u)
    if not callback_data.a.isdecimal():
        raise CampaignError("button-old")
    if int(callback_data.a) >= found.campaign.seq:
        return _toast(query, ctx, "tables-no-change")
    zone = ZoneInfo(found.campaign.timezone)
    period = read_period(callback_data.p, found.definition, zone, ctx.now)
    again = Due(
        campaign_id=found.campaign.id,
        version_id=found.campaign.current_version_id,
        push_id=next((push.push_id for push in found.definition.pushes), ""),
        binding_id=0,
        bot_id=ctx.bot.id,
        chat_id=ctx.chat_id,
        thread_id=ctx.thread_id,
        unit_id=found.unit.id,
        period=period,
        seq=found.campaign.seq,
        at=ctx.now,
        language=found.campaign.language,
        silent=False,
    )
    again.push(ctx.ws, f"latest:{ctx.chat_id}:{again.key}:{again.seq}", lane=1)
    return _toast(query, ctx, "tables-refreshed")


@router.callback_query(Tab.filter(F.act.in_(FILES)))
async def send_file(query: CallbackQuery, callback_data: Tab, ctx: Ctx) -> Reply:
    """Queue a document of the table; it is made outside the page and arrives below."""
    found = await place(ctx, callback_data.c, callback_data.u)
    zone = ZoneInfo(found.campaign.timezone)
    period = read_period(callback_data.p, found.definition, zone, ctx.now)
    if not 0 <= callback_data.t < len(found.definition.tables):
        raise CampaignError("button-old")
    table = found.definition.tables[callback_data.t]
    pages = range(1, PICTURES + 1) if callback_data.act == "png" else (1,)
    for page in pages:
        ctx.ws.push(
            _file_key(ctx, found, callback_data, page, ctx.now),
            ctx.bot.id,
            ctx.chat_id,
            "table_document",
            {
                "campaign": found.campaign.id,
                "version": found.campaign.current_version_id,
                "unit": found.unit.id,
                "table": table.table_id,
                "from": period.first.isoformat(),
                "to": period.last.isoformat(),
                "kind": period.kind,
                "seq": found.campaign.seq,
                "format": callback_data.act,
                "page": page,
                "lang": found.campaign.language,
            },
            thread_id=ctx.thread_id,
            lane=1,
        )
    return _toast(query, ctx, "tables-queued")


def _file_key(ctx: Ctx, found: Place, data: Tab, page: int, now: datetime) -> str:
    """A second tap within the minute adds nothing; a later one sends the file again."""
    return (
        f"table:{ctx.bot.id}:{ctx.chat_id}:{found.campaign.id}:{found.unit.id}:"
        f"{data.t}:{data.p}:{data.act}:{page}:{found.campaign.seq}:{now:%Y%m%d%H%M}"
    )


@router.callback_query(Tab.filter(F.act.in_({"rows", "row"})))
async def details(_query: CallbackQuery, callback_data: Tab, ctx: Ctx) -> Reply:
    """The figures of a table, or the records behind one; in private only."""
    if not ctx.private:
        raise CampaignError("button-old")
    found = await place(ctx, callback_data.c, callback_data.u)
    params = _params(found, callback_data)
    row, _, page = callback_data.a.partition(".")
    if callback_data.act == "rows":
        params["page"] = int(row) if row.isdecimal() else 0
        await _show(ctx, "table_rows", params)
        return None
    if not row.isdecimal() or not page.isdecimal():
        raise CampaignError("button-old")
    await _show(ctx, "table_records", {**params, "row": int(row), "page": int(page)})
    return None


@router.callback_query(Tab.filter(F.act.in_({"show", "status"})))
async def turn(_query: CallbackQuery, callback_data: Tab, ctx: Ctx) -> Reply:
    """Another table, another period, or the status."""
    found = await place(ctx, callback_data.c, callback_data.u)
    view = "tables" if callback_data.act == "show" else "table_status"
    await _show(ctx, view, _params(found, callback_data))
    return None


def _params(found: Place, data: Tab) -> dict[str, Any]:
    return {"c": found.campaign.id, "t": data.t, "p": data.p, "u": found.unit.id}


def _toast(query: CallbackQuery, ctx: Ctx, key: str) -> Reply:
    return [AnswerCallbackQuery(callback_query_id=query.id, text=ctx.t(key))]
