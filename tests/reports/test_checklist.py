from datetime import UTC, datetime
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from reports.checklist import (
    PrintTemplateError,
    checklist_grid,
    checklist_pdf,
    checklist_xlsx,
    parse_print,
    print_names,
)
from reports.model import Blank, Box, Text, Value
from reports.text import plain_text
from reports.typeset import Typesetter
from tests.reports.checklist_sample import CONDUCT, PENALTIES, PERSONS_HANDLED, checklist
from tests.reports.pdf_text import pages_of, text_of

AT = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
FINE = "有{box:yes} 无{box:no}，罚款 {i28_fine} 万元，没收 {i28_confiscated:4}"
ITEMS = (*CONDUCT, *PENALTIES, *PERSONS_HANDLED)


def test_parse_print__filled__boxes_values_and_blanks() -> None:
    assert parse_print(FINE, {"i28_fine": "1.20"}, main="yes") == (
        Box(True, "有"),
        Text(" "),
        Box(False, "无"),
        Text("，罚款 "),
        Value("1.20"),
        Text(" 万元，没收 "),
        Blank(4),
    )


def test_parse_print__no_answers__blank_form() -> None:
    boxes = [part for part in parse_print(FINE, {}) if isinstance(part, Box)]
    assert boxes == [Box(False, "有"), Box(False, "无")]


@pytest.mark.parametrize(
    ("answer", "ticked"),
    [("one", [True, False]), ("one two", [True, True]), ("three", [False] * 2)],
)
def test_parse_print__boxes_of_a_named_question__ticked_by_its_answer(
    answer: str, ticked: list[bool]
) -> None:
    parts = parse_print("等级（一级{box:level=one} 二级{box:level=two}）", {"level": answer})
    assert [part.checked for part in parts if isinstance(part, Box)] == ticked
    assert parts[0] == Text("等级（")
    assert parts[1] == Box(ticked[0], "一级")


@pytest.mark.parametrize(
    "template",
    ["有{box:yes", "有}", "{}", "{box:}", "{a b}", "{n:0}", "{n:x}", "{box:1x=}", "{{n}}"],
)
def test_parse_print__unknown_or_unpaired_braces__refused(template: str) -> None:
    with pytest.raises(PrintTemplateError):
        parse_print(template, {})
    with pytest.raises(PrintTemplateError):
        print_names(template)


def test_print_names__template__its_questions_once() -> None:
    assert print_names(FINE + "{i28_fine}{box:level=2}") == (
        "i28_fine",
        "i28_confiscated",
        "level",
    )


@given(st.text(alphabet=st.characters(exclude_characters="{}"), max_size=60))
def test_parse_print__words_without_braces__unchanged(words: str) -> None:
    assert "".join(part.text for part in parse_print(words, {}) if isinstance(part, Text)) == words


@given(st.text(max_size=60))
def test_parse_print__braces_inside_an_answer__never_parsed(answer: str) -> None:
    parts = parse_print("{n}{m}", {"n": answer, "m": "{box:yes}"})
    assert parts[1] == Value("{box:yes}")


def test_checklist_pdf__blank__the_document_on_few_pages(setter: Typesetter) -> None:
    pages = pages_of(checklist_pdf(setter, checklist()))
    assert len(pages) in {2, 3}
    text = "".join(pages)
    for number, label in ITEMS:
        main, _, sub = label.partition("|")
        assert f"{number.rstrip('abc')}.{main}" in text
        assert sub in text
    for words in (
        "附件2",
        "工作检查表",
        "医疗机构名称：",
        "联系电话：",
        "血液透析中心、医学检验实验室等其他独立设置的医疗机构",
        "每家抽查20人。不足者，全查",
        "注：此表供检查时使用。",
    ):
        assert words in text
    for words in ("陪同检查人：", "检查时间：年月日"):
        assert words in pages[-1]


def test_checklist_pdf__section_breaks__its_name_stands_on_both_pages(setter: Typesetter) -> None:
    pages = pages_of(checklist_pdf(setter, checklist()))
    assert all("是否存在违法违规行为情况" in page for page in pages[:2])
    assert "受到行政处罚机构情况" in pages[1]
    assert "受到处理人员情况" in pages[1]


