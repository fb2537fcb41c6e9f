"""How a function of expressions is declared."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from campaigns.expressions.scope import Scope
from campaigns.expressions.syntax import Call
from campaigns.expressions.values import Value

Closure = Callable[[Scope], Value]


@dataclass(frozen=True, slots=True)
class Function:
    """One function that expressions may call.

    Args:
        name: Its name in expressions.
        run: Takes the scope and the values of the arguments (or closures when ``lazy``).
        least: The least number of arguments.
        most: The greatest number of arguments; None when there is no limit.
        takes_nodes: Arguments that are paths arrive as nodes also in flat forms.
        lazy: Arguments arrive as closures, evaluated only when the function needs them.
        check: Looks at the call when it is compiled and raises for what can never work.
    """

    name: str
    run: Callable[..., Any]
    least: int = 0
    most: int | None = None
    takes_nodes: bool = False
    lazy: bool = False
    check: Callable[[Call], None] | None = None
