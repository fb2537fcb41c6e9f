"""Whose tables a person may see: an office role in private, the bound unit's in its group."""

from dataclasses import dataclass

from campaigns.errors import CampaignError
from campaigns.plan import CampaignDefinition
from handlers.context import Ctx
from services.groups import bindings
from services.opening import OpenCampaign, open_campaigns
from services.people import OFFICE_ROLES, within
from services.registry import Unit, read_unit


@dataclass(frozen=True, slots=True)
class Place:
    """The campaign and unit that a card about tables is about."""

    campaign: OpenCampaign
    definition: CampaignDefinition
    unit: Unit


async def own_unit(ctx: Ctx, *, judge: bool = True) -> Unit:
    """The unit whose area a person, or a group, sees when nothing else is chosen.

    Args:
        ctx: The update at hand.
        judge: Whether the person must be allowed to see it; a group's card that is drawn again
            is drawn for the group.

    Raises:
        CampaignError: ``tables-refused``, ``tables-refused-area`` or ``tables-group-unbound``.
    """
    if ctx.private:
        access = await ctx.access()
        acting = access.acting
        held = access.having(*OFFICE_ROLES)
        if not held:
            raise CampaignError("tables-refused")
        chosen = acting if acting in held else held[0]
        return await read_unit(ctx.ws.connection, chosen.unit_id if chosen else held[0].unit_id)
    bound = await bindings(ctx.ws.connection, ctx.bot.id, ctx.chat_id)
    if not bound:
        raise CampaignError("tables-group-unbound")
    # One group may be bound to several units by purpose; tables come first.
    bound.sort(key=lambda binding: binding.purpose != "tables")
    unit = await read_unit(ctx.ws.connection, bound[0].unit_id)
    if judge:
        await check(ctx, unit, None)
    return unit


async def check(ctx: Ctx, unit: Unit, campaign_id: int | None) -> None:
    """Refuse what the person may not see.

    In private only an office role whose area holds the unit's sees its tables. In a group that
    is bound to the unit everybody with a role in that area may ask for the aggregates that the
    group receives anyway; a stranger in the group may not.

    Raises:
        CampaignError: ``tables-refused-area``.
    """
    access = await ctx.access()
    if access.can(*OFFICE_ROLES, area_path=unit.area_path, campaign_id=campaign_id):
        return
    if not ctx.private:
        bound = await bindings(ctx.ws.connection, ctx.bot.id, ctx.chat_id)
        if any(binding.unit_id == unit.id for binding in bound) and any(
            within(unit.area_path, held.area_path) or within(held.area_path, unit.area_path)
            for held in access.having(campaign_id=campaign_id)
        ):
            return
    raise CampaignError("tables-refused-area", area=unit.area_name)


async def place(ctx: Ctx, campaign_id: int = 0, unit_id: int = 0, *, judge: bool = True) -> Place:
    """The campaign and unit of a button, checked; 0 stands for the person's or group's own.

    Args:
        ctx: The update at hand.
        campaign_id: The campaign.
        unit_id: The unit.
        judge: Whether the person must be allowed to see it (see ``own_unit``).

    Raises:
        CampaignError: ``tables-none`` when no campaign runs, or a refusal.
    """
    unit = (
        await read_unit(ctx.ws.connection, unit_id)
        if unit_id
        else await own_unit(ctx, judge=judge)
    )
    running = await open_campaigns(ctx.ws.connection)
    campaign = next((one for one in running if campaign_id in (0, one.id)), None)
    if campaign is None:
        raise CampaignError("tables-none")
    if judge:
        await check(ctx, unit, campaign.id)
    definition = await ctx.campaigns.definition(ctx.ws.connection, campaign.current_version_id)
    return Place(campaign, definition, unit)
