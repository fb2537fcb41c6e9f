"""Cards of an inspection: one activity, one card, numbers first."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from campaigns import engine
from campaigns.campaign import CampaignDefinition
from campaigns.definition import Form, Question
from campaigns.items import SIDE_PARTS, Item, prompt
from handlers.callbacks import Go
from handlers.content import Button, Content, Rows, escape, rows
from handlers.context import Ctx
from handlers.inspection.callbacks import Confirm, act, mark, open_question, pick
from handlers.inspection.flow import item_of
from handlers.views import view
from handlers.views.parts import capital
from handlers.widgets import WIDGETS, Asked, Option
from services.inspections import (
    SUBMITTED,
    Visit,
    load,
    section_items,
    unmarked,
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


@view("inspection_item")
async def inspection_item(ctx: Ctx, params: Mapping[str, Any]) -> Content:
    """One question on a card, with its item, the answers it has, and where to go."""
    visit = await load(ctx.ws, ctx.campaigns, int(params["inspection"]))
    form = visit.definition.form
    question = form.by_name[str(params["q"])]
    item = item_of(visit, question)
    lines = [*notices(ctx, params)]
    if lines:
        lines.append("")
    lines += head(ctx, visit, question.group)
    lines.append("")
    lines += _wording(ctx, visit, question, item)
    asked = Asked(
        visit, question, item, ctx.locale, ctx.now.astimezone(visit.definition.zone).date()
    )
    if hint := how_to(asked):
        lines.append(ctx.t(hint))
    widget = WIDGETS[question.type]
    buttons = [
        *_answers(visit, question, widget.options(asked)),
        *_ways(ctx, visit, question, item),
    ]
    return Content("\n".join(lines), tuple(buttons))


def how_to(asked: Asked) -> str:
    """Fluent key of the line that says what to type or send."""
    item = asked.item
    if item is not None and asked.question is item.head and len(item.clean) > 1:
        return "ask-sample"
    return WIDGETS[asked.question.type].hint


def _wording(ctx: Ctx, visit: Visit, question: Question, item: Item | None) -> list[str]:
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


def _answers(visit: Visit, question: Question, options: tuple[Option, ...]) -> Rows:
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


def _ways(ctx: Ctx, visit: Visit, question: Question, item: Item | None) -> Rows:
    inspection = visit.inspection
    index = places(visit.definition.form)
    at = index[question.name]

    def way(key: str, do: str) -> Button:
        return Button(ctx.t(key), act(inspection.id, do, at))

    first = [way("go-back", "back")]
    if item is not None:
        for part in SIDE_PARTS:
            side = item.part(part)
            if side is not None and side is not question:
                count = len(visit.state.answers.get(side.name, "").split())
                label = ctx.t(f"go-{part}")
                first.append(
                    Button(
                        f"{label} {count}" if part == "photo" and count else label,
                        open_question(inspection.id, index[side.name]),
                    )
                )
    first.append(way("go-contents", "contents"))
    second = []
    name = question.name
    if question.type in ("image", "file", "select_multiple") or question.on_request:
        second.append(way("go-on", "skip"))
    elif not engine.is_required(visit.definition.form, visit.state, name):
        second.append(way("go-skip", "skip"))
    if question.on_request and name in visit.state.answers:
        second.append(way("go-clear", "clear"))
    return (tuple(first), tuple(second)) if second else (tuple(first),)


@view("inspection_section")
async def inspection_section(ctx: Ctx, params: Mapping[str, Any]) -> Content:
    """A section's items as toggles: only what is wrong is tapped, the rest confirmed."""
    visit = await load(ctx.ws, ctx.campaigns, int(params["inspection"]))
    form, inspection = visit.definition.form, visit.inspection
    group = str(params["group"])
    lines = notices(ctx, params)
    if lines:
        lines.append("")
    lines += head(ctx, visit, group)
    index = places(form)
    buttons: list[Button] = []
    marked: list[str] = []
    for item in section_items(visit, group):
        if item.mode != "toggle" or item.head.name in visit.state.hidden:
            continue
        value = visit.state.answers.get(item.head.name)
        clean = item.clean[item.head.name]
        short = f"{item.item_id} {form.text(item.short, ctx.locale)}"
        found = value is not None and value != clean
        if found:
            marked.append(short)
        elif value == clean:
            short = f"✓ {short}"
        buttons.append(
            Button(
                f"● {short}" if found else short,
                mark(inspection.id, index[item.head.name], on=not found),
            )
        )
    open_items = unmarked(visit, group)
    lines += ["", ctx.t("section-ask", count=str(len(buttons)))]
    if marked:
        lines.append(ctx.t("section-marked", items=escape(" · ".join(marked))))
    confirm = Button(
        ctx.t("section-confirm", count=str(len(open_items)))
        if marked
        else ctx.t("section-confirm-all", count=str(len(open_items))),
        Confirm(
            inspection=inspection.id,
            revision=inspection.revision,
            group=sections(visit).index(group),
        ).pack(),
    )
    ways = (
        Button(ctx.t("go-contents"), act(inspection.id, "contents")),
        Button(ctx.t("go-each"), act(inspection.id, "each")),
    )
    longest = max((len(b.text) for b in buttons), default=0)
    per_row = 3 if longest <= 9 else 2
    return Content(
        "\n".join(lines), (*rows(buttons, per_row), (confirm,) if open_items else (), ways)
    )


