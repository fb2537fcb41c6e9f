"""What each question type accepts, through the engine's face."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns import engine
from campaigns.definition import Choice, Form, Question
from campaigns.question_types import QUESTION_TYPES

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 30, 20, 0, tzinfo=UTC)
CHOICES = (
    Choice("yes", {"zh": "有", "en": "Yes"}),
    Choice("no", {"zh": "无", "en": "No"}),
    Choice("other", {"zh": "其他 情况", "en": "Something else"}),
)
FORM = Form("f", "1", "", "zh", ("zh", "en"), (
    *(Question(kind, kind, choices=CHOICES) for kind in QUESTION_TYPES),
    Question("money", "decimal", columns={"x_unit": "万元"}),
    Question("three", "image", columns={"x_files": "3"}),
))  # fmt: skip
STATE = engine.start(FORM, now=NOW, zone=ZONE)


def stored(name, raw):
    step = engine.answer(FORM, STATE, name, raw, now=NOW, zone=ZONE)
    return step.state.answers[name] if not step.issues else f"! {step.issues[0].code}"


@pytest.mark.parametrize(
    ("name", "raw", "expected"),
    [
        ("integer", "20", "20"),
        ("integer", " ２０ ", "20"),
        ("integer", "007", "7"),
        ("integer", "-3", "-3"),
        ("integer", "－３", "-3"),
        ("integer", "-0", "0"),
        ("integer", "+4", "4"),
        ("integer", "1,200", "1200"),
        ("integer", "１，２００", "1200"),
        ("integer", "20人", "20"),
        ("integer", "3.0", "3"),
        ("integer", "999999999", "999999999"),
        ("integer", "1000000000", "! out_of_range"),
        ("integer", "3.5", "! not_whole"),
        ("integer", "1,20", "! not_a_number"),
        ("integer", "二十", "! not_a_number"),
        ("integer", "人", "! not_a_number"),
        ("integer", "1e5", "! not_a_number"),
        ("integer", "٣", "! not_a_number"),
        ("decimal", "０.２", "0.2"),
        ("decimal", "０。２", "0.2"),
        ("decimal", "0.20", "0.20"),
        ("decimal", ".5", "0.5"),
        ("decimal", "5.", "5"),
        ("decimal", "00.50", "0.50"),
        ("decimal", "-0.00", "0.00"),
        ("decimal", "1,234.50", "1234.50"),
        ("decimal", "999999999999.99", "999999999999.99"),
        ("decimal", "1000000000000", "! out_of_range"),
        ("decimal", "0.1234567891", "! too_precise"),
        ("decimal", "1.2.3", "! not_a_number"),
        ("decimal", ".", "! not_a_number"),
        ("decimal", "NaN", "! not_a_number"),
        ("money", "0.2 万元", "0.2"),
        ("decimal", "0.2万元", "! not_a_number"),
        ("text", " 甲\r\n乙 \x00", "甲\n乙"),
        ("text", "=1+1", "=1+1"),
        ("text", "字" * 4096, "字" * 4096),
        ("text", "字" * 4097, "! too_long"),
        ("select_one", "yes", "yes"),
        ("select_one", "有", "yes"),
        ("select_one", "YES", "yes"),
        ("select_one", "something  else", "other"),
        ("select_one", "ｎｏ", "no"),
        ("select_one", "yes no", "! not_a_choice"),
        ("select_multiple", "no yes", "yes no"),
        ("select_multiple", "yes yes", "yes"),
        ("select_multiple", "无、有", "yes no"),
        ("select_multiple", "其他 情况", "other"),
        ("select_multiple", "yes maybe", "! not_a_choice"),
        ("date", "2026-9-1", "2026-09-01"),
        ("date", "２０２６年９月１日", "2026-09-01"),
        ("date", "2026.09.01", "2026-09-01"),
        ("date", "20260901", "2026-09-01"),
        ("date", "今天", "2026-12-01"),
        ("date", "Yesterday", "2026-11-30"),
        ("date", "2026-02-29", "! bad_date"),
        ("date", "9月1日", "! bad_date"),
        ("date", "0206-01-01", "! bad_date"),
        ("image", "k1 k2 k1", "k1 k2"),
        ("image", "../etc", "! not_a_file"),
        ("image", " ".join(f"k{n}" for n in range(51)), "! too_many_files"),
        ("three", "a b c d", "! too_many_files"),
        ("file", "AgAD:7_x-9", "AgAD:7_x-9"),
        ("geopoint", "24.326 109.428", "24.326 109.428 0 0"),
        ("geopoint", "24.326，109.428", "24.326 109.428 0 0"),
        ("geopoint", "24.3 109.4 0 12.5", "24.3 109.4 0 12.5"),
        ("geopoint", "91 0", "! bad_place"),
        ("date", "٢٠٢٦-٠٩-٠١", "! bad_date"),
        ("geopoint", "柳州", "! bad_place"),
        ("note", "x", "! read_only"),
        ("calculate", "x", "! read_only"),
        ("start", "x", "! read_only"),
    ],
)
def test_type__given_what_people_send__stores_the_plain_form(name, raw, expected):
    assert stored(name, raw) == expected


@given(st.sampled_from(sorted(QUESTION_TYPES)), st.text(max_size=40))
def test_type__given_anything__stores_what_it_takes_again(name, raw):
    once = stored(name, raw) if raw.strip() else "!"
    if not once.startswith("!"):
        assert stored(name, once) == once


@given(st.decimals(0, 10**11, places=2))
def test_decimal__of_money__is_kept_to_the_digit(amount):
    assert stored("decimal", f"{amount:f}") == f"{amount:f}"
