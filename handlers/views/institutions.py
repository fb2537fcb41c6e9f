"""Cards for finding an institution and for entering one that the registry lacks."""

from collections.abc import Mapping
from typing import Any

from handlers.content import Button, Content, Rows, escape, rows
from handlers.context import Ctx
from handlers.institution_callbacks import Pick, Reg
from handlers.views import view
from handlers.views.parts import PAGE, capital, notice_lines, page_buttons
from services.inspections import INSPECTING_ROLES
from services.institution_entry import guess_type, similar_institutions
from services.institutions import (
    LEVELS,
    OWNERSHIPS,
    TYPES,
    Institution,
    institutions_by_id,
    search_institutions,
    uninspected,
)
from services.opening import local_day
from services.registry import Area, areas_in, read_area

NOWHERE = "-"
"""A path that no area has."""


async def inspection_scope(ctx: Ctx) -> str | None:
    """The area (and below) in which the person may inspect; None is everywhere (admins).

    The acting membership decides when it may inspect, else the first that may.
    """
    access = await ctx.access()
    acting = access.acting
    if acting is not None and acting.role in INSPECTING_ROLES:
        return acting.area_path
    others = access.having(*INSPECTING_ROLES)
    if others:
        return others[0].area_path
    return None if ctx.is_admin else NOWHERE


def facts_line(ctx: Ctx, institution: Institution) -> str:
    """Level, ownership and type in words: 二级 · 公立 · 综合."""
    return " · ".join(
        (
            ctx.t(f"institution-level-{institution.level}"),
            ctx.t(f"institution-{institution.ownership}"),
            ctx.t(f"institution-type-{institution.type}"),
        )
    )


def distance(ctx: Ctx, metres: int) -> str:
    """A distance as people say it: 350 米, 1.2 公里."""
    if metres < 1_000:
        return ctx.t("distance-m", metres=str(round(metres, -1)))
    return ctx.t("distance-km", km=f"{metres / 1000:.1f}")


def _choice(ctx: Ctx, institution: Institution, suffix: str = "") -> Button:
    facts = f"{ctx.t(f'institution-level-{institution.level}')}{suffix}"
    label = ctx.t("pick-choice", name=institution.name, facts=facts)
    return Button(label, Pick(act="i", value=str(institution.id)).pack())


@view("pick_institution")
async def pick_institution(ctx: Ctx, params: Mapping[str, Any]) -> Content:
    """Search by typing, by place, by inline query, or from those not inspected yet."""
    path = await inspection_scope(ctx)
    today = await local_day(ctx.ws.connection, ctx.now)
    lines = [*notice_lines(ctx, params), f"<b>{ctx.t('pick-title')}</b>"]
    page = int(params.get("page", 0))
    turn: Rows = ()
    near = params.get("near")
    if near is not None:
        found = await institutions_by_id(ctx.ws.connection, [int(pair[0]) for pair in near])
        metres = {int(pair[0]): int(pair[1]) for pair in near}
        lines.append(ctx.t("pick-near" if found else "pick-near-none"))
        choices = [_choice(ctx, i, f" · {distance(ctx, metres[i.id])}") for i in found]
    elif params.get("todo") and params.get("campaign"):
        count, found = await uninspected(
            ctx.ws.connection,
            int(params["campaign"]),
            path,
            on=today,
            limit=PAGE,
            offset=page * PAGE,
        )
        lines.append(ctx.t("pick-todo", count=count))
        choices = [_choice(ctx, institution) for institution in found]
        turn = page_buttons(
            ctx, page, count, lambda number: Pick(act="page", value=str(number)).pack()
        )
    else:
        part = str(params.get("q", ""))
        found = await search_institutions(
            ctx.ws.connection,
            part,
            path,
            on=today,
            limit=PAGE + 1,
            offset=page * PAGE,
        )
        if not part:
            lines.append(ctx.t("pick-ask"))
            # Without a search the list helps only where it is short enough to be complete.
            found = found if len(found) <= PAGE else []
        else:
            lines.append(ctx.t("pick-found" if found else "pick-none", part=escape(part)))
        choices = [_choice(ctx, institution) for institution in found[:PAGE]]
        turn = page_buttons(
            ctx,
            page,
            page * PAGE + len(found),
            lambda number: Pick(act="page", value=str(number)).pack(),
        )
    ways = [
        Button(ctx.t("pick-near-button"), Pick(act="near").pack()),
        Button(ctx.t("pick-inline"), inline_here=""),
    ]
    if params.get("campaign") and not params.get("todo"):
        ways.append(Button(ctx.t("pick-todo-button"), Pick(act="todo").pack()))
    ways.append(Button(ctx.t("pick-new"), Pick(act="new").pack()))
    return Content("\n".join(lines), (*rows(choices, 1), *turn, *rows(ways, 2)))


