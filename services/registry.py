"""Areas and units of the deployment, and the selectors by which a pack speaks of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from campaigns.errors import CampaignError
from campaigns.plan import Selector
from storage.tables import AreaRow, UnitRow

AREAS = AreaRow.__table__  # type: ignore[attr-defined]  # SQLModel hides the Core table
UNITS = UnitRow.__table__  # type: ignore[attr-defined]

AREA_LEVELS = ("region", "city", "county")
"""From the widest to the narrowest."""

LINES = ("health", "insurance", "tcm", "other")


@dataclass(frozen=True, slots=True)
class Area:
    """A region, city or county; ``path`` holds the codes from the region down."""

    id: int
    code: str
    name: str
    level: str
    parent_id: int | None
    path: str


@dataclass(frozen=True, slots=True)
class Unit:
    """An authority or department, with the area it is responsible for."""

    id: int
    code: str
    name: str
    line: str
    parent_id: int | None
    area_id: int
    area_name: str
    area_level: str
    area_path: str


_AREA_SELECT: Select[Any] = select(*(AREAS.c[name] for name in Area.__dataclass_fields__))
_UNIT_SELECT: Select[Any] = select(
    UNITS.c.id,
    UNITS.c.code,
    UNITS.c.name,
    UNITS.c.line,
    UNITS.c.parent_id,
    UNITS.c.area_id,
    AREAS.c.name.label("area_name"),
    AREAS.c.level.label("area_level"),
    AREAS.c.path.label("area_path"),
).join_from(UNITS, AREAS, AREAS.c.id == UNITS.c.area_id)


def below(path: str) -> Any:
    """The SQL condition "this area or one below it" on the area table."""
    return (AREAS.c.path == path) | AREAS.c.path.startswith(f"{path}/", autoescape=True)


async def read_area(connection: AsyncConnection, area_id: int) -> Area:
    """The area with this id.

    Raises:
        CampaignError: ``area-unknown``.
    """
    row = (await connection.execute(_AREA_SELECT.where(AREAS.c.id == area_id))).one_or_none()
    if row is None:
        raise CampaignError("area-unknown", code=area_id)
    return Area(*row)


async def areas_in(
    connection: AsyncConnection, path: str | None, *, level: str | None = None
) -> list[Area]:
    """Areas at or below ``path`` (None: everywhere), widest first, of one level if given."""
    statement = _AREA_SELECT.order_by(AREAS.c.path)
    if path is not None:
        statement = statement.where(below(path))
    if level is not None:
        statement = statement.where(AREAS.c.level == level)
    return [Area(*row) for row in await connection.execute(statement)]


async def area_ids(connection: AsyncConnection, path: str) -> list[int]:
    """Ids of the area at ``path`` and of all areas below it: what its tables count."""
    found = await connection.execute(select(AREAS.c.id).where(below(path)).order_by(AREAS.c.path))
    return list(found.scalars())


async def read_unit(connection: AsyncConnection, unit_id: int) -> Unit:
    """The unit with this id.

    Raises:
        CampaignError: ``unit-unknown``.
    """
    row = (await connection.execute(_UNIT_SELECT.where(UNITS.c.id == unit_id))).one_or_none()
    if row is None:
        raise CampaignError("unit-unknown", code=unit_id)
    return Unit(*row)


async def unit_by_code(connection: AsyncConnection, code: str) -> Unit:
    """The unit with this code.

    Raises:
        CampaignError: ``unit-unknown``.
    """
    row = (await connection.execute(_UNIT_SELECT.where(UNITS.c.code == code))).one_or_none()
    if row is None:
        raise CampaignError("unit-unknown", code=code)
    return Unit(*row)


async def units_in(
    connection: AsyncConnection,
    path: str | None = None,
    *,
    line: str | None = None,
    part: str = "",
    ids: Iterable[int] | None = None,
    limit: int | None = None,
) -> list[Unit]:
    """Units whose area is at or below ``path``, by area, then code.

    Args:
        connection: Where to read.
        path: None means everywhere.
        line: Only units of this line.
        part: Part of the name or the whole code, as somebody typed it.
        ids: Only these.
        limit: At most so many.
    """
    statement = _UNIT_SELECT.order_by(AREAS.c.path, UNITS.c.code)
    if path is not None:
        statement = statement.where(below(path))
    if line is not None:
        statement = statement.where(UNITS.c.line == line)
    if ids is not None:
        statement = statement.where(UNITS.c.id.in_(list(ids)))
    for word in part.split():
        statement = statement.where(
            UNITS.c.name.icontains(word, autoescape=True) | (UNITS.c.code == word)
        )
    if limit is not None:
        statement = statement.limit(limit)
    return [Unit(*row) for row in await connection.execute(statement)]


async def supervising_unit(connection: AsyncConnection, area: Area) -> Unit | None:
    """Who supervises an institution registered in ``area``: the nearest health unit upward."""
    codes = area.path.split("/")
    paths = ["/".join(codes[:depth]) for depth in range(len(codes), 0, -1)]
    found = [
        Unit(*row)
        for row in await connection.execute(
            _UNIT_SELECT.where(AREAS.c.path.in_(paths), UNITS.c.line == "health").order_by(
                UNITS.c.code
            )
        )
    ]
    # A department is part of an authority; the authority itself is the one that supervises.
    by_id = {unit.id: unit for unit in found}
    found.sort(key=lambda unit: (-len(unit.area_path), is_department(unit, by_id)))
    return found[0] if found else None


# ---- selectors ---------------------------------------------------------------------------


def parse_selector(source: str) -> Selector:
    """Read ``key=value`` pairs: ``level`` (region, city, county), ``line``, ``department``.

    Raises:
        CampaignError: ``selector-bad`` for anything else.
    """
    known: dict[str, tuple[str, ...]] = {"level": AREA_LEVELS, "line": LINES, "department": ()}
    criteria: dict[str, str] = {}
    for pair in source.split():
        key, _, value = pair.partition("=")
        if key not in known or not value or key in criteria:
            raise CampaignError("selector-bad", selector=source)
        if known[key] and value not in known[key]:
            raise CampaignError("selector-bad", selector=source)
        criteria[key] = value
    if not criteria:
        raise CampaignError("selector-bad", selector=source)
    return Selector(criteria)


async def select_units(connection: AsyncConnection, selector: Selector) -> list[Unit]:
    """Units that a pack means by a selector.

    A selector means authorities unless it names a department: ``department=医政医管股``.
    """
    units = await units_in(connection)
    by_id = {unit.id: unit for unit in units}
    return [unit for unit in units if _chosen(selector, unit, is_department(unit, by_id))]


def _chosen(selector: Selector, unit: Unit, department: bool) -> bool:
    facts = {"level": unit.area_level, "line": unit.line}
    if department:
        facts["department"] = unit.name
    return department == ("department" in selector.criteria) and selector.matches(facts)


def is_department(unit: Unit, by_id: dict[int, Unit]) -> bool:
    """Whether the unit is part of an authority of the same area and line (股室/科)."""
    parent = by_id.get(unit.parent_id) if unit.parent_id is not None else None
    return parent is not None and (parent.area_id, parent.line) == (unit.area_id, unit.line)
