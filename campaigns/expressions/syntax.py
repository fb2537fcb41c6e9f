"""The tree that an expression is parsed into."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """A quoted text."""

    value: str


@dataclass(frozen=True, slots=True)
class Number:
    """A number literal."""

    value: float


@dataclass(frozen=True, slots=True)
class Reference:
    """``${name}``: a question of the form by its name, as spreadsheets write it."""

    name: str
    position: int = 0


@dataclass(frozen=True, slots=True)
class Test:
    """What a step accepts: a name (``*`` for any, prefix empty for none), or a kind of node."""

    kind: str
    name: str = ""
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a path, such as ``child::name[predicate]``."""

    axis: str
    test: Test
    predicates: tuple["Syntax", ...] = ()


@dataclass(frozen=True, slots=True)
class Path:
    """A path from the root (``absolute``), from what ``start`` gives, or from the current node."""

    steps: tuple[Step, ...]
    absolute: bool = False
    start: "Syntax | None" = None
    position: int = 0


@dataclass(frozen=True, slots=True)
class Filter:
    """An expression that gives nodes, with predicates behind it."""

    base: "Syntax"
    predicates: tuple["Syntax", ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A function call."""

    name: str
    arguments: tuple["Syntax", ...]
    position: int = 0


@dataclass(frozen=True, slots=True)
class Binary:
    """Two operands and the operator between them."""

    operator: str
    left: "Syntax"
    right: "Syntax"


@dataclass(frozen=True, slots=True)
class Negation:
    """A minus sign before an operand."""

    operand: "Syntax"


Syntax = Text | Number | Reference | Path | Filter | Call | Binary | Negation


def below(syntax: Syntax) -> Iterator[Syntax]:
    """The expressions directly inside one, predicates included."""
    match syntax:
        case Path(steps=steps, start=start):
            if start is not None:
                yield start
            for step in steps:
                yield from step.predicates
        case Filter(base=base, predicates=predicates):
            yield base
            yield from predicates
        case Call(arguments=arguments):
            yield from arguments
        case Binary(left=left, right=right):
            yield left
            yield right
        case Negation(operand=operand):
            yield operand


def everything(syntax: Syntax) -> Iterator[Syntax]:
    """An expression and all those inside it."""
    yield syntax
    for inner in below(syntax):
        yield from everything(inner)


def plain_name(path: Path) -> str | None:
    """The question that a path means in a form without repeats: its last name.

    Returns:
        The name; ``.`` for the current question itself; None for paths that need a tree.
    """
    if path.start is not None and not (
        isinstance(path.start, Call) and path.start.name == "current"
    ):
        return None
    name = None if path.absolute else "."
    for step in path.steps:
        if step.predicates:
            return None
        if step.axis == "child" and step.test.kind == "name" and not step.test.prefix:
            name = step.test.name
        elif step.axis == "parent" and step.test.kind == "node":
            name = None
        elif not (step.axis == "self" and step.test.kind == "node"):
            return None
    return None if name == "*" else name


def references(syntax: Syntax, *, in_row: bool = False) -> Iterator[tuple[str, int]]:
    """The questions that an expression reads, each with its place in the source.

    Args:
        syntax: The expression.
        in_row: Inside a predicate, where a bare name is a column of the row and no question.
    """
    match syntax:
        case Reference(name=name, position=position):
            yield name, position
        case Path(start=start, steps=steps, absolute=absolute, position=position):
            from_form = start is None or (isinstance(start, Call) and start.name == "current")
            if from_form and (absolute or start is not None or not in_row):
                name = _last_name(steps)
                if name:
                    yield name, position
            elif start is not None:
                yield from references(start, in_row=in_row)
            for step in steps:
                for predicate in step.predicates:
                    yield from references(predicate, in_row=True)
        case Filter(base=base, predicates=predicates):
            yield from references(base, in_row=in_row)
            for predicate in predicates:
                yield from references(predicate, in_row=True)
        case _:
            for inner in below(syntax):
                yield from references(inner, in_row=in_row)


def _last_name(steps: tuple[Step, ...]) -> str:
    for step in reversed(steps):
        if step.test.kind == "name" and step.test.name != "*" and step.axis != "attribute":
            return step.test.name
        if step.axis != "self":
            return ""
    return ""
