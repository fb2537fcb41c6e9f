"""The invite dialogue: role, unit, name; the link itself leaves as a message of its own."""

from collections.abc import Mapping
from typing import Any

from handlers.callbacks import Go
from handlers.content import Button, Content, escape, rows
from handlers.context import Ctx
from handlers.invite_callbacks import Inv
from handlers.views import view
from handlers.views.parts import PAGE, campaign_title, capital, notice_lines, page_buttons
from services.invites import invitable_roles, invite_units, read_invite
from services.opening import open_campaigns
from services.registry import read_unit
from storage.tables import Role


@view("invite")
async def invite(ctx: Ctx, params: Mapping[str, Any]) -> Content:
    """One question at a time; what was chosen stays visible above."""
    menu = Button(ctx.t("go-menu"), Go(to="menu").pack())
    lines = [*notice_lines(ctx, params), f"<b>{ctx.t('invite-title')}</b>"]
    if "made" in params:
        return await _made(ctx, int(params["made"]), lines, menu)
    access = await ctx.access()
    if "role" not in params:
        lines.append(ctx.t("invite-ask-role"))
        roles = invitable_roles(access, admin=ctx.is_admin)
        choices = [
            Button(capital(ctx.t(f"role-{role}")), Inv(act="role", value=role).pack())
            for role in roles
        ]
        return Content("\n".join(lines), (*rows(choices, 2), (menu,)))
    role = Role(params["role"])
    if "unit" not in params:
        part = str(params.get("q", ""))
        units = await invite_units(ctx.ws.connection, access, role, admin=ctx.is_admin, part=part)
        lines.append(ctx.t(f"role-{role}"))
        if units:
            lines.append(ctx.t("invite-ask-unit"))
        elif part:
            lines.append(ctx.t("invite-no-unit", part=escape(part)))
        else:
            lines.append(ctx.t("invite-no-units"))
        page = min(int(params.get("page", 0)), max(0, (len(units) - 1) // PAGE))
        choices = [
            Button(unit.name, Inv(act="unit", value=str(unit.id)).pack())
            for unit in units[page * PAGE : (page + 1) * PAGE]
        ]
        turn = page_buttons(
            ctx, page, len(units), lambda number: Inv(act="page", value=str(number)).pack()
        )
        return Content("\n".join(lines), (*rows(choices, 1), *turn, (menu,)))
    unit = await read_unit(ctx.ws.connection, int(params["unit"]))
    lines.append(ctx.t("invite-for", unit=escape(unit.name), role=ctx.t(f"role-{role}")))
    lines += ["", ctx.t("invite-ask-name")]
    chosen = params.get("campaign")
    running = await open_campaigns(ctx.ws.connection)
    options = [(0, ctx.t("invite-campaign-any"))] + [
        (c.id, await campaign_title(ctx, c)) for c in running
    ]
    choices = [
        Button(
            f"{'● ' if (chosen or 0) == number else ''}{label}",
            Inv(act="campaign", value=str(number)).pack(),
        )
        for number, label in options
    ]
    return Content("\n".join(lines), (*rows(choices if running else [], 1), (menu,)))


async def _made(ctx: Ctx, invite_id: int, lines: list[str], menu: Button) -> Content:
    made = await read_invite(ctx.ws.connection, invite_id)
    lines += [
        ctx.t("invite-made", name=escape(made.name)),
        ctx.t("invite-for", unit=escape(made.unit_name), role=ctx.t(f"role-{made.role}")),
        "",
        ctx.t("invite-made-hint"),
    ]
    return Content(
        "\n".join(lines),
        (
            (
                Button(ctx.t("invite-more"), Inv(act="more").pack()),
                Button(ctx.t("invite-renew"), Inv(act="renew", value=str(invite_id)).pack()),
            ),
            (menu,),
        ),
    )
