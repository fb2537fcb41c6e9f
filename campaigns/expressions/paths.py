"""Walks axes and steps over trees of nodes.

Source: XPath 1.0, section 2 "Location Paths".
"""

from collections.abc import Callable, Iterable

from campaigns.expressions.scope import Scope
from campaigns.expressions.syntax import Test
from campaigns.expressions.values import Node, NodeSet, Value, in_document_order, to_boolean

Predicate = Callable[[Scope], Value]
Walk = Callable[[Node], Iterable[Node]]
REVERSE_AXES = frozenset(
    {"ancestor", "ancestor-or-self", "parent", "preceding", "preceding-sibling"}
)


def _ancestors(node: Node) -> list[Node]:
    found = []
    above = node.parent
    while above is not None:
        found.append(above)
        above = above.parent
    return found


def _siblings(node: Node, *, after: bool) -> list[Node]:
    if node.parent is None or node.kind in ("attribute", "namespace"):
        return []
    around = node.parent.children
    place = next(index for index, sibling in enumerate(around) if sibling is node)
    return around[place + 1 :] if after else around[:place][::-1]


def _following(node: Node) -> list[Node]:
    found: list[Node] = []
    if node.kind == "attribute" and node.parent is not None:
        node = node.parent
        found.extend(node.walk())
    for place in (node, *_ancestors(node)):
        for sibling in _siblings(place, after=True):
            found.append(sibling)
            found.extend(sibling.walk())
    return found


def _preceding(node: Node) -> list[Node]:
    if node.kind == "attribute" and node.parent is not None:
        node = node.parent
    found: list[Node] = []
    for place in (node, *_ancestors(node)):
        for sibling in _siblings(place, after=False):
            found.extend(reversed([sibling, *sibling.walk()]))
    return found


AXIS_WALKS: dict[str, Walk] = {
    "ancestor": _ancestors,
    "ancestor-or-self": lambda node: [node, *_ancestors(node)],
    "attribute": lambda node: node.attributes,
    "child": lambda node: node.children,
    "descendant": Node.walk,
    "descendant-or-self": lambda node: [node, *node.walk()],
    "following": _following,
    "following-sibling": lambda node: _siblings(node, after=True),
    # Namespace nodes have no use in forms; trees do not hold any.
    "namespace": lambda _node: [],
    "parent": lambda node: [] if node.parent is None else [node.parent],
    "preceding": _preceding,
    "preceding-sibling": lambda node: _siblings(node, after=False),
    "self": lambda node: [node],
}


def accepts(test: Test, axis: str) -> Callable[[Node], bool] | None:
    """Make the check that a step's test means on its axis; None when every node passes."""
    if test.kind == "node":
        return None
    if test.kind == "text":
        return lambda node: node.kind == "text"
    if test.kind == "comment":
        return lambda node: node.kind == "comment"
    if test.kind == "processing-instruction":
        wanted = test.name
        return lambda node: (
            node.kind == "processing-instruction" and (not wanted or node.name == wanted)
        )
    principal = "attribute" if axis == "attribute" else "element"
    name, prefix = test.name, test.prefix
    if name == "*":
        return lambda node: node.kind == principal and (not prefix or node.prefix == prefix)
    return lambda node: node.kind == principal and node.name == name and node.prefix == prefix


def step(
    scope: Scope,
    starts: Iterable[Node],
    axis: str,
    accept: Callable[[Node], bool] | None,
    predicates: tuple[Predicate, ...],
) -> NodeSet:
    """Take one step from each start and gather what is reached, in document order."""
    walk = AXIS_WALKS[axis]
    gathered: list[Node] = []
    several = 0
    for start in starts:
        several += 1
        reached = list(walk(start))
        scope.spend(len(reached) + 1)
        if accept is not None:
            reached = [node for node in reached if accept(node)]
        for predicate in predicates:
            reached = keep(scope, reached, predicate)
        gathered.extend(reached)
    if several == 1 and axis not in REVERSE_AXES:
        return NodeSet(gathered)
    return in_document_order(gathered)


def keep(scope: Scope, nodes: list[Node], predicate: Predicate) -> list[Node]:
    """Keep the nodes for which a predicate holds; a number means the place in the list."""
    before = scope.node, scope.position, scope.size
    kept = []
    scope.size = len(nodes)
    try:
        for place, node in enumerate(nodes, start=1):
            scope.node = node
            scope.position = place
            verdict = predicate(scope)
            if verdict == place if type(verdict) is float else to_boolean(verdict):
                kept.append(node)
    finally:
        scope.node, scope.position, scope.size = before
    scope.spend(len(nodes))
    return kept
