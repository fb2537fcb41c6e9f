from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from io import BytesIO

from PIL import Image

from reports.model import Cell, Field, Grid, Wording
from reports.typeset import Typesetter, missing_characters, render_pdf, render_png
from tests.reports.pdf_text import pages_of, text_of
from tests.reports.report_samples import TWO, table_one, table_two

INJECTIONS = (
    '#read("/etc/passwd")',
    "$x$ *b* _i_ `c`",
    "=1+1",
    "<b> @ref ~ \\ // [x]",
    "#panic()",
)


def with_content(grid: Grid, changes: dict[int, str]) -> Grid:
    """Replaces the first figures of a table by texts."""
    cells = list(grid.cells)
    figures = [index for index, cell in enumerate(cells) if isinstance(cell.content, int)]
    for number, text in changes.items():
        cells[figures[number]] = replace(cells[figures[number]], content=text)
    return replace(grid, cells=tuple(cells))


def test_render_pdf__table_two__one_page_with_every_word(setter: Typesetter) -> None:
    pages = pages_of(render_pdf(setter, table_two()))
    assert len(pages) == 1
    for group, rows in TWO:
        assert group in pages[0]
        for label, sub, unit in rows:
            assert label in pages[0]
            assert sub in pages[0]
            assert unit in pages[0]
    for word in ("附件4", "工作量化统计表二", "柳州市", "2020年9月—11月", "填表人", "第1页共1页"):
        assert word in pages[0]


def test_render_pdf__same_table__same_bytes(setter: Typesetter) -> None:
    again = Typesetter(setter.fonts)
    assert render_pdf(setter, table_one()) == render_pdf(again, table_one())


def test_render_pdf__unknown_figure__prints_blank_and_zero_prints_zero(setter: Typesetter) -> None:
    def table(content: int | None) -> Grid:
        cells = (Cell(0, 0, "类"), Cell(0, 1, "数"), Cell(1, 0, "甲"), Cell(1, 1, content))
        return replace(table_one(), cells=cells, columns=table_one().columns[:2], label_columns=1)

    bare = text_of(render_pdf(setter, table(None)))
    assert "类数甲填表人" in bare
    assert "类数甲0填表人" in text_of(render_pdf(setter, table(0)))
    assert "类数甲—填表人" in text_of(render_pdf(setter, replace(table(None), blank="—")))


def test_render_pdf__words_like_markup__print_literally(setter: Typesetter) -> None:
    grid = with_content(table_one(), dict(enumerate(INJECTIONS)))
    grid = replace(
        grid,
        title=INJECTIONS[0],
        notes=INJECTIONS,
        head=((Field("#label", INJECTIONS[1]),),),
        reference="#ref",
    )
    text = text_of(render_pdf(setter, grid))
    for words in INJECTIONS:
        assert text.count(words.replace(" ", "")) >= 2
    assert "root:" not in text
    assert text.count("#ref") == 2


def test_render_pdf__characters_outside_the_fonts__replaced_and_named(setter: Typesetter) -> None:
    grid = with_content(table_one(), {0: "😀甲", 1: "乙𠮷👨\u200d👩"})
    assert missing_characters(setter.fonts, grid) == frozenset("😀𠮷👨👩")
    text = text_of(render_pdf(setter, grid))
    assert "〓甲" in text
    assert "乙〓〓〓" in text
    assert "U+1F600" in text
    assert "U+20BB7" in text


def test_missing_characters__ordinary_table__none(setter: Typesetter) -> None:
    assert missing_characters(setter.fonts, table_two()) == frozenset()


def test_render_pdf__table_breaks__headings_and_group_names_on_each_page(
    setter: Typesetter,
) -> None:
    pages = pages_of(render_pdf(setter, replace(table_two(), one_page=False, row_padding=9.0)))
    assert len(pages) == 2
    for page in pages:
        assert "检查内容" in page
        assert "发现、处理违法违规行为情况" in page
    assert "处理人员情况" in pages[1]
    assert "移送司法机关" in pages[1]
    assert "填表人" in pages[1]


def test_render_pdf__foot_does_not_fit__goes_on_with_the_last_rows(setter: Typesetter) -> None:
    seen = set()
    for padding in (1.6, 1.9, 2.2, 2.5, 2.8, 3.1):
        pages = pages_of(
            render_pdf(setter, replace(table_two(), one_page=False, row_padding=padding))
        )
        seen.add(len(pages))
        assert "其他人员" in pages[-1]
        assert "填表人" in pages[-1]
    assert seen == {1, 2}


def test_render_pdf__english_wording__used(setter: Typesetter) -> None:
    wording = Wording(
        language="en",
        page_footer="Page {page} of {pages}",
        missing_characters="Note: 〓 stands for characters without a font ({codes}).",
    )
    text = text_of(render_pdf(setter, replace(table_one(), wording=wording, notes=("😀",))))
    assert "Page1of1" in text
    assert "Note:〓standsforcharacterswithoutafont(U+1F600)." in text


def test_render_png__table__small_pictures_of_its_pages(setter: Typesetter) -> None:
    pictures = render_png(setter, replace(table_two(), one_page=False, row_padding=9.0))
    assert len(pictures) == 2
    for picture in pictures:
        assert len(picture) < 300_000
        with Image.open(BytesIO(picture)) as image:
            assert image.size == (1191, 1684)
            low, high = image.convert("L").getextrema()
            assert low < 40
            assert high == 255


def test_render_pdf__many_threads__each_gets_its_own_table(setter: Typesetter) -> None:
    def render(number: int) -> str:
        return text_of(render_pdf(setter, replace(table_one(), title=f"第{number:03}号表")))

    with ThreadPoolExecutor(4) as pool:
        for number, text in enumerate(pool.map(render, range(12))):
            assert f"第{number:03}号表" in text
