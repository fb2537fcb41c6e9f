"""The words that one-line entries are made of, and how amounts of money are written."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from campaigns.definition import Choice, Form, Question

# What people write before the value of a part, by x_part. Longer words win over shorter ones.
PART_WORDS: Mapping[str, tuple[str, ...]] = {
    "fine": ("罚款", "罚", "fined", "fine"),
    "confiscated": ("没收", "confiscated", "confiscate"),
    "remark": ("备注", "说明", "remarks", "remark", "note"),
    "count": ("人数", "persons", "number"),
    "sampled": ("抽查人数", "抽查", "抽", "sampled", "sample"),
    "violating": ("违法违规人数", "违法违规", "违法", "违规", "violating", "violations"),
}
# Words for the two answers of a yes/no list whatever its labels are, by the choice's name.
YES_NO: Mapping[str, tuple[str, ...]] = {
    "yes": ("有", "是", "yes", "y"),
    "no": ("没有", "无", "没", "否", "no", "n"),
}
# What may follow a count; ``20人`` is an answer by itself, not item 20.
COUNTERS = "人名位条个家起件次项张份例台支盒批处所户天年月日时分万元块"
MONEY_UNITS: Mapping[str, Decimal] = {
    "万元": Decimal(10_000),
    "万": Decimal(10_000),
    "元": Decimal(1),
    "块": Decimal(1),
    "yuan": Decimal(1),
}
PAIR = re.compile(r"([0-9]+)[ \t]*/[ \t]*([0-9]+)")
GAP = re.compile(r"[\s,，、:：;；]+|\.(?![0-9])")
NUMBER = re.compile(r"-?(?:[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])|[0-9]+)?(?:\.[0-9]+)?")
# Only what a Chinese keyboard types for ASCII, so that every character keeps its place.
NARROW = {0x3000: 0x20, 0x3002: 0x2E} | {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


def narrow_in_place(text: str) -> str:
    """Turn full-width signs into plain ones, character by character, in lower case."""
    plain = text.translate(NARROW)
    lowered = plain.lower()
    return lowered if len(lowered) == len(plain) else plain


@dataclass(frozen=True, slots=True)
class Amount:
    """A number as it stands in a line: its digits, the unit behind it, and where it ends."""

    number: str
    unit: str
    end: int


def read_amount(plain: str, place: int) -> Amount | None:
    """Read a number and the unit of money or count behind it; None when there is none."""
    match = NUMBER.match(plain, place)
    if match is None or not match[0].strip("-."):
        return None
    number = match[0].replace(",", "")
    end = match.end()
    behind = re.compile(r"[ \t]*").match(plain, end)
    start = behind.end() if behind is not None else end
    for unit in MONEY_UNITS:
        if plain.startswith(unit, start):
            return Amount(number, unit, start + len(unit))
    if end < len(plain) and plain[end] in COUNTERS:
        return Amount(number, plain[end], end + 1)
    return Amount(number, "", end)


def money_unit(question: Question) -> str:
    """The unit that an amount of money is stored in: 万元 or 元.

    It stands in the column ``x_unit``, or is read from the question's own wording.
    """
    unit = question.columns.get("x_unit", "")
    if unit in MONEY_UNITS:
        return unit
    return "万元" if any("万元" in label for label in question.labels.values()) else "元"


def convert_money(amount: Amount, question: Question) -> tuple[str, bool]:
    """Write an amount in the question's own unit, exactly.

    Returns:
        The digits, and whether they had to be converted, so that the reply can show it.
    """
    if amount.unit not in MONEY_UNITS:
        return amount.number, False
    typed, stored = MONEY_UNITS[amount.unit], MONEY_UNITS[money_unit(question)]
    if typed == stored:
        return amount.number, False
    # Powers of ten only, so that nothing is rounded.
    converted = Decimal(amount.number) * typed / stored
    written = format(converted, "f")
    return (written.rstrip("0").rstrip(".") if "." in written else written), True


def words_of(question: Question) -> tuple[str, ...]:
    """The words that announce this part of an item: fixed ones, and what the form calls it."""
    own = [
        text
        for header, text in question.columns.items()
        if header.startswith(("x_prompt", "x_short")) and question.part != "main"
    ]
    named = [text.lower() for text in own] + ([question.part] if question.part else [])
    return tuple(dict.fromkeys([*PART_WORDS.get(question.part, ()), *named]))


@lru_cache(maxsize=64)
def answer_words(form: Form) -> tuple[str, ...]:
    """Every word that chooses something in any item of the form, the longest first."""
    words = {word for group in YES_NO.values() for word in group}
    for questions in form.items.values():
        for question in questions:
            words.update(word for word, _ in choice_words(question))
    return tuple(sorted(words, key=len, reverse=True))


def word_at(plain: str, place: int, word: str) -> bool:
    """Tell whether a word stands at a place; Latin words must end there."""
    if not word or not plain.startswith(word, place):
        return False
    following = plain[place + len(word) : place + len(word) + 1]
    latin_end = word[-1].isascii() and word[-1].isalnum()
    return not (latin_end and following.isascii() and following.isalpha())


def choice_words(question: Question) -> list[tuple[str, Choice]]:
    """The words that choose each choice: its labels, its name, and yes or no in other words."""
    found: dict[str, Choice] = {}
    for choice in question.choices:
        for word in (choice.name, *choice.labels.values()):
            found.setdefault(narrow_in_place(word).strip(), choice)
    for choice in question.choices:
        for word in YES_NO.get(choice.name, ()):
            found.setdefault(word, choice)
    return sorted(found.items(), key=lambda pair: len(pair[0]), reverse=True)
