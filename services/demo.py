"""The demo region: invented institutions, a running campaign, and two weeks of inspections.

It is loaded through the same services as a real deployment: lists are imported, a pack is opened,
visits are begun, answered and submitted. Nothing in it is a real institution or person, and the
same seed and day give the same region.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select

from campaigns.errors import CampaignError
from campaigns.opening import shift_day
from services.campaigns import CampaignStore
from services.groups import PURPOSES, bind, note_presence
from services.imports import import_institutions, import_units
from services.inspections import Visit, answer, begin, confirm_rest, submit
from services.institutions import Institution, search_institutions
from services.opening import (
    DEFAULT_ZONE,
    OpenCampaign,
    campaign_code,
    open_campaign,
    open_campaigns,
)
from services.people import Access, grant, load_access
from services.registry import read_unit, unit_by_code
from storage.tables import Role, SettingRow
from storage.workspace import Person, Workspace

DATA = Path(__file__).parent / "demo_data"
SETTINGS = SettingRow.__table__  # type: ignore[attr-defined]  # SQLModel hides the Core table
DONE = "demo_region"

PACK = "guangxi-2020"
CITY_UNIT, REGION_UNIT = "LZ-H", "GX-H"

COLLEAGUES = (
    (900_000_001, "演示检查员一", "LZ-H"),
    (900_000_002, "演示检查员二", "LZ-CZ-H"),
    (900_000_003, "演示检查员三", "LZ-YF-H"),
    (900_000_004, "演示检查员四", "NN-QX-H"),
    (900_000_005, "演示检查员五", "NN-XN-H"),
)
"""Inspectors without a phone in the sandbox: nothing is ever sent to them."""

VISITS = {
    "LZ-H": (2, 2),
    "LZ-CZ-H": (4, 5),
    "LZ-YF-H": (3, 5),
    "NN-QX-H": (3, 4),
    "NN-XN-H": (3, 3),
}
"""Visits per unit: last week, and the half of this week that is done."""

KEPT_FREE = ("柳州市示范人民医院", "柳州市示范医院", "城中区示范长乐诊所")
"""Not inspected, so that a newcomer can."""

LIKELY = {
    "i13": 0.22,
    "i14": 0.20,
    "i18": 0.14,
    "i04": 0.13,
    "i15": 0.09,
    "i16": 0.07,
    "i07": 0.05,
    "i19": 0.04,
    "i20": 0.04,
    "i06b": 0.03,
    "i10": 0.03,
    "i17": 0.03,
    "i03": 0.02,
}
"""How often a visit finds something at an item; everything else is clean."""


@dataclass(frozen=True, slots=True)
class DemoPeople:
    """Telegram ids of the sandbox's people and group that the region is bound to."""

    inspector: int
    officer: int
    organiser: int
    group: int | None = None
    group_title: str = "柳州市专项整治专班"


@dataclass(frozen=True, slots=True)
class DemoRegion:
    """What was loaded."""

    campaign: str
    institutions: int
    inspections: int


async def demo_loaded(ws: Workspace) -> bool:
    """Whether this database already holds the demo region."""
    found = await ws.connection.execute(select(SETTINGS.c.value).where(SETTINGS.c.key == DONE))
    return found.first() is not None


async def load_demo(
    ws: Workspace,
    store: CampaignStore,
    bot_id: int,
    people: DemoPeople,
    now: datetime,
    *,
    seed: int = 2020,
    inspections: bool = True,
) -> DemoRegion | None:
    """Fill an empty deployment with the demo region.

    Args:
        ws: Workspace on the transaction to write in.
        store: Definitions.
        bot_id: The bot that people and group belong to.
        people: Telegram ids of those who act in the sandbox.
        now: Aware UTC; visits lie in the week of this instant and in the one before.
        seed: The same seed and day give the same region.
        inspections: Whether visits of last week and of half of this week are there already.

    Returns:
        What was loaded; None when the region is there already.

    Raises:
        CampaignError: ``demo-not-empty`` when the deployment has a campaign of its own.
    """
    if await demo_loaded(ws):
        return None
    if await open_campaigns(ws.connection):
        raise CampaignError("demo-not-empty")
    await _import(ws)
    today = now.astimezone(ZoneInfo(DEFAULT_ZONE)).date()
    starts_on = first_day(today)
    campaign, _ = await open_campaign(
        ws.connection, PACK, starts_on, now=now, code=campaign_code(PACK, starts_on)
    )
    for telegram_id, name, unit, role in (
        (people.inspector, "演示检查人", CITY_UNIT, Role.INSPECTOR),
        (people.officer, "演示经办人", CITY_UNIT, Role.OFFICER),
        (people.organiser, "演示牵头人", REGION_UNIT, Role.ORGANISER),
    ):
        await _member(ws, bot_id, telegram_id, name, unit, role, now)
    if people.group is not None:
        officer = await ws.person(bot_id, people.officer)
        if officer is not None:
            await _bind_group(ws, bot_id, people, await load_access(ws.connection, officer), now)
    count = 0
    if inspections:
        chance = random.Random(seed)  # noqa: S311 - demo data, no secret
        count = await _visits(ws, store, bot_id, campaign, now, chance)
    institutions = await search_institutions(ws.connection, "", None, on=today, limit=1_000)
    await ws.connection.execute(insert(SETTINGS).values(key=DONE, value=campaign.code))
    await ws.flush()
    return DemoRegion(campaign.code, len(institutions), count)


def first_day(today: date) -> date:
    """The campaign's first day that puts today into its stage of joint inspections.

    That stage is the third month of the plan.
    """
    return shift_day(date(2020, 9, 1), date(2020, 11, 1), today.replace(day=1))


