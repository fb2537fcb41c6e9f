"""What office groups are due to receive, computed from tables and an instant, never remembered.

Whether a push has been planned is read from the outbox, whose keys are made of push, campaign,
binding and period: planning twice, in two processes or after a crash, adds nothing. After an
outage only the latest period is pushed; what was missed before it is named in the same message.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from campaigns.periods import Period, Recurrence, counted_period, instant, local_day
from campaigns.plan import CampaignDefinition, Push
from campaigns.workdays import day_kind
from services.campaigns import CampaignStore
from storage.tables import CampaignRow, GroupBindingRow, GroupRow
from storage.workspace import OUTBOX, Workspace

CAMPAIGNS = CampaignRow.__table__  # type: ignore[attr-defined]  # SQLModel hides the Core table
BINDINGS = GroupBindingRow.__table__  # type: ignore[attr-defined]
GROUPS = GroupRow.__table__  # type: ignore[attr-defined]

PRESENT = ("member", "administrator")
"""States of the bot in a group in which it may speak."""

PARTS = ("message", "picture2", "picture3", "file")
"""Messages of one push, in this order; a picture that turns out not to be needed is not sent."""

LOOK_BACK_DAYS = 400
"""How far back a push is looked for: a yearly one has its last day within it."""

MISSED_MOST = 12
"""How many missed periods a late message names at most."""

RECHECK = timedelta(minutes=1)
"""How often the groups of an instant that was planned already are looked at again: a group that
the bot came back to still gets its table."""


@dataclass(frozen=True, slots=True)
class Due:
    """One push of tables to one group.

    Args:
        campaign_id: The campaign.
        version_id: The definition that the tables are made by.
        push_id: Which of the campaign's pushes.
        binding_id: What binds the group to its unit; it outlives the group's change of number.
        bot_id: The bot that sends it.
        chat_id: The group.
        thread_id: Its topic, if it is bound in one.
        unit_id: The unit that the group is bound to; its area is what the tables cover.
        period: What the tables count.
        seq: The campaign's sequence number when it was planned: all parts show the same figures.
        at: The instant at which it was due.
        language: The campaign's language: groups are spoken to in it.
        silent: Whether it arrives without sound, because that day is off.
        missed: First days of earlier periods that were never pushed, oldest first.
    """

    campaign_id: int
    version_id: int
    push_id: str
    binding_id: int
    bot_id: int
    chat_id: int
    thread_id: int | None
    unit_id: int
    period: Period
    seq: int
    at: datetime
    language: str
    silent: bool
    missed: tuple[date, ...] = ()

    @property
    def key(self) -> str:
        """The start of its outbox keys; the part's name follows."""
        return _key(self.push_id, self.campaign_id, self.binding_id, self.period)

    def params(self) -> dict[str, Any]:
        """What an outbox row keeps of it: ids, days and numbers."""
        return {
            "campaign": self.campaign_id,
            "version": self.version_id,
            "push": self.push_id,
            "unit": self.unit_id,
            "from": self.period.first.isoformat(),
            "to": self.period.last.isoformat(),
            "seq": self.seq,
            "lang": self.language,
            "missed": [day.isoformat() for day in self.missed],
        }

    def push(self, ws: Workspace, key: str, *, lane: int = 2) -> None:
        """Put its parts into the outbox.

        Args:
            ws: Where they are written.
            key: The start of their keys; the same key is pushed once.
            lane: 1 when a person is waiting for it.
        """
        for part in PARTS:
            page = int(part[-1]) if part[-1].isdigit() else 1
            ws.push(
                f"{key}:{part}",
                self.bot_id,
                self.chat_id,
                f"tables_{part.rstrip('0123456789')}",
                {**self.params(), "page": page},
                thread_id=self.thread_id,
                lane=lane,
                silent=self.silent,
                not_before=self.at,
            )


def _key(push_id: str, campaign_id: int, binding_id: int, period: Period) -> str:
    return f"{push_id}:{campaign_id}:{binding_id}:{period.first.isoformat()}"


@dataclass(slots=True)
class PlannerCache:
    """Which instants were planned already, so that a quiet second costs one small query.

    It only saves work: without it, or with that of another process, the result is the same.
    """

    planned: dict[tuple[int, str], tuple[datetime, datetime]] = field(default_factory=dict)

    def quiet(self, campaign_id: int, push_id: str, at: datetime, now: datetime) -> bool:
        """Whether this instant was looked at within the last minute."""
        found = self.planned.get((campaign_id, push_id))
        return found is not None and found[0] == at and now - RECHECK < found[1] <= now

    def note(self, campaign_id: int, push_id: str, at: datetime, now: datetime) -> None:
        """Remember that this instant has been planned."""
        self.planned[(campaign_id, push_id)] = (at, now)


async def plan(
    ws: Workspace,
    campaigns: CampaignStore,
    bot_id: int,
    now: datetime,
    cache: PlannerCache | None = None,
) -> list[Due]:
    """Put every push that is due and not yet planned into the outbox.

    Args:
        ws: Where the outbox rows are written; the caller flushes and commits.
        campaigns: Definitions.
        bot_id: The bot whose groups are meant.
        now: Aware UTC.
        cache: What this process planned before.

    Returns:
        What was planned now.
    """
    found = await due(ws.connection, campaigns, bot_id, now, cache)
    for item in found:
        item.push(ws, item.key)
    return found


