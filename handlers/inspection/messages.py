"""What inspectors type and send while an inspection is on the card.

Lines that begin with an item number are applied by number, whatever the card shows; other text
answers the question that was on the screen when it was sent. What came too late for its card is
kept and offered, never applied to the next item.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from aiogram import F, Router
from aiogram.types import Message

from campaigns.definition import Question
from campaigns.entry import EntryPart, find_item, parse_entry
from campaigns.errors import CampaignError
from campaigns.items import Item
from handlers.context import Ctx
from handlers.inputs import Reply, text_input
from handlers.inspection.correction import correct_with
from handlers.inspection.flow import (
    item_of,
    next_place,
    question_place,
    review_place,
    shown_question,
)
from handlers.inspection.stray import keep_stray
from handlers.inspection.taps import editable
from handlers.inspection.wording import issue_text
from services import media
from services.inspections import (
    DRAFT,
    SUBMITTED,
    Visit,
    answer,
    correct,
)
from services.strays import Stray
from storage.workspace import Card

router = Router(name="inspection-messages")

NUMERIC = ("integer", "decimal")
FIGURE = re.compile(r"[-－+＋]?[\d.．,，]+\s*人?(?:\s*[/／]\s*\d+\s*人?)?")
"""One figure, or two with a slash; digits of any width."""

Notice = list[Any]
"""[Fluent key, parameters]: what happened with a part of a message."""


def came_too_late(card: Card, message: Message) -> bool:
    """Whether the card asked something else when this was sent.

    The person cannot have answered a question that was not yet on the screen: its card is still
    on its way, was sent after the message, or changed after the message was sent.
    """
    if card.asked_at is None or card.shown < card.asked_wanted:
        return True
    first_shown = card.wanted == card.asked_wanted
    if first_shown and card.message_id is not None and message.message_id < card.message_id:
        return True
    return message.date.timestamp() < int(card.asked_at.timestamp())


async def show_saved(
    ctx: Ctx,
    place: tuple[str, dict[str, Any]],
    *,
    saved: int = 0,
    files: Mapping[str, int] | None = None,
    notices: Sequence[Notice] = (),
) -> None:
    """Show where the visit stands, with one line for a whole burst of messages."""
    card = await ctx.ws.card(ctx.bot.id, ctx.chat_id)
    view_name, params = place
    before: Mapping[str, Any] = {}
    if card is not None and card.shown < card.wanted:
        # The last message of the same burst has not been answered on the screen yet.
        before = card.params
    count = int(before.get("saved") or 0) + saved
    if count:
        params["saved"] = count
    if known := {**dict(before.get("files") or {}), **dict(files or {})}:
        params["files"] = known
    if said := [*list(before.get("notices") or []), *notices]:
        params["notices"] = said[-12:]
    await ctx.show(view_name, params, below=True)


def place_now(visit: Visit, card: Card) -> tuple[str, dict[str, Any]]:
    """The card's own place if its question is still open, else the next one."""
    question = shown_question(card.params, visit)
    if visit.inspection.state == SUBMITTED:
        return review_place(visit)
    if card.view == "inspection_item" and question is not None:
        if question.name in visit.state.answers or question.name in visit.state.hidden:
            return next_place(visit, question.name)
        return question_place(visit, question.name)
    if card.view == "inspection_review":
        return review_place(visit)
    return next_place(visit)


def store_entries(
    ctx: Ctx, visit: Visit, parts: Sequence[EntryPart], source: str
) -> tuple[int, list[Notice]]:
    """Apply numbered lines; returns how many items were stored and what was not."""
    saved = 0
    notices: list[Notice] = []
    for part in parts:
        stored = 0
        for name, value in part.assignments:
            step = answer(
                ctx.ws,
                ctx.campaigns,
                visit,
                name,
                value,
                source=source,
                person_id=ctx.me.id,
            )
            if step.issues:
                notices.append(["notice-line", {"text": issue_text(ctx, visit, step.issues[0])}])
            else:
                stored += 1
        saved += 1 if stored else 0
        notices += [
            _refused(refused.item, refused.text, refused.reason) for refused in part.refused
        ]
        notices += [
            [
                "notice-converted",
                {"item": part.item, "typed": c.typed, "value": f"{c.value}{c.unit}"},
            ]
            for c in part.conversions
        ]
    return saved, notices


def _refused(item: str, text: str, reason: str) -> Notice:
    return [
        f"notice-refused-{reason.replace('_', '-')}",
        {"item": item, "text": text if len(text) <= 40 else f"{text[:39]}…"},
    ]


