"""The working set of one page of updates: what was read is kept, what was changed is written once.

A page shares one transaction. Reading a person, a card and an inspection again for each of a
hundred updates, and writing each change by itself, costs more than all the conversation logic; so
the rows that every update needs are fetched for the whole page, changed in memory and written in
batches by ``flush``. Whoever needs SQL over rows that may have changed calls ``flush`` first.
When an update of the page fails, the page is rolled back and run again update by update, each
with its own workspace and savepoint, so a failure harms no other and nothing half-done is kept.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.tables import (
    AnswerLogRow,
    AnswerRow,
    CardRow,
    InspectionRow,
    JobRow,
    OutboxRow,
    PersonRow,
)

PEOPLE = PersonRow.__table__  # type: ignore[attr-defined]  # SQLModel hides the Core table
CARDS = CardRow.__table__  # type: ignore[attr-defined]
INSPECTIONS = InspectionRow.__table__  # type: ignore[attr-defined]
ANSWERS = AnswerRow.__table__  # type: ignore[attr-defined]
ANSWER_LOG = AnswerLogRow.__table__  # type: ignore[attr-defined]
OUTBOX = OutboxRow.__table__  # type: ignore[attr-defined]
JOBS = JobRow.__table__  # type: ignore[attr-defined]


@dataclass(slots=True)
class Person:
    """A human behind one Telegram account of one bot."""

    id: int
    bot_id: int
    telegram_id: int
    name: str
    language: str | None
    phone_language: str | None
    acting_membership_id: int | None
    unreachable_at: datetime | None
    created_at: datetime


@dataclass(slots=True)
class Card:
    """The one living message of an activity in a chat."""

    bot_id: int
    chat_id: int
    purpose: str
    message_id: int | None
    old_message_id: int | None
    view: str
    params: dict[str, Any]
    wanted: int
    shown: int
    below: bool
    asked_wanted: int = 0
    asked_at: datetime | None = None


@dataclass(slots=True)
class Answer:
    """The present answer to one question, with its author."""

    value: str
    source: str
    author_id: int | None
    revision: int
    answered_at: datetime


@dataclass(slots=True)
class Inspection:
    """A visit with its answers."""

    id: int
    campaign_id: int
    version_id: int
    institution_id: int
    unit_id: int
    area_id: int
    kind: str
    mode: str
    state: str
    revision: int
    corrections: int
    inspected_on: date
    created_by: int
    created_at: datetime
    updated_at: datetime
    submitted_at: datetime | None
    submitted_by: int | None
    answers: dict[str, Answer] = field(default_factory=dict)

    def values(self) -> dict[str, str]:
        """The stored answers as the engine takes them."""
        return {name: answer.value for name, answer in self.answers.items()}


_INSPECTION_COLUMNS = tuple(name for name in Inspection.__dataclass_fields__ if name != "answers")
_PERSON_SELECT = select(*(PEOPLE.c[name] for name in Person.__dataclass_fields__))
_CARD_SELECT = select(*(CARDS.c[name] for name in Card.__dataclass_fields__))
_INSPECTION_SELECT = select(*(INSPECTIONS.c[name] for name in _INSPECTION_COLUMNS))
_ANSWER_SELECT = select(
    ANSWERS.c.inspection_id,
    ANSWERS.c.name,
    ANSWERS.c.value,
    ANSWERS.c.source,
    ANSWERS.c.author_id,
    ANSWERS.c.revision,
    ANSWERS.c.answered_at,
)


class AnswerCache:
    """Answers of the inspections in use by revision, so that they are not read again each time.

    A revision's answers never change, so a kept set is right whoever wrote it; the process
    forgets all when a page is undone, because its revisions will mean something else.
    """

    def __init__(self, most: int = 2_048) -> None:
        self._most = most
        self._kept: OrderedDict[int, tuple[int, dict[str, Answer]]] = OrderedDict()

    def answers(self, inspection_id: int, revision: int) -> dict[str, Answer] | None:
        """The answers at a revision, if they are still in memory."""
        kept = self._kept.get(inspection_id)
        return kept[1] if kept is not None and kept[0] == revision else None

    def keep(self, inspection_id: int, revision: int, answers: dict[str, Answer]) -> None:
        """Remember the answers of a revision."""
        self._kept[inspection_id] = (revision, dict(answers))
        self._kept.move_to_end(inspection_id)
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)

    def forget(self) -> None:
        """Forget everything."""
        self._kept.clear()


class Workspace:
    """Rows in use by the page at hand, on the connection whose transaction the page owns."""

    def __init__(
        self, connection: AsyncConnection, now: datetime, kept: "AnswerCache | None" = None
    ) -> None:
        """Begin a working set.

        Args:
            connection: The page's transaction.
            now: The page's instant.
            kept: Answers of recent inspections by revision, if the process keeps them.
        """
        self._kept = kept
        self.connection = connection
        self.now = now
        self._insert = pg_insert if connection.dialect.name == "postgresql" else sqlite_insert
        self._people: dict[tuple[int, int], Person | None] = {}
        self._cards: dict[tuple[int, int, str], Card | None] = {}
        self._card_chats: set[tuple[int, int]] = set()
        self._inspections: dict[int, Inspection | None] = {}
        self._dirty_people: set[tuple[int, int]] = set()
        self._dirty_cards: dict[tuple[int, int, str], Card] = {}
        self._dirty_inspections: set[int] = set()
        self._changed_answers: dict[tuple[int, str], Answer | None] = {}
        self._log: list[dict[str, Any]] = []
        self._outbox: list[dict[str, Any]] = []
        self._jobs: list[dict[str, Any]] = []
        self.cards_to_draw: dict[tuple[int, int, str], Card] = {}
        """Cards whose wanted state changed in this page; drawn once each, after its updates."""

    # ---- reading -------------------------------------------------------------------------

    async def prefetch(self, bot_id: int, telegram_ids: set[int], chat_ids: set[int]) -> None:
        """Read the people, cards and open inspections that a page of updates will need."""
        people = [i for i in telegram_ids if (bot_id, i) not in self._people]
        if people:
            found = await self.connection.execute(
                _PERSON_SELECT.where(PEOPLE.c.bot_id == bot_id, PEOPLE.c.telegram_id.in_(people))
            )
            self._people.update({(bot_id, i): None for i in people})
            for row in found:
                self._people[(bot_id, row.telegram_id)] = Person(*row)
        chats = [i for i in chat_ids if (bot_id, i) not in self._card_chats]
        if chats:
            found = await self.connection.execute(
                _CARD_SELECT.where(CARDS.c.bot_id == bot_id, CARDS.c.chat_id.in_(chats))
            )
            self._card_chats.update((bot_id, i) for i in chats)
            for row in found:
                self._cards[(bot_id, row.chat_id, row.purpose)] = Card(*row)
        wanted = {
            card.params["inspection"]
            for card in self._cards.values()
            if card is not None and card.chat_id in chat_ids and "inspection" in card.params
        }
        await self._load_inspections(wanted)

    async def person(self, bot_id: int, telegram_id: int) -> Person | None:
        """The person behind an account, if it ever spoke to us."""
        key = (bot_id, telegram_id)
        if key not in self._people:
            found = await self.connection.execute(
                _PERSON_SELECT.where(
                    PEOPLE.c.bot_id == bot_id, PEOPLE.c.telegram_id == telegram_id
                )
            )
            row = found.one_or_none()
            self._people[key] = None if row is None else Person(*row)
        return self._people[key]

    async def create_person(
        self, bot_id: int, telegram_id: int, phone_language: str | None
    ) -> Person:
        """Make the row for an account that speaks to us for the first time."""
        values = {
            "bot_id": bot_id,
            "telegram_id": telegram_id,
            "name": "",
            "phone_language": phone_language,
            "created_at": self.now,
        }
        statement = self._insert(PEOPLE).values(**values)
        await self.connection.execute(
            statement.on_conflict_do_nothing(index_elements=["bot_id", "telegram_id"])
        )
        self._people.pop((bot_id, telegram_id), None)
        person = await self.person(bot_id, telegram_id)
        assert person is not None  # noqa: S101 - inserted two lines above
        return person

    def change_person(self, person: Person) -> None:
        """Have the changed fields of ``person`` written at the next flush."""
        self._people[(person.bot_id, person.telegram_id)] = person
        self._dirty_people.add((person.bot_id, person.telegram_id))

    async def card(self, bot_id: int, chat_id: int, purpose: str = "main") -> Card | None:
        """The card of an activity in a chat, if it was ever shown."""
        if (bot_id, chat_id) not in self._card_chats:
            found = await self.connection.execute(
                _CARD_SELECT.where(CARDS.c.bot_id == bot_id, CARDS.c.chat_id == chat_id)
            )
            self._card_chats.add((bot_id, chat_id))
            for row in found:
                self._cards[(bot_id, chat_id, row.purpose)] = Card(*row)
        return self._cards.get((bot_id, chat_id, purpose))

    async def inspection(self, inspection_id: int) -> Inspection | None:
        """A visit with its answers."""
        if inspection_id not in self._inspections:
            await self._load_inspections({inspection_id})
        return self._inspections[inspection_id]

    async def _load_inspections(self, ids: Iterable[int]) -> None:
        missing = [i for i in ids if i not in self._inspections]
        if not missing:
            return
        self._inspections.update(dict.fromkeys(missing))
        found = await self.connection.execute(
            _INSPECTION_SELECT.where(INSPECTIONS.c.id.in_(missing))
        )
        unread: dict[int, Inspection] = {}
        for row in found:
            inspection = self._inspections[row.id] = Inspection(*row)
            kept = self._kept.answers(row.id, row.revision) if self._kept is not None else None
            if kept is None:
                unread[row.id] = inspection
            else:
                inspection.answers = dict(kept)
        if not unread:
            return
        answers = await self.connection.execute(
            _ANSWER_SELECT.where(ANSWERS.c.inspection_id.in_(list(unread)))
        )
        for inspection_id, name, *rest in answers:
            unread[inspection_id].answers[name] = Answer(*rest)

    # ---- changing ------------------------------------------------------------------------

    async def show(
        self,
        bot_id: int,
        chat_id: int,
        view: str,
        params: Mapping[str, Any],
        *,
        purpose: str = "main",
        below: bool = False,
    ) -> Card:
        """Say what the card of a chat should show from now on.

        Args:
            bot_id: The bot that speaks.
            chat_id: The chat.
            view: A registered view (``handlers.views``).
            params: Its parameters: ids, keys and counts, no content.
            purpose: Which activity of the chat; most have only "main".
            below: Send it anew below what the person just sent.
        """
        card = await self.card(bot_id, chat_id, purpose)
        if card is None:
            card = Card(bot_id, chat_id, purpose, None, None, view, dict(params), 0, 0, True)
            self._cards[(bot_id, chat_id, purpose)] = card
        asks = (view, params.get("inspection"), params.get("q"))
        asked = (card.view, card.params.get("inspection"), card.params.get("q"))
        card.view, card.params = view, dict(params)
        card.wanted += 1
        if asks != asked or card.asked_wanted == 0:
            card.asked_wanted, card.asked_at = card.wanted, None
        card.below = card.below or below or card.message_id is None
        self.change_card(card)
        self.cards_to_draw[(bot_id, chat_id, purpose)] = card
        return card

    def change_card(self, card: Card) -> None:
        """Have a card written at the next flush."""
        self._dirty_cards[(card.bot_id, card.chat_id, card.purpose)] = card

    def write_answers(
        self,
        inspection: Inspection,
        changed: Mapping[str, str | None],
        *,
        source: str,
        author_id: int | None,
        reason: str | None = None,
    ) -> int:
        """Store changed answers, keep what they replaced, and raise the revision.

        Args:
            inspection: The visit; its ``answers`` and ``revision`` change in place.
            changed: New values by question name; None clears.
            source: How the answer came in (see ``AnswerRow.source``).
            author_id: The person who gave it.
            reason: Why it was corrected, after submission.

        Returns:
            The new revision.
        """
        inspection.revision += 1
        inspection.updated_at = self.now
        self._dirty_inspections.add(inspection.id)
        for name, value in changed.items():
            old = inspection.answers.get(name)
            if old is not None and (old.value != value or reason is not None):
                self._log.append(
                    {
                        "inspection_id": inspection.id,
                        "name": name,
                        "old_value": old.value,
                        "new_value": value,
                        "reason": reason,
                        "author_id": author_id,
                        "revision": inspection.revision,
                        "changed_at": self.now,
                    }
                )
            elif old is None and reason is not None:
                self._log.append(
                    {
                        "inspection_id": inspection.id,
                        "name": name,
                        "old_value": None,
                        "new_value": value,
                        "reason": reason,
                        "author_id": author_id,
                        "revision": inspection.revision,
                        "changed_at": self.now,
                    }
                )
            if value is None:
                inspection.answers.pop(name, None)
                self._changed_answers[(inspection.id, name)] = None
            else:
                answer = Answer(value, source, author_id, inspection.revision, self.now)
                inspection.answers[name] = answer
                self._changed_answers[(inspection.id, name)] = answer
        return inspection.revision

    def change_inspection(self, inspection: Inspection) -> None:
        """Have the changed fields of a visit written at the next flush."""
        inspection.updated_at = self.now
        self._inspections[inspection.id] = inspection
        self._dirty_inspections.add(inspection.id)

    def push(
        self,
        key: str,
        bot_id: int,
        chat_id: int,
        kind: str,
        params: Mapping[str, Any],
        *,
        thread_id: int | None = None,
        lane: int = 2,
        silent: bool = False,
        not_before: datetime | None = None,
    ) -> None:
        """Put a message to any chat into the outbox; the same key is pushed once."""
        self._outbox.append(
            {
                "bot_id": bot_id,
                "chat_id": chat_id,
                "thread_id": thread_id,
                "key": key,
                "kind": kind,
                "params": dict(params),
                "lane": lane,
                "state": 0,
                "attempts": 0,
                "silent": silent,
                "not_before": not_before or self.now,
                "created_at": self.now,
            }
        )

    def job(self, key: str, bot_id: int, kind: str, params: Mapping[str, Any]) -> None:
        """Queue slow work; the same key is done once."""
        self._jobs.append(
            {
                "key": key,
                "bot_id": bot_id,
                "kind": kind,
                "params": dict(params),
                "state": 0,
                "attempts": 0,
                "not_before": self.now,
                "created_at": self.now,
            }
        )

    # ---- writing -------------------------------------------------------------------------

    async def flush(self) -> None:
        """Write everything that changed, in batches; the transaction stays open."""
        await self._flush_people()
        await self._flush_inspections()
        await self._flush_answers()
        await self._flush_cards()
        if self._log:
            await self.connection.execute(insert(ANSWER_LOG), self._log)
            self._log = []
        for table, rows in ((OUTBOX, self._outbox), (JOBS, self._jobs)):
            if rows:
                statement = self._insert(table).on_conflict_do_nothing(index_elements=["key"])
                await self.connection.execute(statement, rows)
        self._outbox, self._jobs = [], []

    async def _flush_people(self) -> None:
        if not self._dirty_people:
            return
        rows = [
            {
                "b_id": person.id,
                "name": person.name,
                "language": person.language,
                "phone_language": person.phone_language,
                "acting_membership_id": person.acting_membership_id,
                "unreachable_at": person.unreachable_at,
            }
            for key in self._dirty_people
            if (person := self._people[key]) is not None
        ]
        self._dirty_people.clear()
        if rows:
            await self.connection.execute(_PERSON_UPDATE, rows)

    async def _flush_inspections(self) -> None:
        if not self._dirty_inspections:
            return
        rows = [
            {
                "b_id": visit.id,
                "kind": visit.kind,
                "mode": visit.mode,
                "state": visit.state,
                "revision": visit.revision,
                "corrections": visit.corrections,
                "inspected_on": visit.inspected_on,
                "updated_at": visit.updated_at,
                "submitted_at": visit.submitted_at,
                "submitted_by": visit.submitted_by,
            }
            for key in self._dirty_inspections
            if (visit := self._inspections[key]) is not None
        ]
        if self._kept is not None:
            for key in self._dirty_inspections:
                changed = self._inspections[key]
                if changed is not None:
                    self._kept.keep(key, changed.revision, changed.answers)
        self._dirty_inspections.clear()
        await self.connection.execute(_INSPECTION_UPDATE, rows)

    async def _flush_answers(self) -> None:
        if not self._changed_answers:
            return
        changed, self._changed_answers = self._changed_answers, {}
        written = [
            {
                "inspection_id": inspection_id,
                "name": name,
                "value": answer.value,
                "source": answer.source,
                "author_id": answer.author_id,
                "revision": answer.revision,
                "answered_at": answer.answered_at,
            }
            for (inspection_id, name), answer in changed.items()
            if answer is not None
        ]
        cleared = [
            {"b_inspection_id": inspection_id, "b_name": name}
            for (inspection_id, name), answer in changed.items()
            if answer is None
        ]
        if cleared:
            await self.connection.execute(_ANSWER_DELETE, cleared)
        if written:
            statement = self._insert(ANSWERS)
            await self.connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["inspection_id", "name"],
                    set_={
                        column: statement.excluded[column]
                        for column in ("value", "source", "author_id", "revision", "answered_at")
                    },
                ),
                written,
            )

    async def _flush_cards(self) -> None:
        if not self._dirty_cards:
            return
        rows = [
            {name: getattr(card, name) for name in Card.__dataclass_fields__}
            for card in self._dirty_cards.values()
        ]
        self._dirty_cards = {}
        statement = self._insert(CARDS)
        await self.connection.execute(
            statement.on_conflict_do_update(
                index_elements=["bot_id", "chat_id", "purpose"],
                set_={
                    column: statement.excluded[column]
                    for column in Card.__dataclass_fields__
                    if column not in ("bot_id", "chat_id", "purpose")
                },
            ),
            rows,
        )


_PERSON_UPDATE = (
    update(PEOPLE)
    .where(PEOPLE.c.id == bindparam("b_id"))
    .values(
        {
            name: bindparam(name)
            for name in (
                "name",
                "language",
                "phone_language",
                "acting_membership_id",
                "unreachable_at",
            )
        }
    )
)
_INSPECTION_UPDATE = (
    update(INSPECTIONS)
    .where(INSPECTIONS.c.id == bindparam("b_id"))
    .values(
        {
            name: bindparam(name)
            for name in (
                "kind",
                "mode",
                "state",
                "revision",
                "corrections",
                "inspected_on",
                "updated_at",
                "submitted_at",
                "submitted_by",
            )
        }
    )
)
_ANSWER_DELETE = (
    ANSWERS.delete()
    .where(ANSWERS.c.inspection_id == bindparam("b_inspection_id"))
    .where(ANSWERS.c.name == bindparam("b_name"))
)
