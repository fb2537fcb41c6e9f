from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from campaigns.campaign import load_pack, read_campaign
from campaigns.errors import CampaignError
from campaigns.opening import open_workbook
from services.campaigns import CampaignStore
from services.opening import (
    CAMPAIGNS,
    VERSIONS,
    all_campaigns,
    campaign_by_code,
    local_day,
    open_campaign,
    open_campaigns,
    prepare_opening,
    stored_workbook,
)
from storage.workspace import Workspace
from tests.services.people_world import NOW, load_region

PACK, START = "guangxi-2020", date(2026, 9, 1)


async def test_open__with_another_start__moves_stages_and_stores_version_one(
    ws: Workspace,
) -> None:
    await load_region(ws)
    campaign, _ = await open_campaign(ws.connection, PACK, START, now=NOW)
    assert (campaign.code, campaign.title, campaign.timezone, campaign.seq) == (
        "guangxi-2026",
        "2026年广西医疗卫生领域突出问题专项整治行动",
        "Asia/Shanghai",
        0,
    )
    definition = await CampaignStore().definition(ws.connection, campaign.current_version_id)
    assert [(str(s.starts_on), str(s.ends_on)) for s in definition.stages] == [
        ("2026-09-01", "2026-10-31"),
        ("2026-11-01", "2026-11-30"),
        ("2026-12-01", "2026-12-31"),
    ]
    kept = await stored_workbook(ws.connection, campaign.current_version_id)
    assert kept == open_workbook(load_pack(PACK), START)
    assert read_campaign(kept)[0] is not None
    row = (await ws.connection.execute(select(VERSIONS.c.number, VERSIONS.c.sha256))).one()
    assert (row.number, len(row.sha256)) == (1, 64)


async def test_open__units_that_nobody_registered__are_listed(ws: Workspace) -> None:
    await load_region(ws)
    opening = await prepare_opening(ws.connection, PACK, START)
    assert {missing.selector for missing in opening.unresolved} == {"level=region line=tcm"}
    assert len({missing.task for missing in opening.unresolved}) == 4


@pytest.mark.parametrize(
    ("pack", "start", "code", "key"),
    [
        ("nothing-1999", START, None, "pack-unknown"),
        (PACK, START, "x y", "campaign-code-bad"),
        (PACK, date(9999, 12, 1), None, "opening-out-of-range"),
    ],
)
async def test_open__what_cannot_be__refuses_and_opens_nothing(
    ws: Workspace, pack: str, start: date, code: str | None, key: str
) -> None:
    with pytest.raises(CampaignError) as refused:
        await open_campaign(ws.connection, pack, start, now=NOW, code=code)
    assert refused.value.key == key
    assert (await ws.connection.execute(select(CAMPAIGNS.c.id))).all() == []


async def test_open__twice__refuses_unless_the_code_differs(ws: Workspace) -> None:
    first, _ = await open_campaign(ws.connection, PACK, START, now=NOW)
    with pytest.raises(CampaignError) as refused:
        await open_campaign(ws.connection, PACK, START, now=NOW)
    assert (refused.value.key, refused.value.params) == (
        "campaign-already-open",
        {"code": "guangxi-2026"},
    )
    second, _ = await open_campaign(ws.connection, PACK, START, now=NOW, code="second")
    running = await open_campaigns(ws.connection)
    assert {campaign.id for campaign in running} == {first.id, second.id}
    assert await campaign_by_code(ws.connection, "second") == second
    assert len(await all_campaigns(ws.connection)) == 2
    with pytest.raises(CampaignError):
        await campaign_by_code(ws.connection, "third")


async def test_local_day__late_evening_utc__is_the_next_day_in_the_campaigns_zone(
    ws: Workspace,
) -> None:
    evening = datetime(2026, 11, 18, 17, tzinfo=UTC)
    assert await local_day(ws.connection, evening) == date(2026, 11, 19)
    await open_campaign(ws.connection, PACK, START, now=NOW, timezone="America/New_York")
    assert await local_day(ws.connection, evening) == date(2026, 11, 18)
