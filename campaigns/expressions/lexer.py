"""Cuts the source of an expression into tokens.

Source: XPath 1.0, section 3.7 "Lexical Structure", with ``${name}`` of XLSForm added.
"""

import re
from dataclasses import dataclass

from campaigns.expressions.errors import (
    FULL_WIDTH,
    OPEN_TEXT,
    SMART_QUOTE,
    SYNTAX,
    VARIABLE,
    ExpressionError,
)

NAME = r"[^\W\d][\w.\-·]*"
TOKEN = re.compile(
    rf"""
    (?P<space>[ \t\r\n\xa0]+)
  | (?P<number>[0-9]+(?:\.[0-9]*)?|\.[0-9]+)
  | (?P<text>"[^"]*"|'[^']*')
  | (?P<reference>\$\{{\s*(?:last-saved\#)?{NAME}\s*\}})
  | (?P<name>{NAME}(?::(?!:)(?:{NAME}|\*))?)
  | (?P<mark>::|//|\.\.|!=|<=|>=|[()\[\].@,/|+\-=<>*])
    """,
    re.VERBOSE,
)

# ``1 div2``: the engines of the field let an operator touch the number behind it.
GLUED_OPERATOR = re.compile(r"(and|or|div|mod)[0-9]")
SMART_QUOTES = "“”‘’„‚«»＂＇"
OPERATOR_NAMES = frozenset({"and", "or", "div", "mod"})
NEVER_BEFORE_OPERATOR = frozenset(
    {"::", "//", "!=", "<=", ">=", "(", "[", "@", ",", "/", "|", "+", "-", "=", "<", ">"}
)


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of source: its kind (number, text, reference, name, mark, operator, end)."""

    kind: str
    value: str
    position: int


def tokens(source: str) -> list[Token]:
    """Cut a source into tokens, the last of kind ``end``.

    Raises:
        ExpressionError: For characters that no expression has, with a code of its own for the
            curly quotes and full-width signs that spreadsheets and input methods slip in.
    """
    found: list[Token] = []
    position = 0
    while position < len(source):
        match = TOKEN.match(source, position)
        if match is None or match.lastgroup is None:
            raise _stray(source, position)
        kind, value = match.lastgroup, match[0]
        glued = GLUED_OPERATOR.match(value) if kind == "name" else None
        if glued is not None and _after_operand(found):
            value = glued[1]
            found.append(Token("operator", value, position))
            position += len(value)
            continue
        if kind == "reference":
            value = value[2:-1].strip()
        if kind != "space":
            found.append(_settle(kind, value, position, found))
        position = match.end()
    found.append(Token("end", "", len(source)))
    return found


def _settle(kind: str, value: str, position: int, before: list[Token]) -> Token:
    """Decide whether ``*``, ``and``, ``or``, ``div``, ``mod`` are operators here (section 3.7)."""
    could_be = value == "*" or (kind == "name" and value in OPERATOR_NAMES)
    return Token("operator" if could_be and _after_operand(before) else kind, value, position)


def _after_operand(before: list[Token]) -> bool:
    if not before:
        return False
    last = before[-1]
    return not (
        last.kind == "operator" or (last.kind == "mark" and last.value in NEVER_BEFORE_OPERATOR)
    )


def _stray(source: str, position: int) -> ExpressionError:
    character = source[position]
    if character in SMART_QUOTES:
        return ExpressionError(SMART_QUOTE, position, character=character)
    if character in "\"'":
        return ExpressionError(OPEN_TEXT, position)
    if character == "$":
        return ExpressionError(VARIABLE, position)
    if "\uff01" <= character <= "\uff5e" or character in "，。、；：（）《》【】":
        return ExpressionError(FULL_WIDTH, position, character=character)
    return ExpressionError(SYNTAX, position)
