"""Review and record: submit, papers, correct, share, give up."""

from collections.abc import Mapping
from typing import Any

from aiogram import F, Router
from aiogram.methods import AnswerCallbackQuery
from aiogram.types import CallbackQuery

from handlers.content import Content, File
from handlers.context import Ctx
from handlers.inputs import Reply
from handlers.inspection.callbacks import Act
from handlers.inspection.correction import show_correction
from handlers.inspection.flow import review_place
from handlers.inspection.messages import push_papers
from handlers.inspection.setup import resume
from handlers.inspection.taps import editable, toast
from handlers.pushes import PushContext, push
from services.documents import filled_form
from services.inspections import DRAFT, SUBMITTED, cancel, submit

router = Router(name="inspection-record")


@router.callback_query(Act.filter(F.do == "submit"))
async def submitted(query: CallbackQuery, ctx: Ctx, callback_data: Act) -> Reply:
    """Hand in; a second tap finds it handed in and changes nothing."""
    visit = await editable(ctx, callback_data.inspection)
    if visit.inspection.state == DRAFT:
        issues = await submit(ctx.ws, ctx.campaigns, visit, person=ctx.me)
        if issues:
            await ctx.show(*review_place(visit))
            by_name = visit.definition.form.by_name
            items = {by_name[issue.name].item or issue.name for issue in issues}
            text = ctx.t("toast-missing", count=str(len(items)))
            return [toast(query, text, alert=True)]
        push_papers(ctx, visit)
    await ctx.show(*review_place(visit))
    return [toast(query, ctx.t("toast-submitted"))]


@router.callback_query(Act.filter(F.do.in_({"papers", "correct", "drop", "dropped", "resume"})))
async def acted(query: CallbackQuery, ctx: Ctx, callback_data: Act) -> Reply:
    """What can be done with a draft or a record."""
    visit = await editable(ctx, callback_data.inspection)
    state = visit.inspection.state
    match callback_data.do:
        case "resume":
            await resume(ctx, visit.inspection.id)
        case "papers" if state == SUBMITTED:
            push_papers(ctx, visit, query.id)
            return [toast(query, ctx.t("toast-papers"))]
        case "correct" if state == SUBMITTED:
            await show_correction(ctx, visit)
        case "drop" if state == DRAFT:
            await ctx.show("inspection_drop", {"inspection": visit.inspection.id})
        case "dropped" if state == DRAFT:
            await cancel(ctx.ws, visit)
            await ctx.show("menu", {"note": "drop-done"})
        case _:
            await ctx.show(*review_place(visit))
    return None


@router.callback_query(Act.filter(F.do == "share"))
async def share(query: CallbackQuery, ctx: Ctx, callback_data: Act) -> Reply:
    """A link for colleagues of the same unit."""
    visit = await editable(ctx, callback_data.inspection)
    link = f"https://t.me/{ctx.bot.username}?start=visit_{visit.inspection.id}"
    ctx.ws.push(
        f"share:{visit.inspection.id}:{ctx.chat_id}:{query.id}",
        ctx.bot.id,
        ctx.chat_id,
        "inspection_share",
        {"link": link},
        lane=1,
    )
    return [AnswerCallbackQuery(callback_query_id=query.id, text=ctx.t("toast-shared"))]


@push("inspection_share")
async def share_link(context: PushContext, params: Mapping[str, Any]) -> Content:
    """The link, to be forwarded to a colleague."""
    return Content(context.t("share-text", link=str(params["link"])))


@push("inspection_form")
async def inspection_form(context: PushContext, params: Mapping[str, Any]) -> Content | None:
    """The filled official form; a newer revision makes this one obsolete."""
    made = await filled_form(
        context.connection,
        context.campaigns,
        int(params["inspection"]),
        int(params["revision"]),
        str(params["format"]),
        context.locale,
        context.data_dir,
        context.now,
    )
    if made is None:
        return None
    name, data = made
    text = context.t("papers-caption") if params["format"] == "pdf" else ""
    return Content(text, file=File(name, data))
