"""Cards of a running inspection: one activity, one card, numbers first."""

from collections.abc import Mapping
from typing import Any

from campaigns import engine
from campaigns.definition import Question
from campaigns.items import SIDE_PARTS, Item
from handlers.callbacks import Go
from handlers.content import Button, Content, Rows, escape, rows
from handlers.context import Ctx
from handlers.inspection.callbacks import Confirm, act, mark, open_question
from handlers.inspection.flow import item_of
from handlers.views import view
from handlers.views.visit import (
    answer_buttons,
    head,
    how_to,
    is_finding,
    notices,
    paired,
    places,
    sections,
    wording,
)
from handlers.widgets import WIDGETS, Asked
from services.inspections import (
    Visit,
    load,
    section_items,
    unmarked,
)


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
    lines += wording(ctx, visit, question, item)
    asked = Asked(
        visit, question, item, ctx.locale, ctx.now.astimezone(visit.definition.zone).date()
    )
    if hint := how_to(asked):
        lines.append(ctx.t(hint))
    widget = WIDGETS[question.type]
    buttons = [
        *answer_buttons(visit, question, widget.options(asked)),
        *_ways(ctx, visit, question, item),
    ]
    return Content("\n".join(lines), tuple(buttons))


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