def test_checklist_pdf__filled__answers_remarks_photos_and_number(setter: Typesetter) -> None:
    pages = pages_of(checklist_pdf(setter, checklist(filled=True)))
    text = "".join(pages)
    for words in (
        "柳州市示范医院",
        "抽查20人，违法违规1人",
        "罚款1.20万元，没收超声设备1台",
        "二楼开设未登记的医疗美容科",
        "照片2张",
        "检查时间：2020年11月12日",
    ):
        assert words in text
    assert all("编号LZ-2020-0012第2版" in page for page in pages)


def test_checklist__item_numbers__sub_labels_merged_as_in_the_document() -> None:
    cells = {(cell.row, cell.column): cell for cell in checklist_grid(checklist()).cells}
    spans = {
        cell.content: cell.rowspan
        for cell in cells.values()
        if cell.column == 1 and cell.rowspan > 1
    }
    assert spans == {
        "6.违规开展禁止类技术": 2,
        "30.吊销执业证书": 2,
        "31.暂停执业": 2,
        "32.移送司法机关": 3,
        "33.合计": 2,
    }
    assert [cell.rowspan for cell in cells.values() if cell.column == 0] == [1, 26, 4, 9]


def test_checklist_pdf__remark_of_4096_characters__no_character_lost(setter: Typesetter) -> None:
    remark = "".join(chr(0x4E00 + number) for number in range(4096))
    pages = pages_of(checklist_pdf(setter, checklist(filled=True, remarks={"7": remark})))
    text = "".join(pages[2:])
    assert "续页：备注全文" in text
    assert "7.违规开展限制类技术" in text
    assert [letter for letter in remark if letter not in text] == []
    assert "（全文见续页）" in pages[0]
    assert len(pages) <= 6


def test_checklist_pdf__unbroken_4096_letters__wrap_inside_the_page(setter: Typesetter) -> None:
    pages = pages_of(checklist_pdf(setter, checklist(filled=True, remarks={"7": "x" * 4096})))
    assert sum(page.count("x") for page in pages[2:]) == 4096


def test_checklist_pdf__many_middling_remarks__no_row_lost(setter: Typesetter) -> None:
    remarks = {number: f"{number}：" + "现场情况说明。" * 9 for number, _ in ITEMS}
    text = text_of(checklist_pdf(setter, checklist(filled=True, remarks=remarks)))
    assert text.count("现场情况说明。") == 9 * len(ITEMS)


def test_checklist_pdf__words_like_markup__print_literally(setter: Typesetter) -> None:
    words = '#read("/etc/passwd") $x$ *b* =1+1 <b>'
    text = text_of(checklist_pdf(setter, checklist(filled=True, remarks={"9": words})))
    assert words.replace(" ", "") in text


def test_checklist_xlsx__filled__boxes_answers_and_section_names() -> None:
    book = load_workbook(BytesIO(checklist_xlsx(checklist(filled=True), written_at=AT)))
    sheet = book.worksheets[0]
    rows = {row[1].value: row for row in sheet.iter_rows() if row[1].value}
    assert rows["4.超出登记范围开展诊疗活动"][3].value == "有■ 无□"
    assert rows["7.违规开展限制类技术"][3].value == "有□ 无■"
    assert rows["28.罚款、没收"][3].value == "有■ 无□，罚款 1.20 万元，没收 超声设备1台"
    assert rows["4.超出登记范围开展诊疗活动"][4].value.endswith("照片 2 张")
    breaks = {item.id for item in sheet.row_breaks.brk}
    starts = [row for row in range(1, sheet.max_row + 1) if sheet.cell(row, 1).value]
    assert all(row + 1 in starts for row in breaks)
    for area in sheet.merged_cells.ranges:
        assert not any(area.min_row <= row < area.max_row for row in breaks)


def test_checklist_xlsx__remark_of_4096_characters__whole_on_its_own_sheet() -> None:
    remark = "".join(chr(0x4E00 + number) for number in range(4096))
    data = checklist_xlsx(checklist(filled=True, remarks={"7": remark}), written_at=AT)
    book = load_workbook(BytesIO(data))
    assert len(book.worksheets) == 2
    annex = book.worksheets[1]
    texts = [row[0].value for row in annex.iter_rows() if row[0].value]
    assert "".join(texts[2:]) == remark
    assert all(annex.row_dimensions[row].height <= 409 for row in range(1, annex.max_row + 1))


def test_checklist__blank_and_filled__same_words_around_the_answers() -> None:
    def labels(filled: bool) -> list[str]:
        grid = checklist_grid(checklist(filled=filled))
        return [plain_text(cell.content) for cell in grid.cells if cell.column < 3]

    assert labels(True) == labels(False)
