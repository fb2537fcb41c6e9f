"""Functions on the answers of select questions.

Source: ODK XForms specification, "Functions" (select multiple).
"""

import math

from campaigns.expressions.functions.registry import Function
from campaigns.expressions.scope import Scope
from campaigns.expressions.values import Value, to_number, to_string


def _selected(_scope: Scope, answer: Value, name: Value) -> bool:
    wanted, chosen = to_string(name).strip(), to_string(answer).split()
    return wanted in chosen if chosen else not wanted


def _selected_at(scope: Scope, answer: Value, place: Value) -> str:
    chosen = to_string(answer).split()
    index = to_number(place, scope.zone)
    return chosen[int(index)] if math.isfinite(index) and 0 <= index < len(chosen) else ""


def _count_selected(_scope: Scope, answer: Value) -> float:
    return float(len(to_string(answer).split()))


def _choice_name(scope: Scope, answer: Value, question: Value) -> str:
    """The label of a chosen answer; the question is named in a quoted path or ``${name}``."""
    name = to_string(question).strip().removeprefix("${").removesuffix("}").rpartition("/")[2]
    return scope.label(name.strip(), to_string(answer))


FUNCTIONS = (
    Function("selected", _selected, 2, 2),
    Function("selected-at", _selected_at, 2, 2),
    Function("count-selected", _count_selected, 1, 1),
    Function("jr:choice-name", _choice_name, 2, 2),
)
