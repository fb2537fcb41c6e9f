"""text: free words."""

import re

from campaigns.definition import Question
from campaigns.question_types.base import MAX_TEXT, AnswerError, Moment, QuestionType

# Characters that XML 1.0 cannot carry, so that no export can; half a surrogate pair included.
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def normalise(_question: Question, raw: str, _moment: Moment) -> str:
    """Keep the words as they are, without outer blanks and unprintable control characters."""
    words = FORBIDDEN.sub("", raw.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if len(words) > MAX_TEXT:
        raise AnswerError("too_long", most=MAX_TEXT, length=len(words))
    return words


TYPE = QuestionType("text", normalise, aliases=("string",))
