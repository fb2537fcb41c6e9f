"""Buttons of a running inspection."""

from aiogram import F, Router
from aiogram.methods import AnswerCallbackQuery
from aiogram.types import CallbackQuery

from campaigns.definition import Question
from campaigns.engine import AnswerIssue
from campaigns.errors import CampaignError
from handlers.context import Ctx
from handlers.inputs import Reply
from handlers.inspection.callbacks import Act, Confirm, Mark, Open, Pick
from handlers.inspection.correction import correct_with, show_correction
from handlers.inspection.flow import (
    after_section,
    back_place,
    item_of,
    next_place,
    place_of,
    question_place,
    review_place,
    section_place,
)
from handlers.inspection.wording import issue_text
from handlers.views.visit import sections, value_text
from handlers.widgets import WIDGETS, Asked, Option
from services.inspections import (
    DRAFT,
    SUBMITTED,
    Visit,
    answer,
    change_setup,
    check_may_edit,
    clear,
    confirm_rest,
    load,
    names_of,
    newer,
)

router = Router(name="inspection-taps")


async def editable(ctx: Ctx, inspection_id: int) -> Visit:
    """A visit that the person may work on.

    Raises:
        CampaignError: ``inspection-missing`` or ``inspection-not-yours``.
    """
    visit = await load(ctx.ws, ctx.campaigns, inspection_id)
    if visit.inspection.created_by != ctx.me.id:
        await check_may_edit(ctx.ws, visit.inspection, await ctx.access())
    return visit


def asked_about(ctx: Ctx, visit: Visit, question: Question) -> Asked:
    """A question as widgets are given it."""
    day = ctx.now.astimezone(visit.definition.zone).date()
    return Asked(visit, question, item_of(visit, question), ctx.locale, day)


def toast(query: CallbackQuery, text: str, *, alert: bool = False) -> AnswerCallbackQuery:
    """A short answer to a tap."""
    return AnswerCallbackQuery(callback_query_id=query.id, text=text[:200], show_alert=alert)


def _question(visit: Visit, place: int) -> Question:
    try:
        return visit.definition.form.questions[place]
    except IndexError:
        raise CampaignError("error-old-button") from None


@router.callback_query(Pick.filter())
async def picked(query: CallbackQuery, ctx: Ctx, callback_data: Pick) -> Reply:
    """One of the offered answers."""
    visit = await editable(ctx, callback_data.inspection)
    question = _question(visit, callback_data.question)
    if visit.inspection.state == SUBMITTED:
        return await _picked_in_correction(query, ctx, visit, question, callback_data)
    if visit.inspection.state != DRAFT:
        raise CampaignError("inspection-cancelled")
    later = newer(visit, question.name, callback_data.revision, ctx.me.id)
    if later is not None:
        names = await names_of(ctx.ws.connection, [later.author_id or 0])
        await ctx.show(*question_place(visit, question.name))
        said = ctx.t(
            "toast-newer",
            name=names.get(later.author_id or 0, ""),
            value=value_text(ctx, visit, question, later.value),
        )
        return [toast(query, said, alert=True)]
    option = _option(ctx, visit, question, callback_data)
    if option is None:
        await ctx.show(*question_place(visit, question.name))
        return [toast(query, ctx.t("error-old-button"))]
    issues: tuple[AnswerIssue, ...] = ()
    last = question.name
    for name, value in option.values.items():
        if not value:
            clear(ctx.ws, ctx.campaigns, visit, [name], person_id=ctx.me.id)
            continue
        step = answer(ctx.ws, ctx.campaigns, visit, name, value, source="tap", person_id=ctx.me.id)
        issues += step.issues
        last = name
    if issues:
        await ctx.show(*question_place(visit, question.name))
        return [toast(query, issue_text(ctx, visit, issues[0]), alert=True)]
    if question.type == "select_multiple":
        await ctx.show(*question_place(visit, question.name))
    else:
        await ctx.show(*next_place(visit, last))
    return None


def _option(ctx: Ctx, visit: Visit, question: Question, data: Pick) -> Option | None:
    options = WIDGETS[question.type].options(asked_about(ctx, visit, question))
    if data.option >= len(options):
        return None
    option = options[data.option]
    # A toggle says the state that it wants: pressed twice, it changes once.
    return option if question.type != "select_multiple" or option.on == bool(data.on) else None


