"""What widgets are given and what they give back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from campaigns.definition import Question
from campaigns.items import Item
from locales import Param, text
from services.inspections import Visit


@dataclass(frozen=True, slots=True)
class Asked:
    """A question on a card, for one reader."""

    visit: Visit
    question: Question
    item: Item | None
    locale: str
    today: date
    """The present day in the campaign's zone."""

    def t(self, key: str, **params: Param) -> str:
        """An interface text in the reader's language."""
        return text(self.locale, key, **params)

    def label(self, labels: Mapping[str, str]) -> str:
        """A wording of the form in the reader's language."""
        return self.visit.definition.form.text(labels, self.locale)


@dataclass(frozen=True, slots=True)
class Option:
    """One thing to tap.

    Args:
        text: What the button says.
        values: What it answers, by question name; an empty value takes the answer back.
        chosen: Whether it is the present answer.
        on: False when tapping takes a choice back.
    """

    text: str
    values: Mapping[str, str]
    chosen: bool = False
    on: bool = True
