"""How a campaign stands in an area: what came in this week, coverage, pushes past and due."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from campaigns.errors import CampaignError
from campaigns.periods import Period, local_day, next_push, to_date, week_of
from campaigns.plan import CampaignDefinition, Stage
from services.contributions import INSTITUTIONS, UNITS
from services.opening import OpenCampaign
from services.registry import Area, Unit, area_ids, areas_in, read_area
from services.tables import Coverage, coverage, scope_of
from storage.tables import OutboxState
from storage.workspace import INSPECTIONS, OUTBOX


@dataclass(frozen=True, slots=True)
class AreaCoverage:
    """How far the targets are reached in one area.

    ``own`` marks what the area's own units supervise themselves, without the areas below.
    """

    area: Area
    coverage: tuple[Coverage, ...]
    own: bool = False


@dataclass(frozen=True, slots=True)
class Status:
    """How a campaign stands.

    Args:
        week: This week.
        stage: The stage of today, if there is one.
        submitted: Inspections of this week that were handed in.
        drafts: Inspections of this week that are still drafts.
        whole: Coverage of the whole area.
        parts: Coverage of what it supervises itself, then of each area directly below it; they
            add up to the whole.
        pushed_at: When this group last received its tables; None outside groups and before.
        next_at: When the tables go out next.
    """

    week: Period
    stage: Stage | None
    submitted: int
    drafts: int
    whole: AreaCoverage
    parts: tuple[AreaCoverage, ...]
    pushed_at: datetime | None
    next_at: datetime | None


async def read_status(
    connection: AsyncConnection,
    definition: CampaignDefinition,
    campaign: OpenCampaign,
    unit: Unit,
    now: datetime,
    *,
    bot_id: int,
    chat_id: int | None = None,
) -> Status:
    """Gather how a campaign stands in a unit's area.

    Args:
        connection: Where to read.
        definition: The campaign's present version.
        campaign: The campaign.
        unit: The unit; its area and those below are what counts.
        now: Aware UTC.
        bot_id: The bot, for the last push.
        chat_id: The group that asks, for the last push; None in private.
    """
    zone = ZoneInfo(campaign.timezone)
    today = local_day(now, zone)
    week = week_of(today)
    area = await read_area(connection, unit.area_id)
    ids = await area_ids(connection, area.path)
    counts = await _week_counts(connection, campaign.id, ids, week)
    until = to_date(campaign.starts_on, today) or Period(today, today)
    parts = [
        found
        for found in await areas_in(connection, area.path)
        if found.path.rpartition("/")[0] == area.path
    ]

    async def covered(one: Area, below: list[int], *, own: bool = False) -> AreaCoverage:
        scope = await scope_of(connection, campaign.id, below, until, campaign.seq)
        return AreaCoverage(one, await coverage(connection, definition, scope), own)

    itself = await covered(area, [area.id], own=True)
    below = [await covered(one, await area_ids(connection, one.path)) for one in parts]
    if below and any(reached.registered for reached in itself.coverage):
        below.insert(0, itself)
    return Status(
        week=week,
        stage=definition.stage_on(today),
        submitted=counts.get("submitted", 0),
        drafts=counts.get("draft", 0),
        whole=await covered(area, ids),
        parts=tuple(below),
        pushed_at=await _last_push(connection, bot_id, chat_id),
        next_at=_next(definition, zone, now),
    )


async def _week_counts(
    connection: AsyncConnection, campaign_id: int, ids: list[int], week: Period
) -> dict[str, int]:
    visits = INSPECTIONS.c
    found = await connection.execute(
        select(visits.state, func.count())
        .join(INSTITUTIONS, INSTITUTIONS.c.id == visits.institution_id)
        .join(UNITS, UNITS.c.id == INSTITUTIONS.c.unit_id)
        .where(
            visits.campaign_id == campaign_id,
            visits.inspected_on.between(week.first, week.last),
            UNITS.c.area_id.in_(ids),
        )
        .group_by(visits.state)
    )
    return {row[0]: row[1] for row in found}


async def _last_push(
    connection: AsyncConnection, bot_id: int, chat_id: int | None
) -> datetime | None:
    if chat_id is None:
        return None
    found = await connection.execute(
        select(func.max(OUTBOX.c.finished_at)).where(
            OUTBOX.c.bot_id == bot_id,
            OUTBOX.c.chat_id == chat_id,
            OUTBOX.c.kind == "tables_message",
            OUTBOX.c.state == OutboxState.SENT,
        )
    )
    at: datetime | None = found.scalar_one_or_none()
    return at


def _next(definition: CampaignDefinition, zone: ZoneInfo, now: datetime) -> datetime | None:
    instants = []
    for push in definition.pushes:
        try:
            instants.append(next_push(push.recurrence, push.at, zone, now))
        except CampaignError:
            continue
    return min(instants, default=None)
