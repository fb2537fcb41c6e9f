from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.model import Blank, Box, Text, Value
from reports.text import (
    balance_lines,
    breakable,
    clean_text,
    display_width,
    format_number,
    join_lines,
    line_count,
    plain_text,
    split_text,
)


def test_clean_text__controls_and_direction_marks__gone() -> None:
    assert clean_text("甲\x00\x0b乙\u202e丙\ud800\ufffe丁\r\n戊\t己") == "甲乙丙丁\n戊 己"


@given(st.text())
def test_clean_text__any_text__can_be_stored_and_stays_as_it_is(text: str) -> None:
    cleaned = clean_text(text)
    cleaned.encode()
    assert clean_text(cleaned) == cleaned
    assert all(letter == "\n" or ord(letter) >= 32 for letter in cleaned)


@pytest.mark.parametrize(
    ("number", "number_format", "printed"),
    [
        (0, "0", "0"),
        (12345, "#,##0", "12,345"),
        (Decimal("157.565"), "0.00", "157.57"),
        (Decimal("-0.125"), "0.00", "-0.13"),
        (Decimal("1234.5"), "#,##0.00", "1,234.50"),
        (3, "0.00", "3.00"),
    ],
)
def test_format_number__official_formats__as_a_spreadsheet_shows_them(
    number: int | Decimal, number_format: str, printed: str
) -> None:
    assert format_number(number, number_format) == printed


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, max_value=10**9, min_value=0))
def test_format_number__two_decimals__exact(number: Decimal) -> None:
    expected = number.quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert Decimal(format_number(number, "#,##0.00").replace(",", "")) == expected


def test_plain_text__unknown_and_zero__differ() -> None:
    assert plain_text(None, blank="—") == "—"
    assert plain_text(0, blank="—") == "0"


def test_plain_text__segments__boxes_and_lines_shown() -> None:
    content = (Box(True, "有"), Text(" "), Box(False, "无"), Text("，"), Blank(2), Value("万元"))
    assert plain_text(content) == "有■ 无□，____万元"


@given(st.text(max_size=300))
def test_breakable__any_text__loses_nothing(text: str) -> None:
    assert breakable(text).replace("\u200b", "") == text.replace("\u200b", "")


@given(st.text(alphabet="违法行为情况、，》", min_size=1, max_size=40), st.integers(2, 12))
def test_balance_lines__any_name__keeps_all_and_fits(text: str, width: int) -> None:
    balanced = balance_lines(text, width)
    assert balanced.replace("\n", "") == text
    assert all(len(line) <= width for line in balanced.split("\n"))


def test_balance_lines__thirteen_characters__no_lonely_last_one() -> None:
    assert balance_lines("发现、处理违法违规行为情况", 3).split("\n") == [
        "发现、",
        "处理违",
        "法违规",
        "行为",
        "情况",
    ]


def test_balance_lines__own_breaks__kept_when_they_suffice() -> None:
    assert balance_lines("其他社会办\n医疗机构", 5) == "其他社会办\n医疗机构"
    assert balance_lines("其他社会办\n医疗机构", 4) == "其他社\n会办医\n疗机构"
    assert balance_lines("Other public", 4) == "Other public"


@given(st.text(alphabet="甲a乙b ，", max_size=200), st.integers(2, 40))
def test_line_count__any_width__has_room_for_all(text: str, width: int) -> None:
    printed = text.replace(" ", "")  # blanks may hang over the end of a line
    assert line_count(text, width) * width >= display_width(printed)


@given(st.text(max_size=100), st.integers(1, 20))
def test_split_text__any_size__joins_to_the_same(text: str, size: int) -> None:
    assert "".join(split_text(text, size)) == text


def test_join_lines__chinese_and_english__spaced_as_usual() -> None:
    assert join_lines("专项整治行动\n统计表") == "专项整治行动统计表"
    assert join_lines("Special campaign\ntable one") == "Special campaign table one"
