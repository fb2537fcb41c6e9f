from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image

from reports.cards import card_data, render_card_png
from reports.layout import printable
from reports.model import Grid, GridError
from reports.typeset import Typesetter
from tests.reports.pdf_text import pages_of
from tests.reports.report_samples import TWO, table_one, table_two


def words(setter: Typesetter, grid: Grid, columns: list[int] | None = None) -> list[str]:
    """Gives the words on each picture, read from the same template set as PDF."""
    return pages_of(setter.pdf("card", printable(card_data(grid, columns), setter.fonts, "")))


def test_render_card_png__long_table__several_pictures_that_a_chat_accepts(
    setter: Typesetter,
) -> None:
    pictures = render_card_png(setter, table_two())
    assert len(pictures) == 3
    heights = []
    for picture in pictures:
        assert len(picture) < 300_000
        with Image.open(BytesIO(picture)) as image:
            width, height = image.size
        assert width == 1080
        assert width + height <= 10_000
        assert height / width <= 20
        assert height > width
        heights.append(height)
    assert max(heights) - min(heights) < 200


def test_render_card_png__short_table__one_picture_without_number(setter: Typesetter) -> None:
    assert len(render_card_png(setter, table_one())) == 1
    assert "1/1" not in words(setter, table_one())[0]


def test_card__long_table__every_row_once_with_its_group_on_each_picture(
    setter: Typesetter,
) -> None:
    pages = words(setter, table_two())
    for number, page in enumerate(pages, 1):
        assert f"{number}/{len(pages)}" in page
        assert "工作量化统计表二" in page
        assert "柳州市" in page
        assert "其他社会办医疗机构" in page
    for group, rows in TWO:
        assert sum(page.count(group) for page in pages) >= 1
        for label, sub, unit in rows:
            name = f"{label}：{sub}" if sub else label
            assert sum(page.count(f"{name}（{unit}）") for page in pages) == 1
    assert "发现、处理违法违规行为情况（续）" in pages[1]


def test_card__group_ends_a_picture__its_name_never_stands_alone(setter: Typesetter) -> None:
    for size in range(20, 42):
        grid = table_two()
        rows = [cell for cell in grid.cells if cell.row < size + 2]
        cut = tuple(replace(cell, rowspan=min(cell.rowspan, size + 2 - cell.row)) for cell in rows)
        for page in words(setter, replace(grid, cells=cut)):
            for group, _ in TWO:
                assert not page.endswith((group, f"{group}（续）"))


def test_card__chosen_columns__only_these(setter: Typesetter) -> None:
    page = words(setter, table_one(), [3])[0]
    assert "检查数量" in page
    assert "辖区内总数" not in page


def test_card__unknown_figure__a_dash_beside_zero(setter: Typesetter) -> None:
    cells = tuple(
        replace(cell, content=0) if cell.column == 2 and cell.row == 8 else cell
        for cell in table_one().cells
    )
    assert "其他0—" in words(setter, replace(table_one(), cells=cells))[0]


@pytest.mark.parametrize("columns", [[], [0], [7], [3, 99]])
def test_card__columns_that_are_no_figures__refused(
    setter: Typesetter, columns: list[int]
) -> None:
    with pytest.raises(GridError):
        render_card_png(setter, table_two(), columns=columns)


def test_card__words_like_markup__print_literally(setter: Typesetter) -> None:
    grid = replace(table_one(), title='#read("/etc/passwd") $x$', notes=("*b* =1+1 <b> 😀",))
    page = words(setter, grid)[0]
    assert '#read("/etc/passwd")$x$' in page
    assert "*b*=1+1<b>〓" in page
