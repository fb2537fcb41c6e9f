"""integer: a whole number, as people type numbers on a phone."""

import re

from campaigns.definition import Question
from campaigns.question_types.base import AnswerError, Moment, QuestionType
from campaigns.question_types.widths import narrow

# Counts of persons, documents and pieces stay far below; more digits are a slip or a phone number.
MAX_DIGITS = 9
NUMBER = re.compile(r"([+-]?)(\d{1,3}(?:,\d{3})+|\d+)(\.\d*)?", re.ASCII)
# What people write behind a count; the unit itself is part of the question.
COUNTERS = "人名位条个家起件次项张份例台支盒批处所户天"


def normalise(question: Question, raw: str, _moment: Moment) -> str:
    """Accept ``12``, ``１２``, ``1,200``, ``12人``, ``12.0``; no fractions or absurd sizes."""
    text = narrow(raw)
    unit = question.columns.get("x_unit", "")
    if unit and text.endswith(unit):
        text = text.removesuffix(unit).rstrip()
    elif len(text) > 1 and text[-1] in COUNTERS:
        text = text[:-1].rstrip()
    match = NUMBER.fullmatch(text)
    if match is None:
        raise AnswerError("not_a_number")
    if (match[3] or "").strip(".0"):
        raise AnswerError("not_whole")
    digits = match[2].replace(",", "").lstrip("0") or "0"
    if len(digits) > MAX_DIGITS:
        raise AnswerError("out_of_range", digits=MAX_DIGITS)
    return f"-{digits}" if match[1] == "-" and digits != "0" else digits


TYPE = QuestionType("integer", normalise, aliases=("int",))
