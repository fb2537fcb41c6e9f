"""The expressions of forms: XPath 1.0 with the functions of ODK.

``compile_expression`` turns a cell of a workbook into an ``Expression``; the syntax tree behind it
also tells which questions it reads, which is what the dependency graph is made of.

Where a form is flat, ``${name}`` and paths read a question's value as a text. An unanswered
question reads as an empty text, and a question alone as a condition means "is answered".
"""

from dataclasses import dataclass, field
from functools import lru_cache

from campaigns.expressions.compiler import compile_syntax
from campaigns.expressions.errors import ExpressionError
from campaigns.expressions.functions.registry import Closure
from campaigns.expressions.parser import parse
from campaigns.expressions.scope import Scope
from campaigns.expressions.syntax import Call, Syntax, everything, references
from campaigns.expressions.values import (
    Node,
    NodeSet,
    Value,
    number_nodes,
    to_boolean,
    to_number,
    to_string,
)

__all__ = [
    "Expression",
    "ExpressionError",
    "Node",
    "NodeSet",
    "Scope",
    "Value",
    "compile_expression",
    "number_nodes",
    "to_boolean",
    "to_number",
    "to_string",
]


@dataclass(frozen=True, slots=True, eq=False)
class Expression:
    """A compiled expression, safe to share and to evaluate any number of times.

    Args:
        source: As the workbook has it.
        syntax: Its tree, for checks and explanations.
        references: Names of the questions it reads; ``.`` is not among them.
        functions: Names of the functions it calls.
        evaluate: Gives its value in a scope.
    """

    source: str
    syntax: Syntax
    references: frozenset[str]
    functions: frozenset[str]
    evaluate: Closure = field(repr=False)

    def as_boolean(self, scope: Scope) -> bool:
        """Evaluate it as a condition."""
        return to_boolean(self.evaluate(scope))

    def as_text(self, scope: Scope) -> str:
        """Evaluate it as a text to be stored: what is not a number becomes an empty text."""
        value = self.evaluate(scope)
        if isinstance(value, float) and value != value:
            return ""
        return to_string(value)

    def places(self, name: str) -> list[int]:
        """The 0-based places in the source where a question is read."""
        return [position for found, position in references(self.syntax) if found == name]


@lru_cache(maxsize=4096)
def compile_expression(source: str) -> Expression:
    """Compile the text of a cell.

    Args:
        source: ``${a} > 3 and selected(., 'x')``, or the same with paths.

    Raises:
        ExpressionError: With a stable code and the 0-based position of the fault.
    """
    syntax = parse(source)
    return Expression(
        source=source,
        syntax=syntax,
        references=frozenset(name for name, _ in references(syntax)),
        functions=frozenset(part.name for part in everything(syntax) if isinstance(part, Call)),
        evaluate=compile_syntax(syntax),
    )
