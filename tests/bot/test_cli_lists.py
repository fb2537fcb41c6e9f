"""The commands that bring in lists, invite people and open campaigns."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from openpyxl import load_workbook

from bot.__main__ import execute, make_parser
from bot.settings import Settings, load_settings
from campaigns.errors import CampaignError
from sandbox import server
from tests.databases import Databases
from tests.services.people_world import INSTITUTIONS, UNITS
from tests.world import TOKEN, environment

Run = Callable[..., Awaitable[tuple[int, list[str]]]]


@pytest.fixture
async def run(
    databases: Databases, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> AsyncIterator[Run]:
    """Run a command line; gives its exit code and what it printed."""
    telegram = await server.start(port=0, tokens=[TOKEN], state_dir=None, limits=False)
    values = environment(telegram.url, tmp_path / "data", databases.sqlite_url())
    settings: Settings = load_settings(values, Path("no-env-file"))

    async def command(*words: str) -> tuple[int, list[str]]:
        code = await execute(make_parser().parse_args(list(words)), settings)
        said = capsys.readouterr()
        # What went wrong stands on standard error, what was done on standard output.
        return code, [*said.err.splitlines(), *said.out.splitlines()]

    yield command
    await telegram.close()


@pytest.fixture
def lists(tmp_path: Path) -> Path:
    (tmp_path / "units.csv").write_text(UNITS, encoding="utf-8")
    (tmp_path / "institutions.csv").write_text(INSTITUTIONS, encoding="utf-8")
    return tmp_path


async def test_import__units_then_institutions__say_what_they_did(run: Run, lists: Path) -> None:
    units = await run("import", "units", str(lists / "units.csv"))
    assert units == (0, ["8 new, 0 changed, 0 unchanged, 0 left out."])
    listed = await run("import", "institutions", str(lists / "institutions.csv"))
    assert listed == (0, ["5 new, 0 changed, 0 unchanged, 0 left out."])
    again = await run("import", "institutions", str(lists / "institutions.csv"))
    assert again == (0, ["0 new, 0 changed, 5 unchanged, 0 left out."])


async def test_import__a_bad_row__is_one_line_with_its_cell_and_fails(
    run: Run, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text(
        "地区代码,地区名称,地区级别\n45,示范自治区,自治区\n46,某地,星球\n", encoding="utf-8"
    )
    assert await run("import", "units", str(bad)) == (
        1,
        [
            "row 3, column 地区级别: “星球” is not known; "
            "use one of: 自治区、省、市、州、县、区、县区",
            "1 new, 0 changed, 0 unchanged, 1 left out.",
        ],
    )


async def test_import__no_such_file_or_no_list__is_one_line(run: Run, tmp_path: Path) -> None:
    code, lines = await run("import", "units", str(tmp_path / "none.csv"))
    assert (code, lines) == (
        1,
        ["none.csv cannot be read: No such file or directory. Check the path."],
    )
    (tmp_path / "x.xlsx").write_bytes(b"no workbook")
    code, lines = await run("import", "units", str(tmp_path / "x.xlsx"))
    assert code == 1
    assert len(lines) == 1
    assert lines[0].startswith("The workbook cannot be read (BOOK_")


async def test_import__people__writes_links_that_only_the_owner_can_read(
    run: Run, lists: Path
) -> None:
    await run("import", "units", str(lists / "units.csv"))
    people = lists / "people.csv"
    people.write_text("姓名,单位代码,身份\n张三,LZ-H,检查人\n李四,LZ-I,经办人\n", encoding="utf-8")
    out = lists / "links.csv"
    code, lines = await run("import", "people", str(people), "--out", str(out))
    assert (code, lines) == (
        0,
        [
            "2 links are in links.csv.",
            "Each link works once, within 7 days. Hand it to its person only.",
            "2 new, 0 changed, 0 unchanged, 0 left out.",
        ],
    )
    rows = out.read_text(encoding="utf-8-sig").splitlines()
    assert rows[1].startswith("张三,柳州市卫健委,inspector,https://t.me/sandbox_bot?start=join_")
    assert out.stat().st_mode & 0o077 == 0


async def test_invite__a_unit_and_a_role__prints_the_link(run: Run, lists: Path) -> None:
    await run("import", "units", str(lists / "units.csv"))
    code, lines = await run("invite", "--unit", "LZ-H", "--role", "inspector", "--name", "张三")
    assert code == 0
    assert lines[0].startswith("https://t.me/sandbox_bot?start=join_")
    assert lines[1:] == ["For 柳州市卫健委, inspector; works once, within 7 days."]
    with pytest.raises(CampaignError) as refused:
        await run("invite", "--unit", "NOPE", "--role", "inspector", "--name", "张三")
    assert refused.value.key == "unit-unknown"


async def test_campaign__open_list_export__say_what_is_open(run: Run, lists: Path) -> None:
    await run("import", "units", str(lists / "units.csv"))
    code, lines = await run("campaign", "open", "guangxi-2020", "--starts", "2026-09-01")
    assert code == 0
    assert lines[:3] == [
        "guangxi-2026 is open: 2026年广西医疗卫生领域突出问题专项整治行动",
        "  2026-09-01 to 2026-12-31",
        "  2026-09-01 to 2026-10-31  自查自纠阶段",
    ]
    assert "  开展违规使用医保基金自查自纠整改活动: level=region line=tcm" in lines
    assert lines[-1] == "Import these units (import units FILE): they are found once they exist."
    _, listed = await run("campaign", "list")
    assert listed[-1] == (
        "  guangxi-2026  open  from 2026-09-01  2026年广西医疗卫生领域突出问题专项整治行动"
    )
    out = lists / "campaign.xlsx"
    assert await run("campaign", "export", "guangxi-2026", "--out", str(out)) == (
        0,
        ["guangxi-2026 is in campaign.xlsx."],
    )
    sheet = load_workbook(out)["x_campaign"]
    header = [cell.value for cell in sheet[1]]
    assert sheet[2][header.index("starts_on")].value == "2026-09-01"
    with pytest.raises(CampaignError) as refused:
        await run("campaign", "export", "nothing", "--out", str(out))
    assert refused.value.key == "campaign-unknown"
    with pytest.raises(CampaignError) as again:
        await run("campaign", "open", "guangxi-2020", "--starts", "2026-09-01")
    assert again.value.key == "campaign-already-open"


@pytest.mark.parametrize(
    "words",
    [
        ("import", "--help"),
        ("invite", "--help"),
        ("campaign", "--help"),
        ("campaign", "open", "guangxi-2020", "--starts", "tomorrow"),
        ("invite", "--unit", "X", "--role", "king", "--name", "Y"),
    ],
)
def test_parser__help_and_wrong_words__explain(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        make_parser().parse_args(list(words))
    said = capsys.readouterr()
    assert (left.value.code == 0) == ("--help" in words)
    assert "usage:" in said.out + said.err
