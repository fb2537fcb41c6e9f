import pytest

from campaigns.errors import CampaignError
from campaigns.plan import Selector
from services.registry import (
    area_ids,
    areas_in,
    parse_selector,
    select_units,
    supervising_unit,
    unit_by_code,
    units_in,
)
from storage.workspace import Workspace
from tests.services.people_world import load_region


async def test_area_ids__a_city__holds_itself_and_everything_below(ws: Workspace) -> None:
    await load_region(ws)
    areas = {area.code: area for area in await areas_in(ws.connection, None)}
    ids = await area_ids(ws.connection, "45/4502")
    assert ids == [areas[code].id for code in ("4502", "450202", "450203")]
    counties = await areas_in(ws.connection, "45/4502", level="county")
    assert [area.name for area in counties] == ["城中区", "鱼峰区"]


@pytest.mark.parametrize(
    ("source", "codes"),
    [
        ("level=city line=health", ["NN-H", "LZ-H"]),
        ("level=region line=insurance", ["GX-I"]),
        ("level=county", ["CZ-H", "YF-H"]),
        ("line=tcm", []),
        ("level=city line=health department=医政医管科", ["LZ-H-YZ"]),
    ],
)
async def test_select_units__selector__means_authorities_unless_a_department_is_named(
    ws: Workspace, source: str, codes: list[str]
) -> None:
    await load_region(ws)
    units = await select_units(ws.connection, parse_selector(source))
    assert [unit.code for unit in units] == codes


@pytest.mark.parametrize(
    "source", ["", "city", "level=town", "line=", "level=city level=city", "name=x"]
)
def test_parse_selector__not_a_selector__refuses(source: str) -> None:
    with pytest.raises(CampaignError) as refused:
        parse_selector(source)
    assert refused.value.key == "selector-bad"


def test_parse_selector__words__become_criteria() -> None:
    assert parse_selector(" level=city  line=health ") == Selector(
        {"level": "city", "line": "health"}
    )


async def test_supervising_unit__area__is_its_health_authority_or_the_next_above(
    ws: Workspace,
) -> None:
    await load_region(ws)
    areas = {area.code: area for area in await areas_in(ws.connection, None)}
    found = {code: await supervising_unit(ws.connection, area) for code, area in areas.items()}
    assert {code: unit.code for code, unit in found.items() if unit is not None} == {
        "45": "GX-H",
        "4501": "NN-H",
        "4502": "LZ-H",
        "450202": "CZ-H",
        "450203": "YF-H",
    }


async def test_units_in__wildcards_typed__are_letters(ws: Workspace) -> None:
    await load_region(ws)
    assert await units_in(ws.connection, part="%") == []
    assert [u.code for u in await units_in(ws.connection, part="柳州 医保")] == ["LZ-I"]
    with pytest.raises(CampaignError):
        await unit_by_code(ws.connection, "nowhere")
