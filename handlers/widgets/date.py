"""date: today and the days before as buttons, others typed."""

from datetime import timedelta

from handlers.widgets.base import Asked, Option


def options(asked: Asked) -> tuple[Option, ...]:
    """Today, yesterday and the day before."""
    made = []
    for key, back in (("option-today", 0), ("option-yesterday", 1), ("option-before", 2)):
        day = (asked.today - timedelta(days=back)).isoformat()
        made.append(
            Option(
                asked.t(key, day=day[5:]),
                {asked.question.name: day},
                chosen=asked.visit.state.answers.get(asked.question.name) == day,
            )
        )
    return tuple(made)
