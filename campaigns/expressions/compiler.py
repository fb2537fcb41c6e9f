"""Turns the tree of an expression into Python closures.

A closure takes the scope and gives the value. Where a form is flat, a path is one look-up in a
dictionary; where there is a tree, the same closure walks it.
"""

from collections.abc import Callable

from campaigns.expressions.errors import (
    ARGUMENT_COUNT,
    BAD_ARGUMENT,
    UNKNOWN_FUNCTION,
    ExpressionError,
)
from campaigns.expressions.functions import FUNCTIONS
from campaigns.expressions.functions.registry import Closure, Function
from campaigns.expressions.paths import accepts, keep, step
from campaigns.expressions.scope import Scope
from campaigns.expressions.syntax import (
    Binary,
    Call,
    Filter,
    Negation,
    Number,
    Path,
    Reference,
    Step,
    Syntax,
    Text,
    plain_name,
)
from campaigns.expressions.values import (
    NAN,
    NO_NODES,
    Node,
    NodeSet,
    Value,
    equal,
    in_document_order,
    to_boolean,
    to_number,
    unequal,
)


def compile_syntax(syntax: Syntax) -> Closure:
    """Make the closure that evaluates a tree.

    Raises:
        ExpressionError: For a function that is not on the list or has the wrong arguments.
    """
    match syntax:
        case Text(value=value):
            return lambda _scope: value
        case Number(value=number):
            return lambda _scope: number
        case Reference(name=name):
            return lambda scope: scope.values.get(name, "")
        case Path():
            return _path(syntax, nodes=False)
        case Filter(base=base, predicates=predicates):
            return _filter(base, predicates)
        case Call():
            return _call(syntax)
        case Negation(operand=operand):
            inner = compile_syntax(operand)
            return lambda scope: -to_number(inner(scope), scope.zone)
        case Binary():
            return _binary(syntax)


def compile_nodes(syntax: Syntax) -> Closure:
    """Make the closure for an argument that is counted or summed node by node."""
    match syntax:
        case Reference(name=name):
            return lambda scope: NodeSet((Node(name, scope.values.get(name, "")),))
        case Path():
            return _path(syntax, nodes=True)
    return compile_syntax(syntax)


def _binary(syntax: Binary) -> Closure:
    left, right = compile_syntax(syntax.left), compile_syntax(syntax.right)
    operator = syntax.operator
    if operator == "|":
        return _union(compile_nodes(syntax.left), compile_nodes(syntax.right))
    if operator in ("=", "!="):
        return _equality(left, right, wanted=operator == "=")
    if operator == "and":
        return lambda scope: to_boolean(left(scope)) and to_boolean(right(scope))
    if operator == "or":
        return lambda scope: to_boolean(left(scope)) or to_boolean(right(scope))
    if operator in RELATIONS:
        return _relation(RELATIONS[operator], left, right)
    return _arithmetic(ARITHMETIC[operator], left, right)


def _equality(left: Closure, right: Closure, *, wanted: bool) -> Closure:
    slow = equal if wanted else unequal

    def evaluate(scope: Scope) -> Value:
        a, b = left(scope), right(scope)
        # Nearly every comparison of a form is between an answer and a short choice name.
        if type(a) is str and type(b) is str and (a == b or len(a) < 8 or len(b) < 8):
            return (a == b) is wanted
        return slow(a, b, scope.zone)

    return evaluate


