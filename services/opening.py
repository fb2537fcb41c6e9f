"""Opening a campaign from a pack with real dates, and listing those that run."""

import asyncio
import hashlib
import json
import re
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from campaigns.campaign import CampaignDefinition, load_pack, read_campaign
from campaigns.errors import CampaignError
from campaigns.issues import Issue
from campaigns.opening import open_workbook
from campaigns.plan import Selector
from campaigns.workbook import Workbook, from_json, to_json
from services.registry import select_units
from storage.tables import CampaignRow, CampaignVersionRow

CAMPAIGNS = CampaignRow.__table__  # type: ignore[attr-defined]  # SQLModel hides it
VERSIONS = CampaignVersionRow.__table__  # type: ignore[attr-defined]

DEFAULT_ZONE = "Asia/Shanghai"

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,39}")


@dataclass(frozen=True, slots=True)
class OpenCampaign:
    """A campaign that has been opened."""

    id: int
    code: str
    pack_id: str
    title: str
    starts_on: date
    timezone: str
    language: str
    state: str
    current_version_id: int
    seq: int


@dataclass(frozen=True, slots=True)
class Unresolved:
    """A unit that the plan means and the registry does not have."""

    task: str
    selector: str


@dataclass(frozen=True, slots=True)
class Opening:
    """What opening a pack would lead to."""

    pack_id: str
    code: str
    workbook: Workbook
    definition: CampaignDefinition
    warnings: tuple[Issue, ...]
    unresolved: tuple[Unresolved, ...]


class BrokenWorkbookError(CampaignError):
    """A workbook that cannot be opened, with every fault it has."""

    def __init__(self, pack_id: str, issues: list[Issue]) -> None:
        """Keep the issues; the sentence counts them."""
        errors = sum(issue.severity == "error" for issue in issues)
        super().__init__("campaign-broken", pack=pack_id, count=errors)
        self.issues = issues


_SELECT: Select[Any] = select(*(CAMPAIGNS.c[name] for name in OpenCampaign.__dataclass_fields__))


async def open_campaigns(connection: AsyncConnection) -> list[OpenCampaign]:
    """Campaigns that run, latest first."""
    found = await connection.execute(
        _SELECT.where(CAMPAIGNS.c.state == "open").order_by(
            CAMPAIGNS.c.starts_on.desc(), CAMPAIGNS.c.id.desc()
        )
    )
    return [OpenCampaign(*row) for row in found]


async def all_campaigns(connection: AsyncConnection) -> list[OpenCampaign]:
    """Every campaign that was ever opened, latest first."""
    found = await connection.execute(
        _SELECT.order_by(CAMPAIGNS.c.starts_on.desc(), CAMPAIGNS.c.id.desc())
    )
    return [OpenCampaign(*row) for row in found]


async def campaign_by_code(connection: AsyncConnection, code: str) -> OpenCampaign:
    """The campaign with this code, open or closed.

    Raises:
        CampaignError: ``campaign-unknown``.
    """
    found = await connection.execute(_SELECT.where(CAMPAIGNS.c.code == code))
    row = found.one_or_none()
    if row is None:
        raise CampaignError("campaign-unknown", code=code)
    return OpenCampaign(*row)


def campaign_code(pack_id: str, starts_on: date) -> str:
    """The usual code: the pack's name with the year in which the campaign starts."""
    name = re.sub(r"-\d{4}$", "", pack_id)
    return f"{name}-{starts_on.year}"


def _selector_text(selector: Selector) -> str:
    return " ".join(f"{key}={value}" for key, value in selector.criteria.items())


@lru_cache(maxsize=16)
def _read_pack(
    pack_id: str, starts_on: date | None
) -> tuple[Workbook, CampaignDefinition | None, tuple[Issue, ...]]:
    workbook = load_pack(pack_id)
    if starts_on is not None:
        workbook = open_workbook(workbook, starts_on)
    definition, issues = read_campaign(workbook)
    return workbook, definition, tuple(issues)


async def pack_title(pack_id: str, language: str) -> str:
    """A pack's title; its id when the workbook cannot be read.

    Raises:
        CampaignError: ``pack-unknown``.
    """
    _, definition, _ = await asyncio.to_thread(_read_pack, pack_id, None)
    return definition.title(language) if definition is not None else pack_id


