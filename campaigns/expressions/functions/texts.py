"""Functions on texts.

Source: XPath 1.0, section 4.2; ODK XForms specification, "Functions" (strings).
"""

import base64
import binascii
import hashlib
import math
import re
import uuid
from functools import lru_cache

from campaigns.expressions.errors import UNSAFE_PATTERN, ExpressionError
from campaigns.expressions.functions.patterns import compile_pattern
from campaigns.expressions.functions.registry import Function
from campaigns.expressions.scope import Scope
from campaigns.expressions.syntax import Call, Text
from campaigns.expressions.values import NodeSet, Value, each_text, to_number, to_string

SPACE = " \t\r\n"


def _own(scope: Scope) -> str:
    return scope.value if scope.node is None else scope.node.value()


def _string(scope: Scope, value: Value | None = None) -> str:
    return _own(scope) if value is None else to_string(value)


def _concat(_scope: Scope, *values: Value) -> str:
    return "".join("".join(each_text(value)) for value in values)


def _join(_scope: Scope, glue: Value, *values: Value) -> str:
    return to_string(glue).join(text for value in values for text in each_text(value))


def _contains(_scope: Scope, text: Value, part: Value) -> bool:
    return to_string(part) in to_string(text)


def _starts_with(_scope: Scope, text: Value, part: Value) -> bool:
    return to_string(text).startswith(to_string(part))


def _ends_with(_scope: Scope, text: Value, part: Value) -> bool:
    return to_string(text).endswith(to_string(part))


def _substring_before(_scope: Scope, text: Value, part: Value) -> str:
    before, found, _ = to_string(text).partition(to_string(part)) if part else ("", "", "")
    return before if found else ""


def _substring_after(_scope: Scope, text: Value, part: Value) -> str:
    whole, mark = to_string(text), to_string(part)
    return whole.partition(mark)[2] if mark else whole


def _round_half_up(number: float) -> float:
    return math.floor(number + 0.5) if math.isfinite(number) else number


def _substring(scope: Scope, text: Value, start: Value, length: Value | None = None) -> str:
    """Cut by XPath's rule: 1-based, rounded, characters whose place lies in the window."""
    whole = to_string(text)
    first = _round_half_up(to_number(start, scope.zone))
    end = math.inf
    if length is not None:
        end = first + _round_half_up(to_number(length, scope.zone))
    return "".join(letter for place, letter in enumerate(whole, start=1) if first <= place < end)


def _substr(scope: Scope, text: Value, start: Value, end: Value | None = None) -> str:
    """Cut by ODK's rule: 0-based, the end not included, negative counted from the end."""
    whole = to_string(text)
    first = to_number(start, scope.zone)
    last = float(len(whole)) if end is None else to_number(end, scope.zone)
    if not math.isfinite(first) or last != last:
        return ""
    last = min(last, len(whole)) if math.isfinite(last) else len(whole)
    return whole[int(first) : int(last)]


def _string_length(scope: Scope, value: Value | None = None) -> float:
    return float(len(_own(scope) if value is None else to_string(value)))


def _normalize_space(scope: Scope, value: Value | None = None) -> str:
    text = _own(scope) if value is None else to_string(value)
    return " ".join(part for part in re.split(f"[{SPACE}]+", text) if part)


def _translate(_scope: Scope, text: Value, old: Value, new: Value) -> str:
    replacements: dict[int, str | None] = {}
    fresh = to_string(new)
    for place, letter in enumerate(to_string(old)):
        replacements.setdefault(ord(letter), fresh[place] if place < len(fresh) else None)
    return to_string(text).translate(replacements)


@lru_cache(maxsize=512)
def _pattern(source: str) -> re.Pattern[str]:
    return compile_pattern(source)


def _regex(scope: Scope, text: Value, pattern: Value) -> bool:
    subject = to_string(text)
    scope.spend(len(subject))
    return _pattern(to_string(pattern)).fullmatch(subject) is not None


def _check_regex(call: Call) -> None:
    pattern = call.arguments[1]
    if isinstance(pattern, Text):
        try:
            _pattern(pattern.value)
        except ExpressionError as error:
            raise ExpressionError(UNSAFE_PATTERN, call.position) from error


HASHES = {
    "md5": "md5",
    "sha-1": "sha1",
    "sha-256": "sha256",
    "sha-384": "sha384",
    "sha-512": "sha512",
}


def _digest(_scope: Scope, text: Value, algorithm: Value, encoding: Value = "base64") -> str:
    name = HASHES.get(to_string(algorithm).lower())
    if name is None:
        return ""
    found = hashlib.new(name, to_string(text).encode(), usedforsecurity=False)
    if to_string(encoding).lower() == "hex":
        return found.hexdigest()
    return base64.b64encode(found.digest()).decode()


def _base64_decode(_scope: Scope, text: Value) -> str:
    try:
        return base64.b64decode(to_string(text), validate=True).decode("utf-8", "replace")
    except binascii.Error:
        return ""


def _uuid(scope: Scope, _length: Value | None = None) -> str:
    # Repeatable on purpose: a draft that is opened again must not change its values.
    return str(uuid.UUID(int=scope.seed & ((1 << 128) - 1), version=4))


def _name(scope: Scope, value: Value | None, *, prefixed: bool) -> str:
    node = scope.node
    if value is not None:
        node = value[0] if isinstance(value, NodeSet) and value else None
    if node is None or node.kind not in ("element", "attribute", "processing-instruction"):
        return ""
    return f"{node.prefix}:{node.name}" if prefixed and node.prefix else node.name


def _namespace_uri(scope: Scope, value: Value | None = None) -> str:
    node = scope.node
    if value is not None:
        node = value[0] if isinstance(value, NodeSet) and value else None
    return node.uri if node is not None else ""


FUNCTIONS = (
    Function("string", _string, 0, 1),
    Function("concat", _concat, 0, None),
    Function("join", _join, 1, None, takes_nodes=True),
    Function("contains", _contains, 2, 2),
    Function("starts-with", _starts_with, 2, 2),
    Function("ends-with", _ends_with, 2, 2),
    Function("substring-before", _substring_before, 2, 2),
    Function("substring-after", _substring_after, 2, 2),
    Function("substring", _substring, 2, 3),
    Function("substr", _substr, 2, 3),
    Function("string-length", _string_length, 0, 1),
    Function("normalize-space", _normalize_space, 0, 1),
    Function("translate", _translate, 3, 3),
    Function("regex", _regex, 2, 2, check=_check_regex),
    Function("digest", _digest, 2, 3),
    Function("base64-decode", _base64_decode, 1, 1),
    Function("uuid", _uuid, 0, 1),
    Function("name", lambda scope, v=None: _name(scope, v, prefixed=True), 0, 1, takes_nodes=True),
    Function(
        "local-name", lambda scope, v=None: _name(scope, v, prefixed=False), 0, 1, takes_nodes=True
    ),
    Function("namespace-uri", _namespace_uri, 0, 1, takes_nodes=True),
)
