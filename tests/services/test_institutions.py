from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert

from campaigns.errors import CampaignError
from services.institution_entry import (
    clean_institution_name,
    guess_type,
    register_institution,
    similar_institutions,
    similarity,
)
from services.institutions import (
    INSPECTIONS,
    INSTITUTIONS,
    code_in,
    institution_by_code,
    institutions_by_id,
    nearest,
    read_institution,
    search_institutions,
    spell,
    uninspected,
)
from services.registry import areas_in
from storage.workspace import Workspace
from tests.services.people_world import NOW, load_region

TODAY = date(2026, 11, 18)
CITY = "45/4502"


async def names(ws: Workspace, text: str, path: str | None = None) -> list[str]:
    found = await search_institutions(ws.connection, text, path, on=TODAY)
    return [institution.name for institution in found]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("示范", ["柳州市示范医院", "鱼峰区示范人民医院"]),
        ("人民", ["鱼峰区示范人民医院"]),
        ("shifanyiyuan", ["柳州市示范医院"]),
        ("lzssfyy", ["柳州市示范医院"]),
        ("ＬＺＳＳＦＹＹ", ["柳州市示范医院"]),
        ("柳示医", ["柳州市示范医院"]),
        ("柳州 医院", ["柳州市示范医院"]),
        ("changle", ["城中区长乐诊所"]),
        ("zhangle", ["城中区长乐诊所"]),
        ("chongqing", ["南宁市重庆路门诊部"]),
        ("zhongqing", ["南宁市重庆路门诊部"]),
        ("#A3", ["鱼峰区示范人民医院"]),
        ("100%", []),
        ("没有这家", []),
    ],
)
async def test_search__as_people_type__finds_by_name_pinyin_and_initials(
    ws: Workspace, typed: str, found: list[str]
) -> None:
    await load_region(ws)
    assert await names(ws, typed) == found


async def test_search__scope__leaves_other_areas_and_closed_ones_out(ws: Workspace) -> None:
    await load_region(ws)
    assert await names(ws, "", CITY) == ["柳州市示范医院", "鱼峰区示范人民医院", "城中区长乐诊所"]
    assert await names(ws, "诊所", "45/4502/450203") == []
    assert "城中区停业诊所" not in await names(ws, "诊所")
    earlier = await search_institutions(ws.connection, "停业", None, on=date(2026, 10, 31))
    assert len(earlier) == 1


async def test_search__pages__follow_each_other(ws: Workspace) -> None:
    await load_region(ws)
    pages = [
        (await search_institutions(ws.connection, "", None, on=TODAY, limit=1, offset=number))
        for number in range(4)
    ]
    assert len({page[0].id for page in pages}) == 4


@given(st.text(max_size=30))
def test_spell__any_name__gives_letters_in_a_few_spellings(name: str) -> None:
    pinyin, initials = spell(name)
    assert len(pinyin.split(" ")) <= 8
    assert len(initials.split(" ")) <= 8


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("柳州市示范医院 · #450201-0007", "450201-0007"),
        ("＃450201-0007", "450201-0007"),
        ("450201-0007", None),
        ("一号 # 医院", None),
    ],
)
def test_code_in__text_from_an_inline_pick__names_the_institution(
    text: str, code: str | None
) -> None:
    assert code_in(text) == code


async def test_by_code__another_area__refuses_with_its_name(ws: Workspace) -> None:
    await load_region(ws)
    assert (await institution_by_code(ws.connection, "a1", CITY)).name == "柳州市示范医院"
    with pytest.raises(CampaignError) as refused:
        await institution_by_code(ws.connection, "A4", CITY)
    assert (refused.value.key, refused.value.params) == (
        "institution-elsewhere",
        {"area": "南宁市"},
    )
    with pytest.raises(CampaignError):
        await institution_by_code(ws.connection, "nothing", None)


async def test_nearest__a_place__lists_open_ones_by_distance(ws: Workspace) -> None:
    await load_region(ws)
    found = await nearest(ws.connection, 24.3201, 109.4101, CITY, on=TODAY)
    assert [(i.name, m) for i, m in found] == [
        ("柳州市示范医院", 15),
        ("城中区长乐诊所", 135),
        ("鱼峰区示范人民医院", 4620),
    ]
    assert await nearest(ws.connection, 24.32, 109.41, "45/4501/none", on=TODAY) == []


