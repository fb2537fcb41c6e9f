"""A small region with one institution of every sort, and one made-up week of inspections.

Everything is written out by hand, so that tests can state the figures as a person counts them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from campaigns.campaign import load_pack, read_campaign
from campaigns.opening import open_workbook
from campaigns.plan import CampaignDefinition
from campaigns.workbook import to_json
from services.campaigns import CampaignStore
from services.contributions import institution_facts, record_inspection
from storage.tables import (
    AnswerRow,
    AreaRow,
    CampaignRow,
    CampaignVersionRow,
    GroupBindingRow,
    GroupRow,
    InspectionRow,
    InstitutionRow,
    UnitRow,
)
from storage.workspace import Inspection, Workspace

BOT = 123456
GROUP = -100200300
WORKBOOK = open_workbook(load_pack("guangxi-2020"), date(2026, 9, 1))


def read_definition() -> CampaignDefinition:
    definition, issues = read_campaign(WORKBOOK)
    assert definition is not None, issues
    return definition


DEFINITION = read_definition()

# id: (code, name, level, parent id, path)
AREAS = {
    1: ("45", "示范自治区", "region", None, "45"),
    2: ("4502", "柳州市", "city", 1, "45/4502"),
    3: ("450202", "城中区", "county", 2, "45/4502/450202"),
    4: ("450203", "鱼峰区", "county", 2, "45/4502/450203"),
    5: ("4501", "南宁市", "city", 1, "45/4501"),
}
LIUZHOU = (2, 3, 4)
# id: (code, area id)
UNITS = {1: ("GX", 1), 2: ("LZ", 2), 3: ("CZ", 3), 4: ("YF", 4), 5: ("NN", 5)}
# letter: (type, level, ownership, unit id, opened, closed)
INSTITUTIONS: Mapping[str, tuple[str, int, str, int, date | None, date | None]] = {
    "A": ("general", 3, "public", 2, None, None),
    "B": ("specialty", 2, "public", 3, None, None),
    "C": ("tcm", 2, "public", 3, None, None),
    "D": ("mch", 2, "public", 4, None, None),
    "E": ("checkup", 2, "public", 4, None, None),
    "F": ("general", 1, "public", 3, None, None),
    "G": ("primary", 0, "public", 4, None, None),
    "H": ("clinic", 0, "public", 3, None, None),
    "I": ("independent", 0, "public", 3, None, None),
    "J": ("general", 2, "private", 4, None, None),
    "K": ("specialty", 3, "private", 4, None, None),
    "L": ("tcm", 2, "private", 3, None, None),
    "M": ("mch", 2, "private", 3, None, None),
    "N": ("checkup", 0, "private", 2, None, None),
    "O": ("independent", 0, "private", 2, None, None),
    "P": ("clinic", 0, "private", 3, None, None),
    "Q": ("general", 1, "private", 3, None, None),
    "R": ("clinic", 0, "public", 5, None, None),
    "S": ("clinic", 0, "private", 3, None, date(2026, 11, 10)),
    "T": ("clinic", 0, "private", 3, date(2026, 11, 23), None),
    "U": ("clinic", 0, "private", 3, date(2026, 11, 22), None),
}

NOV = {day: date(2026, 11, day) for day in range(1, 31)}


@dataclass(frozen=True)
class Made:
    """One inspection of the made-up week."""

    number: int
    letter: str
    kind: str
    day: int
    values: Mapping[str, str] = field(default_factory=dict)


YES = "yes"
WEEK: tuple[Made, ...] = (
    Made(1, "A", "joint", 16, {"i01_n": "20", "i01_m": "2", "i03": YES, "i14": YES}),
    Made(2, "A", "spot", 18, {"i14": YES, "i28": YES, "i28_fine": "0.50"}),
    Made(3, "A", "cross", 20, {"i28": YES, "i28_fine": "1.25"}),
    Made(
        4,
        "B",
        "covert",
        22,
        {
            "i05_n": "20",
            "i05_m": "3",
            "i18": YES,
            "i18_ads": "4",
            "i18_media": "1",
            "i20": YES,
            "i20_n": "2",
        },
    ),
    # Neither kind counts, whatever it finds.
    Made(5, "C", "self", 17, {"i03": YES, "i28": YES, "i28_fine": "9.99"}),
    Made(6, "C", "recheck", 19, {"i04": YES}),
    # Inspected on the Sunday before, decided in the week.
    Made(7, "D", "joint", 15, {"i13": YES, "i26": YES, "decided_on": "2026-11-17"}),
    # Inspected in the week, decided after it.
    Made(
        8,
        "E",
        "joint",
        21,
        {
            "i25": YES,
            "i30a": YES,
            "i30a_n": "1",
            "i31b": YES,
            "i31b_n": "2",
            "i32c": YES,
            "i32c_n": "1",
            "decided_on": "2026-11-24",
        },
    ),
    Made(
        9,
        "F",
        "joint",
        16,
        {
            "i06a": YES,
            "i06b": YES,
            "i30a": YES,
            "i30a_n": "2",
            "i30b": YES,
            "i30b_n": "1",
            "i31a": YES,
            "i31a_n": "3",
            "i32a": YES,
            "i32a_n": "1",
            "i32b": YES,
            "i32b_n": "1",
        },
    ),
    Made(
        10,
        "G",
        "spot",
        16,
        {"i07": YES, "i08": YES, "i09": YES, "i10": YES, "i11": YES, "i12": YES},
    ),
    Made(11, "J", "joint", 17, {"i15": YES, "i16": YES, "i17": YES, "i27": YES}),
    # Confiscation alone is a punished institution, not a fined one.
    Made(
        12,
        "K",
        "joint",
        18,
        {
            "i19": YES,
            "i21": YES,
            "i22": YES,
            "i23": YES,
            "i24": YES,
            "i28": YES,
            "i28_confiscated": "设备1台",
        },
    ),
    Made(13, "N", "joint", 19, {"i29": YES}),
    Made(14, "P", "joint", 19, {"i02_n": "20", "i02_m": "1", "i28": YES, "i28_fine": "0.3"}),
    Made(15, "P", "spot", 20, {"i28": YES, "i28_fine": "0.3"}),
    # Another city.
    Made(16, "R", "joint", 18, {"i03": YES}),
    Made(17, "H", "joint", 19, {"i03": YES}),
)
CORRECTED = Made(17, "H", "joint", 19, {"i04": YES})
"""What inspection 17 really found."""


def ids() -> dict[str, int]:
    """Registry numbers by letter."""
    return {letter: place for place, letter in enumerate(INSTITUTIONS, 1)}


async def build(connection: AsyncConnection) -> None:
    """Write areas, units, institutions, the opened campaign and the office group."""
    await connection.execute(
        insert(AreaRow.__table__),
        [
            {"id": i, "code": c, "name": n, "level": lv, "parent_id": p, "path": path}
            for i, (c, n, lv, p, path) in AREAS.items()
        ],
    )
    await connection.execute(
        insert(UnitRow.__table__),
        [
            {
                "id": i,
                "code": code,
                "name": f"{AREAS[area][1]}卫生健康局",
                "area_id": area,
                "line": "health",
                "parent_id": None,
            }
            for i, (code, area) in UNITS.items()
        ],
    )
    await connection.execute(
        insert(InstitutionRow.__table__),
        [
            {
                "id": ids()[letter],
                "code": f"{UNITS[unit][0]}-{letter}",
                "name": f"示范机构{letter}",
                "pinyin": letter,
                "initials": letter,
                "address": "",
                "contact": "",
                "phone": "",
                "type": type_,
                "level": level,
                "ownership": ownership,
                # Where it lies decides nothing: tables count by the supervising unit's area.
                "area_id": 3,
                "unit_id": unit,
                "opened_on": opened,
                "closed_on": closed,
            }
            for letter, (type_, level, ownership, unit, opened, closed) in INSTITUTIONS.items()
        ],
    )
    opened_at = datetime(2026, 8, 31, 8, tzinfo=UTC)
    await connection.execute(
        insert(CampaignRow.__table__),
        {
            "id": 1,
            "code": "guangxi-2026",
            "pack_id": "guangxi-2020",
            "title": DEFINITION.title("zh"),
            "starts_on": date(2026, 9, 1),
            "timezone": "Asia/Shanghai",
            "language": "zh",
            "state": "open",
            "current_version_id": 1,
            "seq": 0,
            "opened_at": opened_at,
        },
    )
    await connection.execute(
        insert(CampaignVersionRow.__table__),
        {
            "id": 1,
            "campaign_id": 1,
            "number": 1,
            "workbook": to_json(WORKBOOK),
            "sha256": "",
            "published_at": opened_at,
        },
    )


async def bind_group(
    connection: AsyncConnection,
    *,
    unit_id: int = 2,
    chat_id: int = GROUP,
    thread_id: int | None = None,
    state: str = "administrator",
    bound_at: datetime = datetime(2026, 9, 1, tzinfo=UTC),
    purpose: str = "tables",
) -> None:
    """Bind an office group to a unit."""
    await connection.execute(
        insert(GroupRow.__table__),
        {
            "bot_id": BOT,
            "chat_id": chat_id,
            "title": "专班",
            "type": "supergroup",
            "state": state,
            "can_pin": False,
            "changed_at": bound_at,
        },
    )
    await connection.execute(
        insert(GroupBindingRow.__table__),
        {
            "bot_id": BOT,
            "chat_id": chat_id,
            "thread_id": thread_id,
            "purpose": purpose,
            "unit_id": unit_id,
            "bound_at": bound_at,
        },
    )


async def submit(connection: AsyncConnection, made: Made, revision: int = 1) -> int:
    """Let an inspection count as its submission does, or its correction."""
    facts = await institution_facts(connection, ids()[made.letter])
    at = datetime(2026, 11, made.day, 2, tzinfo=UTC)
    day = NOV[made.day]
    inspection = Inspection(
        id=made.number,
        campaign_id=1,
        version_id=1,
        institution_id=facts.id,
        unit_id=facts.unit_id,
        area_id=facts.area_id,
        kind=made.kind,
        mode="item",
        state="submitted",
        revision=revision,
        corrections=revision - 1,
        inspected_on=day,
        created_by=1,
        created_at=at,
        updated_at=at,
        submitted_at=at,
        submitted_by=1,
    )
    if revision == 1:
        row = {
            name: getattr(inspection, name)
            for name in Inspection.__dataclass_fields__
            if name != "answers"
        }
        await connection.execute(insert(InspectionRow.__table__), row)
    values = {"inspected_on": day.isoformat(), **made.values}
    return await record_inspection(connection, DEFINITION, inspection, values, facts)


async def submit_week(connection: AsyncConnection) -> None:
    """Hand the whole made-up week in, inspection 17 with its correction."""
    for made in WEEK:
        await submit(connection, made)
    await submit(connection, CORRECTED, 2)


async def read_inspection(connection: AsyncConnection, inspection_id: int) -> Inspection:
    """An inspection as a page reads it."""
    found = await Workspace(connection, datetime(2026, 11, 30, tzinfo=UTC)).inspection(
        inspection_id
    )
    assert found is not None
    return found


async def submit_with_answers(connection: AsyncConnection, made: Made) -> int:
    """Hand an inspection in with its answers stored, as a conversation leaves them."""
    at = datetime(2026, 11, made.day, 2, tzinfo=UTC)
    values = {"inspected_on": NOV[made.day].isoformat(), **made.values}
    await connection.execute(
        insert(AnswerRow.__table__),
        [
            {
                "inspection_id": made.number,
                "name": name,
                "value": value,
                "source": "tap",
                "revision": 1,
                "answered_at": at,
            }
            for name, value in values.items()
        ],
    )
    return await submit(connection, made)


def store() -> CampaignStore:
    """Definitions, read from the database as everywhere."""
    return CampaignStore()