async def _import(ws: Workspace) -> None:
    for work, name in ((import_units, "units.csv"), (import_institutions, "institutions.csv")):
        data = (DATA / name).read_bytes()
        report = await work(ws.connection, name, data)
        if report.faults:
            raise CampaignError("demo-broken", name=name, row=report.faults[0].row)


async def _member(
    ws: Workspace,
    bot_id: int,
    telegram_id: int,
    name: str,
    unit: str,
    role: Role,
    now: datetime,
    *,
    reachable: bool = True,
) -> Person:
    person = await ws.person(bot_id, telegram_id)
    if person is None:
        person = await ws.create_person(bot_id, telegram_id, None)
    person.name = name
    if not reachable:
        person.unreachable_at = now
    unit_id = (await unit_by_code(ws.connection, unit)).id
    await grant(ws, person, role, unit_id, now=now)
    return person


async def _bind_group(
    ws: Workspace, bot_id: int, people: DemoPeople, access: Access, now: datetime
) -> None:
    if people.group is None:
        return
    await note_presence(
        ws.connection,
        bot_id=bot_id,
        chat_id=people.group,
        title=people.group_title,
        type="supergroup",
        state="administrator",
        can_pin=True,
        by_person=access.person_id,
        now=now,
    )
    await bind(
        ws,
        bot_id=bot_id,
        chat_id=people.group,
        thread_id=None,
        unit=await unit_by_code(ws.connection, CITY_UNIT),
        purposes=PURPOSES,
        access=access,
        admin=False,
        now=now,
    )


# ---- visits --------------------------------------------------------------------------------


def _instants(
    monday: date, count: int, now: datetime, chance: random.Random
) -> Iterator[datetime]:
    """Office hours of a week's working days, in order; none that lies in the future."""
    zone = ZoneInfo(DEFAULT_ZONE)
    moments = sorted(
        datetime.combine(
            monday + timedelta(days=number % 5),
            time(chance.choice((9, 10, 11, 14, 15, 16)), chance.randrange(60)),
            zone,
        )
        for number in range(count)
    )
    yield from (moment for moment in moments if moment <= now)


async def _visits(
    ws: Workspace,
    store: CampaignStore,
    bot_id: int,
    campaign: OpenCampaign,
    now: datetime,
    chance: random.Random,
) -> int:
    today = now.astimezone(ZoneInfo(campaign.timezone)).date()
    monday = today - timedelta(days=today.weekday())
    done = 0
    for telegram_id, name, unit_code in COLLEAGUES:
        person = await _member(
            ws, bot_id, telegram_id, name, unit_code, Role.INSPECTOR, now, reachable=False
        )
        access = await load_access(ws.connection, person)
        membership = access.acting
        if membership is None:
            continue
        unit = await read_unit(ws.connection, membership.unit_id)
        institutions = [
            institution
            for institution in await search_institutions(
                ws.connection, "", unit.area_path, on=today, limit=1_000
            )
            if institution.unit_id == unit.id and institution.name not in KEPT_FREE
        ]
        chance.shuffle(institutions)
        last, this = VISITS[unit_code]
        for first, count in ((monday - timedelta(days=7), last), (monday, this)):
            for moment in _instants(first, count, now, chance):
                if not institutions:
                    break
                there = Workspace(ws.connection, moment.astimezone(now.tzinfo))
                await ws.flush()
                visit = await begin(
                    there,
                    store,
                    person=person,
                    membership=membership,
                    campaign=campaign,
                    institution_id=institutions[-1].id,
                    kind=chance.choice(("joint", "joint", "joint", "spot", "covert")),
                )
                await _fill_in(there, store, visit, institutions.pop(), person, chance)
                await there.flush()
                done += 1
    return done


async def _fill_in(
    ws: Workspace,
    store: CampaignStore,
    visit: Visit,
    institution: Institution,
    person: Person,
    chance: random.Random,
) -> None:
    answers = _findings(institution, chance)
    for name, value in answers.items():
        step = answer(ws, store, visit, name, value, source="tap", person_id=person.id)
        if step.issues:
            raise CampaignError("demo-answer", name=name)
    for group in dict.fromkeys(item.group for item in visit.definition.items):
        confirm_rest(ws, store, visit, group, person_id=person.id)
    if issues := await submit(ws, store, visit, person=person):
        raise CampaignError("demo-answer", name=issues[0].name)


def _findings(institution: Institution, chance: random.Random) -> dict[str, str]:
    """A plausible visit: samples, a few findings, and what the office decided on them."""
    staff = 20 if institution.level >= 1 else chance.randrange(3, 12)
    answers: dict[str, str] = {}
    for item, share in (("i01", 0.04), ("i02", 0.03), ("i05", 0.08)):
        answers[f"{item}_n"] = str(staff)
        answers[f"{item}_m"] = str(chance.randrange(1, 3) if chance.random() < share else 0)
    private = 1.4 if institution.ownership == "private" else 0.7
    found = [item for item, share in LIKELY.items() if chance.random() < share * private]
    answers |= dict.fromkeys(found, "yes")
    if "i18" in found:
        answers |= {"i18_ads": str(chance.randrange(1, 4)), "i18_media": str(chance.randrange(2))}
    if "i20" in found:
        answers["i20_n"] = "1"
    grave = {"i03", "i10", "i17", "i06b"} & set(found)
    if grave or (found and chance.random() < 0.35):
        fine = chance.choice(("0.10", "0.20", "0.30", "0.50", "0.80", "1.20"))
        answers |= {"i28": "yes", "i28_fine": fine}
    if grave and chance.random() < 0.5:
        answers |= {"i27": "yes", "i31a": "yes", "i31a_n": "1"}
    if "i17" in grave:
        answers |= {"i32a": "yes", "i32a_n": "1"}
    elif found and chance.random() < 0.3:
        answers["i29"] = "yes"
    return answers