async def prepare_opening(
    connection: AsyncConnection,
    pack_id: str,
    starts_on: date,
    *,
    code: str | None = None,
    language: str = "zh",
) -> Opening:
    """Work out what opening a pack would give, without changing anything.

    Raises:
        CampaignError: ``pack-unknown``, ``campaign-code-bad``, ``campaign-already-open``, or one
            of the reasons of ``campaigns.opening.open_workbook``.
        BrokenWorkbookError: The workbook has errors; all are listed.
    """
    code = code or campaign_code(pack_id, starts_on)
    if _CODE.fullmatch(code) is None:
        raise CampaignError("campaign-code-bad", code=code)
    existing = await connection.execute(select(CAMPAIGNS.c.state).where(CAMPAIGNS.c.code == code))
    if existing.one_or_none() is not None:
        raise CampaignError("campaign-already-open", code=code)
    # Reading a form takes a quarter of a second; nobody else should wait for it.
    workbook, definition, issues = await asyncio.to_thread(_read_pack, pack_id, starts_on)
    if definition is None:
        raise BrokenWorkbookError(pack_id, list(issues))
    unresolved = [
        Unresolved(definition.text(task.labels, language), _selector_text(selector))
        for task in definition.tasks
        for selector in (*task.lead, *task.cooperating)
        if not await select_units(connection, selector)
    ]
    return Opening(
        pack_id, code, workbook, definition, tuple(issues), tuple(dict.fromkeys(unresolved))
    )


async def open_campaign(
    connection: AsyncConnection,
    pack_id: str,
    starts_on: date,
    *,
    now: datetime,
    timezone: str | None = None,
    code: str | None = None,
    language: str = "zh",
) -> tuple[OpenCampaign, Opening]:
    """Open a campaign: its workbook with real dates becomes version 1, which never changes.

    Args:
        connection: The transaction to write in.
        pack_id: One of the packs that come with the product.
        starts_on: The campaign's first day; every other date keeps its distance.
        now: Aware UTC.
        timezone: IANA name; None takes the pack's own.
        code: The campaign's code; None makes the usual one.
        language: Language of the groups and documents of the campaign.

    Raises:
        CampaignError: See ``prepare_opening``.
    """
    opening = await prepare_opening(connection, pack_id, starts_on, code=code, language=language)
    stored = to_json(opening.workbook)
    canonical = json.dumps(stored, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    made = await connection.execute(
        insert(CAMPAIGNS)
        .values(
            code=opening.code,
            pack_id=pack_id,
            title=opening.definition.title(language),
            starts_on=starts_on,
            timezone=timezone or opening.definition.zone.key,
            language=language,
            state="open",
            seq=0,
            opened_at=now,
        )
        .returning(CAMPAIGNS.c.id)
    )
    campaign_id = int(made.scalar_one())
    version = await connection.execute(
        insert(VERSIONS)
        .values(
            campaign_id=campaign_id,
            number=1,
            workbook=stored,
            sha256=hashlib.sha256(canonical.encode()).hexdigest(),
            published_at=now,
        )
        .returning(VERSIONS.c.id)
    )
    await connection.execute(
        update(CAMPAIGNS)
        .where(CAMPAIGNS.c.id == campaign_id)
        .values(current_version_id=version.scalar_one())
    )
    return await campaign_by_code(connection, opening.code), opening


async def stored_workbook(connection: AsyncConnection, version_id: int) -> Workbook:
    """The workbook of a published version, as it was opened.

    Raises:
        CampaignError: ``campaign-version-missing``.
    """
    found = await connection.execute(
        select(VERSIONS.c.workbook).where(VERSIONS.c.id == version_id)
    )
    stored = found.scalar_one_or_none()
    if stored is None:
        raise CampaignError("campaign-version-missing", version=version_id)
    return from_json(stored)


async def local_day(connection: AsyncConnection, now: datetime) -> date:
    """Today's date where the running campaign is; where none runs, in China."""
    running = await open_campaigns(connection)
    return now.astimezone(ZoneInfo(running[0].timezone if running else DEFAULT_ZONE)).date()
