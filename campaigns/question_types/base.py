"""How a question type is declared: what it accepts and how an answer is written down."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo

from campaigns.definition import Question

# Longest text that Telegram carries in one message.
# Source: Bot API 10.2, sendMessage, "1-4096 characters after entities parsing".
MAX_TEXT = 4096


class AnswerError(Exception):
    """What was given is no answer of this type; the engine makes it an issue of the question.

    Args:
        code: Such as ``not_a_number``; the sentence is found at the edge.
        params: Bounds and counts for that sentence, never what was given.
    """

    def __init__(self, code: str, **params: str | int) -> None:
        """Keep code and parameters; the code alone is the exception's text."""
        super().__init__(code)
        self.code = code
        self.params = params


@dataclass(frozen=True, slots=True)
class Moment:
    """The time at which an answer is given, for ``today`` in words."""

    now: datetime
    zone: tzinfo

    def local(self) -> datetime:
        """The instant on the campaign's clock."""
        return self.now.astimezone(self.zone)


@dataclass(frozen=True, slots=True)
class QuestionType:
    """One type of question.

    Args:
        name: Canonical name, as ``Question.type`` has it.
        normalise: Turns what was typed, tapped or sent into the stored text, or raises
            AnswerError. It never sees an empty text: that is no answer at all.
        aliases: Further spellings that spreadsheets use.
        asked: A person answers it; the others are computed, shown or filled in silently.
        lists: It offers choices from a list.
        first: What a silent type holds when the form is started; None for no value.
        last: What a silent type holds when the form is submitted; None to keep what it has.
    """

    name: str
    normalise: Callable[[Question, str, Moment], str]
    aliases: tuple[str, ...] = ()
    asked: bool = True
    lists: bool = False
    first: Callable[[Moment], str] | None = None
    last: Callable[[Moment], str] | None = None


def refuse(_question: Question, _raw: str, _moment: Moment) -> str:
    """Normalise nothing: such a question is never answered by a person.

    Raises:
        AnswerError: Always.
    """
    raise AnswerError("read_only")
