"""The items of a checklist as the document numbers them, gathered from the form's questions.

An item is what an inspector thinks of ("item 28"), a question is one value of it (the answer, the
fine, what was confiscated, the remark, the photos). The columns ``x_item`` and ``x_part`` of the
survey sheet tie them together.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from campaigns.definition import Form, Question
from campaigns.sheets import wordings

Labels = Mapping[str, str]
Mode = Literal["toggle", "ask", "computed"]

#: Parts that belong to every item and are only asked when a person asks for them.
SIDE_PARTS = ("remark", "photo")

_BETWEEN = {"zh": "："}


@dataclass(frozen=True, slots=True)
class Item:
    """One numbered line of the checklist.

    Args:
        item_id: As people type it: ``1``, ``6a``, ``30b``.
        group: Name of the form's section that it stands in.
        main: First level of the printed wording.
        sub: Second level of the printed wording, empty for most items.
        short: Very short wording for a button.
        print: Template of the printed result, such as ``有{box:yes} 无{box:no}``.
        note: What the document itself prints in the remark column.
        questions: All its questions in the order of the form.
        mode: ``toggle`` when "nothing found" is one answer that a section's confirmation can
            give, ``ask`` when it always needs figures of its own, ``computed`` when never asked.
        clean: What "checked, nothing found" answers, by question name.
    """

    item_id: str
    group: str
    main: Labels
    sub: Labels
    short: Labels
    print: Labels
    note: Labels
    questions: tuple[Question, ...]
    mode: Mode
    clean: Mapping[str, str]

    def part(self, part: str) -> Question | None:
        """Find the question that holds one part of the item, such as ``remark``."""
        return next((question for question in self.questions if question.part == part), None)

    @property
    def head(self) -> Question:
        """The question that the item begins with; its value ticks the printed boxes."""
        return self.questions[0]

    @property
    def answers(self) -> tuple[Question, ...]:
        """Its questions without remark and photos."""
        return tuple(q for q in self.questions if q.part not in SIDE_PARTS)

    def label(self, form: Form, language: str) -> str:
        """Give the whole wording on one line: 违规开展禁止类技术：免疫细胞治疗."""
        main, sub = form.text(self.main, language), form.text(self.sub, language)
        return f"{main}{_BETWEEN.get(language.partition('-')[0], ': ')}{sub}" if sub else main


def read_items(form: Form) -> tuple[Item, ...]:
    """Gather the items of a form in the order of the document."""
    items = []
    for item_id, questions in form.items.items():
        head = questions[0]
        clean = {q.name: q.columns["x_clean"] for q in questions if q.columns.get("x_clean")}
        if head.calculation is not None:
            mode: Mode = "computed"
        else:
            mode = "toggle" if head.part == "main" and head.name in clean else "ask"
        items.append(
            Item(
                item_id=item_id,
                group=head.group,
                main=wordings(head.columns, "x_label_main") or head.labels,
                sub=wordings(head.columns, "x_label_sub"),
                short=wordings(head.columns, "x_short"),
                print=wordings(head.columns, "x_print"),
                note=wordings(head.columns, "x_note"),
                questions=questions,
                mode=mode,
                clean=clean,
            )
        )
    return tuple(items)


def prompt(form: Form, question: Question, language: str) -> str:
    """Give what to ask under an item's wording: 抽查人数; the full label where there is none."""
    return form.text(wordings(question.columns, "x_prompt") or question.labels, language)


def print_values(form: Form, values: Mapping[str, str]) -> dict[str, str]:
    """Give the values for printed templates: every date also as its year, month and day.

    Args:
        form: The form.
        values: Submitted values by question name.

    Returns:
        The values, and for a date ``inspected_on`` also ``inspected_on.year``,
        ``inspected_on.month`` and ``inspected_on.day``, without leading zeros.
    """
    printed = dict(values)
    for question in form.questions:
        answer = values.get(question.name, "")
        if question.type == "date" and answer:
            for unit, number in zip(("year", "month", "day"), answer.split("-"), strict=True):
                printed[f"{question.name}.{unit}"] = str(int(number))
    return printed
