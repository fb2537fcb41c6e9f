"""Turns the source of an expression into its tree.

Source: XPath 1.0, sections 2 and 3 (grammar and precedence).
"""

from campaigns.expressions.errors import SYNTAX, TOO_DEEP, TOO_LONG, ExpressionError
from campaigns.expressions.lexer import Token, tokens
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
    Test,
    Text,
    below,
)

# Real forms stay below 3,000 characters and 20 levels; what is far above is an attack or a slip.
MAX_LENGTH = 20_000
MAX_BRACKETS = 50
MAX_DEPTH = 120

PRECEDENCE = {
    "or": 1,
    "and": 2,
    "=": 3,
    "!=": 3,
    "<": 4,
    "<=": 4,
    ">": 4,
    ">=": 4,
    "+": 5,
    "-": 5,
    "*": 6,
    "div": 6,
    "mod": 6,
}
# Chains of these may be grouped in any way, so that a long one does not become a deep tree.
ASSOCIATIVE = ("and", "or")
AXES = frozenset(
    {
        "ancestor",
        "ancestor-or-self",
        "attribute",
        "child",
        "descendant",
        "descendant-or-self",
        "following",
        "following-sibling",
        "namespace",
        "parent",
        "preceding",
        "preceding-sibling",
        "self",
    }
)
NODE_KINDS = frozenset({"node", "text", "comment", "processing-instruction"})
ANY_NODE = Test("node")
DESCEND = Step("descendant-or-self", ANY_NODE)


def parse(source: str) -> Syntax:
    """Parse a whole expression.

    Raises:
        ExpressionError: When it is too long, nested too deeply or not an expression.
    """
    if len(source) > MAX_LENGTH:
        raise ExpressionError(TOO_LONG, MAX_LENGTH, length=len(source), most=MAX_LENGTH)
    parser = _Parser(tokens(source))
    syntax = parser.expression()
    if parser.token.kind != "end":
        raise parser.error()
    if depth(syntax) > MAX_DEPTH:
        raise ExpressionError(TOO_DEEP, 0, most=MAX_DEPTH)
    return syntax


def joined(operator: str, operands: list[Syntax]) -> Syntax:
    """Join operands from left to right, or in halves where that means the same."""
    if len(operands) > 2 and operator in ASSOCIATIVE:
        middle = len(operands) // 2
        return Binary(
            operator, joined(operator, operands[:middle]), joined(operator, operands[middle:])
        )
    left = operands[0]
    for right in operands[1:]:
        left = Binary(operator, left, right)
    return left


def depth(syntax: Syntax) -> int:
    """Count the levels of a tree, without going deep itself."""
    deepest = 0
    waiting = [(syntax, 1)]
    while waiting:
        part, level = waiting.pop()
        deepest = max(deepest, level)
        waiting.extend((inner, level + 1) for inner in below(part))
    return deepest