async def due(
    connection: AsyncConnection,
    campaigns: CampaignStore,
    bot_id: int,
    now: datetime,
    cache: PlannerCache | None = None,
) -> list[Due]:
    """Everything that is due at an instant and not yet in the outbox.

    Args:
        connection: Where to read.
        campaigns: Definitions.
        bot_id: The bot whose groups are meant.
        now: Aware UTC; nothing later than this is due.
        cache: What this process planned before; None looks at everything.
    """
    opened = await connection.execute(
        select(
            CAMPAIGNS.c.id,
            CAMPAIGNS.c.current_version_id,
            CAMPAIGNS.c.timezone,
            CAMPAIGNS.c.language,
            CAMPAIGNS.c.seq,
        )
        .where(CAMPAIGNS.c.state == "open")
        .order_by(CAMPAIGNS.c.id)
    )
    found: list[Due] = []
    for campaign_id, version_id, timezone, language, seq in opened.all():
        definition = await campaigns.definition(connection, version_id)
        zone = ZoneInfo(timezone)
        for push in definition.pushes:
            slot = next(slots(definition, push, zone, now), None)
            if slot is None or (cache and cache.quiet(campaign_id, push.push_id, slot[0], now)):
                continue
            waiting = [
                Due(
                    campaign_id=campaign_id,
                    version_id=version_id,
                    push_id=push.push_id,
                    binding_id=group.id,
                    bot_id=bot_id,
                    chat_id=group.chat_id,
                    thread_id=group.thread_id,
                    unit_id=group.unit_id,
                    period=slot[1],
                    seq=seq,
                    at=slot[0],
                    language=language,
                    silent=push.days_off == "silent" and _off(local_day(slot[0], zone)),
                    missed=missed,
                )
                for group, missed in await _waiting(
                    connection, definition, push, zone, campaign_id, bot_id, slot
                )
            ]
            found += waiting
            # What waits is looked at again until it is in the outbox, also when writing it fails.
            if cache and not waiting:
                cache.note(campaign_id, push.push_id, slot[0], now)
    return found


def slots(
    definition: CampaignDefinition, push: Push, zone: ZoneInfo, now: datetime
) -> Iterator[tuple[datetime, Period]]:
    """Walk back over the instants at which a push was due, with what it counted, latest first.

    Instants whose period lies before the campaign's first or after its last day are left out, and
    those on days off where the push says so.
    """
    if definition.starts_on is None:
        return
    for day in _days_before(push.recurrence, local_day(now, zone)):
        at = instant(day, push.at, zone)
        if at > now or (push.days_off == "skip" and _off(day)):
            continue
        period = counted_period(push.period, at, zone, definition.starts_on)
        if period is None:
            return
        if definition.ends_on is None or period.first <= definition.ends_on:
            yield at, period


@lru_cache(maxsize=256)
def _days_before(recurrence: Recurrence, today: date) -> tuple[date, ...]:
    """Days on which a push recurs up to today, latest first; walking a rule takes milliseconds."""
    return tuple(recurrence.days(today - timedelta(days=LOOK_BACK_DAYS), today))[::-1]


def _off(day: date) -> bool:
    """Whether a day is known to be off; beyond the calendar's data nobody knows."""
    kind = day_kind(day)
    return kind.known and not kind.works


async def _waiting(
    connection: AsyncConnection,
    definition: CampaignDefinition,
    push: Push,
    zone: ZoneInfo,
    campaign_id: int,
    bot_id: int,
    slot: tuple[datetime, Period],
) -> list[tuple[Any, tuple[date, ...]]]:
    """Groups that have not been pushed this slot, each with the periods that it missed before."""
    at, period = slot
    groups = await connection.execute(
        select(
            BINDINGS.c.id,
            BINDINGS.c.chat_id,
            BINDINGS.c.thread_id,
            BINDINGS.c.unit_id,
            BINDINGS.c.bound_at,
        )
        .join(
            GROUPS,
            (GROUPS.c.bot_id == BINDINGS.c.bot_id) & (GROUPS.c.chat_id == BINDINGS.c.chat_id),
        )
        .where(
            BINDINGS.c.bot_id == bot_id,
            BINDINGS.c.purpose == "tables",
            BINDINGS.c.bound_at <= at,
            GROUPS.c.state.in_(PRESENT),
        )
        .order_by(BINDINGS.c.id)
    )
    bound = groups.all()
    if not bound:
        return []
    earlier = list(islice(slots(definition, push, zone, at), 1, MISSED_MOST + 1))
    keys = {
        f"{_key(push.push_id, campaign_id, group.id, counted)}:{PARTS[0]}": (group.id, counted)
        for group in bound
        for counted in (period, *(before for _, before in earlier))
    }
    found = await connection.execute(select(OUTBOX.c.key).where(OUTBOX.c.key.in_(keys)))
    planned = {keys[key] for key in found.scalars()}
    waiting = []
    for group in bound:
        if (group.id, period) in planned:
            continue
        missed = []
        for before, counted in earlier:
            if before < group.bound_at or (group.id, counted) in planned:
                break
            missed.append(counted.first)
        waiting.append((group, tuple(reversed(missed))))
    return waiting
