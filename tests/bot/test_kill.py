"""Killed at random instants, the bot loses no answer, doubles none, and goes on by itself."""

import asyncio
import random
import re
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from sandbox import server
from sandbox.client import Client, Json, Person, buttons, describe, plain, transcript
from services.campaigns import CampaignStore
from storage.database import open_engine, reading
from storage.tables import (
    AnswerLogRow,
    AnswerRow,
    CampaignRow,
    CardRow,
    InboxRow,
    InboxState,
    InspectionRow,
    JobRow,
    JobState,
    MediaRow,
    OutboxRow,
    OutboxState,
    StrayTextRow,
)
from tests.bot.processes import BotProcess
from tests.databases import Databases
from tests.world import TOKEN, environment, load_region, populate

KILLS = 30
LONGEST_DELAY_SECONDS = 0.6
"""Between what the person does and the kill: reception, handling, sending and rest."""
PATIENCE_SECONDS = 40.0
"""For the next question; a restart on a busy machine takes its time."""
PICTURES = ("7", "18")
"""Items at which the inspector takes a picture before answering."""
TYPED = {
    "1": "20/1",
    "2": "20/0",
    "4": "有",
    "13": "有",
    "28": "有 罚2000元 没收 设备1台",
    "29": "无",
}
"""Items answered by typing; all others are tapped."""
OFTEN_FOUND = 5
"""Every such question gets another answer than the first offered."""


async def no_kill() -> None:
    """Leave the bot alone."""


@dataclass
class Walk:
    """An inspector who only ever reacts to what is on the screen."""

    client: Client
    person: Person
    names: tuple[str, ...]
    items: tuple[str, ...]
    """Item number of each question of the form, empty for the others."""
    after_action: Callable[[], Awaitable[None]] = no_kill
    actions: int = 0
    offered: int = 0
    """How often something typed had to be placed by a button, having come too late."""
    pictures: set[str] = field(default_factory=set)

    async def card(self) -> Json | None:
        """What the person looks at: the newest message with buttons."""
        for message in reversed(await self.person.sees(last=12)):
            if message.get("inline_keyboard"):
                return message
        return None

    async def act(self, card: Json | None, **what: Any) -> Json:
        """Do one thing, let the bot be killed, and wait for another card; never do it again."""
        before = None if card is None else _look(card)
        self.actions += 1
        if "tap" in what:
            assert card is not None
            await self.person.act("tap", message_id=card["message_id"], wait=0, **what["tap"])
        elif "text" in what:
            await self.person.send(what["text"])
        else:
            await self.person.generate("photo")
        await self.after_action()

        async def another() -> Json | None:
            shown = await self.card()
            return None if shown is None or _look(shown) == before else shown

        try:
            found: Json = await self.client.settle(another, timeout=PATIENCE_SECONDS)
        except AssertionError:
            there = transcript(await self.person.sees(last=6))
            raise AssertionError(f"no other card came; there is:\n{there}") from None
        return found

    async def press(self, card: Json, label: str) -> Json:
        """Tap the button whose text contains ``label``."""
        for row, col, button in buttons(card):
            if label in button["text"]:
                return await self.act(card, tap={"row": row, "col": col})
        raise AssertionError(f"no button {label} on\n{describe(card)}")

    async def begin(self) -> Json:
        """From the menu to the first question."""
        card = await self.act(None, text="/start")
        card = await self.press(card, "开始检查")
        card = await self.act(card, text="示范人民")
        card = await self.press(card, "柳州市示范人民医院")
        return await self.press(card, "逐项检查")

    async def answer_all(self, card: Json) -> Json:
        """Question after question until the review page."""
        item = ""
        for _ in range(120):
            strays = [b["text"] for _, _, b in buttons(card) if ":stray-" in _data(b)]
            if strays:
                self.offered += 1
                label = next(text for text in strays if f"第 {item} " in text)
                card = await self.press(card, label)
                continue
            place = _place(card)
            if place is None:
                return card
            item = self.items[place]
            card = await self.answer(card, place, item)
        raise AssertionError("the checklist does not end")

    async def answer(self, card: Json, place: int, item: str) -> Json:
        """React to the card of one question."""
        if item in PICTURES and item not in self.pictures:
            self.pictures.add(item)
            return await self.act(card, photo=True)
        if item in TYPED:
            return await self.act(card, text=TYPED[item])
        picks = [_data(b) for _, _, b in buttons(card) if _data(b).startswith("a:")]
        other = place % OFTEN_FOUND == 0 and len(picks) > 1
        return await self.act(card, tap={"data": picks[1 if other else 0]})


def _data(button: Json) -> str:
    return str(button.get("callback_data", ""))


def _look(card: Json) -> tuple[str, tuple[str, ...]]:
    """What a person takes for the same card, wherever it stands."""
    return plain(card), tuple(button["text"] for _, _, button in buttons(card))


def _place(card: Json) -> int | None:
    """Which question a card shows, as its own buttons say."""
    for _, _, button in buttons(card):
        if found := re.fullmatch(r"d:\d+:back:(\d+)", _data(button)):
            return int(found[1])
    return None


@dataclass(frozen=True)
class Outcome:
    """What a walk left behind."""

    answers: dict[str, str]
    pictures: list[tuple[str, str, str | None]]
    inspections: list[tuple[str, str]]
    inbox: Counter[int]
    payloads: int
    overwritten: int
    strays: int
    outbox: Counter[int]
    messages: int
    documents: Counter[str]
    actions: int
    offered: int


