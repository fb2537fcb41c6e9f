import pytest
from sqlalchemy import func, select

from campaigns.errors import CampaignError
from campaigns.workbook import Row, Sheet, Workbook
from campaigns.workbook_xlsx import write_xlsx
from services.import_files import Fault
from services.import_people import import_people
from services.imports import ImportReport, import_institutions, import_units
from services.institutions import INSTITUTIONS
from services.invites import INVITES, TOKEN_BYTES, accept_invite, find_invite
from services.registry import AREAS, UNITS, unit_by_code
from storage.workspace import Workspace
from tests.services.people_world import BOT, NOW, load_region
from tests.services.people_world import INSTITUTIONS as GOOD
from tests.services.people_world import UNITS as GOOD_UNITS

HEAD = "机构代码,机构名称,机构类型,等级,性质,地区代码"


def counts(report: ImportReport) -> tuple[int, int, int]:
    return report.created, report.updated, report.unchanged


async def number(ws: Workspace, table: object) -> int:
    found = await ws.connection.execute(select(func.count()).select_from(table))  # type: ignore[arg-type]
    return int(found.scalar_one())


async def institutions(ws: Workspace, text: str) -> ImportReport:
    return await import_institutions(ws.connection, "list.csv", text.encode())


# ---- files -----------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
async def test_import__encodings_of_excel__are_read(ws: Workspace, encoding: str) -> None:
    report = await import_units(ws.connection, "units.CSV", GOOD_UNITS.encode(encoding))
    assert (report.faults, report.created) == ([], 8)


async def test_import__xlsx_with_english_headers__is_read(ws: Workspace) -> None:
    header = ("area_code", "Area Name", "area_level", "code", "name", "line", "notes")
    cells = dict(
        zip(header, ("45", "示范自治区", "region", "GX", "卫健委", "health", "x"), strict=True)
    )
    book = Workbook({"单位": Sheet("单位", header, (Row(2, cells),))})
    report = await import_units(ws.connection, "units.xlsx", write_xlsx(book))
    assert counts(report) == (1, 0, 0)
    assert (await unit_by_code(ws.connection, "GX")).area_name == "示范自治区"


@pytest.mark.parametrize(
    ("name", "data", "key"),
    [
        ("list.pdf", b"%PDF", "import-format"),
        ("list.xlsx", b"not a workbook", "import-broken"),
        ("list.csv", b"\xff\xfe\x00\x80\xff", "import-encoding"),
        ("list.csv", b"", "import-no-rows"),
        ("list.csv", "单位代码,单位名称\n1,甲".encode(), "import-no-column"),
        ("list.csv", "地区代码,单位代码\n,\n".encode(), "import-no-rows"),
        ("list.csv", b"x" * 20_000_001, "import-too-big"),
    ],
)
async def test_import__a_file_that_is_no_list__refuses_in_one_sentence(
    ws: Workspace, name: str, data: bytes, key: str
) -> None:
    with pytest.raises(CampaignError) as refused:
        await import_units(ws.connection, name, data)
    assert refused.value.key == key
    assert await number(ws, AREAS) == 0


# ---- units -----------------------------------------------------------------------------------


async def test_units__again__changes_nothing(ws: Workspace) -> None:
    await load_region(ws)
    before = await number(ws, UNITS)
    report = await import_units(ws.connection, "units.csv", GOOD_UNITS.encode())
    assert (report.faults, counts(report)) == ([], (0, 0, before))


async def test_units__children_before_parents__find_each_other(ws: Workspace) -> None:
    head, *rows = GOOD_UNITS.strip().split("\n")
    turned = "\n".join([head, *reversed(rows)])
    report = await import_units(ws.connection, "units.csv", turned.encode())
    assert report.faults == []
    county = await unit_by_code(ws.connection, "CZ-H")
    assert county.area_path == "45/4502/450202"
    assert county.parent_id == (await unit_by_code(ws.connection, "LZ-H")).id


async def test_units__bad_rows__are_named_and_the_good_ones_kept(ws: Workspace) -> None:
    text = (
        "地区代码,地区名称,地区级别,上级地区代码,单位代码,单位名称,条线,上级单位代码\n"
        "45,示范自治区,自治区,,GX,自治区卫健委,卫健,\n"
        "46,某地,星球,45,,,,\n"
        "4501,南宁市,市,99,NN,南宁市卫健委,卫健,GX\n"
        "45,,,,,,,\n"
        "45,,,,GX2,,卫健,\n"
        "45,,,,GX3,某处,气象,\n"
        "45,,,,GX4,某处,其他,NOPE\n"
        "4502,柳州市,市,,,,,\n"
    )
    report = await import_units(ws.connection, "units.csv", text.encode())
    assert [(f.row, f.column, f.key) for f in report.faults] == [
        (3, "地区级别", "import-choice"),
        (4, "上级地区代码", "import-no-area"),
        (6, "单位名称", "import-empty"),
        (7, "条线", "import-choice"),
        (8, "上级单位代码", "import-no-unit"),
        (9, "上级地区代码", "import-area-parent"),
    ]
    found = await ws.connection.execute(select(UNITS.c.code).order_by(UNITS.c.code))
    assert list(found.scalars()) == ["GX", "GX4"]


async def test_units__an_area_with_data__is_renamed_but_not_moved(ws: Workspace) -> None:
    await load_region(ws)
    text = (
        "地区代码,地区名称,地区级别,上级地区代码\n"
        "450202,城中新区,县区,4502\n450203,鱼峰区,县区,4501\n"
    )
    report = await import_units(ws.connection, "units.csv", text.encode())
    assert counts(report) == (0, 1, 0)
    assert [(f.row, f.key) for f in report.faults] == [(3, "import-area-moved")]