async def _picked_in_correction(
    query: CallbackQuery, ctx: Ctx, visit: Visit, question: Question, data: Pick
) -> Reply:
    card = await ctx.ws.card(ctx.bot.id, ctx.chat_id)
    if card is None or card.view != "inspection_correct":
        await ctx.show(*review_place(visit))
        return [toast(query, ctx.t("inspection-submitted"))]
    option = _option(ctx, visit, question, data)
    if option is None:
        return [toast(query, ctx.t("error-old-button"))]
    await correct_with(ctx, visit, card, option.values)
    return None


@router.callback_query(Mark.filter())
async def marked(query: CallbackQuery, ctx: Ctx, callback_data: Mark) -> Reply:
    """An item of a section was found, or not after all."""
    visit = await editable(ctx, callback_data.inspection)
    question = _question(visit, callback_data.question)
    item = item_of(visit, question)
    if item is None:
        raise CampaignError("error-old-button")
    if visit.inspection.state != DRAFT:
        await ctx.show(*review_place(visit))
        return [toast(query, ctx.t("inspection-submitted"))]
    if callback_data.on:
        clean = item.clean[question.name]
        found = next(choice.name for choice in question.choices if choice.name != clean)
        answer(
            ctx.ws,
            ctx.campaigns,
            visit,
            question.name,
            found,
            source="tap",
            person_id=ctx.me.id,
        )
    else:
        clear(ctx.ws, ctx.campaigns, visit, [question.name], person_id=ctx.me.id)
    await ctx.show(*section_place(visit, item.group))
    return None


@router.callback_query(Confirm.filter())
async def confirmed(query: CallbackQuery, ctx: Ctx, callback_data: Confirm) -> Reply:
    """The rest of the section was checked one by one, nothing found."""
    visit = await editable(ctx, callback_data.inspection)
    if visit.inspection.state != DRAFT:
        await ctx.show(*review_place(visit))
        return [toast(query, ctx.t("inspection-submitted"))]
    groups = sections(visit)
    if callback_data.group >= len(groups):
        raise CampaignError("error-old-button")
    group = groups[callback_data.group]
    present = visit.inspection.revision
    if callback_data.revision != present and _changed_by_others(visit, callback_data, ctx.me.id):
        # What is confirmed must be what was on the screen.
        await ctx.show(*section_place(visit, group))
        return [toast(query, ctx.t("toast-section-changed"), alert=True)]
    count = confirm_rest(ctx.ws, ctx.campaigns, visit, group, person_id=ctx.me.id)
    await ctx.show(*after_section(visit, group))
    return [toast(query, ctx.t("toast-confirmed", count=str(count)))] if count else None


def _changed_by_others(visit: Visit, data: Confirm, person_id: int) -> bool:
    return any(
        kept.revision > data.revision and kept.author_id != person_id
        for kept in visit.inspection.answers.values()
    )


@router.callback_query(Open.filter())
async def opened(query: CallbackQuery, ctx: Ctx, callback_data: Open) -> Reply:
    """Jump to a question."""
    visit = await editable(ctx, callback_data.inspection)
    question = _question(visit, callback_data.question)
    if visit.inspection.state == SUBMITTED:
        await show_correction(ctx, visit, question.name)
        return None
    if question.name in visit.state.hidden:
        return [toast(query, ctx.t("toast-not-asked"))]
    await ctx.show(*place_of(visit, question))
    return None


@router.callback_query(
    Act.filter(F.do.in_({"back", "contents", "skip", "clear", "continue", "review", "each"}))
)
async def moved(query: CallbackQuery, ctx: Ctx, callback_data: Act) -> Reply:
    """Back, contents, leave out, go on."""
    visit = await editable(ctx, callback_data.inspection)
    if visit.inspection.state != DRAFT:
        await ctx.show(*review_place(visit))
        return None
    question = _question(visit, callback_data.at)
    match callback_data.do:
        case "back":
            await ctx.show(*back_place(visit, question.name))
        case "contents":
            await ctx.show("inspection_contents", {"inspection": visit.inspection.id})
        case "clear":
            clear(ctx.ws, ctx.campaigns, visit, [question.name], person_id=ctx.me.id)
            await ctx.show(*question_place(visit, question.name))
        case "skip":
            await ctx.show(*_after_side(visit, question))
        case "continue":
            await ctx.show(*next_place(visit))
        case "review":
            await ctx.show(*review_place(visit))
        case "each":
            change_setup(ctx.ws, visit, mode="each")
            await ctx.show(*next_place(visit))
    return None


def _after_side(visit: Visit, question: Question) -> tuple[str, dict[str, object]]:
    item = item_of(visit, question)
    if question.on_request and item is not None and item.head.name not in visit.state.answers:
        return place_of(visit, item.head)
    return next_place(visit, question.name)
