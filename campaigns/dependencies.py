"""What depends on what in a form, so that an answer re-evaluates only what it can change."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter

from campaigns.definition import Form, Group, Question
from campaigns.expressions import Expression
from campaigns.question_types import QUESTION_TYPES

CLOCK_FUNCTIONS = frozenset({"now", "today"})


def group_key(name: str) -> str:
    """The key of a group where groups and questions share a table: no question's name has a slash.

    An empty name stands for the outside of all groups and gives an empty key.
    """
    return f"/{name}" if name else ""


@dataclass(frozen=True, slots=True)
class Unit:
    """A question or group as the engine re-evaluates it.

    Args:
        key: A question's name, or a group's key.
        parent: Key of the innermost group around it, or an empty text.
        relevant: Its own condition.
        calculation: What computes its value.
        is_group: It has no value, only relevance.
    """

    key: str
    parent: str
    relevant: Expression | None
    calculation: Expression | None
    is_group: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that counts in the progress: a printed item, or a question without one.

    Args:
        questions: The questions that have to be asked for it.
        groups: Names of all groups around it, the outermost first.
    """

    questions: tuple[Question, ...]
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """A form prepared for the engine; made once per form.

    Args:
        units: All questions and groups, each after everything that it reads.
        affected: Places in ``units`` to re-evaluate, in order, when a question's value changes.
        timed: Places in ``units`` that depend on the time.
        askable: Questions that a person can answer.
        asked: Those that come up by themselves, in the order of the sheet.
        following: Place in ``asked`` of the first question behind each question.
        entries: What the progress counts, in the order of the sheet.
    """

    units: tuple[Unit, ...]
    affected: Mapping[str, tuple[int, ...]]
    timed: tuple[int, ...]
    askable: tuple[Question, ...]
    asked: tuple[Question, ...]
    following: Mapping[str, int]
    entries: tuple[Entry, ...]


def is_askable(question: Question) -> bool:
    """Tell whether a person answers it, as opposed to a note or a computed value."""
    kind = QUESTION_TYPES.get(question.type)
    return (
        kind is not None and kind.asked and question.calculation is None and not question.read_only
    )


@lru_cache(maxsize=256)
def plan_for(form: Form) -> Plan:
    """Prepare a form for the engine.

    Raises:
        graphlib.CycleError: For a form with circular references, which no reader lets pass.
    """
    units, reads = _units(form)
    order = tuple(TopologicalSorter(reads).static_order())
    placed = tuple(units[key] for key in order)
    place = {key: index for index, key in enumerate(order)}
    readers: dict[str, list[str]] = {}
    for key, sources in reads.items():
        for source in sources:
            readers.setdefault(source, []).append(key)
    timed = [unit.key for unit in placed if _reads_clock(unit)]
    askable = tuple(question for question in form.questions if is_askable(question))
    asked = tuple(question for question in askable if not question.on_request)
    following: dict[str, int] = {}
    passed = 0
    for question in form.questions:
        if passed < len(asked) and asked[passed] is question:
            passed += 1
        following[question.name] = passed
    return Plan(
        units=placed,
        affected={
            question.name: tuple(sorted(place[key] for key in _reach([question.name], readers)))
            for question in form.questions
        },
        timed=tuple(sorted(place[key] for key in _reach(timed, readers))),
        askable=askable,
        asked=asked,
        following=following,
        entries=_entries(form, asked),
    )


def find_circles(form: Form) -> list[tuple[str, ...]]:
    """Find circular references, each as the names of its questions and groups in order.

    Every circle is found that remains when those found before are taken out.
    """
    _, reads = _units(form)
    circles: list[tuple[str, ...]] = []
    while True:
        try:
            TopologicalSorter(reads).prepare()
        except CycleError as error:
            circle = error.args[1]
            circles.append(tuple(reversed(circle[1:])))
            gone = set(circle)
            reads = {key: sources - gone for key, sources in reads.items() if key not in gone}
        else:
            return circles


def _units(form: Form) -> tuple[dict[str, Unit], dict[str, set[str]]]:
    units: dict[str, Unit] = {}
    for group in form.groups:
        key = group_key(group.name)
        units[key] = Unit(key, group_key(group.parent), group.relevant, None, is_group=True)
    for question in form.questions:
        units[question.name] = Unit(
            question.name,
            group_key(question.group),
            question.relevant,
            question.calculation,
            is_group=False,
        )
    reads: dict[str, set[str]] = {}
    for key, unit in units.items():
        sources = {unit.parent} if unit.parent else set()
        for expression in (unit.relevant, unit.calculation):
            if expression is not None:
                sources.update(expression.references)
        reads[key] = {source for source in sources if source in units}
    return units, reads


def _reads_clock(unit: Unit) -> bool:
    return any(
        expression is not None and expression.functions & CLOCK_FUNCTIONS
        for expression in (unit.relevant, unit.calculation)
    )


def _reach(starts: Iterable[str], readers: Mapping[str, list[str]]) -> set[str]:
    reached: set[str] = set()
    waiting = list(starts)
    while waiting:
        key = waiting.pop()
        if key not in reached:
            reached.add(key)
            waiting.extend(readers.get(key, ()))
    return reached


def _entries(form: Form, asked: tuple[Question, ...]) -> tuple[Entry, ...]:
    """Gather what the progress counts.

    What is known beforehand (``x_from``) is not work that a person sees ahead, so that it does
    not count; the questions of one printed item count once.
    """
    gathered: dict[str, list[Question]] = {}
    for question in asked:
        if question.item:
            gathered.setdefault(f"item {question.item}", []).append(question)
        elif not question.columns.get("x_from"):
            gathered[question.name] = [question]
    return tuple(
        Entry(tuple(questions), tuple(groups_around(form, questions[0])))
        for questions in gathered.values()
    )


def groups_around(form: Form, question: Question) -> list[str]:
    """Names of all groups around a question, the outermost first."""
    names: list[str] = []
    group: Group | None = form.groups_by_name.get(question.group)
    while group is not None and group.name not in names:
        names.insert(0, group.name)
        group = form.groups_by_name.get(group.parent)
    return names
