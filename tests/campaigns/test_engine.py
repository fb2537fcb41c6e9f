from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns import engine
from campaigns.definition import Choice, Form, Group, Question
from campaigns.expressions import compile_expression as x

ZONE = ZoneInfo("Asia/Shanghai")
# The evening of 30 November in UTC is already 1 December at the clinic.
NOW = datetime(2026, 11, 30, 20, 0, tzinfo=UTC)
YESNO = (
    Choice("yes", {"zh": "有", "en": "Yes"}),
    Choice("no", {"zh": "无", "en": "No"}),
)


def yesno(name, item, **more):
    columns = {"x_item": item, "x_part": "main", **more.pop("columns", {})}
    return Question(
        name, "select_one", choices=YESNO, columns=columns, **{"required": True, **more}
    )


def visit():
    """A small visit form with everything in it that the engine knows."""
    s1, s2 = {"group": "s1"}, {"group": "s2"}
    questions = (
        Question("place", "text", required=True, group="head", columns={"x_from": "place"}),
        Question("n", "integer", required=True, constraint=x(". >= 0 and . <= 9999"), **s1,
                 columns={"x_item": "1", "x_part": "sampled"}),
        Question("m", "integer", required=True, constraint=x(". >= 0 and . <= ${n}"), **s1,
                 columns={"x_item": "1", "x_part": "violating"}),
        yesno("a", "2", **s1),
        Question("a_remark", "text", **s1,
                 columns={"x_item": "2", "x_part": "remark", "x_ask": "on_request"}),
        yesno("fined", "3", **s2),
        Question("fine", "decimal", required=True, relevant=x("${fined} = 'yes'"),
                 constraint=x(". >= 0"), columns={"x_item": "3", "x_part": "fine"}, **s2),
        Question("goods", "text", required=x("${fine} = 0"), relevant=x("${fined} = 'yes'"),
                 columns={"x_item": "3", "x_part": "confiscated"}, **s2),
        Question("persons", "integer", required=True, constraint=x(". >= 1"),
                 relevant=x("${a} = 'yes'"), group="s3"),
        Question("kinds", "select_multiple", group="s3", constraint=x("count-selected(.) <= 2"),
                 choices=(Choice("x", {"zh": "甲"}), Choice("y", {"zh": "乙"}), Choice("z"))),
        Question("total", "calculate", group="s3",
                 calculation=x("coalesce(${m}, 0) + coalesce(${persons}, 0)")),
        Question("verdict", "calculate", calculation=x("if(${total} > 0, 'yes', 'no')")),
        Question("note", "note", labels={"zh": "共 ${total} 人，罚没：${fined}"}),
        Question("on", "date", required=True, default=x("today()"),
                 constraint=x(". <= today()")),
        Question("late", "text", relevant=x("today() > ${on}")),
    )  # fmt: skip
    groups = (
        Group("head"),
        Group("s1"),
        Group("s2"),
        # Asked only where something was found, like the parts about persons of a real form.
        Group("s3", relevant=x("${a} = 'yes' or ${m} > 0")),
    )
    return Form("visit", "1", "检查", "zh", ("zh", "en"), questions, groups)


FORM = visit()


def begin(**preloads):
    return engine.start(FORM, now=NOW, zone=ZONE, preloads=preloads)


def take(state, name, raw, now=NOW):
    return engine.answer(FORM, state, name, raw, now=now, zone=ZONE)


def taken(state, **answers):
    for name, raw in answers.items():
        step = take(state, name, raw)
        assert step.issues == (), (name, step.issues)
        state = step.state
    return state


def codes(step):
    return [(issue.code, issue.name) for issue in step.issues]


def test_start__with_defaults_and_preloads__answers_what_is_known():
    state = begin(place=" 柳州市示范医院 ")
    assert state.answers == {"place": "柳州市示范医院", "on": "2026-12-01"}
    # The group of the total is not relevant yet, so that the total reads as empty.
    assert (state.value("total"), state.value("verdict")) == ("", "no")


