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
)

# Real forms stay below 3,000 characters and 20 levels; what is far above is an attack or a slip.
MAX_LENGTH = 20_000
MAX_DEPTH = 100

LEVELS = (
    ("or",),
    ("and",),
    ("=", "!="),
    ("<", "<=", ">", ">="),
    ("+", "-"),
    ("*", "div", "mod"),
)
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
    return syntax


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

    def expression(self, level: int = 0) -> Syntax:
        if level == 0:
            self.depth += 1
            if self.depth > MAX_DEPTH:
                raise ExpressionError(TOO_DEEP, self.token.position, most=MAX_DEPTH)
        left = self.expression(level + 1) if level + 1 < len(LEVELS) else self.negation()
        chain = 0
        while operator := self.take(*LEVELS[level]):
            chain += 1
            if chain > MAX_DEPTH * 5:
                raise ExpressionError(TOO_DEEP, operator.position, most=MAX_DEPTH * 5)
            right = self.expression(level + 1) if level + 1 < len(LEVELS) else self.negation()
            left = Binary(operator.value, left, right)
        if level == 0:
            self.depth -= 1
        return left

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
