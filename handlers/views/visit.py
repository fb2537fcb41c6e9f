"""What the cards of an inspection are made of: head, wording, answers, marks."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from campaigns.campaign import CampaignDefinition
from campaigns.definition import Form, Question
from campaigns.items import Item, prompt
from handlers.content import Button, Rows, escape, rows
from handlers.context import Ctx
from handlers.inspection.callbacks import pick
from handlers.views.parts import capital
from handlers.widgets import WIDGETS, Asked, Option
from services.inspections import (
    Visit,
)

BAR_CELLS = 12
WIDE_LABEL = 12
"""Characters above which a button gets a row of its own."""
NARROW_LABEL = 4
HALF_ROW_CELLS = 22
"""What half a row of a 390-pixel phone shows; a Chinese character takes two cells."""
LAST_NARROW = 0x2E7F
"""Above it stand the characters that are two cells wide."""
NOTICE_LINES = 12
SHOWN_CHARACTERS = 200


@lru_cache(maxsize=64)
def head_questions(form: Form) -> tuple[tuple[str, Question], ...]:
    """Questions that describe the institution, by what they tell, in the order of the card."""
    wanted = ("name", "level", "ownership", "type")
    found = {
        question.columns.get("x_from", "").removeprefix("institution."): question
        for question in form.questions
        if question.columns.get("x_from", "").startswith("institution.")
    }
    return tuple((key, found[key]) for key in wanted if key in found)


@lru_cache(maxsize=64)
def places(form: Form) -> Mapping[str, int]:
    """Place of each question in the form, as buttons name it."""
    return {question.name: index for index, question in enumerate(form.questions)}


def sections(visit: Visit) -> tuple[str, ...]:
    """Names of the groups that have numbered items, in order."""
    return _sections(visit.definition)


@lru_cache(maxsize=64)
def _sections(definition: CampaignDefinition) -> tuple[str, ...]:
    return tuple(dict.fromkeys(item.group for item in definition.items))


def counted(visit: Visit) -> tuple[int, int]:
    """How many numbered items are done, and of how many."""
    progress = visit.progress
    wanted = sections(visit)
    groups = [group for group in progress.groups if group.name in wanted]
    return sum(g.done for g in groups), sum(g.total for g in groups)


def paired(buttons: list[Button]) -> Rows:
    """Two buttons a row; one whose label would be cut on a phone has a row of its own."""
    made: list[tuple[Button, ...]] = []
    for button in buttons:
        if made and len(made[-1]) == 1 and not (_is_wide(button) or _is_wide(made[-1][0])):
            made[-1] = (made[-1][0], button)
        else:
            made.append((button,))
    return tuple(made)


def _is_wide(button: Button) -> bool:
    return sum(2 if ord(sign) > LAST_NARROW else 1 for sign in button.text) > HALF_ROW_CELLS


def bar(done: int, total: int) -> str:
    """Progress as a line of squares, which every phone's Chinese font has."""
    filled = 0 if total == 0 else done * BAR_CELLS // total
    return "■" * filled + "□" * (BAR_CELLS - filled)


def choice_label(ctx: Ctx, visit: Visit, question: Question, value: str, *, short: bool) -> str:
    """The wording of a stored choice."""
    choice = question.choice(value)
    if choice is None:
        return value
    brief = choice.extra.get(f"x_short_{ctx.locale}", "") if short else ""
    return brief or visit.definition.form.text(choice.labels, ctx.locale)


def place_name(ctx: Ctx, visit: Visit) -> str:
    """The institution as the card's head names it: name and what kind it is."""
    name, kinds = "", []
    for key, question in head_questions(visit.definition.form):
        value = visit.state.values.get(question.name, "")
        if key == "name":
            name = escape(value)
        elif value:
            kinds.append(choice_label(ctx, visit, question, value, short=True))
    said = ctx.t("inspection-kinds", kinds=" · ".join(kinds)) if kinds else ""
    return f"<b>{name}</b>{said}"


def notices(ctx: Ctx, params: Mapping[str, Any]) -> list[str]:
    """What happened with the last messages, first thing on the card."""
    lines = []
    if saved := params.get("saved"):
        lines.append(ctx.t("notice-saved", count=int(saved)))
    if files := params.get("files"):
        for item, count in dict(files).items():
            said = "notice-photos" if item else "notice-photos-here"
            lines.append(ctx.t(said, item=str(item), count=int(count)))
    for entry in list(params.get("notices") or [])[:NOTICE_LINES]:
        key, values = entry
        lines.append(ctx.t(key, **{k: escape(str(v)) for k, v in values.items()}))
    if key := params.get("notice"):
        lines.append(ctx.t(str(key)))
    return lines


