"""Before the first question: campaign, institution, kind of visit, way of filling in."""

from collections.abc import Mapping
from typing import Any

from aiogram import F, Router
from aiogram.methods import AnswerCallbackQuery
from aiogram.types import CallbackQuery, Message

from campaigns.errors import CampaignError
from handlers.callbacks import Go
from handlers.content import Button, Content, escape, rows
from handlers.context import Ctx
from handlers.inputs import Reply, deep_link
from handlers.inspection.callbacks import Act, Setup
from handlers.inspection.flow import next_place, review_place
from handlers.views import view
from services.inspections import (
    DRAFT,
    INSPECTING_ROLES,
    SUBMITTED,
    begin,
    join,
    last_ways,
    listed,
    load,
    unfinished_at,
)
from services.institutions import read_institution
from services.opening import OpenCampaign, open_campaigns
from services.people import Membership

router = Router(name="inspection-setup")


async def acting(ctx: Ctx) -> Membership:
    """The membership in which the person inspects.

    Raises:
        CampaignError: ``inspection-role`` when the person has none that may inspect.
    """
    access = await ctx.access()
    if access.acting is not None and access.acting.role in INSPECTING_ROLES:
        return access.acting
    able = access.having(*INSPECTING_ROLES)
    if not able:
        raise CampaignError("inspection-role")
    return able[0]


async def _campaign(ctx: Ctx, campaign_id: int) -> OpenCampaign:
    for campaign in await open_campaigns(ctx.ws.connection):
        if campaign.id == campaign_id:
            return campaign
    raise CampaignError("campaign-closed")


@router.callback_query(Go.filter(F.to == "start"))
async def start(query: CallbackQuery, ctx: Ctx) -> Reply:
    """开始检查: with one open campaign straight to the institution."""
    await acting(ctx)
    found = await open_campaigns(ctx.ws.connection)
    if not found:
        raise CampaignError("no-open-campaign")
    if len(found) == 1:
        await begin_search(ctx, found[0].id)
    else:
        await ctx.show("pick_campaign")
    return None


async def begin_search(ctx: Ctx, campaign_id: int) -> None:
    """Ask for the institution of a new visit."""
    await ctx.show("pick_institution", {"campaign": campaign_id})


@view("pick_campaign")
async def pick_campaign(ctx: Ctx, params: Mapping[str, Any]) -> Content:
    """The open campaigns."""
    buttons = [
        Button(campaign.title, Setup(do="campaign", at=campaign.id).pack())
        for campaign in await open_campaigns(ctx.ws.connection)
    ]
    return Content(
        ctx.t("pick-campaign"),
        (*rows(buttons, 1), (Button(ctx.t("go-menu"), Go(to="menu").pack()),)),
    )


@router.callback_query(Setup.filter(F.do == "campaign"))
async def campaign_picked(query: CallbackQuery, ctx: Ctx, callback_data: Setup) -> Reply:
    """Go on with the institution."""
    await acting(ctx)
    campaign = await _campaign(ctx, callback_data.at)
    await begin_search(ctx, campaign.id)
    return None


async def institution_chosen(ctx: Ctx, institution_id: int, params: Mapping[str, Any]) -> None:
    """Go on with a chosen institution: its unfinished draft, or a new visit.

    Args:
        ctx: The update.
        institution_id: The institution, already checked to be in the person's area.
        params: Parameters of the card on which it was chosen (``campaign``).
    """
    campaign_id = params.get("campaign")
    if campaign_id is None:
        found = await open_campaigns(ctx.ws.connection)
        if len(found) != 1:
            await ctx.show("pick_campaign")
            return
        campaign_id = found[0].id
    campaign = await _campaign(ctx, int(campaign_id))
    await ctx.ws.flush()
    draft = await unfinished_at(ctx.ws.connection, ctx.me.id, campaign.id, institution_id)
    if draft is not None:
        await resume(ctx, draft, notice="notice-resumed")
        return
    kind, mode = await last_ways(ctx.ws.connection, ctx.me.id, campaign.id)
    definition = await ctx.campaigns.definition(ctx.ws.connection, campaign.current_version_id)
    known = [k.kind_id for k in definition.kinds]
    if kind not in known:
        stage = definition.stage_on(ctx.now.astimezone(definition.zone).date())
        usual = stage.kinds[0] if stage is not None and stage.kinds else ""
        counting = [k.kind_id for k in definition.kinds if k.counts]
        # A self-inspection is the institution's own; an inspector begins with one that counts.
        kind = usual if usual in counting else (counting or known)[0]
    await ctx.show(
        "inspection_setup",
        {
            "campaign": campaign.id,
            "institution": institution_id,
            "kind": known.index(kind),
            "mode": mode,
        },
        below=not ctx.tapped,
    )


