"""Functions on numbers.

Source: XPath 1.0, section 4.4; ODK XForms specification, "Functions" (mathematics).
"""

import math
import random
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal

from campaigns.expressions.functions.registry import Function
from campaigns.expressions.scope import Scope
from campaigns.expressions.values import NAN, Node, NodeSet, Value, text_to_number, to_number


def _number(scope: Scope, value: Value | None = None) -> float:
    if value is None:
        value = scope.value if scope.node is None else scope.node.value()
    return to_number(value, scope.zone)


def _int(scope: Scope, value: Value) -> float:
    """Cut off the fraction, towards zero."""
    number = to_number(value, scope.zone)
    return float(math.trunc(number)) if math.isfinite(number) else number


def _round(scope: Scope, value: Value, digits: Value | None = None) -> float:
    """Round to whole numbers, a half upwards; with decimal places given, a half away from zero."""
    number = to_number(value, scope.zone)
    if not math.isfinite(number):
        return number
    if digits is None:
        return math.copysign(math.floor(number + 0.5), number) if number else number
    places = to_number(digits, scope.zone)
    if not math.isfinite(places):
        return NAN
    if abs(places) > 30:
        return number
    step = Decimal(1).scaleb(-int(places))
    return float((Decimal(repr(number)) / step).quantize(Decimal(1), ROUND_HALF_UP) * step)


def _edge(round_to: Callable[[float], int]) -> Callable[[Scope, Value], float]:
    def run(scope: Scope, value: Value) -> float:
        number = to_number(value, scope.zone)
        return math.copysign(float(round_to(number)), number) if math.isfinite(number) else number

    return run


def _plain(compute: Callable[[float], float]) -> Callable[[Scope, Value], float]:
    """Wrap a function of mathematics: NaN outside its domain, infinity above all range."""

    def run(scope: Scope, value: Value) -> float:
        try:
            return compute(to_number(value, scope.zone))
        except ValueError:
            return NAN
        except OverflowError:
            return math.inf

    return run


def _logarithm(compute: Callable[[float], float]) -> Callable[[float], float]:
    return lambda number: -math.inf if number == 0 else compute(number)


def _power(scope: Scope, base: Value, exponent: Value) -> float:
    try:
        return math.pow(to_number(base, scope.zone), to_number(exponent, scope.zone))
    except ValueError:
        return NAN
    except OverflowError:
        return math.inf


def _atan2(scope: Scope, y: Value, x: Value) -> float:
    return math.atan2(to_number(y, scope.zone), to_number(x, scope.zone))


def _flatten(scope: Scope, values: tuple[Value, ...]) -> list[float]:
    numbers: list[float] = []
    for value in values:
        if isinstance(value, NodeSet):
            numbers.extend(text_to_number(node.value(), scope.zone) for node in value)
        else:
            numbers.append(to_number(value, scope.zone))
    scope.spend(len(numbers))
    return numbers


def _extreme(choose: Callable[[list[float]], float]) -> Callable[..., float]:
    """Make ``min`` and ``max``: NaN for nothing, and as soon as one value is not a number."""

    def run(scope: Scope, *values: Value) -> float:
        numbers = _flatten(scope, values)
        if not numbers or any(number != number for number in numbers):
            return NAN
        return choose(numbers)

    return run


def _sum(scope: Scope, value: Value) -> float:
    return math.fsum(_flatten(scope, (value,))) if value else 0.0


def _random(scope: Scope) -> float:
    # Repeatable on purpose: a draft that is opened again must not change its values.
    return random.Random(scope.seed).random()  # noqa: S311


def _shuffled(nodes: NodeSet, seed: int) -> NodeSet:
    """Shuffle as ODK does, so that the same seed gives the same order in every engine.

    Source: ODK XForms specification, ``randomize()``: Fisher-Yates with the Park-Miller
    generator (multiplier 16807, modulus 2^31 - 1).
    """
    modulus = 2_147_483_647
    state = seed % modulus
    if state <= 0:
        state += modulus - 1
    order: list[Node] = list(nodes)
    for place in range(len(order) - 1, 0, -1):
        state = state * 16_807 % modulus
        other = int((state - 1) / (modulus - 1) * (place + 1))
        order[place], order[other] = order[other], order[place]
    return NodeSet(order)


def _randomize(scope: Scope, nodes: Value, seed: Value | None = None) -> Value:
    if not isinstance(nodes, NodeSet):
        return nodes
    number = float(scope.seed) if seed is None else to_number(seed, scope.zone)
    return _shuffled(nodes, int(number) if math.isfinite(number) else 0)


FUNCTIONS = (
    Function("number", _number, 0, 1),
    Function("int", _int, 1, 1),
    Function("round", _round, 1, 2),
    Function("floor", _edge(math.floor), 1, 1),
    Function("ceiling", _edge(math.ceil), 1, 1),
    Function("abs", _plain(abs), 1, 1),
    Function("sqrt", _plain(math.sqrt), 1, 1),
    Function("exp", _plain(math.exp), 1, 1),
    Function("exp10", _plain(lambda number: math.pow(10, number)), 1, 1),
    Function("log", _plain(_logarithm(math.log)), 1, 1),
    Function("log10", _plain(_logarithm(math.log10)), 1, 1),
    Function("sin", _plain(math.sin), 1, 1),
    Function("cos", _plain(math.cos), 1, 1),
    Function("tan", _plain(math.tan), 1, 1),
    Function("asin", _plain(math.asin), 1, 1),
    Function("acos", _plain(math.acos), 1, 1),
    Function("atan", _plain(math.atan), 1, 1),
    Function("atan2", _atan2, 2, 2),
    Function("pow", _power, 2, 2),
    Function("pi", lambda _scope: math.pi, 0, 0),
    Function("min", _extreme(min), 1, None, takes_nodes=True),
    Function("max", _extreme(max), 1, None, takes_nodes=True),
    Function("sum", _sum, 1, 1, takes_nodes=True),
    Function("random", _random, 0, 0),
    Function("randomize", _randomize, 1, 2, takes_nodes=True),
)