@view("inspection_contents")
async def inspection_contents(ctx: Ctx, params: Mapping[str, Any]) -> Content:
    """All items with their marks; any of them is one tap away."""
    visit = await load(ctx.ws, ctx.campaigns, int(params["inspection"]))
    form, inspection = visit.definition.form, visit.inspection
    index = places(form)
    missing = set(engine.missing(form, visit.state))
    lines = [*head(ctx, visit, ""), "", ctx.t("contents-legend")]
    buttons: list[tuple[Button, ...]] = []
    for group in sections(visit):
        items = [
            Button(
                f"{_mark(visit, item, missing)}{item.item_id}",
                open_question(inspection.id, index[item.head.name]),
            )
            for item in section_items(visit, group)
        ]
        buttons += rows(items, 7)
    extras = [
        Button(
            form.text(question.labels, ctx.locale),
            open_question(inspection.id, index[question.name]),
        )
        for question in form.questions
        if not question.item
        and question.calculation is None
        and question.name not in visit.state.hidden
        and question.type in WIDGETS
        and question.type != "note"
        and not question.columns.get("x_from", "").startswith("institution.")
    ]
    buttons += paired(extras)
    buttons.append(
        (
            Button(ctx.t("go-continue"), act(inspection.id, "continue")),
            Button(ctx.t("go-review"), act(inspection.id, "review")),
        )
    )
    buttons.append(
        (
            Button(ctx.t("go-share"), act(inspection.id, "share")),
            Button(ctx.t("go-later"), Go(to="menu").pack()),
        )
    )
    return Content("\n".join(lines), tuple(buttons))


def _mark(visit: Visit, item: Item, missing: set[str]) -> str:
    names = [question.name for question in item.answers]
    if any(name in missing for name in names):
        return "○" if item.head.name not in visit.state.answers else "◐"
    return "●" if is_finding(visit, item) else "✓"


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


def findings(ctx: Ctx, visit: Visit) -> list[str]:
    """What was found, one line per item."""
    form = visit.definition.form
    lines = []
    for item in visit.definition.items:
        if item.mode == "computed" or not is_finding(visit, item):
            continue
        said = []
        for question in item.answers:
            value = visit.state.values.get(question.name, "")
            if not value or (question is item.head and question.choices):
                continue
            said.append(f"{prompt(form, question, ctx.locale)} {brief(value)}")
        label = escape(item.label(form, ctx.locale))
        detail = escape(ctx.t("clause-comma").join(said))
        shown = pair(ctx, label, detail) if said else label
        lines.append(f"🔴 <b>{item.item_id}</b> {shown}")
    return lines


