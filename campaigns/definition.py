"""A form as the engine runs it: questions, groups and choices, each with its workbook row.

A published definition never changes. Names, not positions, link answers to questions.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from campaigns.expressions import Expression


def text(labels: Mapping[str, str], language: str, default_language: str) -> str:
    """Choose the wording for a reader.

    Args:
        labels: Wordings by language code.
        language: Code of the reader's language; ``zh-CN`` is served by ``zh`` and the reverse.
        default_language: Code of the form's own language.

    Returns:
        The wording in the reader's language, else in the form's, else any, else an empty text.
    """
    if found := labels.get(language):
        return found
    short = language.partition("-")[0]
    for code, wording in labels.items():
        if wording and code.partition("-")[0] == short:
            return wording
    return labels.get(default_language) or next((w for w in labels.values() if w), "")


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer that a select question offers.

    Args:
        name: The stored value.
        labels: Wordings by language code.
        extra: Every further column of the choices sheet, such as official codes.
        row: Its row on the choices sheet.
    """

    name: str
    labels: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, str] = field(default_factory=dict)
    row: int = 0


@dataclass(frozen=True, slots=True)
class Question:
    """One row of the survey sheet that holds a value.

    Args:
        name: The name that links answers, expressions and tables.
        type: Canonical type: ``select_one``, ``integer``, ``calculate`` ...
        labels: Question texts by language code.
        hints: Hints by language code.
        required: True or False, or the condition under which an answer is needed.
        relevant: Condition under which it is asked at all; None means always.
        constraint: Condition that an answer must meet; ``.`` is the answer.
        calculation: Its value is computed and never typed when this is set.
        default: First value: a text, or an expression evaluated once at the start.
        choices: What a select offers, in order.
        list_name: Name of that list.
        appearance: XLSForm appearance words.
        parameters: XLSForm parameters such as ``max-pixels=1024``.
        constraint_messages: What to say when the constraint fails, by language code.
        required_messages: What to say when an answer is missing, by language code.
        group: Name of the innermost group, or an empty text outside all groups.
        columns: Every column whose header begins with ``x_``.
        row: Its row on the survey sheet.
        read_only: Shown but never typed.
    """

    name: str
    type: str
    labels: Mapping[str, str] = field(default_factory=dict)
    hints: Mapping[str, str] = field(default_factory=dict)
    required: Expression | bool = False
    relevant: Expression | None = None
    constraint: Expression | None = None
    calculation: Expression | None = None
    default: Expression | str = ""
    choices: tuple[Choice, ...] = ()
    list_name: str = ""
    appearance: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    constraint_messages: Mapping[str, str] = field(default_factory=dict)
    required_messages: Mapping[str, str] = field(default_factory=dict)
    group: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    row: int = 0
    read_only: bool = False

    @property
    def item(self) -> str:
        """The item number that the document prints for it: ``1``, ``6a``, ``30b``."""
        return self.columns.get("x_item", "")

    @property
    def part(self) -> str:
        """What it is of its item: main, sampled, violating, count, fine, remark, photo ..."""
        return self.columns.get("x_part", "")

    @property
    def on_request(self) -> bool:
        """Only asked when a person asks for it, such as a remark."""
        return self.columns.get("x_ask") == "on_request"

    def choice(self, name: str) -> Choice | None:
        """Find one of its choices by the stored value."""
        return next((choice for choice in self.choices if choice.name == name), None)


@dataclass(frozen=True, slots=True)
class Group:
    """A section of the form; its relevance holds for everything in it.

    Args:
        name: Name of the group.
        labels: Headings by language code.
        relevant: Condition for the whole group.
        parent: Name of the group around it, or an empty text.
        columns: Every column whose header begins with ``x_``.
        row: Its row on the survey sheet.
        appearance: XLSForm appearance words such as ``field-list``.
    """

    name: str
    labels: Mapping[str, str] = field(default_factory=dict)
    relevant: Expression | None = None
    parent: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    row: int = 0
    appearance: str = ""


@dataclass(frozen=True, eq=False)
class Form:
    """One version of a checklist. Compared by identity: a version is loaded once.

    Args:
        form_id: Identifier from the settings sheet.
        version: Version from the settings sheet.
        title: Title in the form's own language.
        titles: Titles by language code where the settings give them.
        default_language: Language code that stands in when a wording is missing.
        languages: All language codes with wordings, the default first.
        questions: Every question in the order of the sheet.
        groups: Every group in the order of the sheet.
        settings: Every column of the settings sheet, ours with prefix ``x_`` included.
    """

    form_id: str
    version: str
    title: str
    default_language: str
    languages: tuple[str, ...]
    questions: tuple[Question, ...]
    groups: tuple[Group, ...] = ()
    titles: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def by_name(self) -> Mapping[str, Question]:
        """Questions by name."""
        return {question.name: question for question in self.questions}

    @cached_property
    def groups_by_name(self) -> Mapping[str, Group]:
        """Groups by name."""
        return {group.name: group for group in self.groups}

    @cached_property
    def items(self) -> Mapping[str, tuple[Question, ...]]:
        """Questions by printed item number, in the order of the sheet."""
        found: dict[str, list[Question]] = {}
        for question in self.questions:
            if question.item:
                found.setdefault(question.item, []).append(question)
        return {item: tuple(questions) for item, questions in found.items()}

    def text(self, labels: Mapping[str, str], language: str) -> str:
        """Choose the wording of one of this form's texts for a reader's language."""
        return text(labels, language, self.default_language)
