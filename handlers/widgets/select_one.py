"""select_one: one button per choice; a tap answers and goes on."""

from handlers.widgets.base import Asked, Option


def options(asked: Asked) -> tuple[Option, ...]:
    """Every choice, the clean one first: it is tapped most."""
    present = asked.visit.state.answers.get(asked.question.name)
    clean = asked.item.clean.get(asked.question.name) if asked.item is not None else None
    choices = sorted(asked.question.choices, key=lambda choice: choice.name != clean)
    return tuple(
        Option(
            asked.label(choice.labels),
            {asked.question.name: choice.name},
            chosen=choice.name == present,
        )
        for choice in choices
    )
