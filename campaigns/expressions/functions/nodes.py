"""Functions on nodes: counting them, finding them, knowing one's place among them.

Source: XPath 1.0, section 4.1; ODK XForms specification, "Functions" (repeat groups).
"""

import math

from campaigns.expressions.functions.registry import Closure, Function
from campaigns.expressions.scope import Scope
from campaigns.expressions.values import (
    NO_NODES,
    Node,
    NodeSet,
    Value,
    each_text,
    in_document_order,
    to_number,
    to_string,
)


def _count(_scope: Scope, nodes: Value) -> float:
    return float(len(nodes)) if isinstance(nodes, NodeSet) else math.nan


def _count_non_empty(_scope: Scope, nodes: Value) -> float:
    return float(sum(1 for text in each_text(nodes) if text))


def _position(scope: Scope, nodes: Value | None = None) -> float:
    """The place in the list that a predicate filters, or a node's among its namesakes."""
    if nodes is None:
        return float(scope.position)
    if not isinstance(nodes, NodeSet) or not nodes:
        return math.nan
    node = nodes[0]
    if node.parent is None:
        return 1.0
    namesakes = [other for other in node.parent.children if other.name == node.name]
    return float(next(i for i, other in enumerate(namesakes, start=1) if other is node))


def _current(scope: Scope) -> Value:
    return scope.value if scope.current is None else NodeSet((scope.current,))


def _instance(scope: Scope, name: Value) -> Value:
    found = scope.instances.get(to_string(name))
    return NO_NODES if found is None else NodeSet((found,))


def _id(scope: Scope, wanted: Value) -> Value:
    """The elements whose ``id`` attribute is among the names given."""
    top = scope.node.top() if scope.node is not None else scope.root
    names = {name for text in each_text(wanted) for name in text.split()}
    found = []
    for node in top.walk() if top is not None else ():
        scope.spend(1)
        if any(one.name == "id" and one.text in names for one in node.attributes):
            found.append(node)
    return in_document_order(found)


def _lang(scope: Scope, wanted: Value) -> bool:
    language = to_string(wanted).lower()
    node = scope.node
    while node is not None:
        for attribute in node.attributes:
            if attribute.name == "lang" and attribute.prefix == "xml":
                found = attribute.text.lower()
                return found == language or found.startswith(f"{language}-")
        node = node.parent
    return False


def _inside(node: Node, ancestor: Node) -> bool:
    above: Node | None = node
    while above is not None:
        if above is ancestor:
            return True
        above = above.parent
    return False


def _indexed_repeat(scope: Scope, wanted: Closure, *pairs: Closure) -> Value:
    """The value in the n-th turn of a repeat, up to three repeats deep."""
    chosen: Node | None = None
    for repeat, index in zip(pairs[::2], pairs[1::2], strict=False):
        turns = repeat(scope)
        place = to_number(index(scope), scope.zone)
        if not isinstance(turns, NodeSet) or not math.isfinite(place):
            return NO_NODES
        among = [turn for turn in turns if chosen is None or _inside(turn, chosen)]
        if not 1 <= place <= len(among):
            return NO_NODES
        chosen = among[int(place) - 1]
    nodes = wanted(scope)
    if chosen is None or not isinstance(nodes, NodeSet):
        return nodes
    return NodeSet(node for node in nodes if _inside(node, chosen))


FUNCTIONS = (
    Function("count", _count, 1, 1, takes_nodes=True),
    Function("count-non-empty", _count_non_empty, 1, 1, takes_nodes=True),
    Function("position", _position, 0, 1, takes_nodes=True),
    Function("last", lambda scope: float(scope.size), 0, 0),
    Function("current", _current, 0, 0),
    Function("instance", _instance, 1, 1),
    Function("id", _id, 1, 1),
    Function("lang", _lang, 1, 1),
    Function("indexed-repeat", _indexed_repeat, 3, 7, lazy=True, takes_nodes=True),
)
