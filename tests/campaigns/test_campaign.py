"""What is wrong in a campaign's own sheets is said at once, with sheet, row and column."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.campaign import PACKS, list_packs, load_pack, read_campaign
from campaigns.errors import CampaignError
from campaigns.sheets import split_header, wordings
from campaigns.workbook import Row, Sheet, Workbook

SIDE_PARTS = ("remark", "photo")


def lighter(pack):
    """The pack with remarks and photos left out of its form: half the time for pyxform."""
    survey = pack.sheets["survey"]
    rows = tuple(row for row in survey.rows if row.text("x_part") not in SIDE_PARTS)
    kept = tuple(Row(number, row.cells) for number, row in enumerate(rows, start=2))
    return Workbook({**pack.sheets, "survey": Sheet("survey", survey.header, kept)})


PACK = lighter(load_pack("guangxi-2020"))
ZH, EN = "中文 (zh)", "English (en)"


def changed(*cells):
    """The pack with some cells replaced: (sheet, row, column, text)."""
    sheets = dict(PACK.sheets)
    for name, number, column, text in cells:
        sheet = sheets[name]
        header = sheet.header if column in sheet.header else (*sheet.header, column)
        found = {row.number: dict(row.cells) for row in sheet.rows}
        found.setdefault(number, {})[column] = text
        rows = tuple(
            Row(n, {k: v for k, v in each.items() if v}) for n, each in sorted(found.items())
        )
        sheets[name] = Sheet(name, header, rows)
    return Workbook(sheets)


def without(*names):
    return Workbook({k: v for k, v in PACK.sheets.items() if k not in names})


def places(issues):
    return [(issue.code, issue.sheet, issue.row, issue.column) for issue in issues]


TWO = next(r.number for r in PACK.rows("x_table_rows") if r.text("table_id") == "table2")
TOTAL = next(r.number for r in PACK.rows("x_table_rows") if r.text("aggregate") == "total")
ITEM_3 = next(r.number for r in PACK.rows("survey") if r.text("name") == "i03")
DATE = next(r.number for r in PACK.rows("survey") if r.text("name") == "decided_on")

FAULTS = [
    ("x_stages", 2, "stage_id", "", "CAMP_004"),
    ("x_stages", 2, "stage_id", "第一", "CAMP_005"),
    ("x_stages", 3, "stage_id", "self", "CAMP_006"),
    ("x_stages", 2, "kinds", "self jont", "CAMP_007"),
    ("x_stages", 2, "starts_on", "2020年9月1日", "CAMP_008"),
    ("x_stages", 4, "ends_on", "2020-12-32", "CAMP_008"),
    ("x_stages", 4, "ends_on", "20201231", "CAMP_008"),
    ("x_stages", 2, "ends_on", "2020-08-31", "CAMP_013"),
    ("x_campaign", 2, "ends_on", "2020-08-31", "CAMP_013"),
    ("x_campaign", 2, "time_zone", "Asia/Nanning", "CAMP_017"),
    ("x_campaign", 2, "campaign_id", "", "CAMP_004"),
    ("x_kinds", 2, "counts", "maybe", "CAMP_009"),
    ("x_kinds", 2, f"label::{ZH}", "", None),
    ("x_tasks", 2, "lead", "", "CAMP_004"),
    ("x_tasks", 2, "lead", "自治区医保局", "CAMP_015"),
    ("x_tasks", 2, "lead", "level=province", "CAMP_015"),
    ("x_tasks", 3, "cooperating", "level=region line=", "CAMP_015"),
    ("x_categories", 3, "parent", "public", "CAMP_007"),
    ("x_categories", 3, "filter", "${ownership} = ", "EXPR_001"),
    ("x_categories", 3, "filter", "${owner} = 'public'", "CAMP_011"),
    ("x_categories", 8, "parent", "public2", "CAMP_016"),
    ("x_targets", 2, "share", "100", "CAMP_012"),
    ("x_targets", 2, "share", "all", "CAMP_012"),
    ("x_targets", 2, "stage", "second", "CAMP_007"),
    ("x_tables", 2, "blank", "nothing", "CAMP_009"),
    ("x_tables", 2, "kinds", "joint sport", "CAMP_007"),
    ("x_table_rows", TWO, "table_id", "tabel2", "CAMP_007"),
    ("x_table_rows", TWO, "amount", "${i01_x}", "CAMP_011"),
    ("x_table_rows", TWO, "amount", "", "CAMP_004"),
    ("x_table_rows", TWO, "amount", "frobnicate(1)", "EXPR_002"),
    ("x_table_rows", TWO, "aggregate", "", "CAMP_019"),
    ("x_table_rows", TWO, "aggregate", "average", "CAMP_009"),
    ("x_table_rows", TWO, "category", "public2", "CAMP_020"),
    ("x_table_rows", TWO, "counted_on", "opened", "CAMP_009"),
    ("x_table_rows", TWO, "decimals", "7", "CAMP_012"),
    ("x_table_rows", TOTAL, "parts", "", "CAMP_004"),
    ("x_table_rows", TOTAL, "parts", "i30a i30z", "CAMP_007"),
    ("x_table_rows", 2, "aggregate", "inspected", "CAMP_020"),
    ("x_form_lines", 5, f"text::{ZH}", "医疗机构名称：{institution}", "CAMP_024"),
    ("x_form_lines", 5, "main", "institution", "CAMP_007"),
    ("x_form_lines", 5, "place", "top", "CAMP_009"),
    ("x_pushes", 2, "rule", "every Monday", "CAMP_021"),
    ("x_pushes", 2, "at", "9 o'clock", "CAMP_008"),
    ("x_pushes", 2, "at", "24:00", "CAMP_008"),
    ("x_pushes", 2, "tables", "table1 table3", "CAMP_007"),
    ("x_pushes", 2, "period", "yesterday", "CAMP_009"),
    ("x_figures", 4, "rows", "i01 i99", "CAMP_007"),
    ("x_figures", 3, "targets", "hospital", "CAMP_007"),
    ("x_figures", 2, "column", "visited", "CAMP_007"),
    ("x_figures", 2, "kind", "mean", "CAMP_009"),
    ("survey", ITEM_3, f"x_print::{ZH}", "有{box:yes} {i03x}", "CAMP_024"),
    ("survey", DATE, "x_fact", "inspected_on", "CAMP_006"),
    ("survey", DATE, "x_fact", "opened_on", "CAMP_009"),
]


@pytest.mark.parametrize(("sheet", "row", "column", "text", "code"), FAULTS)
def test_read__one_fault__is_named_with_its_cell(sheet, row, column, text, code):
    definition, issues = read_campaign(changed((sheet, row, column, text)))
    found = [issue for issue in issues if issue.sheet == sheet and issue.row == row]
    if code is None:
        assert definition is not None
        assert [(i.code, i.severity, i.column) for i in found] == [("CAMP_014", "warning", column)]
        return
    assert definition is None
    assert code in [issue.code for issue in found]
    named = next(issue.column for issue in found if issue.code == code)
    assert named is not None
    assert named.partition("::")[0] == (
        "aggregate" if code in ("CAMP_019", "CAMP_020") else column.partition("::")[0]
    )


def test_read__many_faults__are_all_named_at_once():
    cells = [
        ("x_kinds", 2, "counts", "maybe"),
        ("x_stages", 2, "starts_on", "soon"),
        ("x_tasks", 2, "lead", "somebody"),
        ("x_table_rows", TWO, "amount", "${gone}"),
        ("survey", ITEM_3, "relevant", "${gone} = 'yes'"),
    ]
    definition, issues = read_campaign(changed(*cells))
    assert definition is None
    named = {(issue.sheet, issue.row, issue.column) for issue in issues}
    assert {cell[:3] for cell in cells} <= named


def test_read__misspelt_column__is_named_with_what_was_meant():
    definition, issues = read_campaign(changed(("x_stages", 2, "start_on", "2020-09-01")))
    assert definition is None
    assert places(issues) == [("CAMP_002", "x_stages", 1, "start_on")]
    assert issues[0].params == {"near": "starts_on"}


def test_read__note_column__belongs_to_the_authors():
    definition, issues = read_campaign(changed(("x_stages", 2, "note", "see the letter")))
    assert definition is not None
    assert issues == []


def test_read__column_taken_out__is_one_issue_and_not_one_per_row():
    sheet = PACK.sheets["x_kinds"]
    header = tuple(column for column in sheet.header if column != "counts")
    rows = tuple(
        Row(row.number, {k: v for k, v in row.cells.items() if k != "counts"})
        for row in sheet.rows
    )
    workbook = Workbook({**PACK.sheets, "x_kinds": Sheet("x_kinds", header, rows)})
    _, issues = read_campaign(workbook)
    about_kinds = [place for place in places(issues) if place[1] == "x_kinds"]
    assert about_kinds == [("CAMP_003", "x_kinds", 1, "counts")]


def test_read__sheets_missing__are_named():
    _, issues = read_campaign(without("x_campaign"))
    assert places(issues) == [("CAMP_001", "x_campaign", None, None)]
    _, issues = read_campaign(without("x_kinds"))
    assert ("CAMP_001", "x_kinds", None, None) in places(issues)


def test_read__misspelt_sheet__is_named_with_what_was_meant():
    stray = Sheet("x_stage", ("stage_id",), ())
    _, issues = read_campaign(Workbook({**PACK.sheets, "x_stage": stray}))
    assert [(i.code, i.sheet, i.params) for i in issues] == [
        ("CAMP_022", "x_stage", {"near": "x_stages"})
    ]


def test_read__second_campaign_row__is_refused():
    second = ("x_campaign", 3, "campaign_id", "another")
    _, issues = read_campaign(changed(second))
    assert ("CAMP_023", "x_campaign", 3, None) in places(issues)


def test_read__table_without_columns__is_refused():
    _, issues = read_campaign(without("x_table_columns", "x_figures"))
    assert [place for place in places(issues) if place[0] == "CAMP_018"] == [
        ("CAMP_018", "x_tables", 2, "table_id"),
        ("CAMP_018", "x_tables", 3, "table_id"),
    ]


def test_read__form_broken__still_looks_at_our_sheets():
    _, issues = read_campaign(
        changed(("survey", ITEM_3, "name", ""), ("x_stages", 2, "starts_on", "soon"))
    )
    assert ("CAMP_008", "x_stages", 2, "starts_on") in places(issues)


def test_read__only_a_form__is_a_campaign_without_tables():
    cells = {"campaign_id": "small", f"label::{ZH}": "小", f"label::{EN}": "Small"}
    own = {
        "x_campaign": Sheet("x_campaign", tuple(cells), (Row(2, cells),)),
        "x_kinds": PACK.sheets["x_kinds"],
    }
    standard = {name: PACK.sheets[name] for name in ("survey", "choices", "settings")}
    definition, issues = read_campaign(Workbook({**standard, **own}))
    assert issues == []
    assert definition.tables == ()
    assert definition.starts_on is None
    assert definition.title("en") == "Small"
    assert definition.text(definition.short, "zh") == "小"


def test_packs__unknown__is_refused():
    assert list_packs() == sorted(list_packs())
    with pytest.raises(CampaignError) as refusal:
        load_pack("../packs/guangxi-2020")
    assert refusal.value.key == "pack-unknown"


CELLS = [
    (name, row.number, column)
    for name, sheet in PACK.sheets.items()
    if name.startswith("x_")
    for row in sheet.rows
    for column in sheet.header
]


@given(
    st.sampled_from(CELLS),
    st.one_of(
        st.text(max_size=30), st.sampled_from(["${x", "1e9999", "2020-02-30", "NaN", "==="])
    ),
)
@settings(max_examples=15, deadline=None)
def test_read__anything_in_any_cell__gives_issues_and_never_raises(cell, text):
    definition, issues = read_campaign(changed((*cell, text)))
    assert (definition is None) == any(issue.severity == "error" for issue in issues)


@pytest.mark.parametrize(
    ("header", "parts"),
    [
        ("label::中文 (zh)", ("label", "zh")),
        ("label::English (en)", ("label", "en")),
        ("x_short::简体 (zh-Hans)", ("x_short", "zh-Hans")),
        ("label::en", ("label", "en")),
        ("name", ("name", "")),
    ],
)
def test_header__of_a_translated_column__names_its_language(header, parts):
    assert split_header(header) == parts


def test_wordings__of_one_column__leave_others_and_empty_ones_out():
    cells = {"x_short::中文 (zh)": "短", "x_short::English (en)": "", "x_shorter::en": "no"}
    assert wordings(cells, "x_short") == {"zh": "短"}


def test_reference__docs_workbook__names_every_column_and_issue_in_both_languages():
    root = PACKS.parents[1]
    english, chinese = (root / "docs" / "WORKBOOK.md").read_text("utf-8").split("\n---\n")
    ours = {"choices": "x_short", "survey": "x_"}
    columns = {
        split_header(header)[0]
        for name, sheet in PACK.sheets.items()
        for header in sheet.header
        if name.startswith("x_") or header.startswith(ours.get(name, "-"))
    }
    sources = (PACKS.parent).glob("*.py")
    codes = {
        code
        for source in sources
        for code in re.findall(r'"((?:BOOK|CAMP)_\d{3})"', source.read_text("utf-8"))
    }
    assert len(columns) > 60
    assert len(codes) > 35
    for half in (english, chinese):
        named = set(re.findall(r"`([a-z_]+)(?:::)?`", half))
        assert columns - named == set()
        assert codes == set(re.findall(r"`((?:BOOK|CAMP)_\d{3})`", half))
        assert {f"x_{name}" for name in ("campaign", "pushes", "figures")} <= named
