"""Cards: one function per view, from the database's state to what the message shows.

A view decides nothing and changes nothing; it can be drawn again at any time, after a crash too.
A new view is one function here or in a module of this folder plus one line in ``VIEWS``.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from handlers.content import Content
from handlers.context import Ctx

View = Callable[[Ctx, Mapping[str, Any]], Awaitable[Content]]

VIEWS: dict[str, View] = {}


def view(name: str) -> Callable[[View], View]:
    """Register a view under the name that card rows keep."""

    def register(function: View) -> View:
        if name in VIEWS:
            raise ValueError(f"view {name} is registered twice")
        VIEWS[name] = function
        return function

    return register
