import math
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.expressions import (
    ExpressionError,
    Node,
    NodeSet,
    Scope,
    compile_expression,
    number_nodes,
    to_boolean,
    to_number,
    to_string,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
# 07:30 on 1 September in Nanning is still 31 August in UTC.
NOW = datetime(2026, 8, 31, 23, 30, tzinfo=UTC)


def run(source, values=None, value="", **more):
    scope = Scope(values or {}, NOW, SHANGHAI, value=value, **more)
    return compile_expression(source).evaluate(scope)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("10 div 4", 2.5),
        ("-7 mod 3", -1),
        ("7 mod -3", 1),
        ("2 - -2", 4),
        ("--2", 2),
        ("round(2.5)", 3),
        ("round(-2.5)", -2),
        ("round(2.345, 2)", 2.35),
        ("round(-1.5, 0)", -2),
        ("round(1234, -2)", 1200),
        ("int(-2.7)", -2),
        ("floor(-2.5)", -3),
        ("ceiling(2.1)", 3),
        ("abs(-4)", 4),
        ("pow(2, 10)", 1024),
        ("number('  -12.5 ')", -12.5),
        ("number(true())", 1),
        ("min(3, 1, 2)", 1),
        ("max(3, '11', 2)", 11),
        ("string-length('检查')", 2),
        ("count-selected('a b  c')", 3),
        ("if(1 = 1, 5, 1 div 0)", 5),
        ("coalesce('', 4) + 1", 5),
        ("checklist(1, 2, true(), false(), 'x')", 1),
    ],
)
def test_number__by_the_rules_of_xpath__is_exact(source, expected):
    assert to_number(run(source)) == expected


@pytest.mark.parametrize(
    "source",
    [
        "number('')",
        "number('1e3')",
        "number('+5')",
        "number('１２')",
        "0 div 0",
        "1 mod 0",
        "sqrt(-1)",
        "'x' + 1",
        "max('', 1)",
        "selected-at('a', 0) * 2",
        "number('2026-02-30')",
        "sum(${none})",
    ],
)
def test_number__not_a_number__is_nan_and_stored_as_nothing(source):
    assert math.isnan(to_number(run(source)))
    assert compile_expression(source).as_text(Scope({}, NOW, SHANGHAI)) == ""


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("1 div 0", "Infinity"),
        ("-1 div 0", "-Infinity"),
        ("0 div 0", "NaN"),
        ("-0", "0"),
        ("3.0", "3"),
        ("0.000001", "0.000001"),
        ("123456789012", "123456789012"),
        ("0.5", "0.5"),
    ],
)
def test_string__of_a_number__has_no_exponent_and_no_needless_digits(number, text):
    assert to_string(run(number)) == text


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("'' > 5", False),
        ("not('' > 5)", True),
        ("'' = 0", False),
        ("'1.0' = 1", True),
        ("'1.0' = '1'", False),
        ("true() = 'x'", True),
        ("'a' < 'b'", False),
        ("2 >= '2'", True),
        ("'no' or false()", True),
        ("'0'", True),
        ("0", False),
        ("0 div 0", False),
        ("'x' and ''", False),
        ("1 = 1 and 2 = 2 or 1 = 2", True),
        ("1 < 2 = true()", True),
        ("contains('挂证', '证')", True),
        ("starts-with('abc', 'ab') and ends-with('abc', 'bc')", True),
        ("regex('0.25', '^[0-9]+(\\.[0-9]{1,2})?$')", True),
        ("regex('0.255', '^[0-9]+(\\.[0-9]{1,2})?$')", False),
        ("regex('12x', '[0-9]+')", False),
        ("selected('a b', 'a')", True),
        ("selected('ab', 'a')", False),
        ("selected('', '')", True),
        ("boolean-from-string('1')", True),
        ("boolean-from-string('false')", False),
    ],
)
def test_condition__by_the_rules_of_xpath__holds_or_not(source, expected):
    assert to_boolean(run(source)) is expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("concat('a', 1, true())", "a1true"),
        ("join('、', 'a', 'b')", "a、b"),
        ("substr('hello', 1, 3)", "el"),
        ("substr('hello', -2)", "lo"),
        ("substring('12345', 1.5, 2.6)", "234"),
        ("substring('12345', 0, 3)", "12"),
        ("substring-before('1999/04', '/')", "1999"),
        ("substring-after('1999/04', '/')", "04"),
        ("translate('bar', 'abc', 'AB')", "BAr"),
        ("normalize-space('  a   b ')", "a b"),
        ("selected-at('a b c', 1)", "b"),
        ("digest('abc', 'MD5', 'hex')", "900150983cd24fb0d6963f7d28e17f72"),
        ("base64-decode('5qOA')", "检"),
    ],
)
def test_text_function__on_plain_texts__gives_the_text(source, expected):
    assert to_string(run(source)) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("today()", "2026-09-01"),
        ("now()", "2026-09-01T07:30:00.000+08:00"),
        ("date('2026-9-1')", "2026-09-01"),
        ("date('2026-08-31T23:30:00Z')", "2026-09-01"),
        ("date(today() + 30)", "2026-10-01"),
        ("date('1983-09-31')", ""),
        ("date-time('2026-08-31T23:30:00Z')", "2026-09-01T07:30:00.000+08:00"),
        ("format-date('2026-09-01', '%Y年%n月%e日')", "2026年9月1日"),
        ("format-date-time(now(), '%H:%M')", "07:30"),
        ("today() - '2026-08-30'", "2"),
        ("number('1970-01-02')", "1"),
        ("int('2026-09-01') = number('2026-09-01')", "true"),
        ("decimal-time('18:00:00.000+08:00')", "0.75"),
        ("decimal-date-time('1970-01-01T12:00:00.000+08:00')", "0.5"),
    ],
)
def test_date__in_the_campaign_zone__counts_whole_local_days(source, expected):
    assert to_string(run(source)) == expected


