"""Cards before and after submission: review, record, correction."""

from collections.abc import Mapping
from typing import Any

from campaigns import engine
from campaigns.definition import Question
from campaigns.items import Item, prompt
from handlers.callbacks import Go
from handlers.content import Button, Content, escape, rows
from handlers.context import Ctx
from handlers.inspection.callbacks import act, open_question
from handlers.inspection.flow import item_of
from handlers.views import view
from handlers.views.visit import (
    answer_buttons,
    brief,
    clip,
    counted,
    how_to,
    is_finding,
    notices,
    pair,
    paired,
    place_name,
    places,
    sections,
    signed_question,
    value_text,
    wording,
)
from handlers.widgets import WIDGETS, Asked
from services.inspections import (
    SUBMITTED,
    Visit,
    load,
    section_items,
)


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
        lines += ["", *wording(ctx, visit, question, item)]
        asked = Asked(
            visit, question, item, ctx.locale, ctx.now.astimezone(visit.definition.zone).date()
        )
        if hint := how_to(asked):
            lines.append(ctx.t(hint))
        widget = WIDGETS[question.type]
        return Content(
            clip(lines), (*answer_buttons(visit, question, widget.options(asked)), last)
        )
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
