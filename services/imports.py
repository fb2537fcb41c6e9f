"""Bringing areas, units, institutions and people in from lists.

Good rows are kept, bad ones are named with row and column.

Every import is idempotent: rows are known by their code, importing a list again changes what it
says differently and nothing else.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.import_files import Fault, ListFile, ListRow, RowFaultError, read_list
from services.import_words import (
    GRADE_WORDS,
    INSTITUTION_COLUMNS,
    LEVEL_WORDS,
    LINE_WORDS,
    OWNERSHIP_WORDS,
    TYPE_WORDS,
    UNIT_COLUMNS,
)
from services.institutions import ADDRESS_LENGTH, INSTITUTIONS, NAME_LENGTH, spell
from services.registry import (
    AREAS,
    UNITS,
    Area,
    Unit,
    areas_in,
    supervising_unit,
    units_in,
)

CODE_LENGTH = 32
BATCH = 500
"""Rows written by one statement; small enough to show progress, large enough to be quick."""


@dataclass(slots=True)
class ImportReport:
    """What an import did; ``faults`` name the rows that were left out."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    faults: list[Fault] = field(default_factory=list)

    def count(self, outcome: str) -> None:
        """Count one good row as created, updated or unchanged."""
        setattr(self, outcome, getattr(self, outcome) + 1)


Progress = Callable[[int, int], None]
Known = TypeVar("Known")


def note_fault(report: ImportReport, listed: ListFile, row: ListRow, error: RowFaultError) -> None:
    """Keep why a row was left out, under the header that the file itself uses."""
    header = listed.headers.get(error.column, "")
    report.faults.append(Fault(row.number, header, error.key, error.params))


def _code(row: ListRow, column: str) -> str:
    code = row.need(column)
    if len(code) > CODE_LENGTH or not all(
        c.isascii() and (c.isalnum() or c in "-_.") for c in code
    ):
        raise RowFaultError(column, "import-code", value=code[:40])
    return code


def known(row: ListRow, column: str, ours: Mapping[str, Known], key: str) -> Known:
    """What a cell's code stands for.

    Raises:
        RowFaultError: ``key``, when there is no such code.
    """
    code = row.need(column)
    found = ours.get(code)
    if found is None:
        raise RowFaultError(column, key, code=code[:40])
    return found


def _limited(row: ListRow, column: str, limit: int, *, need: bool = False) -> str:
    found = " ".join((row.need(column) if need else row.text(column)).split())
    if len(found) > limit:
        raise RowFaultError(column, "import-long", limit=limit)
    return found


# ---- areas and units ---------------------------------------------------------------------


async def import_units(connection: AsyncConnection, name: str, data: bytes) -> ImportReport:
    """Bring in areas and the units responsible for them.

    A row names an area and, if its unit columns are filled, a unit of it. An area needs its
    level and parent where it appears first; later rows may give the code alone. Rows may come in
    any order.

    Raises:
        CampaignError: The file cannot be read; see ``read_list``.
    """
    listed = read_list(name, data, UNIT_COLUMNS, ("area_code",))
    report = ImportReport()
    areas = {area.code: area for area in await areas_in(connection, None)}
    left = _good_areas(listed, report)
    bad = {fault.row for fault in report.faults}
    # Parents may stand below their children, so go over the rest until nothing more fits.
    while left:
        waiting = []
        for row in left:
            parent = row.text("area_parent")
            if parent and parent not in areas:
                waiting.append(row)
                continue
            try:
                outcome = await _write_area(connection, row, areas)
            except RowFaultError as error:
                note_fault(report, listed, row, error)
                bad.add(row.number)
            else:
                if not row.text("code"):
                    report.count(outcome)
        if len(waiting) == len(left):
            for row in waiting:
                missing = RowFaultError(
                    "area_parent", "import-no-area", code=row.text("area_parent")[:40]
                )
                note_fault(report, listed, row, missing)
                bad.add(row.number)
            break
        left = waiting
    units = {unit.code: unit for unit in await units_in(connection)}
    rows = [row for row in listed.rows if row.text("code") and row.number not in bad]
    for row in rows:
        try:
            report.count(await _write_unit(connection, row, areas, units))
        except RowFaultError as error:
            note_fault(report, listed, row, error)
            bad.add(row.number)
    for row in rows:
        if row.number not in bad and listed.has("parent"):
            try:
                await _write_parent(connection, row, units)
            except RowFaultError as error:
                note_fault(report, listed, row, error)
    report.faults.sort(key=lambda fault: fault.row)
    return report


