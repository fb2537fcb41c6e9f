from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.model import Cell, Column, Grid, GridError, owners
from tests.reports.report_samples import table_one, table_two


def grid(*cells: Cell, header_rows: int = 1) -> Grid:
    return Grid("表", (Column(1), Column(1)), cells, header_rows=header_rows)


HEADER = (Cell(0, 0, "项目"), Cell(0, 1, "数量"))


def test_grid__every_place_covered_once__accepted() -> None:
    made = grid(*HEADER, Cell(1, 0, "一", rowspan=2), Cell(1, 1, 1), Cell(2, 1, 2))
    assert made.row_count == 3
    assert owners(made)[2, 0].content == "一"


@pytest.mark.parametrize(
    ("cells", "fault"),
    [
        ((*HEADER, Cell(1, 0, "一", colspan=2), Cell(1, 1, 1)), "row 1, column 1 overlaps"),
        ((*HEADER, Cell(1, 0, "一")), r"row 1 has no cell in columns \[1\]"),
        ((*HEADER, Cell(1, 0, "一", colspan=3)), "row 1, column 0 leaves the table"),
        (
            (Cell(0, 0, "项目", rowspan=2), Cell(0, 1, "数"), Cell(1, 1, 1)),
            "crosses from the head",
        ),
        ((*HEADER, Cell(1, 0, "一", rowspan=0), Cell(1, 1, 1)), "impossible position or span"),
        (HEADER, "header_rows leaves no body"),
        ((), "the table is empty"),
    ],
)
def test_grid__a_fault__refused_with_its_position(cells: tuple[Cell, ...], fault: str) -> None:
    with pytest.raises(GridError, match=fault):
        grid(*cells)


def test_grid__several_faults__all_named_without_contents() -> None:
    with pytest.raises(GridError) as caught:
        grid(*HEADER, Cell(1, 0, "秘密", colspan=2), Cell(1, 1, "秘密"), Cell(2, 0, "秘密"))
    assert "overlaps" in str(caught.value)
    assert "row 2 has no cell" in str(caught.value)
    assert "秘密" not in str(caught.value)


@pytest.mark.parametrize("settings", [{"label_columns": 4}, {"unit_column": 0}])
def test_grid__settings_name_wrong_columns__refused(settings: dict[str, int]) -> None:
    with pytest.raises(GridError):
        replace(table_one(), **settings)  # type: ignore[arg-type]


@given(st.integers(0, 200))
def test_grid__one_cell_taken_away__refused(index: int) -> None:
    whole = table_two()
    index %= len(whole.cells)
    with pytest.raises(GridError, match="has no cell"):
        replace(whole, cells=whole.cells[:index] + whole.cells[index + 1 :])
