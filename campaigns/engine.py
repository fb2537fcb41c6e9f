"""The questionnaire engine: what a form asks next, and what an answer changes.

Everything here is a pure function of the form, the state and the time. An answer gives a new
state and what to store; nothing is saved, sent or translated here. The answers are the state:
``restore`` brings everything else back from them.

A question that is no longer relevant keeps its answer, reads as empty everywhere and is left out
when the form is submitted; when it becomes relevant again, the answer is back.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, tzinfo

from campaigns.definition import Form, Question
from campaigns.dependencies import Plan, group_key, plan_for
from campaigns.expressions import Expression, ExpressionError, Scope
from campaigns.question_types import QUESTION_TYPES, AnswerError, Moment
from campaigns.state import (
    AnswerIssue,
    GroupProgress,
    Progress,
    State,
    Step,
    Submission,
)

__all__ = [
    "AnswerIssue",
    "GroupProgress",
    "Progress",
    "State",
    "Step",
    "Submission",
    "answer",
    "clear",
    "filled",
    "go_back",
    "is_group_relevant",
    "is_required",
    "missing",
    "next_question",
    "no_longer_apply",
    "progress",
    "restore",
    "start",
    "submit",
    "violations",
]

LABEL_REFERENCE = re.compile(r"\$\{\s*([^}]+?)\s*\}")
NO_PRELOADS: Mapping[str, str] = {}


def start(
    form: Form, *, now: datetime, zone: tzinfo, preloads: Mapping[str, str] = NO_PRELOADS
) -> State:
    """Begin a form: fixed and computed defaults, and what is known beforehand.

    Args:
        form: What is to be filled in.
        now: Aware instant.
        zone: The campaign's time zone.
        preloads: Known facts by key; a question whose column ``x_from`` has that key begins with
            it. A fact that is no answer of the question's type is left out.
    """
    moment = Moment(now, zone)
    answers: dict[str, str] = {}
    for question in form.questions:
        kind = QUESTION_TYPES[question.type]
        if kind.first is not None:
            answers[question.name] = kind.first(moment)
        known = preloads.get(question.columns.get("x_from", ""), "")
        for raw in (known, question.default):
            if isinstance(raw, str) and raw and question.calculation is None:
                written = _first_value(question, raw, moment)
                if written:
                    answers[question.name] = written
                    break
    computed = [q for q in form.questions if isinstance(q.default, Expression)]
    if not computed:
        return restore(form, answers, now=now, zone=zone)
    state = restore(form, answers, now=now, zone=zone)
    for question in computed:
        if question.name in answers or isinstance(question.default, str):
            continue
        # A default may read another default, so the values are brought up to date in between.
        raw = _text(question.default, Scope(state.values, now, zone))
        written = _first_value(question, raw, moment) if raw else ""
        if written:
            answers[question.name] = written
            state = restore(form, answers, now=now, zone=zone)
    return state


def _first_value(question: Question, raw: str, moment: Moment) -> str:
    kind = QUESTION_TYPES[question.type]
    if not kind.asked:
        return raw
    try:
        return kind.normalise(question, raw, moment)
    except AnswerError:
        return ""


def restore(form: Form, answers: Mapping[str, str], *, now: datetime, zone: tzinfo) -> State:
    """Bring a form back from its stored answers, as of an instant."""
    plan = plan_for(form)
    kept = {name: value for name, value in answers.items() if value}
    values: dict[str, str] = {}
    hidden: set[str] = set()
    _evaluate(plan, range(len(plan.units)), kept, values, hidden, Scope(values, now, zone))
    return State(kept, values, frozenset(hidden), now, zone)


def answer(form: Form, state: State, name: str, raw: str, *, now: datetime, zone: tzinfo) -> Step:
    """Take one answer: its type first, then the constraint, then whether it may be empty.

    Args:
        form: The form.
        state: Where it stands.
        name: The question answered.
        raw: What was typed, tapped or sent; an empty text clears the answer if that is allowed.
        now: Aware instant of the answer.
        zone: The campaign's time zone.
    """
    question = form.by_name.get(name)
    if question is None:
        return _refused(state, name, "unknown")
    kind = QUESTION_TYPES[question.type]
    if not kind.asked or question.calculation is not None or question.read_only:
        return _refused(state, name, "read_only")
    if name in state.hidden:
        return _refused(state, name, "not_relevant")
    if not raw.strip():
        if _is_required(question, Scope(state.values, now, zone)):
            return _refused(state, name, "required")
        return clear(form, state, name, now=now, zone=zone)
    try:
        written = kind.normalise(question, raw, Moment(now, zone))
    except AnswerError as error:
        return _refused(state, name, error.code, error.params)
    if not written:
        return _refused(state, name, "required")
    after = _changed(form, state, name, written, now, zone)
    if not _meets_constraint(question, written, after):
        return _refused(state, name, "constraint")
    changed = {} if state.answers.get(name) == written else {name: written}
    return Step(after, (), changed, next_question(form, after, name))


def clear(form: Form, state: State, name: str, *, now: datetime, zone: tzinfo) -> Step:
    """Take an answer away; the question counts as unanswered again."""
    question = form.by_name.get(name)
    if question is None:
        return _refused(state, name, "unknown")
    if not QUESTION_TYPES[question.type].asked or question.calculation or question.read_only:
        return _refused(state, name, "read_only")
    if name not in state.answers:
        return Step(state, (), {}, next_question(form, state, name))
    after = _changed(form, state, name, "", now, zone)
    return Step(after, (), {name: None}, next_question(form, after, name))


def next_question(form: Form, state: State, after: str | None = None) -> str | None:
    """Find what to ask next: the first relevant question without an answer.

    Args:
        form: The form.
        state: Where it stands.
        after: Look behind this question first, and then for what is missing from the top on, so
            that a question that was left out on purpose does not come back at once.

    Returns:
        Its name, or None when nothing is left to ask. Questions on request never come up.
    """
    plan = plan_for(form)
    asked, answers, hidden = plan.asked, state.answers, state.hidden
    place = plan.following.get(after, 0) if after is not None else 0
    for question in asked[place:] if place else asked:
        name = question.name
        if name not in answers and name not in hidden:
            return name
    if place == 0:
        return None
    scope = Scope(state.values, state.now, state.zone)
    for question in asked[:place]:
        name = question.name
        if name not in answers and name not in hidden and _is_required(question, scope):
            return name
    return None


def go_back(form: Form, state: State, name: str) -> str | None:
    """Find the question before one: relevant and asked by itself; None at the beginning."""
    plan = plan_for(form)
    place = plan.following.get(name, 0)
    for question in reversed(plan.asked[:place]):
        if question.name != name and question.name not in state.hidden:
            return question.name
    return None


def missing(form: Form, state: State) -> tuple[str, ...]:
    """List what must still be answered, in the order of the form."""
    scope = Scope(state.values, state.now, state.zone)
    answers, hidden = state.answers, state.hidden
    return tuple(
        question.name
        for question in plan_for(form).askable
        if question.name not in answers
        and question.name not in hidden
        and _is_required(question, scope)
    )


def violations(form: Form, state: State) -> tuple[AnswerIssue, ...]:
    """List relevant answers that no longer hold: their type, or a constraint on other answers."""
    moment = Moment(state.now, state.zone)
    found = []
    for question in plan_for(form).askable:
        value = state.values.get(question.name)
        if not value:
            continue
        try:
            QUESTION_TYPES[question.type].normalise(question, value, moment)
        except AnswerError as error:
            found.append(AnswerIssue(error.code, question.name, error.params))
            continue
        if not _meets_constraint(question, value, state):
            found.append(AnswerIssue("constraint", question.name))
    return tuple(found)


def progress(form: Form, state: State) -> Progress:
    """Count how many items are done, in all and per group.

    An item is done when something of it is answered and nothing of it is missing. Computed items
    and items that are not relevant are not counted.
    """
    answers, hidden = state.answers, state.hidden
    done_in_all = total_in_all = 0
    counts: dict[str, list[int]] = {group.name: [0, 0] for group in form.groups}
    scope: Scope | None = None
    for entry in plan_for(form).entries:
        relevant = answered = False
        complete = True
        for question in entry.questions:
            name = question.name
            if name in hidden:
                continue
            relevant = True
            if name in answers:
                answered = True
            elif complete:
                if isinstance(question.required, bool):
                    complete = not question.required
                else:
                    scope = scope or Scope(state.values, state.now, state.zone)
                    complete = not _is_required(question, scope)
        if not relevant:
            continue
        done = answered and complete
        total_in_all += 1
        done_in_all += done
        for group in entry.groups:
            count = counts[group]
            count[0] += done
            count[1] += 1
    groups = tuple(GroupProgress(name, done, total) for name, (done, total) in counts.items())
    return Progress(done_in_all, total_in_all, groups)


def submit(form: Form, state: State) -> Submission:
    """Put together what would be handed in, and what stands against it."""
    moment = Moment(state.now, state.zone)
    values: dict[str, str] = {}
    for question in form.questions:
        last = QUESTION_TYPES[question.type].last
        value = last(moment) if last is not None else state.values.get(question.name, "")
        if value and question.type != "note" and question.name not in state.hidden:
            values[question.name] = value
    issues = [AnswerIssue("required", name) for name in missing(form, state)]
    issues.extend(violations(form, state))
    place = {question.name: index for index, question in enumerate(form.questions)}
    issues.sort(key=lambda issue: place[issue.name])
    return Submission(values, tuple(issues))


def filled(form: Form, state: State, wording: str, language: str) -> str:
    """Put readable values into a label or hint that mentions other questions as ``${name}``.

    A chosen answer is shown by its label; what is not answered is left blank.
    """

    def shown(match: re.Match[str]) -> str:
        name = match[1]
        value = state.values.get(name, "")
        question = form.by_name.get(name)
        if question is None or not question.choices:
            return value
        chosen = [choice for part in value.split() if (choice := question.choice(part))]
        labels = [form.text(choice.labels, language) or choice.name for choice in chosen]
        return ", ".join(labels)

    return LABEL_REFERENCE.sub(shown, wording)


def is_required(form: Form, state: State, name: str) -> bool:
    """Tell whether a question must be answered as things stand."""
    return _is_required(form.by_name[name], Scope(state.values, state.now, state.zone))


def no_longer_apply(form: Form, state: State) -> tuple[str, ...]:
    """List questions whose answers are kept but not relevant now."""
    return tuple(
        q.name for q in form.questions if q.name in state.hidden and q.name in state.answers
    )


def is_group_relevant(state: State, group: str) -> bool:
    """Tell whether a group is shown at all."""
    return group_key(group) not in state.hidden


def _refused(
    state: State, name: str, code: str, params: Mapping[str, str | int] | None = None
) -> Step:
    return Step(state, (AnswerIssue(code, name, params or {}),), {}, name)


def _changed(
    form: Form, state: State, name: str, written: str, now: datetime, zone: tzinfo
) -> State:
    """The state with one answer changed; only what depends on it is evaluated again."""
    plan = plan_for(form)
    answers = dict(state.answers)
    if written:
        answers[name] = written
    else:
        answers.pop(name, None)
    values = dict(state.values)
    hidden = set(state.hidden)
    places: Iterable[int] = plan.affected[name]
    if plan.timed and (now != state.now or zone != state.zone):
        places = sorted({*places, *plan.timed})
    _evaluate(plan, places, answers, values, hidden, Scope(values, now, zone))
    return State(answers, values, frozenset(hidden), now, zone)


def _evaluate(
    plan: Plan,
    places: Iterable[int],
    answers: Mapping[str, str],
    values: dict[str, str],
    hidden: set[str],
    scope: Scope,
) -> None:
    """Bring relevance and values up to date, each unit after everything that it reads."""
    units = plan.units
    for place in places:
        unit = units[place]
        key = unit.key
        visible = unit.parent not in hidden and (
            unit.relevant is None or _holds(unit.relevant, scope)
        )
        if visible:
            hidden.discard(key)
        else:
            hidden.add(key)
        if unit.is_group:
            continue
        value = ""
        if visible:
            value = (
                answers.get(key, "")
                if unit.calculation is None
                else _text(unit.calculation, scope)
            )
        if value:
            values[key] = value
        else:
            values.pop(key, None)


def _is_required(question: Question, scope: Scope) -> bool:
    required = question.required
    return required if isinstance(required, bool) else _holds(required, scope, broken=False)


def _meets_constraint(question: Question, value: str, state: State) -> bool:
    if question.constraint is None:
        return True
    return _holds(question.constraint, Scope(state.values, state.now, state.zone, value=value))


# An expression that runs into its work limit must not stop a person from answering: a condition
# then counts as met (or not required), a computed value stays empty.


def _holds(condition: Expression, scope: Scope, *, broken: bool = True) -> bool:
    try:
        return condition.as_boolean(scope)
    except ExpressionError:
        return broken


def _text(calculation: Expression, scope: Scope) -> str:
    try:
        return calculation.as_text(scope)
    except ExpressionError:
        return ""