# ---- institutions ----------------------------------------------------------------------------


async def test_institutions__again_and_changed__touch_only_what_differs(ws: Workspace) -> None:
    await load_region(ws)
    assert counts(await institutions(ws, GOOD)) == (0, 0, 5)
    report = await institutions(ws, f"{HEAD}\nA1,柳州市示范第一医院,综合医院,三级,公立,450202\n")
    assert counts(report) == (0, 1, 0)
    row = (
        await ws.connection.execute(select(INSTITUTIONS).where(INSTITUTIONS.c.code == "A1"))
    ).one()
    assert (row.name, row.initials, row.latitude) == ("柳州市示范第一医院", "lzssfdyyy", 24.32)


async def test_institutions__bad_rows__are_named_with_cell_and_reason(ws: Workspace) -> None:
    await load_region(ws)
    report = await institutions(
        ws,
        f"{HEAD},纬度,经度,开业日期,停业日期,主管单位代码\n"
        "B1,示范好诊所,诊所,未定级,社会办,450202,24.3,109.4,2020/1/2,,\n"
        ",示范诊所,诊所,未定级,社会办,450202,,,,,\n"
        "B2,,诊所,未定级,社会办,450202,,,,,\n"
        "B3,示范诊所,诊疗所,未定级,社会办,450202,,,,,\n"
        "B4,示范诊所,诊所,四级,社会办,450202,,,,,\n"
        "B5,示范诊所,诊所,未定级,集体,450202,,,,,\n"
        "B6,示范诊所,诊所,未定级,社会办,999,,,,,\n"
        "B7,示范诊所,诊所,未定级,社会办,450202,124.3,109.4,,,\n"
        "B8,示范诊所,诊所,未定级,社会办,450202,24.3,,,,\n"
        "B9,示范诊所,诊所,未定级,社会办,450202,,,2020-13-01,,\n"
        "BA,示范诊所,诊所,未定级,社会办,450202,,,2021-01-01,2020-01-01,\n"
        "BB,示范诊所,诊所,未定级,社会办,450202,,,,,NOPE\n"
        "B1,示范诊所,诊所,未定级,社会办,450202,,,,,\n"
        "B/C,示范诊所,诊所,未定级,社会办,450202,,,,,\n",
    )
    assert counts(report) == (1, 0, 0)
    assert [(f.row, f.column, f.key) for f in report.faults] == [
        (3, "机构代码", "import-empty"),
        (4, "机构名称", "import-empty"),
        (5, "机构类型", "import-choice"),
        (6, "等级", "import-choice"),
        (7, "性质", "import-choice"),
        (8, "地区代码", "import-no-area"),
        (9, "纬度", "import-degrees"),
        (10, "纬度", "import-half-place"),
        (11, "开业日期", "import-day"),
        (12, "停业日期", "import-closed-early"),
        (13, "主管单位代码", "import-no-unit"),
        (14, "机构代码", "import-twice"),
        (15, "机构代码", "import-code"),
    ]
    assert report.faults[0] == Fault(3, "机构代码", "import-empty", {})


async def test_institutions__without_supervising_unit__takes_the_nearest_health_unit(
    ws: Workspace,
) -> None:
    await load_region(ws)
    rows = await ws.connection.execute(select(INSTITUTIONS.c.code, INSTITUTIONS.c.unit_id))
    by_code = {row.code: row.unit_id for row in rows}
    assert by_code["A1"] == (await unit_by_code(ws.connection, "LZ-H")).id
    assert by_code["A2"] == (await unit_by_code(ws.connection, "CZ-H")).id


# ---- people ----------------------------------------------------------------------------------


async def test_people__a_list__makes_one_link_each_and_none_again(ws: Workspace) -> None:
    await load_region(ws)
    data = (
        "姓名,单位代码,身份,专项行动,机构代码\n"
        "张三,LZ-H,检查人,,\n李四,LZ-I,经办人,,\n王五,LZ-H,机构联络人,,A1\n"
        "赵六,NOPE,检查人,,\n钱七,LZ-H,院长,,\n孙八,LZ-H,检查人,none-2026,\n"
        "12,LZ-H,检查人,,\n周九,LZ-H,机构联络人,,\n"
    ).encode()
    made = iter(range(100))

    def tokens() -> bytes:
        return next(made).to_bytes(TOKEN_BYTES)

    report, invites = await import_people(
        ws.connection, "people.csv", data, tokens=tokens, now=NOW
    )
    assert [(i.name, i.unit, i.role) for i in invites] == [
        ("张三", "柳州市卫健委", "inspector"),
        ("李四", "柳州市医保局", "officer"),
        ("王五", "柳州市卫健委", "liaison"),
    ]
    assert [(f.row, f.column, f.key) for f in report.faults] == [
        (5, "单位代码", "import-no-unit"),
        (6, "身份", "import-choice"),
        (7, "专项行动", "import-no-campaign"),
        (8, "姓名", "import-person-name"),
        (9, "机构代码", "import-empty"),
    ]
    person = await ws.create_person(BOT, 1, "zh")
    await accept_invite(ws, person, await find_invite(ws.connection, invites[0].token), NOW)
    again, none = await import_people(ws.connection, "people.csv", data, tokens=tokens, now=NOW)
    assert (none, again.unchanged) == ([], 3)
    assert await number(ws, INVITES) == 3
