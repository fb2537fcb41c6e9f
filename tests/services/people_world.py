"""A small made-up region for tests about people, units, groups and institutions."""

from datetime import UTC, datetime

from services.imports import import_institutions, import_units
from services.people import grant, load_access
from services.registry import unit_by_code
from storage.tables import Role
from storage.workspace import Person, Workspace

BOT = 500
NOW = datetime(2026, 11, 18, 2, 30, tzinfo=UTC)

UNITS = """地区代码,地区名称,地区级别,上级地区代码,单位代码,单位名称,条线,上级单位代码
45,示范自治区,自治区,,GX-H,示范自治区卫健委,卫健,
45,,,,GX-I,示范自治区医保局,医保,
4502,柳州市,市,45,LZ-H,柳州市卫健委,卫健,GX-H
4502,,,,LZ-I,柳州市医保局,医保,GX-I
4502,,,,LZ-H-YZ,医政医管科,卫健,LZ-H
450202,城中区,县区,4502,CZ-H,城中区卫健局,卫健,LZ-H
450203,鱼峰区,县区,4502,YF-H,鱼峰区卫健局,卫健,LZ-H
4501,南宁市,市,45,NN-H,南宁市卫健委,卫健,GX-H
"""

INSTITUTIONS = """机构代码,机构名称,机构类型,等级,性质,地区代码,主管单位代码,纬度,经度,停业日期
A1,柳州市示范医院,综合医院,三级,公立,450202,LZ-H,24.3200,109.4100,
A2,城中区长乐诊所,诊所,未定级,社会办,450202,,24.3210,109.4110,
A3,鱼峰区示范人民医院,综合医院,二级,公立,450203,,24.3000,109.4500,
A4,南宁市重庆路门诊部,门诊部,未定级,社会办,4501,,22.8170,108.3660,
A5,城中区停业诊所,诊所,未定级,社会办,450202,,24.3201,109.4101,2026-11-01
"""


async def load_region(ws: Workspace) -> None:
    """Areas, units and institutions."""
    report = await import_units(ws.connection, "units.csv", UNITS.encode())
    assert report.faults == []
    report = await import_institutions(ws.connection, "i.csv", INSTITUTIONS.encode())
    assert report.faults == []


async def member(ws: Workspace, telegram_id: int, role: Role, unit: str, name: str = "") -> Person:
    """A person with one (more) membership."""
    person = await ws.person(BOT, telegram_id) or await ws.create_person(BOT, telegram_id, "zh")
    person.name = name or f"甲{telegram_id}"
    ws.change_person(person)
    unit_id = (await unit_by_code(ws.connection, unit)).id
    await grant(ws, person, role, unit_id, now=NOW)
    await ws.flush()
    return person


__all__ = ["BOT", "NOW", "load_access", "load_region", "member"]
