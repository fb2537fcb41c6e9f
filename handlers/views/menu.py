"""The menu: what this person can do next, fewest taps first."""

from collections.abc import Mapping
from typing import Any

from handlers.callbacks import Go
from handlers.content import Button, Content, escape, rows
from handlers.context import Ctx
from handlers.start_callbacks import Switch
from handlers.views import view
from handlers.views.parts import campaign_title, notice_lines
from services.inspections import INSPECTING_ROLES
from services.invites import invitable_roles
from services.opening import open_campaigns
from services.people import OFFICE_ROLES, Membership, count_drafts
from services.registry import units_in
from storage.tables import Role


def _go(ctx: Ctx, to: str, key: str, **params: int) -> Button:
    return Button(ctx.t(key, **params), Go(to=to).pack())


def acting_line(ctx: Ctx, membership: Membership) -> str:
    """Unit and role the person acts in, as one line of HTML."""
    return ctx.t(
        "menu-acting",
        unit=escape(membership.unit_name),
        role=ctx.t(f"role-{membership.role}"),
    )


@view("menu")
async def menu(ctx: Ctx, params: Mapping[str, Any]) -> Content:
    """The person's own menu; somebody without a membership reads what this bot is."""
    access = await ctx.access()
    acting = access.acting
    note = params.get("note")
    lines = notice_lines(ctx, params)
    if note:
        lines += [f"✅ {ctx.t(str(note))}", ""]
    if acting is None and not ctx.is_admin:
        lines.append(ctx.t("menu-welcome"))
        return Content(
            "\n".join(lines),
            ((_go(ctx, "language", "go-language"), _go(ctx, "help", "go-help")),),
        )
    if acting is not None:
        lines += [f"<b>{escape(ctx.me.name)}</b>", acting_line(ctx, acting)]
    else:
        lines.append(f"<b>{ctx.t('menu-admin')}</b>")
    running = await open_campaigns(ctx.ws.connection)
    for campaign in running:
        lines.append(ctx.t("menu-campaign", title=escape(await campaign_title(ctx, campaign))))
    wide: list[tuple[Button, ...]] = []
    if access.can(*INSPECTING_ROLES):
        if running:
            wide.append((_go(ctx, "start", "go-start"),))
        drafts = await count_drafts(ctx.ws.connection, ctx.me.id)
        own = [_go(ctx, "mine", "go-mine")]
        if drafts:
            own.insert(0, _go(ctx, "drafts", "go-drafts", count=drafts))
        wide.append(tuple(own))
    if running and access.can(*OFFICE_ROLES):
        wide.append((_go(ctx, "tables", "go-tables"), _go(ctx, "status", "go-status")))
    tools: list[Button] = []
    if invitable_roles(access, admin=ctx.is_admin):
        tools.append(_go(ctx, "invite", "go-invite"))
    if ctx.is_admin or access.can(Role.ORGANISER, Role.OFFICER):
        tools.append(_go(ctx, "groups", "go-groups"))
    if ctx.is_admin or access.can(Role.ORGANISER):
        tools.append(_go(ctx, "campaign", "go-campaign"))
        if not await units_in(ctx.ws.connection, limit=1):
            lines.append(ctx.t("menu-no-units"))
        elif not running:
            lines.append(ctx.t("menu-no-campaign"))
    elif not running:
        lines.append(ctx.t("menu-wait-campaign"))
    wide += rows(tools, 2)
    last = [_go(ctx, "language", "go-language"), _go(ctx, "help", "go-help")]
    if len(access.memberships) > 1:
        last.insert(0, _go(ctx, "switch", "go-switch"))
    wide += rows(last, 3)
    return Content("\n".join(lines), tuple(wide))


@view("switch")
async def switch(ctx: Ctx, params: Mapping[str, Any]) -> Content:
    """The person's memberships to act in, the present one marked."""
    access = await ctx.access()
    acting = access.acting
    choices = [
        Button(
            ctx.t(
                "switch-choice",
                mark="● " if acting is not None and membership.id == acting.id else "",
                unit=membership.unit_name,
                role=ctx.t(f"role-{membership.role}"),
            ),
            Switch(membership=membership.id).pack(),
        )
        for membership in access.memberships
    ]
    text = "\n".join([*notice_lines(ctx, params), ctx.t("switch-ask")])
    return Content(text, (*rows(choices, 1), (_go(ctx, "menu", "go-menu"),)))