@text_input("inspection_item")
async def typed_on_item(message: Message, ctx: Ctx, card: Card) -> Reply:
    """Text while a question is shown."""
    visit = await editable(ctx, int(card.params["inspection"]))
    text = message.text or ""
    question = shown_question(card.params, visit)
    if visit.inspection.state != DRAFT or question is None:
        await ctx.show(*review_place(visit), below=True)
        return None
    form = visit.definition.form
    late = came_too_late(card, message)
    literal = question.type in ("text", "date", "geopoint", "select_multiple") and not late
    if not literal and not (_is_figure(text) and question.type in NUMERIC):
        parts = parse_entry(form, text)
        if parts is not None:
            saved, notices = store_entries(ctx, visit, parts, "entry")
            await show_saved(ctx, place_now(visit, card), saved=saved, notices=notices)
            return None
    if late:
        await keep_stray(ctx, visit, message, text=text, question=question)
        return None
    await answer_shown(ctx, visit, question, text)
    return None


def _is_figure(text: str) -> bool:
    # "20/1" answers the question shown; "1 20/1" names its item, so a gap is no figure.
    return FIGURE.fullmatch(text.strip()) is not None


async def answer_shown(ctx: Ctx, visit: Visit, question: Question, text: str) -> None:
    """Take text as the answer to one question, then go on from there."""
    form = visit.definition.form
    item = item_of(visit, question)
    # "罚2000元" or "备注 …" says more than a figure, on the card of the figure too.
    worded = question.type in NUMERIC and not _is_figure(text)
    if (
        item is not None
        and question.part not in ("remark", "photo")
        and (question.choices or worded or "/" in text or "／" in text)
    ):
        parts = parse_entry(form, f"{item.item_id} {text}")
        said = {name for part in parts or () for name, _ in part.assignments}
        if worded and len(said - ({item.head.name} if item.head.choices else set())) != 1:
            # Of "1e9" nothing is taken: a figure with something else behind it is asked again.
            said = set()
        if parts is not None and said:
            saved, notices = store_entries(ctx, visit, parts, "typed")
            place = (
                next_place(visit, question.name)
                if question.name in visit.state.answers
                else question_place(visit, question.name)
            )
            await show_saved(ctx, place, saved=0 if not notices else saved, notices=notices)
            return
    step = answer(
        ctx.ws,
        ctx.campaigns,
        visit,
        question.name,
        text,
        source="typed",
        person_id=ctx.me.id,
    )
    if step.issues:
        notice = ["notice-line", {"text": issue_text(ctx, visit, step.issues[0])}]
        await show_saved(ctx, question_place(visit, question.name), notices=[notice])
        return
    if question.on_request and item is not None:
        back = (
            next_place(visit, question.name)
            if item.head.name in visit.state.answers
            else question_place(visit, item.head.name)
        )
        await show_saved(ctx, back, notices=[["notice-side-saved", {"item": item.item_id}]])
        return
    await show_saved(ctx, next_place(visit, question.name))


async def _entries_only(message: Message, ctx: Ctx, card: Card) -> Reply:
    """Text on a card without a question: numbered lines are applied, others are kept."""
    visit = await editable(ctx, int(card.params["inspection"]))
    text = message.text or ""
    if visit.inspection.state == SUBMITTED:
        return await typed_on_record(ctx, visit, card, text)
    if visit.inspection.state != DRAFT:
        raise CampaignError("inspection-cancelled")
    parts = parse_entry(visit.definition.form, text)
    if parts is None:
        await keep_stray(ctx, visit, message, text=text, question=None)
        return None
    saved, notices = store_entries(ctx, visit, parts, "entry")
    place = (
        ("inspection_section", dict(card.params))
        if card.view == "inspection_section"
        else place_now(visit, card)
    )
    if place[0] == "inspection_section":
        place = next_place(visit)
    await show_saved(ctx, place, saved=saved, notices=notices)
    return None


for _view in (
    "inspection_section",
    "inspection_contents",
    "inspection_review",
    "inspection_drop",
    "inspection_done",
    "inspection_stray",
):
    text_input(_view)(_entries_only)


async def typed_on_record(ctx: Ctx, visit: Visit, card: Card, text: str) -> Reply:
    """Text under a submitted inspection: 改第 4 项, or 4 无 as the correction itself."""
    form = visit.definition.form
    plain = text.strip()
    for word in ("更正", "改正", "修改", "改", "correct ", "change "):
        if plain.lower().startswith(word):
            plain = plain[len(word) :].strip()
            break
    found = find_item(form, plain)
    if found is None:
        await show_saved(ctx, review_place(visit), notices=[["notice-correct-how", {}]])
        return None
    item_id, rest = found
    parts = parse_entry(form, plain) if rest and rest not in ("项", "号", "号项") else None
    values = {name: value for part in parts or () for name, value in part.assignments}
    if values:
        refused = [
            _refused(r.item, r.text, r.reason) for part in parts or () for r in part.refused
        ]
        await correct_with(ctx, visit, card, values, below=True, notices=refused)
        return None
    head = form.items[item_id][0]
    await ctx.show(
        "inspection_correct",
        {"inspection": visit.inspection.id, "pending": {}, "q": head.name},
        below=True,
    )
    return None