class _Parser:
    """Recursive descent over the tokens; one method per rule of the grammar."""

    def __init__(self, found: list[Token]) -> None:
        self.tokens = found
        self.index = 0
        self.depth = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.index]

    def peek(self) -> Token:
        return self.tokens[min(self.index + 1, len(self.tokens) - 1)]

    def error(self) -> ExpressionError:
        return ExpressionError(SYNTAX, self.token.position)

    def take(self, *values: str) -> Token | None:
        token = self.token
        if token.kind in ("mark", "operator") and token.value in values:
            self.index += 1
            return token
        return None

    def expect(self, value: str) -> None:
        if self.take(value) is None:
            raise self.error()

    def expression(self) -> Syntax:
        self.depth += 1
        if self.depth > MAX_BRACKETS:
            raise ExpressionError(TOO_DEEP, self.token.position, most=MAX_BRACKETS)
        syntax = self.operation(1)
        self.depth -= 1
        return syntax

    def operation(self, lowest: int) -> Syntax:
        """Parse operands joined by operators that bind at least as strongly as ``lowest``."""
        left = self.negation()
        while (precedence := self.precedence()) >= lowest:
            operator = self.token.value
            operands = [left]
            while self.precedence() == precedence and self.token.value == operator:
                self.index += 1
                operands.append(self.operation(precedence + 1))
            left = joined(operator, operands)
        return left

    def precedence(self) -> int:
        token = self.token
        return PRECEDENCE.get(token.value, 0) if token.kind in ("mark", "operator") else 0

    def negation(self) -> Syntax:
        signs = 0
        while self.take("-"):
            signs += 1
        operand = self.union()
        # Every further pair of signs changes nothing but that the value is a number.
        for _ in range(2 - signs % 2 if signs else 0):
            operand = Negation(operand)
        return operand

    def union(self) -> Syntax:
        left = self.path()
        while self.take("|"):
            left = Binary("|", left, self.path())
        return left

    def path(self) -> Syntax:
        start = self.token.position
        if self.starts_primary():
            base = self.primary()
            if predicates := self.predicates():
                base = Filter(base, predicates)
            if self.token.kind == "mark" and self.token.value in ("/", "//"):
                return Path(tuple(self.further_steps()), start=base, position=start)
            return base
        if self.take("/"):
            if not self.starts_step():
                return Path((), absolute=True, position=start)
            return Path((self.step(), *self.further_steps()), absolute=True, position=start)
        if self.token.kind == "mark" and self.token.value == "//":
            return Path(tuple(self.further_steps()), absolute=True, position=start)
        return Path((self.step(), *self.further_steps()), position=start)

    def starts_primary(self) -> bool:
        token = self.token
        if token.kind in ("number", "text", "reference"):
            return True
        if token.kind == "name":
            following = self.peek()
            is_call = following.kind == "mark" and following.value == "("
            return is_call and token.value not in NODE_KINDS
        return token.kind == "mark" and token.value == "("

    def primary(self) -> Syntax:
        token = self.token
        self.index += 1
        if token.kind == "number":
            return Number(float(token.value))
        if token.kind == "text":
            return Text(token.value[1:-1])
        if token.kind == "reference":
            return Reference(token.value, token.position)
        if token.kind == "name":
            self.index += 1
            return Call(token.value, tuple(self.arguments()), token.position)
        inner = self.expression()
        self.expect(")")
        return inner

    def arguments(self) -> list[Syntax]:
        found: list[Syntax] = []
        if self.take(")"):
            return found
        while True:
            found.append(self.expression())
            if self.take(")"):
                return found
            self.expect(",")

    def predicates(self) -> tuple[Syntax, ...]:
        found = []
        while self.take("["):
            found.append(self.expression())
            self.expect("]")
        return tuple(found)

    def further_steps(self) -> list[Step]:
        steps: list[Step] = []
        while separator := self.take("/", "//"):
            if separator.value == "//":
                steps.append(DESCEND)
            steps.append(self.step())
        return steps

    def starts_step(self) -> bool:
        token = self.token
        return token.kind == "name" or (
            token.kind == "mark" and token.value in (".", "..", "@", "*")
        )

    def step(self) -> Step:
        if self.take("."):
            return Step("self", ANY_NODE)
        if self.take(".."):
            return Step("parent", ANY_NODE)
        axis = "child"
        if self.take("@"):
            axis = "attribute"
        elif self.token.kind == "name" and self.peek().value == "::":
            axis = self.token.value
            if axis not in AXES:
                raise self.error()
            self.index += 2
        return Step(axis, self.test(), self.predicates())

    def test(self) -> Test:
        token = self.token
        if self.take("*"):
            return Test("name", "*")
        if token.kind != "name":
            raise self.error()
        self.index += 1
        if token.value in NODE_KINDS and self.token.value == "(":
            self.index += 1
            name = ""
            if self.token.kind == "text" and token.value == "processing-instruction":
                name = self.token.value[1:-1]
                self.index += 1
            self.expect(")")
            return Test(token.value, name)
        prefix, _, local = token.value.rpartition(":")
        return Test("name", local, prefix)