async def rest(engine: AsyncEngine) -> None:
    """Wait until nothing waits in the database."""
    inbox, outbox, jobs, cards = (
        model.__table__  # type: ignore[attr-defined]  # SQLModel hides the Core table
        for model in (InboxRow, OutboxRow, JobRow, CardRow)
    )
    open_rows = (
        select(inbox.c.update_id).where(inbox.c.state == InboxState.NEW),
        select(outbox.c.id).where(outbox.c.state <= OutboxState.SENDING),
        select(jobs.c.id).where(jobs.c.state <= JobState.RUNNING),
        select(cards.c.chat_id).where(cards.c.shown < cards.c.wanted),
    )
    for _ in range(int(PATIENCE_SECONDS / 0.1)):
        async with reading(engine) as connection:
            found = [(await connection.execute(one)).first() for one in open_rows]
        if found == [None] * len(open_rows):
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"still open: {found}")


async def outcome(engine: AsyncEngine, walk: Walk) -> Outcome:
    """Read everything as a second session."""

    async def rows(model: Any) -> list[Any]:
        async with reading(engine) as connection:
            return list((await connection.execute(select(model.__table__))).all())

    inbox = await rows(InboxRow)
    answers = [(row.name, row.value) for row in await rows(AnswerRow)]
    assert len(answers) == len(dict(answers))
    said = [m for m in await walk.person.sees() if m["from"]["is_bot"]]
    return Outcome(
        answers=dict(answers),
        pictures=[(row.name, row.state, row.sha256) for row in await rows(MediaRow)],
        inspections=[(row.state, row.mode) for row in await rows(InspectionRow)],
        inbox=Counter(row.state for row in inbox),
        payloads=sum(row.payload is not None for row in inbox),
        overwritten=len(await rows(AnswerLogRow)),
        strays=len(await rows(StrayTextRow)),
        outbox=Counter(row.state for row in await rows(OutboxRow)),
        messages=len(said),
        documents=Counter(m["media"]["name"] for m in said if "media" in m),
        actions=walk.actions,
        offered=walk.offered,
    )


async def walk_through(
    url: str, folder: Path, now: datetime, plan: dict[int, float]
) -> tuple[Outcome, BotProcess]:
    """One whole inspection in a deployment of its own.

    Args:
        url: An empty, migrated database.
        folder: For the bot's data.
        now: The sandbox's time at the beginning.
        plan: After which actions the bot is killed, and how many seconds after.
    """
    folder.mkdir()
    telegram = await server.start(port=0, tokens=[TOKEN], state_dir=None, limits=False)
    engine = open_engine(url)
    bot = BotProcess(environment(telegram.url, folder / "data", url), folder / "log")
    try:
        async with Client(telegram.url) as client:
            await client.clock(to=now.isoformat())
            people, _ = await populate(client, "zh-hans")
            await load_region(engine, now)
            async with reading(engine) as connection:
                campaign = (await connection.execute(select(CampaignRow.__table__))).one()
                definition = await CampaignStore().definition(
                    connection, campaign.current_version_id
                )
            questions = definition.form.questions
            walk = Walk(
                client,
                people[0],
                tuple(q.name for q in questions),
                tuple(q.item for q in questions),
            )

            async def kill_as_planned() -> None:
                delay = plan.get(walk.actions)
                if delay is not None:
                    await asyncio.sleep(delay)
                    await bot.kill()
                    await bot.start()

            walk.after_action = kill_as_planned
            await bot.start()
            review = await walk.answer_all(await walk.begin())
            await walk.press(review, "提交")
            await rest(engine)
            return await outcome(engine, walk), bot
    finally:
        await bot.kill()
        await engine.dispose()
        await telegram.close()


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_killed_thirty_times__item_by_item__ends_as_the_walk_without_kills(
    databases: Databases, tmp_path: Path, now: datetime
) -> None:
    clean, _ = await walk_through(databases.sqlite_url(), tmp_path / "clean", now, {})
    assert clean.offered == clean.strays == clean.overwritten == clean.payloads == 0
    assert clean.inspections == [("submitted", "each")]
    assert [state for _, state, _ in clean.pictures] == ["stored", "stored"]
    assert len(clean.documents) == 2

    chance = random.Random(20201113)
    moments = [*chance.sample(range(1, clean.actions), KILLS - 1), clean.actions]
    plan = {moment: LONGEST_DELAY_SECONDS * chance.random() ** 2 for moment in moments}
    killed, bot = await walk_through(databases.sqlite_url(), tmp_path / "killed", now, plan)

    # The same work, stored once; what was typed while nobody could know for which card is
    # offered and placed by a button, which is one more action.
    assert killed.answers == clean.answers
    assert killed.pictures == clean.pictures
    assert killed.inspections == clean.inspections
    assert killed.overwritten == 0
    assert killed.strays == killed.offered
    # Every action reached the bot once and was handled once.
    assert killed.actions == clean.actions + killed.offered
    assert killed.inbox == clean.inbox + Counter({InboxState.HANDLED.value: killed.offered})
    assert killed.payloads == 0
    # Papers arrive; a kill repeats at most the message that was on its way.
    assert killed.outbox == clean.outbox
    assert killed.documents.keys() == clean.documents.keys()
    assert sum(killed.documents.values()) <= len(clean.documents) + 1
    assert killed.messages <= clean.messages + KILLS + 2 * killed.offered
    assert bot.starts == KILLS + 1
    assert " ERROR " not in bot.log.read_text(encoding="utf-8")