async def test_uninspected__a_submitted_visit__takes_its_institution_off(ws: Workspace) -> None:
    await load_region(ws)
    (hospital,) = await search_institutions(ws.connection, "柳州市示范医院", CITY, on=TODAY)
    before, listed = await uninspected(ws.connection, 1, CITY, on=TODAY)
    assert (before, listed[0].name) == (3, "柳州市示范医院")
    visit = {
        "campaign_id": 1,
        "version_id": 1,
        "institution_id": hospital.id,
        "unit_id": hospital.unit_id,
        "area_id": hospital.area_id,
        "kind": "joint",
        "mode": "section",
        "revision": 1,
        "corrections": 0,
        "inspected_on": TODAY,
        "created_by": 1,
        "created_at": NOW,
        "updated_at": NOW,
    }
    await ws.connection.execute(insert(INSPECTIONS).values(**visit, state="draft"))
    assert (await uninspected(ws.connection, 1, CITY, on=TODAY))[0] == 3
    await ws.connection.execute(insert(INSPECTIONS).values(**visit, state="submitted"))
    assert (await uninspected(ws.connection, 1, CITY, on=TODAY))[0] == 2
    assert (await uninspected(ws.connection, 2, CITY, on=TODAY))[0] == 3


# ---- entering a missing one ------------------------------------------------------------------


async def county(ws: Workspace, code: str) -> int:
    return next(area.id for area in await areas_in(ws.connection, None) if area.code == code)


async def enter(ws: Workspace, name: str, **changes: object) -> int:
    facts = {
        "type": "clinic",
        "level": 0,
        "ownership": "private",
        "area_id": await county(ws, "450202"),
        "address": "示范路 1 号",
        "registered_by": 9,
        **changes,
    }
    return await register_institution(ws.connection, name=name, **facts)  # type: ignore[arg-type]


async def test_register__a_missing_one__can_be_found_at_once_under_its_supervisor(
    ws: Workspace,
) -> None:
    await load_region(ws)
    first = await read_institution(ws.connection, await enter(ws, "城中区示范新诊所"))
    second = await read_institution(ws.connection, await enter(ws, "城中区示范另一诊所"))
    assert (first.code, second.code) == ("450202-X0001", "450202-X0002")
    assert await names(ws, "sfxzs", CITY) == ["城中区示范新诊所"]
    (unit,) = {first.unit_id, second.unit_id}
    (clinic,) = await search_institutions(ws.connection, "长乐", None, on=TODAY)
    assert clinic.unit_id == unit


async def test_register__the_same_name_twice__is_one_institution(ws: Workspace) -> None:
    await load_region(ws)
    assert await enter(ws, "城中区示范新诊所") == await enter(ws, " 城中区示范新诊所 ")


@pytest.mark.parametrize(
    ("name", "changes", "key"),
    [
        ("诊所", {}, "institution-name-bad"),
        ("/menu 诊所诊所", {}, "institution-name-bad"),
        ("城中区示范新诊所", {"type": "zoo"}, "institution-facts-bad"),
        ("城中区示范新诊所", {"level": 4}, "institution-facts-bad"),
        ("城中区示范新诊所", {"address": "路" * 121}, "institution-address-bad"),
        ("城中区示范新诊所", {"area_id": 999}, "area-unknown"),
    ],
)
async def test_register__bad_facts__refuses_and_keeps_the_registry(
    ws: Workspace, name: str, changes: dict[str, object], key: str
) -> None:
    await load_region(ws)
    with pytest.raises(CampaignError) as refused:
        await enter(ws, name, **changes)
    assert refused.value.key == key
    rows = await ws.connection.execute(INSTITUTIONS.select())
    assert len(rows.all()) == 5


async def test_similar__almost_the_same_name__is_offered_first(ws: Workspace) -> None:
    await load_region(ws)
    found = await similar_institutions(ws.connection, "柳州示范医院", CITY, on=TODAY)
    assert [institution.name for institution in found] == ["柳州市示范医院"]
    assert await similar_institutions(ws.connection, "城中区口腔诊所", CITY, on=TODAY) == []


@given(st.text(max_size=12), st.text(max_size=12))
def test_similarity__two_names__is_symmetric_and_a_share(one: str, other: str) -> None:
    assert similarity(one, other) == similarity(other, one)
    assert 0 <= similarity(one, other) <= 1
    assert similarity(one, one) == 1


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("示范县妇幼保健院", "mch"),
        ("示范中医医院", "tcm"),
        ("示范中医诊所", "clinic"),
        ("示范镇卫生院", "primary"),
        ("示范口腔医院", "specialty"),
        ("示范血液透析中心", "independent"),
        ("示范人民医院", "general"),
        ("示范药店", None),
    ],
)
def test_guess_type__a_name__gives_the_likely_type(name: str, kind: str | None) -> None:
    assert guess_type(name) == kind


def test_clean_institution_name__line_breaks__refuses() -> None:
    with pytest.raises(CampaignError):
        clean_institution_name("示范医院\n第二行")


async def test_by_id__unknown_ids__are_left_out_in_order(ws: Workspace) -> None:
    await load_region(ws)
    all_of_them = await search_institutions(ws.connection, "", None, on=TODAY)
    ids = [institution.id for institution in reversed(all_of_them)]
    found = await institutions_by_id(ws.connection, [*ids, 10_000])
    assert [institution.id for institution in found] == ids
