import os
import re
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from reports.model import Cell, Field, Grid
from reports.xlsx import render_xlsx
from tests.reports.pdf_text import pages_of
from tests.reports.report_samples import ONE, TWO, table_one, table_two

AT = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
LIKE_FORMULAS = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    '=HYPERLINK("http://x.example","y")',
    "=cmd|'/c'!A0",
)


def book_of(*grids: Grid) -> Workbook:
    return load_workbook(BytesIO(render_xlsx(grids, written_at=AT)))


def sheet_of(grid: Grid) -> Worksheet:
    sheet = book_of(grid).worksheets[0]
    assert isinstance(sheet, Worksheet)
    return sheet


def row_of(sheet: Worksheet, text: str) -> int:
    return next(cell.row for row in sheet.iter_rows() for cell in row if cell.value == text)


def with_texts(texts: tuple[str, ...]) -> Grid:
    grid = table_one()
    cells = list(grid.cells)
    figures = [index for index, cell in enumerate(cells) if isinstance(cell.content, int)]
    for index, text in zip(figures, texts, strict=False):
        cells[index] = replace(cells[index], content=text)
    return replace(grid, cells=tuple(cells), title="=标题", head=((Field("", "=表头"),),))


def test_xlsx__table_one__merged_as_in_the_document() -> None:
    sheet = sheet_of(table_one())
    merged = {str(area) for area in sheet.merged_cells.ranges}
    top = row_of(sheet, "机构类型")
    assert f"A{top}:B{top}" in merged
    row = top + 1
    for group, labels in ONE:
        assert sheet.cell(row, 1).value == group
        assert f"A{row}:A{row + len(labels) - 1}" in merged
        assert [sheet.cell(row + i, 2).value for i in range(len(labels))] == list(labels)
        row += len(labels)
    assert not sheet.merged_cells.ranges & {"A1:A2"}


def test_xlsx__table_two__headings_and_sub_labels_merged() -> None:
    sheet = sheet_of(table_two())
    merged = {str(area) for area in sheet.merged_cells.ranges}
    top = row_of(sheet, "项目")
    assert {
        f"A{top}:A{top + 1}",
        f"B{top}:C{top + 1}",
        f"D{top}:G{top}",
        f"H{top}:H{top + 1}",
    } <= merged
    forbidden = row_of(sheet, "违规开展禁止类技术")
    assert f"B{forbidden}:B{forbidden + 1}" in merged
    assert sheet.cell(forbidden + 1, 3).value == "其他"
    units = [sheet.cell(top + 2 + row, 8).value for row in range(41)]
    assert units == [unit for _, rows in TWO for _, _, unit in rows]


def test_xlsx__figures__values_with_formats_and_blank_is_not_zero() -> None:
    sheet = sheet_of(table_two())
    fines = row_of(sheet, "罚款总额度")
    found = [sheet.cell(fines, column) for column in range(4, 8)]
    assert [cell.value for cell in found] == [0, 1.2, 2.4, 3.6]
    assert {cell.number_format for cell in found} == {"0.00"}
    assert {cell.data_type for cell in found} == {"n"}
    one = sheet_of(table_one())
    row = row_of(one, "其他")
    assert one.cell(row, 3).value == 25
    assert one.cell(row, 4).value is None
    dashed = sheet_of(replace(table_one(), blank="—"))
    assert dashed.cell(row, 4).value == "—"


def test_xlsx__exact_decimals__stored_without_loss() -> None:
    cells = (
        Cell(0, 0, "类"),
        Cell(0, 1, "数"),
        Cell(1, 0, "甲"),
        Cell(1, 1, Decimal("123456789.01")),
    )
    grid = replace(table_one(), columns=table_one().columns[:2], cells=cells, label_columns=1)
    with ZipFile(BytesIO(render_xlsx([grid], written_at=AT))) as package:
        assert b"<v>123456789.01</v>" in package.read("xl/worksheets/sheet1.xml")


def test_xlsx__text_like_a_formula__stays_text() -> None:
    sheet = sheet_of(with_texts(LIKE_FORMULAS))
    found = {cell.value: cell for row in sheet.iter_rows() for cell in row if cell.value}
    for text in (*LIKE_FORMULAS, "=标题", "=表头"):
        assert found[text].data_type == "s"
        assert found[text].quotePrefix
    with ZipFile(BytesIO(render_xlsx([with_texts(LIKE_FORMULAS)], written_at=AT))) as package:
        assert b"<f>" not in package.read("xl/worksheets/sheet1.xml")


def test_xlsx__control_characters__stripped_and_rare_ones_kept() -> None:
    sheet = sheet_of(with_texts(("a\x00b\x1fc\ud800", "𠮷😀")))
    values = {cell.value for row in sheet.iter_rows() for cell in row}
    assert {"abc", "𠮷😀"} <= values


def test_xlsx__page__set_up_for_a4() -> None:
    sheet = sheet_of(table_two())
    assert sheet.page_setup.paperSize == 9
    assert sheet.page_setup.orientation == "portrait"
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 1)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.print_options.horizontalCentered
    assert sheet.oddFooter.center.text == "第 &P 页　共 &N 页"
    top = row_of(sheet, "项目")
    assert sheet.print_title_rows == f"${top}:${top + 1}"
    assert sheet.freeze_panes == f"D{top + 2}"
    assert sheet.print_area == f"'表二'!$A$1:$H${sheet.max_row}"
    assert sheet_of(replace(table_two(), landscape=True)).page_setup.orientation == "landscape"


