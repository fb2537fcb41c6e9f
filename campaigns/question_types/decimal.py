"""decimal: a number with a fraction, kept digit by digit so that money stays exact."""

import re

from campaigns.definition import Question
from campaigns.question_types.base import AnswerError, Moment, QuestionType
from campaigns.question_types.widths import narrow

# 10^12 of anything is beyond what a province can fine; fractions end at what XLSForm tools keep.
MAX_WHOLE_DIGITS = 12
MAX_FRACTION_DIGITS = 9
NUMBER = re.compile(r"([+-]?)(\d{1,3}(?:,\d{3})+|\d*)(?:\.(\d*))?", re.ASCII)


def normalise(question: Question, raw: str, _moment: Moment) -> str:
    """Accept ``0.2``, ``０.２``, ``.5``, ``1,200.50``; the fraction stays as typed."""
    text = narrow(raw)
    unit = question.columns.get("x_unit", "")
    if unit:
        text = text.removesuffix(unit).rstrip()
    match = NUMBER.fullmatch(text)
    if match is None or not (match[2] or match[3]):
        raise AnswerError("not_a_number")
    whole = match[2].replace(",", "").lstrip("0") or "0"
    fraction = match[3] or ""
    if len(whole) > MAX_WHOLE_DIGITS:
        raise AnswerError("out_of_range", digits=MAX_WHOLE_DIGITS)
    if len(fraction.rstrip("0")) > MAX_FRACTION_DIGITS:
        raise AnswerError("too_precise", digits=MAX_FRACTION_DIGITS)
    fraction = fraction[:MAX_FRACTION_DIGITS]
    number = f"{whole}.{fraction}" if fraction else whole
    return f"-{number}" if match[1] == "-" and number.strip("0.") else number


TYPE = QuestionType("decimal", normalise)