@pytest.mark.parametrize(
    "source",
    [
        "today() <= now()",
        "now() < today() + 1",
        "'2026-09-01' = today()",
        "'2026-9-1' = today()",
        "'2026-08-31' < today()",
        "'2026-09-01T00:00:00.000+08:00' = '2026-08-31T16:00:00.000Z'",
        "not('2026-09-02' <= today())",
        "not('' <= today())",
    ],
)
def test_dates__compared__follow_the_campaign_day(source):
    assert to_boolean(run(source)) is True


def test_names__of_months_and_days__follow_the_language():
    assert to_string(run("format-date('2026-09-01', '%b %a')", language="zh-CN")) == "9月 周二"
    assert to_string(run("format-date('2026-09-01', '%b %a')", language="en")) == "Sep Tue"


def test_reference__in_any_spelling__reads_the_question_by_its_name():
    values = {"n": "20", "m": "1"}
    for source in ("${n} - ${m}", "/data/n - ../m", "${ n } - /data/g/m", "current()/../n - m"):
        expression = compile_expression(source)
        assert to_number(expression.evaluate(Scope(values, NOW))) == 19
        assert expression.references == {"n", "m"}


def test_dot__in_a_constraint__is_the_answer_under_test():
    expression = compile_expression(". >= 0 and . <= ${n}")
    assert expression.references == {"n"}
    assert expression.as_boolean(Scope({"n": "20"}, NOW, value="20"))
    assert not expression.as_boolean(Scope({"n": "20"}, NOW, value="21"))
    assert not expression.as_boolean(Scope({}, NOW, value="0"))


def test_expression__compiled__tells_its_functions_and_places():
    expression = compile_expression("selected(${a}, 'x') and count(${b}) > 0")
    assert expression.functions == {"selected", "count"}
    assert expression.places("b") == [30]


