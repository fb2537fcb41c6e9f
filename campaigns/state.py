"""What the questionnaire engine hands back: states, steps, progress, submissions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo


@dataclass(frozen=True, slots=True)
class State:
    """Where a form stands.

    Args:
        answers: What people entered, by question name; this alone has to be stored.
        values: What expressions and readers see: relevant answers and computed values.
        hidden: Questions, and groups by their key, that are not relevant now.
        now: The instant that it was computed for.
        zone: The campaign's time zone.
    """

    answers: Mapping[str, str]
    values: Mapping[str, str]
    hidden: frozenset[str]
    now: datetime
    zone: tzinfo

    def value(self, name: str) -> str:
        """The readable value of a question, empty when unanswered or not relevant."""
        return self.values.get(name, "")


@dataclass(frozen=True, slots=True)
class AnswerIssue:
    """Why an answer was not taken, or what still stands against submitting.

    Args:
        code: ``required``, ``constraint``, ``not_relevant``, ``read_only``, ``unknown``, or a code
            of the question's type such as ``not_a_number``.
        name: The question's name.
        params: Bounds for the sentence; never what was entered.
    """

    code: str
    name: str
    params: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """What an answer brought about.

    Args:
        state: The state after it; the one before when it was not taken.
        issues: Why it was not taken; empty when it was.
        changed: Stored answers to write; None means that the answer is cleared.
        next: The question to show: the next one, or the same again with its issue.
    """

    state: State
    issues: tuple[AnswerIssue, ...]
    changed: Mapping[str, str | None]
    next: str | None


@dataclass(frozen=True, slots=True)
class GroupProgress:
    """How far one group is; groups inside it are counted too."""

    name: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a form is, in printed items; questions without an item count one each."""

    done: int
    total: int
    groups: tuple[GroupProgress, ...]

    def group(self, name: str) -> GroupProgress:
        """How far one group is; nothing of nothing for a group that asks nothing."""
        return next((g for g in self.groups if g.name == name), GroupProgress(name, 0, 0))


@dataclass(frozen=True, slots=True)
class Submission:
    """A form as it would be handed in.

    Args:
        values: Relevant values by name, computed ones included.
        issues: What stands against it; it may be handed in when there are none.
    """

    values: Mapping[str, str]
    issues: tuple[AnswerIssue, ...]
