"""One-line entry: ``1 20/1``, ``7 有 备注…``, ``28 有 罚0.2 没收 设备1台``, ``30b 有 2``.

An inspector at a clinic without signal types lines that begin with the printed item number; they
arrive in a burst and are applied by number. What a line says is matched with the parts of its
item (``x_part``) and with names and labels of its choices, never with one plan's questions. A
part that does not fit is refused by name and the rest is kept. The engine then judges the values.
"""

import re
from dataclasses import dataclass
from itertools import pairwise

from campaigns.definition import Form
from campaigns.entry_line import Conversion, EntryPart, LineReader, Refused
from campaigns.entry_words import (
    COUNTERS,
    GAP,
    PAIR,
    PART_WORDS,
    answer_words,
    narrow_in_place,
    word_at,
)

__all__ = ["Conversion", "EntryPart", "Refused", "find_item", "parse_entry"]

ITEM_START = re.compile(
    r"\s*(?:第\s*|item\s*|no\.?\s*|#\s*)?"
    r"(?P<number>[0-9]{1,3}(?:[.-][0-9]{1,2})?)(?P<letter>[a-z]?)"
)
AFTER_ITEM = re.compile(r"\s*(?:号项|项|题|号)?\s*(?:[:)、]|[.,](?![0-9]))?\s*")


def find_item(form: Form, line: str) -> tuple[str, str] | None:
    """Read the item number at the start of a line, such as a photo's caption.

    Returns:
        The item as the form has it and the rest of the line; None when no item stands there.
    """
    plain = narrow_in_place(line)
    alone = ITEM_START.match(plain)
    gap = AFTER_ITEM.match(plain, alone.end()) if alone is not None else None
    if alone is not None and gap is not None and gap.end() == len(plain):
        number = (alone["number"].lstrip("0") or "0") + alone["letter"]
        item = next((item for item in form.items if item.lower() == number), None)
        return (item, "") if item is not None else None
    start = _item_start(form, line)
    if start is None or start.item not in form.items:
        return None
    return start.item, line[start.end :].strip()


def parse_entry(form: Form, text: str) -> tuple[EntryPart, ...] | None:
    """Read a message of one or more entries.

    Args:
        form: The checklist, whose items carry ``x_item`` and ``x_part``.
        text: Lines, or items separated by semicolons; digits and signs of any width.

    Returns:
        One part per line, in order; None when the message is no entry at all, so that it is an
        answer or a remark to the item that is shown.
    """
    parts: list[EntryPart] = []
    for separator, segment in _segments(form, text):
        start = _item_start(form, segment)
        if start is None:
            continued = parts and _continue_remark(form, parts[-1], separator + segment)
            if continued:
                parts[-1] = continued
            else:
                parts.append(EntryPart("", (), (Refused(segment.strip(), "no_item", ""),)))
        elif start.reason:
            refused = Refused(segment.strip(), start.reason, start.item)
            parts.append(EntryPart(start.item, (), (refused,)))
        else:
            parts.append(LineReader(form, start.item, segment[start.end :]).read())
    meant = any(
        part.assignments
        or any(refused.reason not in ("no_item", "not_understood") for refused in part.refused)
        for part in parts
    )
    return tuple(parts) if meant else None


def _segments(form: Form, text: str) -> list[tuple[str, str]]:
    """Cut a message at line ends, semicolons and where the next item begins.

    Each piece comes with the separator before it.
    """
    pieces = re.split(r"([\r\n]+|[;；])", text)
    separators = ["", *pieces[1::2]]
    found: list[tuple[str, str]] = []
    for separator, piece in zip(separators, pieces[::2], strict=True):
        if piece.strip():
            first, *further = _split_items(form, piece)
            found.append((separator if separator in ";；" else "\n", first))
            found.extend((",", one) for one in further)
    return found


def _split_items(form: Form, line: str) -> list[str]:
    """Cut a line such as ``3 有，4 无`` or ``3有 4无``; what follows the word 备注 stays whole."""
    plain = narrow_in_place(line)
    remarks = [place for word in PART_WORDS["remark"] if (place := plain.find(word)) >= 0]
    cuts = [0]
    for gap in re.finditer(r"[\s,，、]+", plain[: min(remarks, default=len(plain))]):
        if _item_start(form, line[cuts[-1] : gap.start()]) is None:
            continue
        start = _item_start(form, line[gap.end() :])
        if start is None or start.reason:
            continue
        rest = plain[gap.end() + start.end :]
        glued = not plain[gap.end() + start.end - 1].isspace()
        if (gap[0].strip() or glued) and _is_plain_answer(form, rest):
            cuts.append(gap.end())
    return [line[a:b].rstrip(" ,，、") for a, b in pairwise([*cuts, len(line)])]


def _is_plain_answer(form: Form, rest: str) -> bool:
    """Tell whether a line goes on with a choice or a pair that stands by itself."""
    pair = PAIR.match(rest)
    ends = [pair.end()] if pair is not None else []
    ends.extend(len(word) for word in answer_words(form) if word_at(rest, 0, word))
    return any(not rest[end:] or GAP.match(rest, end) is not None for end in ends)


def _continue_remark(form: Form, part: EntryPart, text: str) -> EntryPart | None:
    """Append a line without a number to the remark that the line before ended with."""
    if not part.assignments or part.refused:
        return None
    name, value = part.assignments[-1]
    if form.by_name[name].part != "remark":
        return None
    longer = (name, f"{value}{text}".rstrip())
    return EntryPart(part.item, (*part.assignments[:-1], longer), (), part.conversions)


@dataclass(frozen=True, slots=True)
class _Start:
    """The item number at the start of a line, where it ends, and what is wrong with it."""

    item: str
    end: int
    reason: str = ""


def _item_start(form: Form, line: str) -> _Start | None:
    plain = narrow_in_place(line)
    match = ITEM_START.match(plain)
    if match is None:
        return None
    ids = {item.lower(): item for item in form.items}
    number = match["number"].lstrip("0") or "0"
    lettered = f"{number}{match['letter']}"
    announced = match.start("number") > 0 and not plain[: match.start("number")].isspace()
    if lettered in ids and (match["letter"] or number in ids):
        item, end = ids[lettered], match.end()
        if match["letter"] and plain[end : end + 1].isalpha() and plain[end].isascii():
            # ``4yes`` is item 4; only a letter by itself belongs to the number.
            item, end = ids.get(number, ""), match.end("number")
    elif number in ids:
        item, end = ids[number], match.end("number")
    else:
        item, end = "", match.end()
    gap = AFTER_ITEM.match(plain, end)
    after = gap.end() if gap is not None else end
    rest = plain[after:]
    said = _says_something(form, rest)
    if not item:
        family = [known for known in ids if re.fullmatch(rf"{re.escape(number)}[a-z]", known)]
        # A number that is no item begins an entry only when an entry's words follow.
        if not said or (after == end and rest[:1].isdigit()):
            return None
        return _Start(lettered, after, "which_item" if family else "unknown_item")
    if after == end and not announced and not said:
        return None
    if rest[:1] in COUNTERS and rest[:1] and not said:
        return None
    if after == end and (rest[:1] in "/.-+*=%" or rest[:1].isdigit()):
        return None
    return _Start(item, after)


def _says_something(form: Form, rest: str) -> bool:
    """Tell whether a line goes on as an entry does: an answer, a pair, or a part's word."""
    if PAIR.match(rest):
        return True
    words = (*answer_words(form), *(word for group in PART_WORDS.values() for word in group))
    return any(word_at(rest, 0, word) for word in words)
