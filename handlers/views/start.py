"""Cards of the first contact: joining by link, language, help."""

from collections.abc import Mapping
from typing import Any

from handlers.callbacks import Go
from handlers.content import Button, Content, escape
from handlers.context import Ctx
from handlers.start_callbacks import Join, Language
from handlers.views import view
from handlers.views.parts import notice_lines
from locales import LANGUAGES, text
from services.inspections import INSPECTING_ROLES
from services.invites import find_invite_state, invitable_roles, read_invite
from services.people import OFFICE_ROLES


@view("join")
async def join(ctx: Ctx, params: Mapping[str, Any]) -> Content:
    """An invite to confirm: who, for which unit, as what; or the step where the name is typed."""
    invite = await read_invite(ctx.ws.connection, int(params["invite"]))
    typing = params.get("step") == "name"
    name = ctx.me.name if params.get("own_name") else invite.name
    lines = [
        *notice_lines(ctx, params),
        f"<b>{escape(ctx.t('join-title'))}</b>",
        ctx.t("join-name", name=escape(name)),
        ctx.t("join-unit", unit=escape(invite.unit_name)),
        ctx.t("join-role", role=ctx.t(f"role-{invite.role}")),
        ctx.t("join-campaign", campaign=escape(invite.campaign_title))
        if invite.campaign_title
        else ctx.t("join-campaign-any"),
        "",
    ]
    if typing:
        lines.append(ctx.t("join-type-name"))
        back = Join(act="back", invite=invite.id)
        return Content("\n".join(lines), ((Button(ctx.t("nav-back"), back.pack()),),))
    lines.append(ctx.t("join-ask"))
    return Content(
        "\n".join(lines),
        (
            (Button(ctx.t("join-yes"), Join(act="ok", invite=invite.id).pack()),),
            (
                Button(ctx.t("join-wrong-name"), Join(act="name", invite=invite.id).pack()),
                Button(ctx.t("join-no"), Join(act="no", invite=invite.id).pack()),
            ),
        ),
    )


@view("join_refused")
async def join_refused(ctx: Ctx, params: Mapping[str, Any]) -> Content:
    """A link that cannot be used any more: one sentence, and the way to ask."""
    if params.get("asked"):
        return Content(
            ctx.t("request-sent", count=int(params["asked"])),
            ((Button(ctx.t("go-menu"), Go(to="menu").pack()),),),
        )
    invite_id = int(params.get("invite") or 0)
    sentence = ctx.t(await find_invite_state(ctx.ws.connection, invite_id, ctx.now))
    return Content(
        "\n".join([*notice_lines(ctx, params), sentence]),
        (
            (
                Button(ctx.t("request-button"), Join(act="ask", invite=invite_id).pack()),
                Button(ctx.t("go-menu"), Go(to="menu").pack()),
            ),
        ),
    )


@view("language")
async def language(ctx: Ctx, params: Mapping[str, Any]) -> Content:
    """Every language under its own name, the present one marked."""
    choices = tuple(
        Button(
            f"{'● ' if code == ctx.locale else ''}{text(code, 'language-own-name')}",
            Language(code=code).pack(),
        )
        for code in LANGUAGES
    )
    return Content(
        "\n".join([*notice_lines(ctx, params), ctx.t("language-ask")]),
        (choices, (Button(ctx.t("go-menu"), Go(to="menu").pack()),)),
    )


@view("help")
async def help_card(ctx: Ctx, params: Mapping[str, Any]) -> Content:
    """What this person can do here, in a few lines."""
    access = await ctx.access()
    parts = [*notice_lines(ctx, params)[:1], f"<b>{escape(ctx.t('help-title'))}</b>"]
    if not access.memberships and not ctx.is_admin:
        parts.append(ctx.t("help-nobody"))
    if access.can(*INSPECTING_ROLES):
        parts.append(ctx.t("help-inspector", bot=escape(ctx.bot.username)))
    if access.can(*OFFICE_ROLES):
        parts.append(ctx.t("help-office"))
    if invitable_roles(access, admin=ctx.is_admin):
        parts.append(ctx.t("help-organiser"))
    parts.append(ctx.t("help-everybody"))
    return Content("\n\n".join(parts), ((Button(ctx.t("go-menu"), Go(to="menu").pack()),),))