RELATIONS: dict[str, Callable[[float, float], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def _relation(holds: Callable[[float, float], bool], left: Closure, right: Closure) -> Closure:
    def evaluate(scope: Scope) -> Value:
        a, b, zone = left(scope), right(scope), scope.zone
        if isinstance(a, NodeSet) or isinstance(b, NodeSet):
            lefts = [node.value() for node in a] if isinstance(a, NodeSet) else [a]
            rights = [node.value() for node in b] if isinstance(b, NodeSet) else [b]
            scope.spend(len(lefts) * len(rights))
            return any(
                holds(to_number(x, zone), to_number(y, zone)) for x in lefts for y in rights
            )
        return holds(to_number(a, zone), to_number(b, zone))

    return evaluate


def _divide(a: float, b: float) -> float:
    if b == 0:
        if a == 0 or a != a:
            return NAN
        return float("inf") if (a > 0) == (str(b)[0] != "-") else float("-inf")
    return a / b


def _remainder(a: float, b: float) -> float:
    # The sign follows the dividend, as in Java; Python's % follows the divisor.
    if b == 0 or a != a or b != b or abs(a) == float("inf"):
        return NAN
    if abs(b) == float("inf"):
        return a
    rest = abs(a) % abs(b)
    return -rest if a < 0 else rest


ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "div": _divide,
    "mod": _remainder,
}


def _arithmetic(
    combine: Callable[[float, float], float], left: Closure, right: Closure
) -> Closure:
    return lambda scope: combine(
        to_number(left(scope), scope.zone), to_number(right(scope), scope.zone)
    )


def _union(left: Closure, right: Closure) -> Closure:
    def evaluate(scope: Scope) -> Value:
        a, b = left(scope), right(scope)
        if not isinstance(a, NodeSet) or not isinstance(b, NodeSet):
            raise ExpressionError(BAD_ARGUMENT, name="|")
        return in_document_order((*a, *b))

    return evaluate


def _filter(base: Syntax, predicates: tuple[Syntax, ...]) -> Closure:
    inner = compile_nodes(base)
    conditions = tuple(compile_syntax(predicate) for predicate in predicates)

    def evaluate(scope: Scope) -> Value:
        nodes = inner(scope)
        if not isinstance(nodes, NodeSet):
            raise ExpressionError(BAD_ARGUMENT, name="[]")
        kept = list(nodes)
        for condition in conditions:
            kept = keep(scope, kept, condition)
        return NodeSet(kept)

    return evaluate


def _steps(steps: tuple[Step, ...]) -> Callable[[Scope, NodeSet], NodeSet]:
    prepared = tuple(
        (
            one.axis,
            accepts(one.test, one.axis),
            tuple(compile_syntax(predicate) for predicate in one.predicates),
        )
        for one in steps
    )

    def walk(scope: Scope, nodes: NodeSet) -> NodeSet:
        for axis, accept, predicates in prepared:
            nodes = step(scope, nodes, axis, accept, predicates)
        return nodes

    return walk


def _path(syntax: Path, *, nodes: bool) -> Closure:
    walk = _steps(syntax.steps)
    if syntax.start is not None:
        start = compile_nodes(syntax.start)
        flat = _flat(plain_name(syntax), nodes=nodes)
        from_current = isinstance(syntax.start, Call) and syntax.start.name == "current"

        def from_start(scope: Scope) -> Value:
            if from_current and scope.current is None:
                return flat(scope)
            starts = start(scope)
            if not isinstance(starts, NodeSet):
                raise ExpressionError(BAD_ARGUMENT, syntax.position, name="/")
            return walk(scope, starts)

        return from_start

    flat = _flat(plain_name(syntax), nodes=nodes)
    if syntax.absolute:

        def from_root(scope: Scope) -> Value:
            root = scope.root
            return flat(scope) if root is None else walk(scope, NodeSet((root,)))

        return from_root

    def from_node(scope: Scope) -> Value:
        node = scope.node
        return flat(scope) if node is None else walk(scope, NodeSet((node,)))

    return from_node


def _flat(name: str | None, *, nodes: bool) -> Closure:
    """Read a path where there is no tree: the answer under test, a question, or nothing."""
    if name is None:
        return lambda _scope: NO_NODES
    if nodes:
        if name == ".":
            return lambda scope: NodeSet((Node(".", scope.value),))
        return lambda scope: NodeSet((Node(name, scope.values.get(name, "")),))
    if name == ".":
        return lambda scope: scope.value
    return lambda scope: scope.values.get(name, "")


def _call(syntax: Call) -> Closure:
    function = FUNCTIONS.get(syntax.name)
    if function is None:
        raise ExpressionError(UNKNOWN_FUNCTION, syntax.position, name=syntax.name)
    count = len(syntax.arguments)
    if count < function.least or (function.most is not None and count > function.most):
        raise ExpressionError(
            ARGUMENT_COUNT, syntax.position, name=syntax.name, count=count, least=function.least
        )
    compilers = [
        compile_nodes if function.takes_nodes else compile_syntax for _ in syntax.arguments
    ]
    arguments = tuple(
        compiler(argument) for compiler, argument in zip(compilers, syntax.arguments, strict=True)
    )
    if function.check is not None:
        function.check(syntax)
    return _apply(function, arguments)


def _apply(function: Function, arguments: tuple[Closure, ...]) -> Closure:
    run = function.run
    if function.lazy:
        return lambda scope: run(scope, *arguments)
    if not arguments:
        return run
    if len(arguments) == 1:
        (only,) = arguments
        return lambda scope: run(scope, only(scope))
    if len(arguments) == 2:
        first, second = arguments
        return lambda scope: run(scope, first(scope), second(scope))
    return lambda scope: run(scope, *[argument(scope) for argument in arguments])
