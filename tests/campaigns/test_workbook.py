"""Workbooks: the folder and the .xlsx hold the same, and strangers' files do no harm."""

import datetime as dt
import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook as ExcelBook
from openpyxl import load_workbook

from campaigns import workbook_xlsx
from campaigns.campaign import load_pack
from campaigns.errors import CampaignError
from campaigns.workbook import (
    Row,
    Sheet,
    Workbook,
    clean_text,
    from_json,
    read_folder,
    to_json,
    write_folder,
)
from campaigns.workbook_xlsx import read_xlsx, write_xlsx

TEXT = st.text(st.characters(codec="utf-8"), max_size=40).map(clean_text)
HEADERS = st.lists(TEXT.filter(bool), min_size=1, max_size=5, unique=True)


@st.composite
def workbooks(draw):
    sheets = {}
    for name in draw(st.lists(st.sampled_from(["survey", "x_tables", "其他"]), unique=True)):
        header = tuple(draw(HEADERS))
        rows, number = [], 1
        for _ in range(draw(st.integers(0, 4))):
            number += draw(st.integers(1, 3))
            cells = draw(st.dictionaries(st.sampled_from(header), TEXT.filter(bool), min_size=1))
            rows.append(Row(number, cells))
        sheets[name] = Sheet(name, header, tuple(rows))
    return Workbook(sheets)


def excel(*rows, sheet="survey"):
    book = ExcelBook()
    page = book.active
    page.title = sheet
    for row in rows:
        page.append(row)
    return book


def saved(book):
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def codes(issues):
    return [(issue.code, issue.sheet, issue.row, issue.column) for issue in issues]


@given(workbooks())
@settings(max_examples=40, deadline=None)
def test_xlsx__written_and_read__is_the_same(workbook):
    filled = any(sheet.rows for sheet in workbook.sheets.values())
    back, issues = read_xlsx(write_xlsx(workbook)) if workbook.sheets else (None, [])
    if filled:
        assert issues == []
        assert back == workbook
    else:
        assert back is None


@given(workbooks())
@settings(max_examples=40, deadline=None)
def test_folder__written_and_read__is_the_same(tmp_path_factory, workbook):
    folder = tmp_path_factory.mktemp("book")
    write_folder(workbook, folder)
    if workbook.sheets:
        assert read_folder(folder) == workbook
    assert from_json(to_json(workbook)) == workbook


def test_pack__to_xlsx_and_back_twice__is_the_same_in_both_forms(tmp_path):
    pack = load_pack("guangxi-2020")
    first, issues = read_xlsx(write_xlsx(pack))
    assert issues == []
    assert first == pack
    write_folder(first, tmp_path)
    again = read_folder(tmp_path)
    assert again == pack
    assert list(again.sheets) == list(pack.sheets)
    second, _ = read_xlsx(write_xlsx(again))
    assert second == pack


def test_pack__written_as_folder__gives_the_committed_files_byte_for_byte(tmp_path):
    from campaigns.campaign import PACKS

    source = PACKS / "guangxi-2020"
    write_folder(load_pack("guangxi-2020"), tmp_path)
    names = sorted(file.name for file in source.glob("*.csv"))
    assert sorted(file.name for file in tmp_path.iterdir()) == names
    for name in names:
        data = (source / name).read_bytes()
        assert b"\r" not in data
        assert (tmp_path / name).read_bytes() == data


def test_folder__without_sheets__is_refused(tmp_path):
    with pytest.raises(CampaignError) as refusal:
        read_folder(tmp_path / "nothing")
    assert refusal.value.key == "workbook-not-found"


def test_xlsx__written__is_text_styled_and_frozen():
    sheet = Sheet("survey", ("name", "label"), (Row(4, {"name": "=1+1", "label": "第一行\n二"}),))
    page = load_workbook(io.BytesIO(write_xlsx(Workbook({"survey": sheet}))))["survey"]
    assert page.freeze_panes == "A2"
    assert page["A1"].font.bold
    assert (page["A4"].value, page["A4"].data_type) == ("=1+1", "s")
    assert page["B4"].alignment.wrap_text
    assert page["A4"].number_format == "@"