def _good_areas(listed: ListFile, report: ImportReport) -> list[ListRow]:
    good = []
    for row in listed.rows:
        try:
            _code(row, "area_code")
            if row.text("area_name"):
                row.choice("area_level", LEVEL_WORDS)
                good.append(row)
        except RowFaultError as error:
            note_fault(report, listed, row, error)
    return good


async def _write_area(connection: AsyncConnection, row: ListRow, areas: dict[str, Area]) -> str:
    code, level = _code(row, "area_code"), row.choice("area_level", LEVEL_WORDS)
    name = _limited(row, "area_name", NAME_LENGTH)
    parent = areas.get(row.text("area_parent"))
    order = {"region": 0, "city": 1, "county": 2}
    if (parent is None) != (level == "region") or (
        parent is not None and order[parent.level] >= order[level]
    ):
        raise RowFaultError("area_parent", "import-area-parent")
    path = code if parent is None else f"{parent.path}/{code}"
    values: dict[str, Any] = {
        "name": name,
        "level": level,
        "parent_id": parent.id if parent is not None else None,
        "path": path,
    }
    old = areas.get(code)
    if old is None:
        made = await connection.execute(
            insert(AREAS).values(code=code, **values).returning(AREAS.c.id)
        )
        areas[code] = Area(int(made.scalar_one()), code, **values)
        return "created"
    if all(getattr(old, key) == value for key, value in values.items()):
        return "unchanged"
    if old.path != path:
        # Everything below would have to move with it, and tables already count by it.
        raise RowFaultError("area_parent", "import-area-moved", code=code)
    await connection.execute(update(AREAS).where(AREAS.c.id == old.id).values(**values))
    areas[code] = Area(old.id, code, **values)
    return "updated"


async def _write_unit(
    connection: AsyncConnection, row: ListRow, areas: Mapping[str, Area], units: dict[str, Unit]
) -> str:
    code = _code(row, "code")
    name = _limited(row, "name", NAME_LENGTH, need=True)
    line = row.choice("line", LINE_WORDS)
    area = known(row, "area_code", areas, "import-no-area")
    old = units.get(code)
    parent_id = old.parent_id if old is not None else None
    where = (parent_id, area.id, area.name, area.level, area.path)
    if old is None:
        made = await connection.execute(
            insert(UNITS)
            .values(code=code, name=name, line=line, area_id=area.id)
            .returning(UNITS.c.id)
        )
        units[code] = Unit(int(made.scalar_one()), code, name, line, *where)
        return "created"
    if (old.name, old.line, old.area_id) == (name, line, area.id):
        return "unchanged"
    await connection.execute(
        update(UNITS).where(UNITS.c.id == old.id).values(name=name, line=line, area_id=area.id)
    )
    units[code] = Unit(old.id, code, name, line, *where)
    return "updated"


async def _write_parent(
    connection: AsyncConnection, row: ListRow, units: Mapping[str, Unit]
) -> None:
    code = row.text("parent")
    parent = units.get(code)
    unit = units[row.text("code")]
    if code and (parent is None or parent.id == unit.id):
        raise RowFaultError("parent", "import-no-unit", code=code[:40])
    parent_id = parent.id if parent is not None else None
    if unit.parent_id != parent_id:
        await connection.execute(
            update(UNITS).where(UNITS.c.id == unit.id).values(parent_id=parent_id)
        )


# ---- institutions ------------------------------------------------------------------------

_UPDATABLE = (
    "name",
    "pinyin",
    "initials",
    "address",
    "contact",
    "phone",
    "type",
    "level",
    "ownership",
    "area_id",
    "unit_id",
    "latitude",
    "longitude",
    "opened_on",
    "closed_on",
)

_BLANK_PLACE = ("latitude", "longitude", "opened_on", "closed_on")