@pytest.mark.parametrize(
    ("source", "code", "position"),
    [
        (". >= (", "EXPR_001", 6),
        ("1 1", "EXPR_001", 2),
        ("", "EXPR_001", 0),
        ("${a} = = 1", "EXPR_001", 7),
        ("frobnicate(.)", "EXPR_002", 0),
        ("1 + document('x')", "EXPR_002", 4),
        ("if(1, 2)", "EXPR_003", 0),
        ("1" + "+1" * 11_000, "EXPR_004", 20_000),
        ("(" * 200 + "1" + ")" * 200, "EXPR_005", 50),
        ("1" + " + 1" * 600, "EXPR_005", 0),
        ("if(1, " * 60 + "1" + ", 2)" * 60, "EXPR_005", 297),
        ("${a} = “yes”", "EXPR_006", 7),
        ("${a} ＝ 1", "EXPR_007", 5),
        ("selected（${a}, 'x')", "EXPR_007", 8),
        ("'open", "EXPR_008", 0),
        ("$a + 1", "EXPR_009", 0),
        ("${a b}", "EXPR_009", 0),
        ("regex(., '(a+)+$')", "EXPR_010", 0),
        ("regex(., '(a|aa)*')", "EXPR_010", 0),
        ("regex(., '(?<=a)b')", "EXPR_010", 0),
        ("regex(., '[')", "EXPR_010", 0),
    ],
)
def test_expression__broken__names_the_fault_and_its_place(source, code, position):
    with pytest.raises(ExpressionError) as caught:
        compile_expression(source)
    assert (caught.value.code, caught.value.position) == (code, position)


def test_pattern__that_repeats_within_limits__is_allowed():
    for pattern in (
        r"\\d{3}-\\d{4,8}",
        "(ab)+c*",
        "[a-z]+@[a-z]+\\\\.[a-z]{2,}",
        "(\\\\+86)?1[0-9]{10}",
    ):
        compile_expression(f"regex(., '{pattern}')")


def test_condition__of_very_many_alternatives__is_no_problem():
    source = " or ".join(f"${{a}} = '{number}'" for number in range(900))
    assert compile_expression(source).as_boolean(Scope({"a": "899"}, NOW))
    assert not compile_expression(source).as_boolean(Scope({"a": "900"}, NOW))


def test_work__beyond_the_limit__stops_the_evaluation():
    root = Node(kind="root")
    data = root.append(Node("data"))
    for _ in range(300):
        data.append(Node("row", "1"))
    number_nodes(root)
    scope = Scope({}, NOW, node=root, work=10_000)
    with pytest.raises(ExpressionError) as caught:
        compile_expression("//row[count(//row[. = 1]) > 1]").evaluate(scope)
    assert caught.value.code == "EXPR_011"


def lists():
    """A look-up list as a choices sheet gives it: counties of two cities."""
    root = Node(kind="root").append(Node("root"))
    for name, city in (("cz", "lz"), ("lj", "lz"), ("xf", "gl")):
        item = root.append(Node("item"))
        item.append(Node("name", name))
        item.append(Node("city", city))
    number_nodes(root.top())
    return {"counties": root.top()}


def test_instance__filtered_by_an_answer__gives_the_rows_of_that_answer():
    source = "instance('counties')/root/item[city = ${city}]/name"
    found = run(source, {"city": "lz"}, instances=lists())
    assert isinstance(found, NodeSet)
    assert [node.value() for node in found] == ["cz", "lj"]
    assert compile_expression(source).references == {"city"}