def head(ctx: Ctx, visit: Visit, group: str) -> list[str]:
    """First lines of a card: where, which section, how far."""
    done, total = counted(visit)
    form = visit.definition.form
    lines = [ctx.t("inspection-head", place=place_name(ctx, visit))]
    section = form.groups_by_name.get(group)
    if section is not None:
        lines.append(escape(form.text(section.labels, ctx.locale)))
    lines.append(f"{bar(done, total)}  {done} / {total}")
    return lines


def value_text(ctx: Ctx, visit: Visit, question: Question, value: str) -> str:
    """A stored value as people read it."""
    if question.choices:
        return ctx.t("list-comma").join(
            choice_label(ctx, visit, question, part, short=False) for part in value.split()
        )
    if question.type in ("image", "file"):
        key = "value-photos" if question.type == "image" else "value-files"
        return ctx.t(key, count=len(value.split()))
    return brief(value)


def brief(value: str) -> str:
    """A typed value as a card shows it: a card must stay one message, whatever was typed."""
    return value if len(value) <= SHOWN_CHARACTERS else f"{value[:SHOWN_CHARACTERS]}…"


def pair(ctx: Ctx, name: str, value: str) -> str:
    """A name and what it is, with the language's colon."""
    return ctx.t("pair", name=name, value=value)


def item_answers(ctx: Ctx, visit: Visit, item: Item) -> list[str]:
    """Present answers of an item, remark and photos too, one line each."""
    form = visit.definition.form
    lines = []
    for question in item.questions:
        value = visit.state.values.get(question.name, "")
        if not value:
            continue
        shown = value_text(ctx, visit, question, value)
        if question is item.head and question.choices:
            lines.append(f"● <b>{escape(shown)}</b>")
        else:
            name = capital(prompt(form, question, ctx.locale))
            lines.append(f"● {pair(ctx, escape(name), escape(shown))}")
    return lines


def how_to(asked: Asked) -> str:
    """Fluent key of the line that says what to type or send."""
    item = asked.item
    if item is not None and asked.question is item.head and len(item.clean) > 1:
        return "ask-sample"
    return WIDGETS[asked.question.type].hint


def wording(ctx: Ctx, visit: Visit, question: Question, item: Item | None) -> list[str]:
    form = visit.definition.form
    if item is None:
        lines = [f"<b>{escape(form.text(question.labels, ctx.locale))}</b>"]
        value = visit.state.values.get(question.name, "")
        if value:
            lines.append(f"● {escape(value_text(ctx, visit, question, value))}")
    else:
        lines = [f"<b>{item.item_id}</b>　{escape(item.label(form, ctx.locale))}"]
        lines += item_answers(ctx, visit, item)
    hint = form.text(question.hints, ctx.locale)
    if hint:
        lines.append(escape(hint))
    if (item is not None and question is not item.head) or (
        item is not None and not question.choices
    ):
        lines.append(f"<b>{escape(capital(prompt(form, question, ctx.locale)))}</b>")
    return lines


def answer_buttons(visit: Visit, question: Question, options: tuple[Option, ...]) -> Rows:
    inspection = visit.inspection
    place = places(visit.definition.form)[question.name]
    made = [
        Button(
            f"● {option.text}" if option.chosen else option.text,
            pick(inspection.id, inspection.revision, place, index, on=option.on),
        )
        for index, option in enumerate(options)
    ]
    longest = max((len(option.text) for option in options), default=0)
    if longest > WIDE_LABEL:
        return rows(made, 1)
    return rows(made, 6 if longest <= 2 and len(made) > 4 else 2 if longest > NARROW_LABEL else 3)


def is_finding(visit: Visit, item: Item) -> bool:
    """Whether an item's answer is anything but "checked, nothing found"."""
    values = visit.state.values
    clean = item.clean
    if not clean:
        return values.get(item.head.name) not in (None, "", "no")
    if item.mode == "ask":
        # How many were sampled is no finding; that somebody was found in violation is.
        return any(
            values.get(question.name, "") not in ("", clean[question.name])
            for question in item.answers[1:]
            if question.name in clean
        )
    return any(values.get(name, "") not in ("", value) for name, value in clean.items())


def clip(lines: list[str], limit: int = 3_900) -> str:
    """Join lines below Telegram's 4 096 characters, whole lines only."""
    size, kept = 0, []
    for line in lines:
        size += len(line) + 1
        if size > limit:
            kept.append("…")
            break
        kept.append(line)
    return "\n".join(kept)


def signed_question(visit: Visit) -> Question | None:
    """The question that keeps the photo of the signed form: a picture outside all items."""
    return next(
        (
            question
            for question in visit.definition.form.questions
            if question.type == "image" and not question.item
        ),
        None,
    )
