"""Reads what one line says about one item, from left to right."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from campaigns.definition import Form, Question
from campaigns.dependencies import is_askable
from campaigns.entry_words import (
    GAP,
    MONEY_UNITS,
    PAIR,
    PART_WORDS,
    Amount,
    answer_words,
    choice_words,
    convert_money,
    money_unit,
    narrow_in_place,
    read_amount,
    word_at,
    words_of,
)
from campaigns.expressions import ExpressionError, Scope

NUMERIC = ("integer", "decimal")
TEXTUAL = ("remark", "confiscated")
SOME_TIME = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Refused:
    """A part of a line that was not taken.

    Args:
        text: The part as it was typed, to be shown to its author only.
        reason: ``does_not_fit`` (the item has no such part), ``contradicts`` (not with this
            answer), ``not_understood``, ``unknown_item``, ``which_item`` (6 where there are 6a
            and 6b), ``computed`` (nobody types this item), ``no_item``.
        item: The item's number as far as it is known.
    """

    text: str
    reason: str
    item: str


@dataclass(frozen=True, slots=True)
class Conversion:
    """An amount that was typed in another unit than it is stored in.

    Args:
        name: The question.
        typed: Digits and unit as typed, such as ``2000元``.
        value: Digits as stored.
        unit: The unit of ``value``, such as 万元.
    """

    name: str
    typed: str
    value: str
    unit: str


@dataclass(frozen=True, slots=True)
class EntryPart:
    """What one line says about one item.

    Args:
        item: The item's number as the form has it; as typed when there is no such item.
        assignments: Question names and values, in the order in which the engine can take them.
        refused: What was not taken.
        conversions: Amounts that the reply should show as converted.
    """

    item: str
    assignments: tuple[tuple[str, str], ...] = ()
    refused: tuple[Refused, ...] = ()
    conversions: tuple[Conversion, ...] = ()


class LineReader:
    """Reads what follows an item number, from left to right."""

    def __init__(self, form: Form, item: str, line: str) -> None:
        self.form = form
        self.item = item
        self.line = line
        self.plain = narrow_in_place(line)
        questions = [q for q in form.items[item] if is_askable(q)]
        self.by_part: dict[str, Question] = {}
        for question in questions:
            self.by_part.setdefault(question.part, question)
        self.main = self.by_part.get("main")
        self.numeric = [q for q in questions if q.type in NUMERIC]
        self.words = sorted(
            ((word, part) for part, word in self._part_words()),
            key=lambda pair: len(pair[0]),
            reverse=True,
        )
        self.values: dict[str, str] = {}
        self.sources: dict[str, str] = {}
        self.refused: list[Refused] = []
        self.conversions: list[Conversion] = []

    def _part_words(self) -> list[tuple[str, str]]:
        known = [(part, word) for part, words in PART_WORDS.items() for word in words]
        own = [
            (question.part, word)
            for question in self.by_part.values()
            for word in words_of(question)
            if question.part not in ("", "main", "photo")
        ]
        return [*known, *own]

    def read(self) -> EntryPart:
        if all(not is_askable(q) or q.on_request for q in self.form.items[self.item]) and not any(
            word_at(self.plain, len(self.plain) - len(self.plain.lstrip()), word)
            for word in PART_WORDS["remark"]
        ):
            refused = Refused(self.line.strip(), "computed", self.item)
            return EntryPart(self.item, (), (refused,))
        place = 0
        while (place := self._skip(place)) < len(self.plain):
            place = self._piece(place)
        if not self.values and not self.refused:
            self.refuse("", "not_understood")
        self._settle_main()
        order = {q.name: index for index, q in enumerate(self.form.items[self.item])}
        assignments = sorted(self.values.items(), key=lambda pair: order[pair[0]])
        return EntryPart(
            self.item, tuple(assignments), tuple(self.refused), tuple(self.conversions)
        )

    def _skip(self, place: int) -> int:
        gap = GAP.match(self.plain, place)
        return gap.end() if gap is not None else place

    def _piece(self, place: int) -> int:
        """Take the piece at a place and give the place behind it."""
        if self.main is not None and self.main.name not in self.values:
            for word, choice in choice_words(self.main):
                if word_at(self.plain, place, word):
                    return self.take(self.main, choice.name, place, place + len(word))
        announced = self._announced(place)
        if announced is not None:
            word, part = announced
            return self._worded(part, place, place + len(word))
        pair = PAIR.match(self.plain, place)
        if pair is not None:
            return self._pair(pair)
        amount = read_amount(self.plain, place)
        if amount is not None:
            return self._bare(amount, place)
        return self._loose(place)

    def _announced(self, place: int) -> tuple[str, str] | None:
        """Find the word that announces a part here.

        A word for a number that this item does not have, with no number behind it, announces
        nothing: in ``7 有 违规使用设备`` it only begins a remark.
        """
        for word, part in self.words:
            if word_at(self.plain, place, word):
                numberless = read_amount(self.plain, self._skip(place + len(word))) is None
                if part in self.by_part or part in TEXTUAL or not numberless:
                    return word, part
        return None

    def _worded(self, part: str, place: int, after: int) -> int:
        """Take a part that is announced by its word, such as 罚 or 没收."""
        question = self.by_part.get(part)
        start = self._skip(after)
        if question is not None and question.type in NUMERIC:
            amount = read_amount(self.plain, start)
            if amount is None:
                end = self._until_word(start, to_end=False)
                self.refuse(self.line[place:end], "not_understood")
                return end
            return self._number(question, amount, place, start)
        if question is None:
            amount = None if part in TEXTUAL else read_amount(self.plain, start)
            end = amount.end if amount else self._until_word(start, to_end=part == "remark")
            self.refuse(self.line[place:end], "does_not_fit")
            return end
        end = self._until_word(start, to_end=part == "remark")
        words = self.line[start:end].strip()
        if not words:
            self.refuse(self.line[place:end], "not_understood")
            return end
        return self.take(question, words, place, end)

    def _pair(self, pair: re.Match[str]) -> int:
        sampled, violating = self.by_part.get("sampled"), self.by_part.get("violating")
        if sampled is None or violating is None:
            self.refuse(self.line[pair.start() : pair.end()], "does_not_fit")
        else:
            self.take(sampled, pair[1], pair.start(), pair.end())
            self.take(violating, pair[2], pair.start(), pair.end())
        end = pair.end()
        return end + 1 if self.plain[end : end + 1] == "人" else end

    def _bare(self, amount: Amount, place: int) -> int:
        """Give a number without a word to the part that is counted in its unit, or is next."""
        free = [q for q in self.numeric if q.name not in self.values]
        is_money = amount.unit in MONEY_UNITS
        fitting = [q for q in free if (q.part == "fine") == is_money]
        exact = [q for q in fitting if amount.unit and q.columns.get("x_unit") == amount.unit]
        chosen = next(iter(exact or fitting), None)
        if chosen is None:
            self.refuse(self.line[place : amount.end], "does_not_fit")
            return amount.end
        return self._number(chosen, amount, place, place)

    def _number(self, question: Question, amount: Amount, place: int, start: int) -> int:
        value = amount.number
        if question.part == "fine":
            value, converted = convert_money(amount, question)
            if converted and question.name not in self.values:
                typed = "".join(self.line[start : amount.end].split())
                self.conversions.append(
                    Conversion(question.name, typed, value, money_unit(question))
                )
        return self.take(question, value, place, amount.end)

    def _loose(self, place: int) -> int:
        """Take words that nothing announces: the remark of an item that is already answered."""
        remark = self.by_part.get("remark")
        end = self._until_word(place, to_end=False)
        piece = re.split(r"[\s,，、]", self.plain[place:end], maxsplit=1)[0]
        if piece in answer_words(self.form):
            # An answer where there is none to give (``1 无``), or a second one (``3 有 无``).
            self.refuse(piece, "does_not_fit" if self.main is None else "contradicts")
            return place + len(piece)
        if not any(letter.isalnum() for letter in self.plain[place:end]):
            self.refuse(self.line[place:end], "not_understood")
            return end
        if remark is not None and self.values and remark.name not in self.values:
            return self.take(remark, self.line[place:end].strip(), place, end)
        self.refuse(self.line[place:end], "not_understood")
        return end

    def _until_word(self, place: int, *, to_end: bool) -> int:
        """The end of a text: the end of the line, or the next part's word after a blank."""
        if to_end:
            return len(self.plain)
        for gap in re.finditer(r"[\s,，、]+", self.plain[place:]):
            start = place + gap.end()
            if self._announced(start) is not None:
                return place + gap.start()
        return len(self.plain)

    def take(self, question: Question, value: str, place: int, end: int) -> int:
        typed = self.line[place:end].strip()
        if question.name in self.values:
            self.refuse(typed, "does_not_fit")
        else:
            self.values[question.name] = value
            self.sources[question.name] = typed
        return end

    def refuse(self, text: str, reason: str) -> None:
        self.refused.append(Refused(text.strip(), reason, self.item))

    def _settle_main(self) -> None:
        """Let parts that need a certain answer agree with it: infer it, or refuse the parts.

        ``30b 2`` means 有, ``30b 0`` means 无, and in ``28 无 罚0.2`` the fine is refused.
        """
        main = self.main
        if main is None:
            return
        parts = [
            question
            for question in self.by_part.values()
            if question.name in self.values
            and question.relevant is not None
            and question.relevant.references == frozenset({main.name})
        ]
        if not parts:
            return
        if main.name not in self.values:
            self._infer(main, parts)
        chosen = self.values.get(main.name)
        for question in parts:
            if chosen is not None and not _relevant_with(question, {main.name: chosen}):
                empty = self.values.pop(question.name).strip("0.") == ""
                self.conversions = [c for c in self.conversions if c.name != question.name]
                if not (empty and question.type in NUMERIC):
                    self.refuse(self.sources[question.name], "contradicts")

    def _infer(self, main: Question, parts: list[Question]) -> None:
        zero = all(q.type in NUMERIC and self.values[q.name].strip("0.") == "" for q in parts)
        fitting = [
            choice.name
            for choice in main.choices
            if all(_relevant_with(q, {main.name: choice.name}) != zero for q in parts)
        ]
        if len(fitting) == 1:
            self.values[main.name] = fitting[0]


def _relevant_with(question: Question, values: Mapping[str, str]) -> bool:
    if question.relevant is None:
        return True
    try:
        return question.relevant.as_boolean(Scope(values, SOME_TIME))
    except ExpressionError:
        return True