def test_xlsx__excels_own_values__become_the_text_that_was_meant():
    book = excel(
        ["whole", "money", "yes", "day", "instant", "time", "text"],
        [20, 0.5, True, dt.date(2020, 9, 1), dt.datetime(2020, 9, 1, 9, 30), dt.time(9), " a "],
    )
    workbook, issues = read_xlsx(saved(book))
    assert issues == []
    assert workbook.rows("survey")[0].cells == {
        "whole": "20",
        "money": "0.5",
        "yes": "TRUE",
        "day": "2020-09-01",
        "instant": "2020-09-01T09:30:00",
        "time": "09:00",
        "text": "a",
    }


def test_xlsx__empty_rows__are_left_out_and_numbers_stay():
    workbook, _ = read_xlsx(saved(excel(["name"], ["a"], [], ["  "], ["b"])))
    assert [(row.number, row.text("name")) for row in workbook.rows("survey")] == [
        (2, "a"),
        (5, "b"),
    ]


def test_xlsx__formula__is_refused_where_it_stands():
    workbook, issues = read_xlsx(saved(excel(["name", "label"], ["a", "=A2"])))
    assert workbook is None
    assert codes(issues) == [("BOOK_010", "survey", 2, "label")]


def test_xlsx__two_equal_headers_and_a_headless_column__are_named():
    workbook, issues = read_xlsx(saved(excel(["name", "name"], ["a", "b", "c"], ["d", "", "e"])))
    assert workbook is None
    assert codes(issues) == [
        ("BOOK_013", "survey", 1, "name"),
        ("BOOK_012", "survey", 2, "B"),
        ("BOOK_012", "survey", 2, "C"),
    ]


def test_xlsx__merged_cells__are_read_with_a_warning():
    book = excel(["name"], ["a"], [""], sheet="x_表&1")
    book.active.merge_cells("A2:A3")
    workbook, issues = read_xlsx(saved(book))
    assert codes(issues) == [("BOOK_011", "x_表&1", None, None)]
    assert issues[0].severity == "warning"
    assert len(workbook.rows("x_表&1")) == 1


def repack(data, **changed):
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w", 8) as new:
        for part in old.infolist():
            content = old.read(part.filename)
            new.writestr(part.filename, changed.pop(part.filename, lambda old: old)(content))
        for name, make in changed.items():
            new.writestr(name, make(b""))
    return stream.getvalue()


