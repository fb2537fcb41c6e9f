from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns import engine
from campaigns.definition import Choice, Form, Question
from campaigns.entry import find_item, parse_entry
from campaigns.expressions import compile_expression as x

NOW = datetime(2026, 11, 30, 20, 0, tzinfo=UTC)
YESNO = (Choice("yes", {"zh": "有", "en": "Yes"}), Choice("no", {"zh": "无", "en": "No"}))
GRADE = (
    Choice("a", {"zh": "甲级", "en": "Grade A"}),
    Choice("b", {"zh": "乙级", "en": "Grade B"}),
)


def part(name, kind, item, role, **more):
    columns = {"x_item": item, "x_part": role, **more.pop("columns", {})}
    return Question(name, kind, columns=columns, **more)


def item(number, *, choices=YESNO):
    """A yes/no item with its remark and photos, as every item of a pack has them."""
    name = f"i{number}"
    side = {"x_ask": "on_request"}
    return (
        part(name, "select_one", number, "main", choices=choices),
        part(f"{name}_remark", "text", number, "remark", columns=side),
        part(f"{name}_photo", "image", number, "photo", columns=side),
    )


def when(number):
    return x(f"${{i{number}}} = 'yes'")


FORM = Form("f", "1", "", "zh", ("zh", "en"), (
    part("i1_n", "integer", "1", "sampled"),
    part("i1_m", "integer", "1", "violating"),
    part("i1_remark", "text", "1", "remark", columns={"x_ask": "on_request"}),
    *item("3"), *item("4"), *item("6a"), *item("6b"), *item("7"),
    *item("18"),
    part("i18_ads", "integer", "18", "ads", relevant=when("18"), columns={"x_unit": "条"}),
    part("i18_media", "integer", "18", "media", relevant=when("18"),
         columns={"x_unit": "个", "x_prompt::中文 (zh)": "网络媒体"}),
    *item("20"),
    part("i20_n", "integer", "20", "count", relevant=when("20")),
    *item("28"),
    part("i28_fine", "decimal", "28", "fine", relevant=when("28"),
         labels={"zh": "罚款（万元）"}),
    part("i28_goods", "text", "28", "confiscated", relevant=when("28")),
    *item("30a"), part("i30a_n", "integer", "30a", "count", relevant=when("30a")),
    part("i33", "calculate", "33", "main", calculation=x("'yes'")),
    part("i33_remark", "text", "33", "remark", columns={"x_ask": "on_request"}),
    *item("40", choices=GRADE),
))  # fmt: skip


