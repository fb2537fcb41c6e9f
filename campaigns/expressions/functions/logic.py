"""Functions that decide: conditions, alternatives, counting of conditions.

Source: XPath 1.0, section 4.3; ODK XForms specification, "Functions".
"""

from campaigns.expressions.functions.registry import Closure, Function
from campaigns.expressions.scope import Scope
from campaigns.expressions.values import NodeSet, Value, to_boolean, to_number, to_string


def _if(scope: Scope, condition: Closure, then: Closure, otherwise: Closure) -> Value:
    return then(scope) if to_boolean(condition(scope)) else otherwise(scope)


def _coalesce(scope: Scope, *choices: Closure) -> Value:
    """The first value that is neither empty nor NaN; an empty text when there is none."""
    for choice in choices:
        value = choice(scope)
        if to_string(value) not in ("", "NaN"):
            return value
    return ""


def _once(scope: Scope, fresh: Closure) -> Value:
    """Keep the value that a question already has; compute it only while there is none."""
    held = scope.value if scope.node is None else scope.node.value()
    if held:
        return held
    made = to_string(fresh(scope))
    return "" if made == "NaN" else made


def _boolean_from_string(_scope: Scope, value: Value) -> bool:
    return to_string(value) in ("1", "true")


def _truths(value: Value) -> list[bool]:
    """One verdict per node, a yes when it is not empty; else one for the value."""
    if isinstance(value, NodeSet):
        return [bool(node.value()) for node in value]
    return [to_boolean(value)]


def _within(least: float, most: float, count: float) -> bool:
    return (least < 0 or count >= least) and (most < 0 or count <= most)


def _checklist(scope: Scope, least: Value, most: Value, *values: Value) -> bool:
    """Tell whether the number of true values lies between two bounds; -1 lifts a bound."""
    count = sum(sum(_truths(value)) for value in values)
    return _within(to_number(least, scope.zone), to_number(most, scope.zone), count)


def _weighted_checklist(scope: Scope, least: Value, most: Value, *pairs: Value) -> bool:
    """Like ``checklist``, each value followed by the weight that it counts with."""
    total = 0.0
    for value, weight in zip(pairs[::2], pairs[1::2], strict=False):
        weights = (
            [to_number(node.value(), scope.zone) for node in weight]
            if isinstance(weight, NodeSet)
            else [to_number(weight, scope.zone)]
        )
        total += sum(
            (share for truth, share in zip(_truths(value), weights, strict=False) if truth), 0.0
        )
    return _within(to_number(least, scope.zone), to_number(most, scope.zone), total)


FUNCTIONS = (
    Function("true", lambda _scope: True, 0, 0),
    Function("false", lambda _scope: False, 0, 0),
    Function("not", lambda _scope, value: not to_boolean(value), 1, 1),
    Function("boolean", lambda _scope, value: to_boolean(value), 1, 1),
    Function("boolean-from-string", _boolean_from_string, 1, 1),
    Function("if", _if, 3, 3, lazy=True),
    Function("coalesce", _coalesce, 2, None, lazy=True),
    Function("once", _once, 1, 1, lazy=True),
    Function("checklist", _checklist, 3, None),
    Function("weighted-checklist", _weighted_checklist, 4, None),
)
