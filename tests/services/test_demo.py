from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from campaigns.errors import CampaignError
from services.campaigns import CampaignStore
from services.demo import KEPT_FREE, DemoPeople, first_day, load_demo
from services.groups import bindings
from services.inspections import ANSWER_LOG, INSPECTIONS
from services.institutions import INSTITUTIONS
from services.opening import open_campaign, open_campaigns, prepare_opening
from storage.workspace import ANSWERS, OUTBOX, Workspace
from tests.services.people_world import BOT

SUNDAY = datetime(2026, 11, 22, 4, tzinfo=UTC)
PEOPLE = DemoPeople(inspector=1, officer=2, organiser=3, group=-100)


async def values(ws: Workspace) -> list[Any]:
    rows = await ws.connection.execute(
        select(ANSWERS.c.inspection_id, ANSWERS.c.name, ANSWERS.c.value).order_by(
            ANSWERS.c.inspection_id, ANSWERS.c.name
        )
    )
    return [tuple(row) for row in rows]


async def test_demo__an_empty_deployment__gets_two_weeks_of_submitted_visits(
    ws: Workspace,
) -> None:
    region = await load_demo(ws, CampaignStore(), BOT, PEOPLE, SUNDAY)
    assert region is not None
    assert (region.campaign, region.institutions) == ("guangxi-2026", 62)
    rows = (await ws.connection.execute(select(INSPECTIONS))).all()
    weeks = Counter(row.inspected_on - timedelta(days=row.inspected_on.weekday()) for row in rows)
    assert weeks == {date(2026, 11, 9): 15, date(2026, 11, 16): 19}
    assert {row.state for row in rows} == {"submitted"}
    visited = {row.institution_id for row in rows}
    assert len(visited) == len(rows)
    free = await ws.connection.execute(
        select(INSTITUTIONS.c.id).where(INSTITUTIONS.c.name.in_(KEPT_FREE))
    )
    assert visited.isdisjoint(free.scalars())
    bound = await bindings(ws.connection, BOT, -100)
    assert {(b.unit_name, b.purpose) for b in bound} == {
        ("柳州市卫生健康委员会", "tables"),
        ("柳州市卫生健康委员会", "reminders"),
    }
    assert (await ws.connection.execute(select(OUTBOX.c.id))).all() == []
    assert (await ws.connection.execute(select(ANSWER_LOG.c.id))).all() == []


async def test_demo__loaded_again__changes_nothing(ws: Workspace) -> None:
    store = CampaignStore()
    await load_demo(ws, store, BOT, PEOPLE, SUNDAY)
    before = await values(ws)
    assert await load_demo(ws, store, BOT, PEOPLE, SUNDAY + timedelta(days=7)) is None
    assert await values(ws) == before
    assert len(await open_campaigns(ws.connection)) == 1


async def test_demo__early_on_monday__has_no_visit_in_the_future(ws: Workspace) -> None:
    monday = datetime(2026, 11, 16, 0, 30, tzinfo=UTC)
    region = await load_demo(ws, CampaignStore(), BOT, PEOPLE, monday)
    assert region is not None
    rows = (await ws.connection.execute(select(INSPECTIONS.c.submitted_at))).scalars().all()
    assert len(rows) == region.inspections == 15
    assert max(rows) <= monday


async def test_demo__without_visits__opens_the_campaign_with_nothing_unresolved(
    ws: Workspace,
) -> None:
    region = await load_demo(ws, CampaignStore(), BOT, PEOPLE, SUNDAY, inspections=False)
    assert region is not None
    assert region.inspections == 0
    opening = await prepare_opening(ws.connection, "guangxi-2020", date(2026, 9, 1), code="again")
    assert opening.unresolved == ()


async def test_demo__a_deployment_in_use__refuses(ws: Workspace) -> None:
    await open_campaign(ws.connection, "guangxi-2020", date(2026, 9, 1), now=SUNDAY)
    with pytest.raises(CampaignError) as refused:
        await load_demo(ws, CampaignStore(), BOT, PEOPLE, SUNDAY)
    assert refused.value.key == "demo-not-empty"


@pytest.mark.parametrize(
    ("today", "first"),
    [
        (date(2026, 11, 22), date(2026, 9, 1)),
        (date(2027, 1, 31), date(2026, 11, 1)),
        (date(2026, 2, 1), date(2025, 12, 1)),
    ],
)
def test_first_day__any_month__puts_today_into_the_joint_stage(today: date, first: date) -> None:
    assert first_day(today) == first