def read(text):
    """Everything that was assigned, everything refused."""
    parts = parse_entry(FORM, text)
    if parts is None:
        return None
    return (
        {name: value for one in parts for name, value in one.assignments},
        [(refused.item, refused.reason, refused.text) for one in parts for refused in one.refused],
    )


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("1 20/1", {"i1_n": "20", "i1_m": "1"}),
        ("１　２０／１", {"i1_n": "20", "i1_m": "1"}),
        ("1: 20/1", {"i1_n": "20", "i1_m": "1"}),
        ("1、20 / 1人", {"i1_n": "20", "i1_m": "1"}),
        ("1 20 1", {"i1_n": "20", "i1_m": "1"}),
        ("1 20", {"i1_n": "20"}),
        ("1 抽查20人，违法违规1人", {"i1_n": "20", "i1_m": "1"}),
        ("1 20/1 备注 一人挂证", {"i1_n": "20", "i1_m": "1", "i1_remark": "一人挂证"}),
        ("3 有", {"i3": "yes"}),
        ("3有", {"i3": "yes"}),
        ("第3项 有", {"i3": "yes"}),
        ("第 3 项：有", {"i3": "yes"}),
        ("3 没有", {"i3": "no"}),
        ("3 Yes", {"i3": "yes"}),
        ("3 y", {"i3": "yes"}),
        ("3n", {"i3": "no"}),
        ("3no", {"i3": "no"}),
        ("item 3 no", {"i3": "no"}),
        ("03 无", {"i3": "no"}),
        ("3.有", {"i3": "yes"}),
        ("6a 无", {"i6a": "no"}),
        ("6A无", {"i6a": "no"}),
        ("６ａ　无", {"i6a": "no"}),
        ("6b y", {"i6b": "yes"}),
        ("7 有 备注 未备案，正在整改", {"i7": "yes", "i7_remark": "未备案，正在整改"}),
        ("7 有 备注：未备案", {"i7": "yes", "i7_remark": "未备案"}),
        ("7 有 未备案", {"i7": "yes", "i7_remark": "未备案"}),
        ("7 yes remark Not registered", {"i7": "yes", "i7_remark": "Not registered"}),
        ("7 有 违规使用设备 抽查时在场", {"i7": "yes", "i7_remark": "违规使用设备 抽查时在场"}),
        ("18 有 3 2", {"i18": "yes", "i18_ads": "3", "i18_media": "2"}),
        ("18 有 2个 3条", {"i18": "yes", "i18_ads": "3", "i18_media": "2"}),
        ("18 有 网络媒体2 3条", {"i18": "yes", "i18_ads": "3", "i18_media": "2"}),
        ("20 有 3人", {"i20": "yes", "i20_n": "3"}),
        ("30a 有 2", {"i30a": "yes", "i30a_n": "2"}),
        ("30a 2", {"i30a": "yes", "i30a_n": "2"}),
        ("30a 0", {"i30a": "no"}),
        ("30a 无 0", {"i30a": "no"}),
        ("28 有 罚0.2 没收 设备1台", {"i28": "yes", "i28_fine": "0.2", "i28_goods": "设备1台"}),
        ("28 有 没收 药品３盒、设备1台 罚 0.5 万元",
         {"i28": "yes", "i28_fine": "0.5", "i28_goods": "药品３盒、设备1台"}),
        ("28 罚0.2", {"i28": "yes", "i28_fine": "0.2"}),
        ("28 有 0.2万元", {"i28": "yes", "i28_fine": "0.2"}),
        ("28 yes fine 0.2 confiscated 2 boxes",
         {"i28": "yes", "i28_fine": "0.2", "i28_goods": "2 boxes"}),
        ("33 备注 核对过", {"i33_remark": "核对过"}),
        ("40 乙级", {"i40": "b"}),
        ("40 grade a", {"i40": "a"}),
        ("40 A", {"i40": "a"}),
    ],
)  # fmt: skip
def test_line__in_a_form_that_people_use__is_taken(line, expected):
    assert read(line) == (expected, [])


@pytest.mark.parametrize(
    ("line", "kept", "refused"),
    [
        ("3 有 罚0.2", {"i3": "yes"}, [("3", "does_not_fit", "罚0.2")]),
        ("3 20/1", {}, [("3", "does_not_fit", "20/1")]),
        ("3 有 5", {"i3": "yes"}, [("3", "does_not_fit", "5")]),
        ("3 有 无", {"i3": "yes"}, [("3", "contradicts", "无")]),
        ("1 无", {}, [("1", "does_not_fit", "无")]),
        ("1 20/", {"i1_n": "20"}, [("1", "not_understood", "/")]),
        ("28 无 罚0.2", {"i28": "no"}, [("28", "contradicts", "罚0.2")]),
        ("28 有 罚壹万", {"i28": "yes"}, [("28", "not_understood", "罚壹万")]),
        ("28 有 罚0.2 罚0.3", {"i28": "yes", "i28_fine": "0.2"},
         [("28", "does_not_fit", "罚0.3")]),
        ("28 有 5", {"i28": "yes"}, [("28", "does_not_fit", "5")]),
        ("20 有 3 4", {"i20": "yes", "i20_n": "3"}, [("20", "does_not_fit", "4")]),
        ("33 有", {}, [("33", "computed", "有")]),
        ("6 有", {}, [("6", "which_item", "6 有")]),
        ("30 有 2", {}, [("30", "which_item", "30 有 2")]),
        ("99 有", {}, [("99", "unknown_item", "99 有")]),
        ("5c 无", {}, [("5c", "unknown_item", "5c 无")]),
    ],
)  # fmt: skip
def test_line__with_a_part_that_does_not_fit__keeps_the_rest(line, kept, refused):
    assert read(line) == (kept, refused)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "  ",
            "有",
            "20/1",
            "20",
            "3",
            "3/4",
            "3-1",
            "0.2",
            "1.5",
            "2026-09-01",
            "13800000000",
        ),
        *("20人", "3名护士无证", "7 裂缝", "20 例不合格", "2026年检查发现", "今天没有问题"),
        *("i3 有", "第一项 有", "3 天花板\n4 地板"),
    ],
)
def test_text__without_an_entry__is_left_to_the_item_shown(text):
    assert parse_entry(FORM, text) is None