def test_start__with_a_preload_that_is_no_answer__leaves_the_question_open():
    form = Form("f", "1", "", "zh", ("zh",), (
        Question("level", "integer", columns={"x_from": "level"}, default="3"),
        Question("next", "integer", default=x("${level} + 1")),
    ))  # fmt: skip
    state = engine.start(form, now=NOW, zone=ZONE, preloads={"level": "未定级"})
    assert state.answers == {"level": "3", "next": "4"}
    preloaded = engine.start(form, now=NOW, zone=ZONE, preloads={"level": "２"})
    assert preloaded.answers == {"level": "2", "next": "3"}


def test_walk__from_start_to_submission__asks_each_relevant_question_once():
    state = begin(place="x")
    replies = {
        "n": "20", "m": "1", "a": "yes", "fined": "yes", "fine": "０.２０", "goods": "设备1台",
        "persons": "2", "kinds": "y x",
    }  # fmt: skip
    asked = []
    name = engine.next_question(FORM, state)
    while name is not None:
        asked.append(name)
        step = take(state, name, replies[name])
        assert step.issues == ()
        state, name = step.state, step.next
    assert asked == list(replies)
    submission = engine.submit(FORM, state)
    assert submission.issues == ()
    assert submission.values == {
        "place": "x", "n": "20", "m": "1", "a": "yes", "fined": "yes", "fine": "0.20",
        "goods": "设备1台", "persons": "2", "kinds": "x y", "total": "3", "verdict": "yes",
        "on": "2026-12-01",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "raw", "code"),
    [
        ("n", "abc", "not_a_number"),
        ("n", "20/1", "not_a_number"),
        ("n", "1.5", "not_whole"),
        ("n", "13807720000", "out_of_range"),
        ("n", "-1", "constraint"),
        ("n", "  ", "required"),
        ("m", "21", "constraint"),
        ("a", "maybe", "not_a_choice"),
        ("fined", "", "required"),
        ("fine", "1", "not_relevant"),
        ("persons", "1", "not_relevant"),
        ("total", "5", "read_only"),
        ("note", "x", "read_only"),
        ("on", "2026-02-30", "bad_date"),
        ("on", "2026-12-02", "constraint"),
        ("nobody", "1", "unknown"),
        ("a_remark", "x" * 4097, "too_long"),
    ],
)
def test_answer__that_does_not_hold__is_refused_and_changes_nothing(name, raw, code):
    state = taken(begin(place="x"), n="20")
    step = take(state, name, raw)
    assert codes(step) == [(code, name)]
    assert step.state is state
    assert step.changed == {}
    assert step.next == name


def test_answer__given_again__writes_nothing():
    state = taken(begin(), n="20")
    step = take(state, "n", " ２０ ")
    assert (step.issues, step.changed) == ((), {})
    assert step.state == state


def test_answer__that_hides_others__keeps_them_and_brings_them_back():
    state = taken(begin(place="x"), n="5", m="0", a="yes", persons="4", fined="yes", fine="0.5")
    hidden = taken(state, a="no", fined="no")
    assert hidden.answers["persons"] == "4"
    assert hidden.value("persons") == ""
    assert (hidden.value("total"), hidden.value("verdict")) == ("", "no")
    assert engine.no_longer_apply(FORM, hidden) == ("fine", "persons")
    assert not engine.is_group_relevant(hidden, "s3")
    submitted = engine.submit(FORM, hidden)
    assert submitted.values.keys() == {
        "place", "n", "m", "a", "fined", "verdict", "on",
    }  # fmt: skip
    back = taken(hidden, a="yes", fined="yes")
    assert (back.value("persons"), back.value("fine"), back.value("total")) == ("4", "0.5", "4")


def test_required__as_a_condition__follows_the_other_answer():
    state = taken(begin(place="x"), n="1", m="0", a="no", fined="yes", fine="0")
    assert engine.missing(FORM, state) == ("goods",)
    assert engine.is_required(FORM, state, "goods")
    assert codes(take(state, "goods", "")) == [("required", "goods")]
    state = taken(state, fine="0.3")
    assert engine.missing(FORM, state) == ()