GOOD = saved(excel(["name"], ["a"]))
MACRO = repack(
    GOOD,
    **{
        "[Content_Types].xml": lambda old: old.replace(
            b"vnd.openxmlformats-officedocument.spreadsheetml.sheet.main",
            b"vnd.ms-excel.sheet.macroEnabled.main",
        )
    },
)
# Its first packed byte announces a block of a kind that does not exist.
TYPES_DATA = GOOD.index(b"[Content_Types].xml") + len("[Content_Types].xml")
TWISTED = GOOD[:TYPES_DATA] + b"\x07" + GOOD[TYPES_DATA + 1 :]
ENTITIES = b"""<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbbbbbb"><!ENTITY c "&b;&b;&b;">]>
<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">
<c r="A1" t="inlineStr"><is><t>&c;</t></is></c></row></sheetData></worksheet>"""
WIDE_ROWS = b"""<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">
<sheetData>%s</sheetData></worksheet>""" % b"".join(
    b'<row r="%d"><c r="XFD%d"/></row>' % (n, n) for n in range(1, 400)
)
FAR_ROW = b"""<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>
<row r="999999999999"><c r="A1"><v>1</v></c></row></sheetData></worksheet>"""


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(b"", "BOOK_001", id="nothing"),
        pytest.param("检查表".encode(), "BOOK_001", id="plain text"),
        pytest.param(b"PK\x03\x04 cut off", "BOOK_007", id="cut off"),
        pytest.param(GOOD[: len(GOOD) // 2], "BOOK_007", id="half a file"),
        pytest.param(TWISTED, "BOOK_007", id="twisted"),
        pytest.param(bytes.fromhex("d0cf11e0a1b11ae1") + b"0" * 512, "BOOK_002", id="xls or et"),
        pytest.param(MACRO, "BOOK_003", id="xlsm"),
        pytest.param(
            repack(GOOD, **{"xl/vbaProject.bin": lambda _: b"x"}), "BOOK_003", id="hidden macro"
        ),
        pytest.param(
            repack(GOOD, **{"xl/worksheets/sheet1.xml": lambda _: ENTITIES}),
            "BOOK_007",
            id="entities",
        ),
        pytest.param(
            repack(GOOD, **{"xl/worksheets/sheet1.xml": lambda _: FAR_ROW}),
            "BOOK_008",
            id="row a million millions",
        ),
        pytest.param(
            repack(GOOD, **{"xl/worksheets/sheet1.xml": lambda _: WIDE_ROWS}),
            "BOOK_008",
            id="coloured to the last column",
        ),
        pytest.param(
            repack(GOOD, **{"xl/workbook.xml": lambda _: b"<a/>"}), "BOOK_014", id="no book"
        ),
        pytest.param(saved(excel()), "BOOK_014", id="empty"),
    ],
)
def test_xlsx__not_a_workbook__is_one_issue_and_no_exception(data, code):
    workbook, issues = read_xlsx(data)
    assert workbook is None
    assert [(issue.code, issue.severity) for issue in issues] == [(code, "error")]


def test_xlsx__other_zip__is_not_a_workbook():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as package:
        package.writestr("readme.txt", "hello")
    assert codes(read_xlsx(stream.getvalue())[1]) == [("BOOK_001", None, None, None)]


def test_xlsx__zip_bomb__is_refused_before_unpacking():
    size = workbook_xlsx.UNPACKED_BYTES + 1
    bomb = repack(GOOD, **{"xl/media/image1.png": lambda _: b"\0" * size})
    assert len(bomb) < 1_000_000
    workbook, issues = read_xlsx(bomb)
    assert workbook is None
    assert issues[0].code == "BOOK_005"
    assert issues[0].params == {"limit_mb": 200}


def test_xlsx__too_many_bytes__is_refused():
    issues = read_xlsx(GOOD + b"\0" * workbook_xlsx.FILE_BYTES)[1]
    assert [(issue.code, issue.params) for issue in issues] == [("BOOK_004", {"limit_mb": 20})]


def test_xlsx__cell_longer_than_excel_keeps__is_refused():
    sheet = Sheet("survey", ("name",), (Row(2, {"name": "a"}),))
    data = write_xlsx(Workbook({"survey": sheet}))
    part = "xl/worksheets/sheet1.xml"
    long = repack(data, **{part: lambda old: old.replace(b">a<", b">" + b"x" * 32_768 + b"<")})
    assert codes(read_xlsx(long)[1])[0] == ("BOOK_009", "survey", 2, "name")


def test_xlsx__twenty_thousand_choices__are_simply_read():
    rows = [Row(n, {"list_name": "village", "name": f"v{n}"}) for n in range(2, 20_002)]
    sheet = Sheet("choices", ("list_name", "name"), tuple(rows))
    workbook, issues = read_xlsx(write_xlsx(Workbook({"choices": sheet})))
    assert issues == []
    assert len(workbook.rows("choices")) == 20_000


@given(st.binary(max_size=200), st.integers(0, len(GOOD) - 1))
@settings(max_examples=60, deadline=None)
def test_xlsx__any_damage__never_raises(noise, place):
    damaged = GOOD[:place] + noise + GOOD[place + len(noise) :]
    workbook, issues = read_xlsx(damaged)
    assert workbook is not None or issues