@text_input("inspection_correct")
async def typed_in_correction(message: Message, ctx: Ctx, card: Card) -> Reply:
    """A corrected value, or the reason."""
    visit = await editable(ctx, int(card.params["inspection"]))
    text = (message.text or "").strip()
    if visit.inspection.state != SUBMITTED:
        await ctx.show(*review_place(visit), below=True)
        return None
    if card.params.get("step") == "reason":
        await correct(
            ctx.ws,
            ctx.campaigns,
            visit,
            dict(card.params.get("pending") or {}),
            text,
            person=ctx.me,
        )
        push_papers(ctx, visit)
        await show_saved(ctx, review_place(visit), notices=[["notice-corrected", {}]])
        return None
    question = shown_question(card.params, visit)
    if question is None:
        return await typed_on_record(ctx, visit, card, text)
    item = item_of(visit, question)
    values = {question.name: text}
    if item is not None and question.part not in ("remark", "photo"):
        parts = parse_entry(visit.definition.form, f"{item.item_id} {text}")
        typed = {n: v for part in parts or () for n, v in part.assignments}
        values = typed or values
    await correct_with(ctx, visit, card, values, below=True)
    return None


def push_papers(ctx: Ctx, visit: Visit, asked: str = "") -> None:
    """Have the filled form sent to this chat, as PDF and as workbook.

    Args:
        ctx: The update at hand.
        visit: A submitted visit.
        asked: Id of the tap that asks for it once more; each tap sends it once.
    """
    inspection = visit.inspection
    for kind in ("pdf", "xlsx"):
        ctx.ws.push(
            f"form:{inspection.id}:{inspection.revision}:{kind}:{ctx.chat_id}:{asked}",
            ctx.bot.id,
            ctx.chat_id,
            "inspection_form",
            {"inspection": inspection.id, "revision": inspection.revision, "format": kind},
            lane=1,
        )


async def place_stray(ctx: Ctx, visit: Visit, item: Item, stray: Stray) -> None:
    """Take a kept message as belonging to an item: an answer, a remark, or a photo."""
    if stray.media_id is not None:
        question = item.part("photo")
        if question is None:
            return
        await media.assign(ctx.ws.connection, stray.media_id, question.name)
        keys = [*visit.state.answers.get(question.name, "").split(), str(stray.media_id)]
        step = answer(
            ctx.ws,
            ctx.campaigns,
            visit,
            question.name,
            " ".join(keys),
            source="photo",
            person_id=ctx.me.id,
        )
        if step.issues:
            refused: Notice = ["notice-line", {"text": issue_text(ctx, visit, step.issues[0])}]
            await show_saved(ctx, next_place(visit), notices=[refused])
            return
        await show_saved(ctx, next_place(visit), files={item.item_id: len(keys)})
        return
    form = visit.definition.form
    parts = parse_entry(form, f"{item.item_id} {stray.text}") or parse_entry(form, stray.text)
    remark = item.part("remark")
    if not any(part.assignments for part in parts or ()) and remark is not None:
        # It is no answer, so it is what the inspector noted about the item.
        said = "\n".join(filter(None, (visit.state.answers.get(remark.name), stray.text)))
        step = answer(
            ctx.ws,
            ctx.campaigns,
            visit,
            remark.name,
            said,
            source="typed",
            person_id=ctx.me.id,
        )
        notice: Notice = ["notice-side-saved", {"item": item.item_id}]
        if step.issues:
            notice = ["notice-line", {"text": issue_text(ctx, visit, step.issues[0])}]
        await show_saved(ctx, next_place(visit), notices=[notice])
        return
    saved, notices = store_entries(ctx, visit, parts or (), "entry")
    await show_saved(ctx, next_place(visit), saved=saved, notices=notices)


@router.edited_message(F.chat.type == "private")
async def edited(message: Message, ctx: Ctx) -> Reply:
    """An edited message: numbered lines count anew, anything else must be sent again."""
    card = await ctx.ws.card(ctx.bot.id, ctx.chat_id)
    if card is None or "inspection" not in card.params:
        return None
    visit = await editable(ctx, int(card.params["inspection"]))
    text = message.text or message.caption or ""
    parts = parse_entry(visit.definition.form, text)
    if visit.inspection.state != DRAFT or parts is None:
        await show_saved(ctx, place_now(visit, card), notices=[["notice-edited", {}]])
        return None
    saved, notices = store_entries(ctx, visit, parts, "entry")
    await show_saved(ctx, place_now(visit, card), saved=saved, notices=notices)
    return None