def totals(ctx: Ctx, visit: Visit) -> list[str]:
    """Computed items, shown and never typed."""
    form = visit.definition.form
    lines = []
    for item in visit.definition.items:
        if item.mode != "computed":
            continue
        said = [
            _computed_text(ctx, visit, question, item)
            for question in item.answers
            if visit.state.values.get(question.name, "")
        ]
        if said:
            label = escape(item.label(form, ctx.locale))
            lines.append(pair(ctx, label, escape(" · ".join(said))))
    return lines


def _computed_text(ctx: Ctx, visit: Visit, question: Question, item: Item) -> str:
    form = visit.definition.form
    value = visit.state.values.get(question.name, "")
    if question is not item.head:
        return f"{prompt(form, question, ctx.locale)} {value}"
    # A computed yes or no has no choice list of its own; the words are those of the checklist.
    for other in form.questions:
        choice = other.choice(value) if other.part == "main" else None
        if choice is not None:
            return form.text(choice.labels, ctx.locale)
    return value


def summary(ctx: Ctx, visit: Visit) -> list[str]:
    """Figures that matter, then what was found."""
    form = visit.definition.form
    found = findings(ctx, visit)
    checked, total = counted(visit)
    confirmed = sum(
        1 for answer in visit.inspection.answers.values() if answer.source == "confirmed"
    )
    kind = next((k for k in visit.definition.kinds if k.kind_id == visit.inspection.kind), None)
    lines = [
        place_name(ctx, visit),
        ctx.t(
            "review-figures",
            kind="" if kind is None else form.text(kind.labels, ctx.locale),
            day=visit.inspection.inspected_on.isoformat(),
            checked=str(checked),
            total=str(total),
            found=str(len(found)),
        ),
    ]
    if confirmed:
        lines.append(ctx.t("review-confirmed", confirmed=str(confirmed)))
    if found:
        lines += ["", *found]
    computed = totals(ctx, visit)
    if computed:
        lines += ["", *computed]
    return lines


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


@view("inspection_review")
async def inspection_review(ctx: Ctx, params: Mapping[str, Any]) -> Content:
    """Everything before it is handed in; what is missing is one tap away."""
    visit = await load(ctx.ws, ctx.campaigns, int(params["inspection"]))
    form, inspection = visit.definition.form, visit.inspection
    index = places(form)
    lines = notices(ctx, params)
    if lines:
        lines.append("")
    lines += [f"<b>{ctx.t('review-title')}</b>", *summary(ctx, visit)]
    issues = engine.submit(form, visit.state).issues
    buttons: list[tuple[Button, ...]] = []
    if issues:
        # An item counts once, however many of its figures are missing; the button leads to the
        # first of them.
        firsts: dict[str, str] = {}
        for issue in issues:
            firsts.setdefault(form.by_name[issue.name].item or issue.name, issue.name)
        names = list(firsts.values())
        lines += ["", ctx.t("review-missing", count=str(len(names)))]
        jumps = [
            Button(
                _missing_label(ctx, visit, form.by_name[name]),
                open_question(inspection.id, index[name]),
            )
            for name in names[:24]
        ]
        buttons += paired(jumps)
    else:
        lines += ["", ctx.t("review-ready")]
        buttons.append((Button(ctx.t("go-submit"), act(inspection.id, "submit")),))
    gone = engine.no_longer_apply(form, visit.state)
    if gone:
        lines.append(ctx.t("review-gone", count=len(gone)))
    buttons.append(
        (
            Button(ctx.t("go-contents"), act(inspection.id, "contents")),
            Button(ctx.t("go-drop"), act(inspection.id, "drop")),
            Button(ctx.t("go-later"), Go(to="menu").pack()),
        )
    )
    return Content(clip(lines), tuple(buttons))


def _missing_label(ctx: Ctx, visit: Visit, question: Question) -> str:
    form = visit.definition.form
    item = item_of(visit, question)
    if item is None:
        return form.text(question.labels, ctx.locale)
    short = form.text(item.short, ctx.locale)
    if question is item.head and question.choices:
        return f"{item.item_id} {short}"
    return f"{item.item_id} {prompt(form, question, ctx.locale)}"