def test_clear__an_answer__makes_it_missing_again():
    state = taken(begin(place="x"), n="20", m="3")
    step = engine.clear(FORM, state, "n", now=NOW, zone=ZONE)
    assert step.changed == {"n": None}
    assert "n" in engine.missing(FORM, step.state)
    again = engine.clear(FORM, step.state, "n", now=NOW, zone=ZONE)
    assert again.changed == {}
    refused = engine.clear(FORM, state, "total", now=NOW, zone=ZONE)
    assert codes(refused) == [("read_only", "total")]


def test_next__after_a_question__goes_on_and_then_to_what_is_missing():
    state = taken(begin(place="x"), n="20", m="0")
    assert engine.next_question(FORM, state) == "a"
    assert engine.next_question(FORM, state, "a") == "fined"
    state = taken(state, fined="no")
    assert engine.next_question(FORM, state, "fined") == "a"
    state = taken(state, a="no")
    assert engine.next_question(FORM, state, "a") is None
    assert engine.next_question(FORM, state, "a_remark") is None


def test_next__after_an_optional_question_left_out__does_not_come_back_to_it():
    state = taken(begin(place="x"), n="20", m="0", a="yes", fined="no", persons="1")
    assert engine.next_question(FORM, state, "persons") == "kinds"
    assert engine.next_question(FORM, state, "kinds") is None
    assert engine.next_question(FORM, state) == "kinds"


def test_back__from_any_question__skips_what_is_hidden_or_on_request():
    state = taken(begin(place="x"), n="20", m="0", a="no", fined="no")
    assert engine.go_back(FORM, state, "on") == "fined"
    assert engine.go_back(FORM, state, "fined") == "a"
    assert engine.go_back(FORM, state, "a_remark") == "a"
    assert engine.go_back(FORM, state, "place") is None


def test_progress__counts_items_once_and_computed_ones_never():
    state = begin(place="x")
    first = engine.progress(FORM, state)
    # Items 1, 2, 3 and the date, which is a question of its own and has its default.
    assert (first.done, first.total) == (1, 4)
    state = taken(state, n="20")
    assert engine.progress(FORM, state).group("s1") == engine.GroupProgress("s1", 0, 2)
    state = taken(state, m="0", a="no", fined="yes")
    assert engine.progress(FORM, state).group("s1") == engine.GroupProgress("s1", 2, 2)
    assert engine.progress(FORM, state).group("s2").done == 0
    state = taken(state, fine="0.2")
    assert (engine.progress(FORM, state).done, engine.progress(FORM, state).total) == (4, 4)
    state = taken(state, a="yes")
    assert engine.progress(FORM, state).group("s3") == engine.GroupProgress("s3", 0, 2)


def test_submit__with_gaps_and_broken_constraints__lists_them_in_order():
    state = taken(begin(), n="20", m="5")
    state = taken(state, n="3")
    issues = [(issue.code, issue.name) for issue in engine.submit(FORM, state).issues]
    assert issues == [
        ("required", "place"), ("constraint", "m"), ("required", "a"), ("required", "fined"),
    ]  # fmt: skip


def test_restore__with_an_answer_that_is_no_choice_any_more__reports_it():
    state = engine.restore(FORM, {"a": "perhaps", "gone": "1"}, now=NOW, zone=ZONE)
    assert ("not_a_choice", "a") in [(i.code, i.name) for i in engine.violations(FORM, state)]
    assert state.answers["gone"] == "1"
    assert "gone" not in engine.submit(FORM, state).values


def test_time__that_passes__re_evaluates_what_depends_on_it():
    state = begin(place="x")
    assert "late" in state.hidden
    step = take(state, "n", "3", now=NOW + timedelta(days=1))
    assert "late" not in step.state.hidden
    assert step.state == engine.restore(
        FORM, step.state.answers, now=NOW + timedelta(days=1), zone=ZONE
    )


