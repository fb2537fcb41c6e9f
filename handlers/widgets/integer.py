"""integer: the likely figures as buttons, anything else typed."""

from campaigns import engine
from handlers.widgets.base import Asked, Option

SMALL = 6
"""How many small figures are offered."""


def options(asked: Asked) -> tuple[Option, ...]:
    """Likely figures that the question accepts.

    An item with a usual sample (its clean answer has several figures, such as 20 sampled and 0
    in violation) offers the whole clean answer with one tap, and the usual sample alone.
    """
    question, item = asked.question, asked.item
    if item is not None and question is item.head and len(item.clean) > 1:
        usual = item.clean[question.name]
        return (
            Option(asked.t("option-sample-clean", count=usual), dict(item.clean)),
            Option(asked.t("option-sample-found", count=usual), {question.name: usual}),
        )
    return tuple(
        Option(
            str(number),
            {question.name: str(number)},
            chosen=asked.visit.state.answers.get(question.name) == str(number),
        )
        for number in range(SMALL + 1)
        if _accepted(asked, str(number))
    )[:SMALL]


def _accepted(asked: Asked, raw: str) -> bool:
    state = asked.visit.state
    step = engine.answer(
        asked.visit.definition.form,
        state,
        asked.question.name,
        raw,
        now=state.now,
        zone=state.zone,
    )
    return not step.issues