@view("register")
async def register(ctx: Ctx, params: Mapping[str, Any]) -> Content:
    """One question at a time about the missing institution; known facts stay visible above."""
    step = str(params.get("step", "name"))
    lines = [*notice_lines(ctx, params), f"<b>{ctx.t('register-title')}</b>"]
    if "name" in params:
        lines.append(escape(str(params["name"])))
    known = [
        ctx.t(f"institution-level-{params['level']}") if "level" in params else "",
        ctx.t(f"institution-{params['own']}") if "own" in params else "",
        ctx.t(f"institution-type-{params['type']}") if "type" in params else "",
    ]
    if any(known):
        lines.append(" · ".join(fact for fact in known if fact))
    if "area" in params:
        area = await read_area(ctx.ws.connection, int(params["area"]))
        lines.append(escape(area.name))
    if params.get("address"):
        lines.append(escape(str(params["address"])))
    lines += ["", ctx.t(f"register-ask-{step}")]
    back = Button(ctx.t("nav-back"), Reg(act="back").pack())
    return Content("\n".join(lines), (*await _answers(ctx, step, params), (back,)))


async def _answers(ctx: Ctx, step: str, params: Mapping[str, Any]) -> Rows:
    if step == "similar":
        today = await local_day(ctx.ws.connection, ctx.now)
        found = await similar_institutions(
            ctx.ws.connection, str(params["name"]), await inspection_scope(ctx), on=today
        )
        same = [
            Button(
                f"{institution.name} · {institution.area_name}",
                Reg(act="i", value=str(institution.id)).pack(),
            )
            for institution in found
        ]
        new = Button(ctx.t("register-none-of-these"), Reg(act="skip").pack())
        return (*rows(same, 1), (new,))
    if step == "type":
        guess = guess_type(str(params.get("name", "")))
        return rows(
            [
                Button(
                    f"{'● ' if kind == guess else ''}{capital(ctx.t(f'institution-type-{kind}'))}",
                    Reg(act="type", value=kind).pack(),
                )
                for kind in TYPES
            ],
            2,
        )
    if step == "level":
        return rows(
            [
                Button(
                    capital(ctx.t(f"institution-level-{level}")),
                    Reg(act="level", value=str(level)).pack(),
                )
                for level in LEVELS
            ],
            2,
        )
    if step == "own":
        return rows(
            [
                Button(capital(ctx.t(f"institution-{kind}")), Reg(act="own", value=kind).pack())
                for kind in OWNERSHIPS
            ],
            2,
        )
    if step == "area":
        areas = await register_areas(ctx)
        page = min(int(params.get("page", 0)), max(0, (len(areas) - 1) // PAGE))
        choices = [
            Button(area.name, Reg(act="area", value=str(area.id)).pack())
            for area in areas[page * PAGE : (page + 1) * PAGE]
        ]
        turn = page_buttons(
            ctx, page, len(areas), lambda number: Reg(act="page", value=str(number)).pack()
        )
        return (*rows(choices, 2), *turn)
    if step == "address":
        return ((Button(ctx.t("register-no-address"), Reg(act="skip").pack()),),)
    if step == "check":
        return ((Button(ctx.t("register-ok"), Reg(act="ok").pack()),),)
    return ()


async def register_areas(ctx: Ctx) -> list[Area]:
    """Where the person may enter an institution: the counties of the own area, or itself."""
    path = await inspection_scope(ctx)
    areas = await areas_in(ctx.ws.connection, path)
    return [area for area in areas if area.level == "county"] or areas