@view("inspection_setup")
async def inspection_setup(ctx: Ctx, params: Mapping[str, Any]) -> Content:
    """What is about to begin: the usual choices are made, one tap starts."""
    campaign = await _campaign(ctx, int(params["campaign"]))
    definition = await ctx.campaigns.definition(ctx.ws.connection, campaign.current_version_id)
    institution = await read_institution(ctx.ws.connection, int(params["institution"]))
    chosen = int(params["kind"])
    day = ctx.now.astimezone(definition.zone).date()
    form = definition.form
    kinds = [
        Button(
            ("● " if index == chosen else "") + form.text(kind.labels, ctx.locale),
            Setup(do="kind", at=index, institution=institution.id).pack(),
        )
        for index, kind in enumerate(definition.kinds)
    ]
    section = Button(ctx.t("go-begin-section"), Setup(do="section").pack())
    each = Button(ctx.t("go-begin-each"), Setup(do="each").pack())
    ways = (each, section) if params.get("mode") == "each" else (section, each)
    return Content(
        ctx.t(
            "setup-text",
            campaign=escape(definition.text(definition.short, ctx.locale)),
            institution=escape(institution.name),
            address=escape(institution.address or institution.area_name),
            kind=escape(form.text(definition.kinds[chosen].labels, ctx.locale)),
            day=day.isoformat(),
            inspector=escape(ctx.me.name),
        ),
        (
            (ways[0],),
            (ways[1],),
            *rows(kinds, 3),
            (
                Button(ctx.t("go-other-institution"), Setup(do="again").pack()),
                Button(ctx.t("go-menu"), Go(to="menu").pack()),
            ),
        ),
    )


@router.callback_query(Setup.filter(F.do.in_({"kind", "again", "section", "each"})))
async def set_up(query: CallbackQuery, ctx: Ctx, callback_data: Setup) -> Reply:
    """Change the kind, choose another institution, or begin."""
    card = await ctx.ws.card(ctx.bot.id, ctx.chat_id)
    if card is None or card.view != "inspection_setup":
        # A second tap of "begin", or a button of an older card.
        return [AnswerCallbackQuery(callback_query_id=query.id, text=ctx.t("error-old-button"))]
    params = card.params
    if callback_data.do == "kind":
        await ctx.show("inspection_setup", {**params, "kind": callback_data.at})
        return None
    if callback_data.do == "again":
        await begin_search(ctx, int(params["campaign"]))
        return None
    campaign = await _campaign(ctx, int(params["campaign"]))
    definition = await ctx.campaigns.definition(ctx.ws.connection, campaign.current_version_id)
    visit = await begin(
        ctx.ws,
        ctx.campaigns,
        person=ctx.me,
        membership=await acting(ctx),
        campaign=campaign,
        institution_id=int(params["institution"]),
        kind=definition.kinds[int(params["kind"])].kind_id,
        mode=callback_data.do,
    )
    await ctx.show(*next_place(visit))
    return None


async def resume(ctx: Ctx, inspection_id: int, notice: str | None = None) -> None:
    """Take a visit up where it stands."""
    visit = await load(ctx.ws, ctx.campaigns, inspection_id)
    view_name, params = (
        next_place(visit) if visit.inspection.state == DRAFT else review_place(visit)
    )
    if notice is not None:
        params["notice"] = notice
    await ctx.show(view_name, params, below=not ctx.tapped)


@router.callback_query(Go.filter(F.to.in_({"drafts", "mine"})))
async def lists(query: CallbackQuery, ctx: Ctx, callback_data: Go) -> Reply:
    """The person's unfinished or submitted inspections."""
    await ctx.show("inspection_list", {"of": callback_data.to})
    return None


@view("inspection_list")
async def inspection_list(ctx: Ctx, params: Mapping[str, Any]) -> Content:
    """Inspections to go on with, or to look at again."""
    drafts = params.get("of") == "drafts"
    found = await listed(ctx.ws.connection, ctx.me.id, DRAFT if drafts else SUBMITTED)
    buttons = [
        Button(
            f"{item.inspected_on:%m-%d} {item.institution}"[:60],
            Act(inspection=item.id, do="resume").pack(),
        )
        for item in found
    ]
    key = ("list-drafts" if drafts else "list-mine") + ("" if found else "-none")
    return Content(
        ctx.t(key), (*rows(buttons, 1), (Button(ctx.t("go-menu"), Go(to="menu").pack()),))
    )


@deep_link("visit")
async def visit_link(message: Message, ctx: Ctx, rest: str) -> Reply:
    """A colleague's link: take part in the same inspection."""
    if not rest.isdecimal():
        raise CampaignError("inspection-missing")
    visit = await load(ctx.ws, ctx.campaigns, int(rest))
    await join(ctx.ws, visit.inspection, await ctx.access())
    await resume(ctx, visit.inspection.id, notice="notice-joined")
    return None
