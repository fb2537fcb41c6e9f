"""未归项: what came too late for its card is kept and offered, one at a time."""

from collections.abc import Mapping
from typing import Any

from aiogram import F, Router
from aiogram.methods import AnswerCallbackQuery
from aiogram.types import CallbackQuery, Message

from campaigns.definition import Question
from handlers.content import Button, Content, escape, rows
from handlers.context import Ctx
from handlers.inputs import Reply
from handlers.inspection.callbacks import Act
from handlers.inspection.flow import item_of, shown_question
from handlers.views import view
from services import strays
from services.inspections import DRAFT, Visit, check_may_edit, load

router = Router(name="inspection-stray")

SHOWN_CHARACTERS = 200
NEAR = 6
"""How many items around the present one are offered."""


async def keep_stray(
    ctx: Ctx,
    visit: Visit,
    message: Message,
    *,
    text: str,
    question: Question | None,
    media_id: int | None = None,
) -> None:
    """Keep a message that belongs to no question for sure, and ask where it goes."""
    await strays.keep(
        ctx.ws,
        bot_id=ctx.bot.id,
        chat_id=ctx.chat_id,
        inspection_id=visit.inspection.id,
        message_id=message.message_id,
        text=text,
        name=question.name if question is not None else None,
        media_id=media_id,
    )
    await ctx.show(
        "inspection_stray", {"inspection": visit.inspection.id}, purpose="stray", below=True
    )


@view("inspection_stray")
async def inspection_stray(ctx: Ctx, params: Mapping[str, Any]) -> Content:
    """The oldest message without a place, and the items it may belong to."""
    visit = await load(ctx.ws, ctx.campaigns, int(params["inspection"]))
    waiting = await strays.waiting(ctx.ws.connection, ctx.bot.id, ctx.chat_id, visit.inspection.id)
    if not waiting:
        return Content(ctx.t("stray-none"))
    first = waiting[0]
    said = (
        ctx.t("stray-photo")
        if first.media_id is not None
        else ctx.t("stray-said", text=escape(first.text[:SHOWN_CHARACTERS]))
    )
    inspection = visit.inspection
    offered = await _offered(ctx, visit)
    form = visit.definition.form
    buttons = [
        Button(
            ctx.t("stray-item", item=f"{item_id} {form.text(short, ctx.locale)}"),
            Act(inspection=inspection.id, do=f"stray-{first.id}", at=index).pack(),
        )
        for index, item_id, short in offered
    ]
    return Content(
        ctx.t("stray-ask", count=len(waiting), said=said),
        (
            *rows(buttons, 2),
            (
                Button(
                    ctx.t("stray-drop"),
                    Act(inspection=inspection.id, do=f"unstray-{first.id}").pack(),
                ),
            ),
        ),
    )


async def _offered(ctx: Ctx, visit: Visit) -> list[tuple[int, str, Mapping[str, str]]]:
    """Items around the one that the card shows: (place of the item, number, short label)."""
    items = [item for item in visit.definition.items if item.mode != "computed"]
    card = await ctx.ws.card(ctx.bot.id, ctx.chat_id)
    question = shown_question(card.params, visit) if card is not None else None
    item = item_of(visit, question) if question is not None else None
    here = items.index(item) if item in items else 0
    begin = max(0, min(here - NEAR // 2, len(items) - NEAR))
    return [
        (index, items[index].item_id, items[index].short)
        for index in range(begin, min(begin + NEAR, len(items)))
    ]


@router.callback_query(Act.filter(F.do.startswith("stray-")))
async def placed(query: CallbackQuery, ctx: Ctx, callback_data: Act) -> Reply:
    """The person says which item it belongs to."""
    # Imported here: messages uses keep_stray of this module.
    from handlers.inspection.messages import place_stray

    visit = await load(ctx.ws, ctx.campaigns, callback_data.inspection)
    await check_may_edit(ctx.ws, visit.inspection, await ctx.access())
    stray_id = int(callback_data.do.removeprefix("stray-"))
    found = await strays.take(ctx.ws, ctx.bot.id, ctx.chat_id, stray_id)
    items = [item for item in visit.definition.items if item.mode != "computed"]
    if found is None or visit.inspection.state != DRAFT or callback_data.at >= len(items):
        await _show(ctx, visit)
        return [AnswerCallbackQuery(callback_query_id=query.id, text=ctx.t("toast-stray-gone"))]
    await place_stray(ctx, visit, items[callback_data.at], found)
    await _show(ctx, visit)
    return None


@router.callback_query(Act.filter(F.do.startswith("unstray-")))
async def dropped(query: CallbackQuery, ctx: Ctx, callback_data: Act) -> Reply:
    """It is not needed."""
    visit = await load(ctx.ws, ctx.campaigns, callback_data.inspection)
    stray_id = int(callback_data.do.removeprefix("unstray-"))
    await strays.take(ctx.ws, ctx.bot.id, ctx.chat_id, stray_id)
    await _show(ctx, visit)
    return None


async def _show(ctx: Ctx, visit: Visit) -> None:
    await ctx.show("inspection_stray", {"inspection": visit.inspection.id}, purpose="stray")
