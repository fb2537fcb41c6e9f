"""Cards for opening a campaign: which plan, from which day, what that means."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from campaigns.campaign import list_packs
from campaigns.errors import CampaignError
from handlers.callbacks import Go
from handlers.campaign_callbacks import Camp
from handlers.content import Button, Content, escape, rows
from handlers.context import Ctx
from handlers.views import view
from handlers.views.parts import campaign_title, notice_lines
from services.opening import open_campaigns, pack_title, prepare_opening

UNRESOLVED_SHOWN = 5


@view("campaign")
async def campaign(ctx: Ctx, params: Mapping[str, Any]) -> Content:
    """The dialogue, one step per card."""
    menu = Button(ctx.t("go-menu"), Go(to="menu").pack())
    lines = notice_lines(ctx, params)
    if "pack" not in params:
        return await _list(ctx, lines, menu)
    pack_id = str(params["pack"])
    back = Button(ctx.t("nav-back"), Go(to="campaign").pack())
    if "starts" not in params:
        title = await pack_title(pack_id, ctx.locale)
        lines.append(ctx.t("campaign-ask-date", title=escape(title)))
        return Content("\n".join(lines), ((back, menu),))
    starts_on = date.fromisoformat(params["starts"])
    other = Button(ctx.t("campaign-other-date"), Camp(act="date").pack())
    try:
        opening = await prepare_opening(ctx.ws.connection, pack_id, starts_on, language=ctx.locale)
    except CampaignError as refusal:
        lines.append(escape(ctx.t(refusal.key, **refusal.params)))
        return Content("\n".join(lines), ((other, menu),))
    definition = opening.definition
    lines.append(
        ctx.t(
            "campaign-check",
            title=escape(definition.title(ctx.locale)),
            **{"from": str(definition.starts_on), "to": str(definition.ends_on)},
        )
    )
    lines += [
        ctx.t(
            "campaign-stage",
            label=escape(definition.text(stage.labels, ctx.locale)),
            **{"from": str(stage.starts_on), "to": str(stage.ends_on)},
        )
        for stage in definition.stages
    ]
    if opening.unresolved:
        lines += ["", ctx.t("campaign-unresolved")]
        lines += [
            ctx.t(
                "campaign-unresolved-line",
                task=escape(missing.task),
                selector=f"<code>{escape(missing.selector)}</code>",
            )
            for missing in opening.unresolved[:UNRESOLVED_SHOWN]
        ]
    confirm = Button(ctx.t("campaign-open"), Camp(act="open").pack())
    return Content("\n".join(lines), ((confirm,), (other, menu)))


async def _list(ctx: Ctx, lines: list[str], menu: Button) -> Content:
    running = await open_campaigns(ctx.ws.connection)
    lines.append(f"<b>{ctx.t('campaign-title')}</b>")
    lines += [
        ctx.t(
            "campaign-running",
            title=escape(await campaign_title(ctx, found)),
            code=escape(found.code),
            **{"from": found.starts_on.isoformat()},
        )
        for found in running
    ]
    if not running:
        lines.append(ctx.t("campaign-none"))
    packs = list_packs()
    lines += ["", ctx.t("campaign-pick" if packs else "campaign-no-pack")]
    choices = [
        Button(await pack_title(pack_id, ctx.locale), Camp(act="pack", value=pack_id).pack())
        for pack_id in packs
    ]
    return Content("\n".join(lines), (*rows(choices, 1), (menu,)))
