"""select_one: one of the choices."""

from campaigns.definition import Choice, Question
from campaigns.question_types.base import AnswerError, Moment, QuestionType
from campaigns.question_types.widths import fold


def find_choice(question: Question, raw: str) -> Choice | None:
    """Find the choice that a person means by its name or by its label in any language."""
    for choice in question.choices:
        if choice.name == raw:
            return choice
    wanted = fold(raw)
    for choice in question.choices:
        if fold(choice.name) == wanted or any(
            fold(label) == wanted for label in choice.labels.values()
        ):
            return choice
    return None


def normalise(question: Question, raw: str, _moment: Moment) -> str:
    """Give the name of the choice; typed labels count too."""
    choice = find_choice(question, raw.strip())
    if choice is None:
        raise AnswerError("not_a_choice")
    return choice.name


TYPE = QuestionType(
    "select_one",
    normalise,
    aliases=("select1", "add select one prompt using"),
    lists=True,
)