def test_xlsx__all_cells_of_the_table__bordered_song_and_wrapped() -> None:
    sheet = sheet_of(table_two())
    top = row_of(sheet, "项目")
    with ZipFile(BytesIO(render_xlsx([table_two()], written_at=AT))) as package:
        formats = re.findall(
            r'<xf [^>]*borderId="(\d+)"',
            package.read("xl/styles.xml").decode().split("cellXfs")[1],
        )
        cells = re.findall(
            r'<c r="[A-Z]+(\d+)" s="(\d+)"', package.read("xl/worksheets/sheet1.xml").decode()
        )
    bordered = [row for row, style in cells if formats[int(style)] != "0"]
    assert sorted(map(int, bordered)) == sorted(list(range(top, top + 43)) * 8)
    body = sheet.cell(top + 2, 2)
    assert body.font.name == "宋体"
    assert body.alignment.wrap_text
    assert sheet.cell(top, 1).font.name == "黑体"


def test_xlsx__long_label__its_row_is_higher() -> None:
    sheet = sheet_of(table_two())
    heights = sheet.row_dimensions
    short = heights[row_of(sheet, "无证行医")].height
    long = heights[row_of(sheet, "欺骗、强迫诊疗或消费，诱导医疗或过度医疗等违规行为")].height
    assert long > short + 9


def test_xlsx__table_breaks__page_ends_between_rows_and_names_repeat() -> None:
    grid = replace(table_two(), one_page=False, row_padding=9.0)
    sheet = sheet_of(grid)
    breaks = [item.id for item in sheet.row_breaks.brk]
    assert len(breaks) == 1
    group = "发现、处理违法违规行为情况"
    rows = [row for row in range(1, sheet.max_row + 1) if sheet.cell(row, 1).value == group]
    assert len(rows) == 2
    assert rows[1] == breaks[0] + 1
    for area in sheet.merged_cells.ranges:
        assert not area.min_row <= breaks[0] < area.max_row


def test_xlsx__many_tables__one_sheet_each_with_lawful_names() -> None:
    names = ["表/一?", "表_一_", "x" * 40, "X" * 40, "", "'"]
    grids = [replace(table_one(), sheet_name=name) for name in names]
    book = book_of(*grids)
    assert book.sheetnames[:2] == ["表_一_", "表_一_ (2)"]
    assert len({name.casefold() for name in book.sheetnames}) == 6
    assert all(0 < len(name) <= 31 for name in book.sheetnames)


def test_xlsx__same_tables_and_instant__same_bytes() -> None:
    first = render_xlsx([table_one(), table_two()], written_at=AT)
    other_zone = AT.astimezone(timezone(timedelta(hours=8)))
    assert first == render_xlsx([table_one(), table_two()], written_at=other_zone)
    assert first != render_xlsx([table_one(), table_two()], written_at=AT + timedelta(days=1))


def test_xlsx__properties__name_no_person() -> None:
    with ZipFile(BytesIO(render_xlsx([table_one()], written_at=AT))) as package:
        written = package.read("docProps/core.xml").decode()
    assert "creator" not in written
    assert "lastModifiedBy" not in written
    properties = book_of(table_one()).properties
    assert properties.title == "广西医疗卫生领域突出问题专项整治行动工作量化统计表一"
    assert properties.created == datetime(2026, 11, 23, 1, 0)


def test_xlsx__nothing_to_write_or_no_zone__refused() -> None:
    with pytest.raises(ValueError, match="at least one table"):
        render_xlsx([], written_at=AT)
    with pytest.raises(ValueError, match="aware"):
        render_xlsx([table_one()], written_at=datetime(2026, 11, 23))


@pytest.fixture
def soffice() -> str:
    program = shutil.which("soffice")
    if program is None:
        message = "LibreOffice (soffice) is not installed: its view of the tables is unchecked"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return program


def convert(soffice: str, data: bytes, form: str, folder: Path) -> bytes:
    """Lets LibreOffice read the workbook and write it in another form."""
    source = folder / "in" / "table.xlsx"
    source.parent.mkdir(exist_ok=True)
    source.write_bytes(data)
    profile = (folder / "profile").as_uri()
    command = [soffice, f"-env:UserInstallation={profile}", "--headless", "--convert-to", form]
    subprocess.run(
        [*command, "--outdir", str(folder), str(source)],
        check=True,
        capture_output=True,
        timeout=90,
    )
    return (folder / f"table.{form}").read_bytes()


@pytest.mark.slow
def test_xlsx__read_and_written_by_libreoffice__texts_and_figures_survive(
    soffice: str, tmp_path: Path
) -> None:
    data = render_xlsx([with_texts(LIKE_FORMULAS), table_two()], written_at=AT)
    book = load_workbook(BytesIO(convert(soffice, data, "xlsx", tmp_path)))
    texts, table = book.worksheets
    values = {cell.value: cell for row in texts.iter_rows() for cell in row if cell.value}
    for text in LIKE_FORMULAS:
        assert values[text].data_type == "s"
    fines = row_of(table, "罚款总额度")
    assert [table.cell(fines, column).value for column in range(4, 8)] == [0, 1.2, 2.4, 3.6]


@pytest.mark.slow
def test_xlsx__printed_by_libreoffice__each_table_on_one_page(
    soffice: str, tmp_path: Path
) -> None:
    data = render_xlsx([table_one(), table_two()], written_at=AT)
    pages = pages_of(convert(soffice, data, "pdf", tmp_path))
    assert len(pages) == 2
    assert "填表日期" in pages[0]
    assert "第2页共2页" in pages[1]
    assert "移送司法机关" in pages[1]