def test_predicate__by_place_and_current_question__works_on_trees():
    root = Node(kind="root")
    data = root.append(Node("data"))
    for name, amount in (("a", "3"), ("b", "4"), ("c", "5")):
        turn = data.append(Node("person"))
        turn.append(Node("name", name))
        turn.append(Node("amount", amount))
    number_nodes(root)
    second = data.children[1].children[0]
    scope = Scope({}, NOW, node=second)
    texts = {
        "string(/data/person[2]/name)": "b",
        "string(/data/person[last()]/name)": "c",
        "sum(/data/person/amount)": "12",
        "count(/data/person[amount > 3])": "2",
        "position(..)": "2",
        "indexed-repeat(/data/person/amount, /data/person, 3)": "5",
        "string(../amount)": "4",
        "string(../following-sibling::person/name)": "c",
        "string(../preceding-sibling::person[1]/name)": "a",
        "count(/data/person/name | /data/person/amount)": "6",
        "string(/data/person[name = current()/../name]/amount)": "4",
        "max(/data/person/amount)": "5",
        "join(',', /data/person/name)": "a,b,c",
        "name(..)": "person",
        "count(//*)": "10",
        "string(descendant-or-self::node())": "b",
    }
    for source, expected in texts.items():
        assert to_string(compile_expression(source).evaluate(scope)) == expected, source


def test_place__functions__agree_with_known_distances():
    # One degree of latitude is 111.3 km on this sphere; Nanning to Liuzhou is about 200 km.
    assert round(to_number(run("distance('0 0 0 0; 1 0 0 0')"))) == 111_319
    assert 198_000 < to_number(run("distance('22.817 108.366 0 0; 24.326 109.428 0 0')")) < 202_000
    assert to_boolean(run("geofence('0.5 0.5 0 0', '0 0;0 1;1 1;1 0;0 0')"))
    assert not to_boolean(run("geofence('2 0.5 0 0', '0 0;0 1;1 1;1 0;0 0')"))


def test_randomize__with_a_seed__keeps_its_order():
    source = "join(' ', randomize(instance('counties')/root/item/name, 42))"
    first = to_string(run(source, instances=lists()))
    assert sorted(first.split()) == ["cz", "lj", "xf"]
    assert to_string(run(source, instances=lists())) == first


def test_once__with_a_value__keeps_it():
    assert to_string(run("once('new')", value="old")) == "old"
    assert to_string(run("once('new')")) == "new"


@given(st.floats(allow_nan=False, allow_infinity=False, width=64))
def test_number__written_and_read_again__is_the_same(number):
    assert to_number(to_string(number)) == number


@given(st.integers(-(10**9), 10**9), st.integers(-(10**9), 10**9))
def test_arithmetic__on_whole_numbers__is_that_of_integers(a, b):
    values = {"a": str(a), "b": str(b)}
    assert to_string(run("${a} + ${b}", values)) == str(a + b)
    assert to_string(run("${a} - ${b}", values)) == str(a - b)
    assert to_boolean(run("${a} < ${b}", values)) is (a < b)
    if b:
        assert to_number(run("${a} mod ${b}", values)) == math.fmod(a, b)


@given(st.dates(), st.integers(-300_000, 300_000))
def test_date__moved_by_days__moves_on_the_calendar(day, shift):
    moved = to_string(run("date(${day} + ${shift})", {"day": str(day), "shift": str(shift)}))
    if moved:
        back = to_string(run("date(${day} - ${shift})", {"day": moved, "shift": str(shift)}))
        assert back == day.isoformat()


@given(st.text(max_size=60))
def test_compile__any_text__gives_an_expression_or_its_own_error(source):
    try:
        expression = compile_expression(source)
    except ExpressionError:
        return
    expression.as_text(Scope({}, NOW, SHANGHAI))


PIECES = [
    "${a}",
    ".",
    "'x'",
    "1",
    "-",
    "+",
    "=",
    "(",
    ")",
    "and",
    "or",
    "today()",
    "not(",
    "*",
    ",",
]


@given(st.lists(st.sampled_from(PIECES), max_size=14))
def test_compile__any_mixture_of_tokens__never_crashes(pieces):
    try:
        expression = compile_expression(" ".join(pieces))
        expression.as_boolean(Scope({"a": "3"}, NOW, SHANGHAI, value="2"))
    except ExpressionError:
        pass
