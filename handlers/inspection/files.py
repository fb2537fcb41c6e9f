"""Photos and files: they belong to the item in their caption, else to the item on the card."""

from aiogram import F, Router
from aiogram.enums import ContentType
from aiogram.types import Message

from campaigns.definition import Question
from campaigns.entry import find_item, parse_entry
from campaigns.errors import CampaignError
from handlers.context import Ctx
from handlers.inputs import Reply
from handlers.inspection.flow import (
    question_place,
    review_place,
    shown_question,
)
from handlers.inspection.messages import (
    Notice,
    came_too_late,
    place_now,
    show_saved,
    store_entries,
)
from handlers.inspection.stray import keep_stray
from handlers.inspection.taps import editable
from handlers.inspection.wording import issue_text
from handlers.views.visit import signed_question
from services import media
from services.inspections import (
    DRAFT,
    SUBMITTED,
    Visit,
    answer,
    attach_signed,
)

router = Router(name="inspection-files")


@router.message(F.chat.type == "private", F.photo | F.document | F.video | F.voice | F.audio)
async def sent_file(message: Message, ctx: Ctx) -> Reply:
    """A photo or file: it belongs to the item named in its caption, else to the item shown."""
    card = await ctx.ws.card(ctx.bot.id, ctx.chat_id)
    if card is None or "inspection" not in card.params:
        if card is None:
            await ctx.show("menu", {"notice": "notice-photo-where"}, below=True)
        else:
            await ctx.show(card.view, {**card.params, "notice": "notice-photo-where"}, below=True)
        return None
    visit = await editable(ctx, int(card.params["inspection"]))
    if visit.inspection.state == SUBMITTED:
        return await _signed(message, ctx, visit)
    if visit.inspection.state != DRAFT:
        raise CampaignError("inspection-cancelled")
    caption = message.caption or ""
    named = find_item(visit.definition.form, caption) if caption else None
    saved, notices = 0, list[Notice]()
    question: Question | None
    album = card.params.get("album")
    if named is not None:
        question = _photo_question(visit, named[0])
        if named[1]:
            parts = parse_entry(visit.definition.form, caption)
            if parts is not None:
                saved, notices = store_entries(ctx, visit, parts, "entry")
    elif album and album[0] == message.media_group_id:
        # Telegram gives the caption of an album to its first picture only.
        question = visit.definition.form.by_name.get(album[1])
    else:
        shown = shown_question(card.params, visit)
        question = None
        if shown is not None and not came_too_late(card, message):
            question = shown if shown.type in ("image", "file") else None
            if question is None and shown.item:
                question = _photo_question(visit, shown.item)
    if question is None:
        media_id, state = await _note(message, ctx, visit, "")
        if state == media.TOO_BIG:
            notices.append(["notice-too-big", {}])
            await show_saved(ctx, place_now(visit, card), notices=notices)
            return None
        await keep_stray(ctx, visit, message, text="", question=None, media_id=media_id)
        return None
    media_id, state = await _note(message, ctx, visit, question.name)
    if state == media.TOO_BIG:
        notices.append(["notice-too-big", {}])
        await show_saved(ctx, place_now(visit, card), saved=saved, notices=notices)
        return None
    keys = visit.state.answers.get(question.name, "").split()
    if str(media_id) not in keys:
        keys.append(str(media_id))
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
        notices.append(["notice-line", {"text": issue_text(ctx, visit, step.issues[0])}])
        await show_saved(ctx, place_now(visit, card), saved=saved, notices=notices)
        return None
    place = place_now(visit, card)
    if shown_question(card.params, visit) is question:
        place = question_place(visit, question.name)
    if message.media_group_id is not None:
        place[1]["album"] = [message.media_group_id, question.name]
    files = {question.item or "": len(keys)}
    await show_saved(ctx, place, saved=saved, files=files, notices=notices)
    return None


def _photo_question(visit: Visit, item_id: str) -> Question | None:
    item = visit.definition.item_by_id.get(item_id)
    return None if item is None else item.part("photo")


async def _note(message: Message, ctx: Ctx, visit: Visit, name: str) -> tuple[int, str]:
    photo = message.photo[-1] if message.photo else None
    file = photo or message.document or message.video or message.voice or message.audio
    if file is None:
        raise CampaignError("notice-not-understood")
    kind = "photo" if photo is not None else ContentType(message.content_type).value
    return await media.note(
        ctx.ws,
        bot_id=ctx.bot.id,
        inspection_id=visit.inspection.id,
        name=name,
        file_id=file.file_id,
        file_unique_id=file.file_unique_id,
        kind=kind,
        mime=getattr(file, "mime_type", None),
        size_bytes=file.file_size,
        author_id=ctx.me.id,
    )


async def _signed(message: Message, ctx: Ctx, visit: Visit) -> Reply:
    question = signed_question(visit)
    if question is None:
        await show_saved(ctx, review_place(visit), notices=[["notice-photo-where", {}]])
        return None
    media_id, state = await _note(message, ctx, visit, question.name)
    if state == media.TOO_BIG:
        await show_saved(ctx, review_place(visit), notices=[["notice-too-big", {}]])
        return None
    attach_signed(ctx.ws, ctx.campaigns, visit, question.name, media_id, person_id=ctx.me.id)
    await show_saved(ctx, review_place(visit), notices=[["notice-signed", {}]])
    return None
