"""select_multiple: any number of the choices."""

import re

from campaigns.definition import Question
from campaigns.question_types.base import AnswerError, Moment, QuestionType
from campaigns.question_types.select_one import find_choice

SEPARATORS = re.compile(r"[\s,，、;；]+")


def normalise(question: Question, raw: str, _moment: Moment) -> str:
    """Give the chosen names in the order of the list, separated by spaces."""
    wanted = raw.strip()
    parts = [part for part in SEPARATORS.split(wanted) if part]
    names = {choice.name for choice in question.choices}
    if not all(part in names for part in parts):
        # A label may itself hold blanks, so the whole is tried as one label first.
        whole = find_choice(question, wanted)
        found = [whole] if whole else [find_choice(question, part) for part in parts]
        if None in found:
            raise AnswerError("not_a_choice")
        parts = [choice.name for choice in found if choice is not None]
    chosen = set(parts)
    return " ".join(choice.name for choice in question.choices if choice.name in chosen)


TYPE = QuestionType(
    "select_multiple",
    normalise,
    aliases=("select all that apply", "add select multiple prompt using"),
    lists=True,
)
