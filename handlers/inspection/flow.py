"""Where a visit goes next: computed from the definition and the answers, never remembered."""

from collections.abc import Mapping
from typing import Any

from campaigns import engine
from campaigns.definition import Question
from campaigns.items import Item
from services.inspections import SUBMITTED, Visit, section_items, unmarked

Place = tuple[str, dict[str, Any]]
"""A view and its parameters."""


def item_of(visit: Visit, question: Question) -> Item | None:
    """The numbered item that a question belongs to."""
    return visit.definition.item_by_id.get(question.item) if question.item else None


def question_place(visit: Visit, name: str) -> Place:
    """The card of one question."""
    return "inspection_item", {"inspection": visit.inspection.id, "q": name}


def section_place(visit: Visit, group: str) -> Place:
    """The card on which a section's findings are marked."""
    return "inspection_section", {"inspection": visit.inspection.id, "group": group}


def review_place(visit: Visit) -> Place:
    """The page before submission, or the record after it."""
    view = "inspection_done" if visit.inspection.state == SUBMITTED else "inspection_review"
    return view, {"inspection": visit.inspection.id}


def next_place(visit: Visit, after: str | None = None) -> Place:
    """What to show when an answer was taken, or when a draft is taken up again.

    Args:
        visit: The visit.
        after: The question that was just answered or left out.
    """
    if visit.inspection.mode == "section":
        return _next_by_section(visit, after)
    name = engine.next_question(visit.definition.form, visit.state, after)
    return review_place(visit) if name is None else question_place(visit, name)


def _next_by_section(visit: Visit, after: str | None) -> Place:
    form = visit.definition.form
    # Looking behind `after` first keeps what was left out on purpose from coming back.
    name = engine.next_question(form, visit.state, after)
    if name is None:
        return review_place(visit)
    question = form.by_name[name]
    item = item_of(visit, question)
    if item is None:
        return question_place(visit, name)
    for other in section_items(visit, item.group):
        if other.mode != "ask":
            continue
        for part in other.answers:
            if part.name != after and _is_open(visit, part):
                return question_place(visit, part.name)
    if unmarked(visit, item.group):
        return section_place(visit, item.group)
    return question_place(visit, name)


def after_section(visit: Visit, group: str) -> Place:
    """What to show when a section is confirmed: its follow-ups, then what lies behind it."""
    names = [question.name for question in visit.definition.form.questions]
    first = min(names.index(item.head.name) for item in section_items(visit, group))
    return next_place(visit, names[first - 1] if first else None)


def _is_open(visit: Visit, question: Question) -> bool:
    return (
        question.name not in visit.state.answers
        and question.name not in visit.state.hidden
        and question.calculation is None
        and not question.on_request
    )


def place_of(visit: Visit, question: Question) -> Place:
    """The card on which a question is answered in the visit's way of filling in."""
    item = item_of(visit, question)
    if (
        visit.inspection.mode == "section"
        and item is not None
        and item.mode == "toggle"
        and question is item.head
        and item in unmarked(visit, item.group)
    ):
        return section_place(visit, item.group)
    return question_place(visit, question.name)


def back_place(visit: Visit, name: str) -> Place:
    """The question before one; at the beginning the list of items."""
    form = visit.definition.form
    question = form.by_name[name]
    if question.on_request and question.item:
        item = item_of(visit, question)
        if item is not None:
            return place_of(visit, item.head)
    before = engine.go_back(form, visit.state, name)
    if before is None:
        return "inspection_contents", {"inspection": visit.inspection.id}
    return place_of(visit, form.by_name[before])


def shown_question(params: Mapping[str, Any], visit: Visit) -> Question | None:
    """The question that a card shows, if it shows one."""
    name = params.get("q")
    return visit.definition.form.by_name.get(name) if isinstance(name, str) else None
