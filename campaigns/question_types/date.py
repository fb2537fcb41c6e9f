"""date: a day, typed in the ways that people in an office write days."""

import re
from datetime import date, timedelta

from campaigns.definition import Question
from campaigns.question_types.base import AnswerError, Moment, QuestionType
from campaigns.question_types.widths import narrow

DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?", re.ASCII)
COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
WORDS = {
    "今天": 0,
    "今日": 0,
    "today": 0,
    "昨天": -1,
    "昨日": -1,
    "yesterday": -1,
    "前天": -2,
}
# Records of a campaign lie within living memory; other years are slips such as 0206 or 20226.
FIRST_YEAR = 1900
LAST_YEAR = 2200


def normalise(_question: Question, raw: str, moment: Moment) -> str:
    """Accept ``2026-09-01``, ``2026/9/1``, ``2026年9月1日``, ``20260901`` and 今天, 昨天."""
    text = narrow(raw)
    if (shift := WORDS.get(text.lower())) is not None:
        return (moment.local().date() + timedelta(days=shift)).isoformat()
    match = DAY.fullmatch(text) or COMPACT.fullmatch(text)
    if match is None:
        raise AnswerError("bad_date")
    try:
        day = date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError as error:
        raise AnswerError("bad_date") from error
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise AnswerError("bad_date")
    return day.isoformat()


TYPE = QuestionType("date", normalise)