def test_metadata__start_and_end__are_filled_in_without_being_asked():
    form = Form("f", "1", "", "zh", ("zh",), (
        Question("start", "start"), Question("end", "end"), Question("today", "today"),
        Question("username", "username", columns={"x_from": "user"}),
    ))  # fmt: skip
    state = engine.start(form, now=NOW, zone=ZONE, preloads={"user": "u7"})
    assert engine.next_question(form, state) is None
    later = engine.restore(form, state.answers, now=NOW + timedelta(hours=2), zone=ZONE)
    assert engine.submit(form, later).values == {
        "start": "2026-12-01T04:00:00.000+08:00",
        "end": "2026-12-01T06:00:00.000+08:00",
        "today": "2026-12-01",
        "username": "u7",
    }


def test_label__with_references__shows_values_and_choice_labels():
    state = taken(begin(place="x"), n="20", m="3", a="no", fined="yes")
    wording = FORM.by_name["note"].labels["zh"]
    assert engine.filled(FORM, state, wording, "zh") == "共 3 人，罚没：有"
    assert engine.filled(FORM, state, "${fined}/${goods}", "en") == "Yes/"


ANSWERS = st.one_of(
    st.tuples(st.sampled_from(["n", "m", "persons"]), st.sampled_from(["0", "1", "3", "x", ""])),
    st.tuples(st.sampled_from(["a", "fined"]), st.sampled_from(["yes", "no", "有", "?", ""])),
    st.tuples(st.just("fine"), st.sampled_from(["0", "0.20", "-1", "", "2000"])),
    st.tuples(
        st.sampled_from(["goods", "place", "a_remark", "late"]), st.sampled_from(["", "甲"])
    ),
    st.tuples(st.just("kinds"), st.sampled_from(["x", "x y", "x y z", "甲、乙", ""])),
    st.tuples(st.just("on"), st.sampled_from(["2026-11-20", "2026-12-01", "2027-01-01"])),
    st.tuples(st.sampled_from(["n", "a", "fined", "fine", "kinds", "on"]), st.none()),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(ANSWERS, max_size=25))
def test_any_sequence__of_answers__leaves_a_state_that_is_the_answers_alone(sequence):
    state = begin()
    stored = dict(state.answers)
    for name, raw in sequence:
        if raw is None:
            step = engine.clear(FORM, state, name, now=NOW, zone=ZONE)
        else:
            step = take(state, name, raw)
        assert bool(step.issues) <= (step.state is state)
        for changed, value in step.changed.items():
            if value is None:
                del stored[changed]
            else:
                stored[changed] = value
        state = step.state
        assert state.answers == stored
        assert state == engine.restore(FORM, stored, now=NOW, zone=ZONE)
        if raw is not None and not step.issues:
            assert take(state, name, raw).changed == {}
        following = engine.next_question(FORM, state, name)
        if following is not None:
            assert following not in state.answers
            assert following not in state.hidden
            assert not FORM.by_name[following].on_request
        counted = engine.progress(FORM, state)
        assert 0 <= counted.done <= counted.total
        submission = engine.submit(FORM, state)
        assert not submission.values.keys() & state.hidden
        missing = {issue.name for issue in submission.issues if issue.code == "required"}
        assert missing == set(engine.missing(FORM, state))


@settings(max_examples=60, deadline=None)
@given(st.lists(ANSWERS, max_size=10), st.sampled_from(["n", "a", "fined"]))
def test_clear_then_answer__comes_to_the_same(sequence, name):
    state = begin()
    for other, raw in sequence:
        if raw:
            state = take(state, other, raw).state
    raw = {"n": "7", "a": "yes", "fined": "no"}[name]
    direct = take(state, name, raw).state
    cleared = engine.clear(FORM, state, name, now=NOW, zone=ZONE).state
    assert take(cleared, name, raw).state == direct


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_walk__with_any_valid_answers__ends_and_can_be_submitted(data):
    state = begin(place="x")
    name = engine.next_question(FORM, state)
    for _ in range(40):
        if name is None:
            break
        question = FORM.by_name[name]
        if question.choices:
            raw = data.draw(st.sampled_from([choice.name for choice in question.choices]))
        else:
            raw = "1" if name in ("n", "m", "persons") else data.draw(st.sampled_from(["0", "3"]))
        step = take(state, name, raw)
        assert step.issues == ()
        state, name = step.state, step.next
    assert name is None
    assert engine.submit(FORM, state).issues == ()