async def import_institutions(
    connection: AsyncConnection, name: str, data: bytes, progress: Progress | None = None
) -> ImportReport:
    """Bring in the registry of institutions.

    A column that the list lacks keeps what is stored; without a supervising unit the nearest
    health unit upward from the area supervises.

    Args:
        connection: The transaction to write in.
        name: The file's name.
        data: Its bytes.
        progress: Told how many rows of how many are done.

    Raises:
        CampaignError: The file cannot be read; see ``read_list``.
    """
    listed = read_list(
        name,
        data,
        INSTITUTION_COLUMNS,
        ("code", "name", "type", "level", "ownership", "area_code"),
    )
    report = ImportReport()
    areas = {area.code: area for area in await areas_in(connection, None)}
    units = {unit.code: unit for unit in await units_in(connection)}
    supervisors: dict[str, Unit | None] = {}
    found = await connection.execute(
        select(INSTITUTIONS.c.id, INSTITUTIONS.c.code, *(INSTITUTIONS.c[c] for c in _UPDATABLE))
    )
    stored = {row.code: row._asdict() for row in found}
    new: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    seen: set[str] = set()
    for done, row in enumerate(listed.rows, start=1):
        try:
            code = _new_code(row, seen)
            values = _institution_values(listed, row)
            area = known(row, "area_code", areas, "import-no-area")
            if area.code not in supervisors:
                supervisors[area.code] = await supervising_unit(connection, area)
            values |= {"area_id": area.id, "unit_id": _unit_id(row, units, supervisors[area.code])}
        except RowFaultError as error:
            note_fault(report, listed, row, error)
            continue
        old = stored.get(code)
        if old is None:
            blank: dict[str, Any] = dict.fromkeys(_BLANK_PLACE)
            blank |= dict.fromkeys(("address", "contact", "phone"), "")
            new.append({**blank, **values, "code": code})
            report.created += 1
        elif any(old[key] != value for key, value in values.items()):
            # One statement writes them all, so every column is named for every row.
            changed.append({**{c: old[c] for c in _UPDATABLE}, **values, "row_id": old["id"]})
            report.updated += 1
        else:
            report.unchanged += 1
        if len(new) >= BATCH or len(changed) >= BATCH:
            await _write_institutions(connection, new, changed)
        if progress is not None and done % BATCH == 0:
            progress(done, len(listed.rows))
    await _write_institutions(connection, new, changed)
    return report


def _new_code(row: ListRow, seen: set[str]) -> str:
    code = _code(row, "code")
    if code in seen:
        raise RowFaultError("code", "import-twice", value=code)
    seen.add(code)
    return code


def _institution_values(listed: ListFile, row: ListRow) -> dict[str, Any]:
    name = _limited(row, "name", NAME_LENGTH, need=True)
    pinyin, initials = spell(name)
    values: dict[str, Any] = {
        "name": name,
        "pinyin": pinyin,
        "initials": initials,
        "type": row.choice("type", TYPE_WORDS),
        "level": int(row.choice("level", GRADE_WORDS)),
        "ownership": row.choice("ownership", OWNERSHIP_WORDS),
    }
    for column, limit in (("address", ADDRESS_LENGTH), ("contact", 40), ("phone", 40)):
        if listed.has(column):
            values[column] = _limited(row, column, limit)
    if listed.has("latitude") and listed.has("longitude"):
        values["latitude"] = row.degrees("latitude", 90)
        values["longitude"] = row.degrees("longitude", 180)
        if (values["latitude"] is None) != (values["longitude"] is None):
            raise RowFaultError("latitude", "import-half-place")
    for column in ("opened_on", "closed_on"):
        if listed.has(column):
            values[column] = row.day(column)
    opened, closed = values.get("opened_on"), values.get("closed_on")
    if opened and closed and closed < opened:
        raise RowFaultError("closed_on", "import-closed-early")
    return values


def _unit_id(row: ListRow, units: Mapping[str, Unit], supervisor: Unit | None) -> int:
    code = row.text("unit_code")
    unit = units.get(code) if code else supervisor
    if unit is None and code:
        raise RowFaultError("unit_code", "import-no-unit", code=code[:40])
    if unit is None:
        raise RowFaultError("area_code", "import-no-supervisor")
    return unit.id


async def _write_institutions(
    connection: AsyncConnection, new: list[dict[str, Any]], changed: list[dict[str, Any]]
) -> None:
    if new:
        await connection.execute(insert(INSTITUTIONS), new)
    if changed:
        await connection.execute(
            update(INSTITUTIONS)
            .where(INSTITUTIONS.c.id == bindparam("row_id"))
            .values({column: bindparam(column) for column in _UPDATABLE}),
            changed,
        )
    new.clear()
    changed.clear()
