"""The four kinds of value of XPath 1.0, how they turn into one another, and the nodes.

Source: XML Path Language (XPath) 1.0, W3C Recommendation of 16 November 1999, sections 3 and 4;
the reading of date texts as numbers follows the ODK XForms specification and JavaRosa.
"""

import math
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, tzinfo
from decimal import Decimal

from campaigns.expressions.dates import days

NUMBER = re.compile(r"[ \t\r\n]*-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)[ \t\r\n]*")
NAN = math.nan


class Node:
    """One node of a form's data, or of a list that a form looks up.

    A form's leaf keeps its value in ``text`` and has no children; a document read from XML has
    text nodes as children. ``order`` is the place in document order (see ``number_nodes``).
    """

    __slots__ = (
        "attributes",
        "children",
        "kind",
        "name",
        "order",
        "parent",
        "prefix",
        "text",
        "uri",
    )

    def __init__(self, name: str = "", text: str = "", kind: str = "element") -> None:
        """Make a node that stands alone; ``kind`` is root, element, attribute, text ..."""
        self.name = name
        self.text = text
        self.kind = kind
        self.prefix = ""
        self.uri = ""
        self.parent: Node | None = None
        self.children: list[Node] = []
        self.attributes: list[Node] = []
        self.order = 0

    def append(self, child: "Node") -> "Node":
        """Add a child at the end and return it."""
        child.parent = self
        self.children.append(child)
        return child

    def top(self) -> "Node":
        """The node at the top of its tree."""
        node = self
        while node.parent is not None:
            node = node.parent
        return node

    def walk(self) -> Iterator["Node"]:
        """Every node below this one in document order, attributes left out."""
        waiting = list(reversed(self.children))
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(reversed(node.children))

    def value(self) -> str:
        """Its string-value: the own text and that of everything below it."""
        if not self.children:
            return self.text
        parts = [self.text]
        parts.extend(node.text for node in self.walk() if node.kind in ("element", "text"))
        return "".join(parts)


class NodeSet(tuple[Node, ...]):
    """Nodes in document order without doubles."""

    __slots__ = ()


Value = str | float | bool | NodeSet
NO_NODES = NodeSet()


def number_nodes(root: Node) -> None:
    """Number a tree in document order, attributes after their element; needed after changes."""
    root.order = order = 0
    for node in root.walk():
        order += 1
        node.order = order
        for attribute in node.attributes:
            order += 1
            attribute.order = order


def in_document_order(nodes: Iterable[Node]) -> NodeSet:
    """Sort nodes by document order and drop doubles."""
    unique = {id(node): node for node in nodes}
    return NodeSet(sorted(unique.values(), key=lambda node: node.order))


def text_to_number(text: str, zone: tzinfo = UTC) -> float:
    """Read a text as a number: digits by XPath's grammar, dates as days since 1970, else NaN."""
    if NUMBER.fullmatch(text):
        return float(text)
    return days(text, zone)


def to_number(value: Value, zone: tzinfo = UTC) -> float:
    """Turn any value into a number; ``zone`` matters only for texts that are date-times."""
    kind = type(value)
    if kind is float:
        return value  # type: ignore[return-value]  # the exact type was just tested
    if kind is str:
        return text_to_number(value, zone)  # type: ignore[arg-type]  # as above
    if isinstance(value, NodeSet):
        return text_to_number(value[0].value(), zone) if value else NAN
    return float(value)


def to_string(value: Value) -> str:
    """Turn any value into a text; a number is written without an exponent."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, NodeSet):
        return value[0].value() if value else ""
    return number_to_text(value)


def number_to_text(number: float) -> str:
    """Write a number as XPath does: ``12``, ``0.05``, ``NaN``, ``-Infinity``; zero has no sign."""
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    if number == int(number) and abs(number) < 1e21:
        return str(int(number))
    return format(Decimal(repr(number)), "f")


def to_boolean(value: Value) -> bool:
    """Turn any value into a condition: not empty, and for a number neither 0 nor NaN."""
    if isinstance(value, float):
        return value != 0 and not math.isnan(value)
    return bool(value)


def each_text(value: Value) -> list[str]:
    """The texts behind a value: one per node, or the value itself."""
    if isinstance(value, NodeSet):
        return [node.value() for node in value]
    return [to_string(value)]


def equal(left: Value, right: Value, zone: tzinfo) -> bool:
    """Tell whether ``left = right`` holds, by XPath's rules and with dates compared as dates."""
    if isinstance(left, NodeSet) or isinstance(right, NodeSet):
        if isinstance(left, bool) or isinstance(right, bool):
            return to_boolean(left) == to_boolean(right)
        return any(equal(a, b, zone) for a in _members(left) for b in _members(right))
    if isinstance(left, bool) or isinstance(right, bool):
        return to_boolean(left) == to_boolean(right)
    if isinstance(left, str) and isinstance(right, str):
        if left == right:
            return True
        # The same instant or day may be written in two ways; other texts must be the same text.
        return days(left, zone) == days(right, zone)
    return to_number(left, zone) == to_number(right, zone)


def unequal(left: Value, right: Value, zone: tzinfo) -> bool:
    """Tell whether ``left != right`` holds: for node-sets, whether any pair differs."""
    if isinstance(left, NodeSet) or isinstance(right, NodeSet):
        if isinstance(left, bool) or isinstance(right, bool):
            return to_boolean(left) != to_boolean(right)
        return any(not equal(a, b, zone) for a in _members(left) for b in _members(right))
    return not equal(left, right, zone)


def _members(value: Value) -> list[str] | tuple[str | float | bool]:
    if isinstance(value, NodeSet):
        return [node.value() for node in value]
    return (value,)