@view("inspection_drop")
async def inspection_drop(ctx: Ctx, params: Mapping[str, Any]) -> Content:
    """Ask before a draft is given up."""
    visit = await load(ctx.ws, ctx.campaigns, int(params["inspection"]))
    inspection = visit.inspection
    done, total = counted(visit)
    return Content(
        ctx.t("drop-ask", place=place_name(ctx, visit), done=str(done), total=str(total)),
        (
            (
                Button(ctx.t("go-drop-yes"), act(inspection.id, "dropped")),
                Button(ctx.t("go-drop-no"), act(inspection.id, "review")),
            ),
        ),
    )


@view("inspection_done")
async def inspection_done(ctx: Ctx, params: Mapping[str, Any]) -> Content:
    """A submitted inspection: what it says, its documents, what can still be done."""
    visit = await load(ctx.ws, ctx.campaigns, int(params["inspection"]))
    inspection = visit.inspection
    lines = notices(ctx, params)
    if lines:
        lines.append("")
    key = "done-corrected" if inspection.corrections else "done-title"
    lines += [
        f"<b>{ctx.t(key, number=str(inspection.id), times=inspection.corrections)}</b>",
        *summary(ctx, visit),
        "",
        ctx.t("done-sign"),
    ]
    signed = signed_question(visit)
    if signed is not None:
        count = len(visit.state.answers.get(signed.name, "").split())
        if count:
            lines.append(ctx.t("done-signed", count=count))
    lines.append(ctx.t("done-correct"))
    return Content(
        clip(lines),
        (
            (
                Button(ctx.t("go-papers"), act(inspection.id, "papers")),
                Button(ctx.t("go-correct"), act(inspection.id, "correct")),
            ),
            (Button(ctx.t("go-menu"), Go(to="menu").pack()),),
        ),
    )


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


@view("inspection_correct")
async def inspection_correct(ctx: Ctx, params: Mapping[str, Any]) -> Content:
    """Correcting a submitted inspection: choose an item, change it, say why."""
    visit = await load(ctx.ws, ctx.campaigns, int(params["inspection"]))
    if visit.inspection.state != SUBMITTED:
        return await inspection_review(ctx, params)
    form, inspection = visit.definition.form, visit.inspection
    pending: dict[str, str] = dict(params.get("pending") or {})
    index = places(form)
    lines = notices(ctx, params)
    if lines:
        lines.append("")
    lines += [f"<b>{ctx.t('correct-title')}</b>", place_name(ctx, visit)]
    for name, value in pending.items():
        question = form.by_name[name]
        item = item_of(visit, question)
        label = form.text(question.labels, ctx.locale) if item is None else item.item_id
        before = visit.state.values.get(name, "")
        lines.append(
            ctx.t(
                "correct-change",
                item=escape(label),
                what=escape(prompt(form, question, ctx.locale)) if item is not None else "",
                before=escape(value_text(ctx, visit, question, before)) if before else "—",
                after=escape(value_text(ctx, visit, question, value)) if value else "—",
            )
        )
    step = params.get("step")
    last = (Button(ctx.t("go-correct-drop"), act(inspection.id, "review")),)
    if step == "reason":
        lines += ["", ctx.t("correct-why")]
        return Content(clip(lines), (last,))
    if params.get("q"):
        question = form.by_name[str(params["q"])]
        item = item_of(visit, question)
        lines += ["", *_wording(ctx, visit, question, item)]
        asked = Asked(
            visit, question, item, ctx.locale, ctx.now.astimezone(visit.definition.zone).date()
        )
        if hint := how_to(asked):
            lines.append(ctx.t(hint))
        widget = WIDGETS[question.type]
        return Content(clip(lines), (*_answers(visit, question, widget.options(asked)), last))
    lines += ["", ctx.t("correct-choose")]
    buttons: list[tuple[Button, ...]] = []
    for group in sections(visit):
        buttons += rows(
            [
                Button(
                    item.item_id,
                    open_question(inspection.id, index[item.head.name]),
                )
                for item in section_items(visit, group)
            ],
            7,
        )
    return Content(clip(lines), (*buttons, last))