@pytest.mark.parametrize(
    ("line", "typed", "value"),
    [
        ("28 有 罚2000元", "2000元", "0.2"),
        ("28 有 罚款 ２，０００ 元", "２，０００元", "0.2"),
        ("28 有 罚1元", "1元", "0.0001"),
        ("28 有 罚15000.50元", "15000.50元", "1.50005"),
        ("28 yes fine 2000 yuan", "2000yuan", "0.2"),
    ],
)
def test_fine__in_yuan__is_converted_and_the_conversion_told(line, typed, value):
    (entry,) = parse_entry(FORM, line)
    assert dict(entry.assignments)["i28_fine"] == value
    (conversion,) = entry.conversions
    assert (conversion.name, conversion.typed, conversion.value, conversion.unit) == (
        "i28_fine", typed, value, "万元",
    )  # fmt: skip


def test_fine__already_in_its_unit__tells_no_conversion():
    assert parse_entry(FORM, "28 有 罚0.2万")[0].conversions == ()
    assert parse_entry(FORM, "28 无 罚2000元")[0].conversions == ()


def test_fine__for_a_question_in_yuan__is_converted_the_other_way():
    form = Form("f", "1", "", "zh", ("zh",), (
        part("f", "decimal", "5", "fine", labels={"zh": "罚款（元）"}),
    ))  # fmt: skip
    assert dict(parse_entry(form, "5 罚0.25万元")[0].assignments) == {"f": "2500"}


@given(st.decimals(0, 10**9, places=2))
def test_fine__of_any_amount__is_converted_exactly(amount):
    (entry,) = parse_entry(FORM, f"28 有 罚{amount:f}元")
    assert Decimal(dict(entry.assignments)["i28_fine"]) * 10_000 == amount


def test_message__of_several_lines__is_applied_item_by_item():
    parts = parse_entry(FORM, "3 有\n4 无；6a 无;7 有 备注 甲\n\n1 20/0")
    assert [entry.item for entry in parts] == ["3", "4", "6a", "7", "1"]
    assert read("3 有，4 无，1 20/0") == ({"i3": "yes", "i4": "no", "i1_n": "20", "i1_m": "0"}, [])
    assert read("3有 4无 6a有") == ({"i3": "yes", "i4": "no", "i6a": "yes"}, [])


def test_message__whose_remark_goes_on__keeps_it_together():
    assert read("7 有 备注 墙面；地面\n灯")[0] == {"i7": "yes", "i7_remark": "墙面；地面\n灯"}
    assert read("7 有 备注 见 3 有，4 无 两项")[0]["i7_remark"] == "见 3 有，4 无 两项"


def test_message__with_a_line_without_number__lists_it():
    assert read("下午补的\n3 有") == ({"i3": "yes"}, [("", "no_item", "下午补的")])


def test_caption__of_a_photo__names_its_item():
    assert find_item(FORM, "7") == ("7", "")
    assert find_item(FORM, "第６Ａ项") == ("6a", "")
    assert find_item(FORM, "99") is None
    assert find_item(FORM, "7 招牌") == ("7", "招牌")
    assert find_item(FORM, "第6A项 仪器") == ("6a", "仪器")
    assert find_item(FORM, "门口") is None
    assert find_item(FORM, "99 门口") is None


@given(st.text(max_size=50))
def test_any_text__is_read_without_a_crash(text):
    parse_entry(FORM, text)
    parse_entry(FORM, f"28 {text}")


WORDS = [
    "有",
    "无",
    "20/1",
    "3",
    "罚0.2",
    "罚2000元",
    "没收 药",
    "备注 x",
    "yes",
    "，",
    "2人",
    "/",
    "甲",
]
ITEMS = ["1", "3", "6a", "18", "20", "28", "30a", "40", "33"]


@given(st.sampled_from(ITEMS), st.lists(st.sampled_from(WORDS), max_size=6))
def test_any_line__assigns_only_questions_of_its_item_in_an_order_the_engine_takes(number, words):
    parts = parse_entry(FORM, f"{number} {' '.join(words)}")
    state = engine.start(FORM, now=NOW, zone=UTC)
    for entry in parts or ():
        for name, value in entry.assignments:
            assert FORM.by_name[name].item == entry.item
            step = engine.answer(FORM, state, name, value, now=NOW, zone=UTC)
            assert [issue.code for issue in step.issues] == []
            state = step.state
