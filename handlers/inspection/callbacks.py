"""Buttons of an inspection: record ids, a revision and positions, never content.

Positions are places in the version of the form that the inspection is pinned to; that version
never changes, so a button means the same years later.
"""

from aiogram.filters.callback_data import CallbackData


class Pick(CallbackData, prefix="a"):
    """One of the offered answers of a question."""

    inspection: int
    revision: int
    question: int
    """Place of the question in the form."""
    option: int
    """Place among the offered answers; select_multiple: of the choice."""
    on: int = 1
    """0 takes a choice of a select_multiple back."""


class Mark(CallbackData, prefix="x"):
    """Mark or unmark an item of a section as found; says the wanted state, so twice is once."""

    inspection: int
    question: int
    on: int


class Confirm(CallbackData, prefix="k"):
    """The rest of a section was checked one by one, nothing found."""

    inspection: int
    revision: int
    group: int


class Open(CallbackData, prefix="o"):
    """Go to a question of the form."""

    inspection: int
    question: int


class Act(CallbackData, prefix="d"):
    """Anything else with an inspection; ``do`` is a verb of the handlers."""

    inspection: int
    do: str
    at: int = 0
    """Question or other place that the verb needs."""


class Setup(CallbackData, prefix="s"):
    """Choices before a visit begins."""

    do: str
    at: int = 0
    institution: int = 0


# A card has twenty buttons and is drawn for every answer; building a validated object for each
# costs more than the rest of the card. These write the same text (a test compares them).


def pick(inspection: int, revision: int, question: int, option: int, *, on: bool = True) -> str:
    """Callback data of ``Pick``."""
    return f"a:{inspection}:{revision}:{question}:{option}:{int(on)}"


def mark(inspection: int, question: int, *, on: bool) -> str:
    """Callback data of ``Mark``."""
    return f"x:{inspection}:{question}:{int(on)}"


def open_question(inspection: int, question: int) -> str:
    """Callback data of ``Open``."""
    return f"o:{inspection}:{question}"


def act(inspection: int, do: str, at: int = 0) -> str:
    """Callback data of ``Act``."""
    return f"d:{inspection}:{do}:{at}"
