"""Texts and figures as they are printed: cleaned, formatted, measured."""

import re
import unicodedata
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from math import ceil

from reports.model import Blank, Box, Content, Segment, Text, Value

_WORDS = re.compile(r"[\x21-\u2e7f]+\s*|[^\x21-\u2e7f]\s*")
"""Pieces that a line may break between: words and single Chinese characters."""
_BIDI_CONTROLS = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
_NEVER_FIRST = frozenset("、，。；：！？）》」』】〕”’％")
"""Characters that must not begin a line."""
_UNBROKEN_RUN = 12
"""Half-width characters that may stand together before a line may break inside them."""


def clean_text(text: str) -> str:
    """Removes what no document can hold: control characters, lone surrogates, non-characters.

    Line breaks stay, tabs become spaces, and marks that turn the writing direction go, because
    with them a printed line could read otherwise than it was stored.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    if text.isascii() and text.replace("\n", "").isprintable():
        return text
    return "".join(letter for letter in text if letter == "\n" or _is_storable(letter))


def _is_storable(letter: str) -> bool:
    code = ord(letter)
    return not (
        unicodedata.category(letter) in {"Cc", "Cs"}
        or letter in _BIDI_CONTROLS
        or code == 0xFEFF
        or 0xFDD0 <= code <= 0xFDEF
        or code & 0xFFFE == 0xFFFE
    )


def format_number(number: int | Decimal, number_format: str) -> str:
    """Prints a figure as the spreadsheet would show it under the same number format.

    Halves are rounded away from zero, as spreadsheets do, in exact decimal arithmetic.

    Args:
        number: The figure.
        number_format: `0`, `0.00`, `#,##0`, `#,##0.00` and alike.
    """
    _, _, fraction = number_format.partition(".")
    exact = Decimal(number).quantize(Decimal(1).scaleb(-len(fraction)), ROUND_HALF_UP)
    return f"{exact:,f}" if "," in number_format else f"{exact:f}"


def plain_text(
    content: Content, *, number_format: str = "0", blank: str = "", boxes: str = "□■"
) -> str:
    """Gives a cell's content as one string, for spreadsheets and for measuring.

    Args:
        content: What the cell holds.
        number_format: For figures.
        blank: What an unknown figure prints as.
        boxes: The empty and the ticked box. □ and ■ are part of GB 2312, so every Chinese font
            on every computer and phone has them; ☑ often is drawn from another font or missing.
    """
    match content:
        case None:
            return blank
        case str():
            return clean_text(content)
        case tuple():
            return "".join(_segment_text(segment, boxes) for segment in content)
        case _:
            return format_number(content, number_format)


def _segment_text(segment: Segment, boxes: str) -> str:
    match segment:
        case Text(text) | Value(text):
            return clean_text(text)
        case Box(checked, label):
            return clean_text(label) + boxes[checked]
        case Blank(width):
            return "_" * (2 * width)


def is_wide(letter: str) -> bool:
    """Tells whether a character takes a full Chinese square, in Chinese fonts."""
    return unicodedata.east_asian_width(letter) in "WFA"


def join_lines(text: str) -> str:
    """Makes one line of several: Chinese without a gap, other scripts with a space."""
    first, *rest = text.split("\n")
    joined = first
    for line in rest:
        gap = joined and line and not (is_wide(joined[-1]) or is_wide(line[0]))
        joined += (" " if gap else "") + line
    return joined


def display_width(text: str) -> int:
    """Measures one line in half-width characters."""
    return sum(2 if is_wide(letter) else 1 for letter in text)


def line_count(text: str, width: float) -> int:
    """Counts the lines that a text takes when it wraps at a width in half-width characters.

    Lines break between Chinese characters and between words, and inside words only where one
    word is longer than a line.
    """
    room = max(width, 2.0)
    return sum(_lines_of_paragraph(line, room) for line in text.split("\n"))


def _lines_of_paragraph(text: str, room: float) -> int:
    whole = display_width(text)
    if whole <= room:
        return 1
    if " " not in text:
        # A full square that does not fit leaves half a square free at the end of its line.
        return ceil(whole / (room - room % 2 if not text.isascii() else room))
    lines, used = 1, 0.0
    for word in _WORDS.findall(text):
        wide = display_width(word)
        if used + display_width(word.rstrip()) <= room:
            used += wide
            continue
        lines += 1 if used else 0
        lines += max(0, ceil(wide / room) - 1)
        used = wide % room if wide > room else wide
    return lines


def balance_lines(text: str, width: int) -> str:
    """Breaks a Chinese name into lines of nearly equal length, as few as the width allows.

    Args:
        text: The name. It stays as it is when it is not in Chinese squares; breaks of its own
            are kept when they suffice.
        width: Characters that fit into a line.
    """
    rest = text.replace("\n", "")
    fits = all(len(line) <= width for line in text.split("\n"))
    if fits or width < 2 or not all(map(is_wide, rest)):
        return text
    lines: list[str] = []
    while rest:
        take = ceil(len(rest) / ceil(len(rest) / width))
        if rest[take : take + 1] in _NEVER_FIRST and take < len(rest):
            take += 1 if take < width else -1
        lines.append(rest[:take])
        rest = rest[take:]
    return "\n".join(lines)


def breakable(text: str) -> str:
    """Allows line breaks inside very long unbroken runs, such as addresses of web pages."""
    if len(text) <= _UNBROKEN_RUN:
        return text
    parts: list[str] = []
    run = 0
    for letter in text:
        run = 0 if letter.isspace() or is_wide(letter) else run + 1
        if run > _UNBROKEN_RUN:
            parts.append("\u200b")
            run = 1
        parts.append(letter)
    return "".join(parts)


def split_text(text: str, size: int) -> Sequence[str]:
    """Cuts a text into pieces of at most `size` characters, losing none."""
    return [text[start : start + size] for start in range(0, len(text), size)] or [""]
