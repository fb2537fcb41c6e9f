"""select_multiple: toggles; the card stays until the person goes on."""

from handlers.widgets.base import Asked, Option


def options(asked: Asked) -> tuple[Option, ...]:
    """Every choice as a toggle; the value lists the chosen ones in the order of the form."""
    name = asked.question.name
    chosen = set(asked.visit.state.answers.get(name, "").split())
    made = []
    for choice in asked.question.choices:
        on = choice.name not in chosen
        wanted = chosen | {choice.name} if on else chosen - {choice.name}
        value = " ".join(c.name for c in asked.question.choices if c.name in wanted)
        made.append(Option(asked.label(choice.labels), {name: value}, chosen=not on, on=on))
    return tuple(made)
