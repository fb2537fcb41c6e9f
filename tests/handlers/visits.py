"""Inspectors at work in tests: a phone that remembers every state of its chat.

A card is edited in place, so the chat of the sandbox keeps only its last state; ``Phone`` notes
what was new or changed after every press and message, as the person saw it.
"""

import asyncio
import itertools
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from sqlalchemy import insert, select

from sandbox.client import Json, Person, buttons, describe, plain
from services.registry import unit_by_code
from storage.tables import (
    AnswerRow,
    ContributionRow,
    InspectionRow,
    MembershipRow,
    PersonRow,
    Role,
)
from tests.world import BOT_ID, World

UNIT = "LZ-H"
LOOKED_AT = 40
"""Newest messages that a look compares: more than any step brings."""
_numbers = itertools.count(7_001)


async def rest(w: World) -> None:
    """Wait until the bot is at rest; ``World.settled`` looks more often and takes longer.

    Looked at twice: between two looks at one moment, work may pass from the one to the other.
    """
    calm = 0
    for _ in range(3_000):
        calm = calm + 1 if await w._calm() else 0
        if calm == 2:
            return
        await asyncio.sleep(0.01)
    raise AssertionError("the bot did not come to rest")


def _kept(message: Json) -> tuple[str, str]:
    return describe(message), str(message.get("edit_date"))


@dataclass
class Phone:
    """A person's hands and eyes; every step waits until the bot is at rest.

    Args:
        w: The world.
        person: Whose phone.
        steps: Presses and typed messages so far.
        lines: What was done and what was then new on the screen, in order.
    """

    w: World
    person: Person
    steps: int = 0
    lines: list[str] = field(default_factory=list)
    _seen: dict[int, tuple[str, str]] = field(default_factory=dict)

    async def look(self, said: str = "") -> list[Json]:
        """Wait for rest; the messages that are new or changed since the last look."""
        await rest(self.w)
        changed = []
        for message in await self.person.sees(last=LOOKED_AT):
            if self._seen.get(message["message_id"]) != _kept(message):
                changed.append(message)
                self._seen[message["message_id"]] = _kept(message)
        bots = [m for m in changed if m["from"]["is_bot"]]
        if said:
            self.lines.append(f"> {said}")
        # A card that only lost its buttons says nothing new.
        self.lines += [describe(m) for m in bots if m.get("inline_keyboard") or m.get("media")]
        return bots

    async def tap(self, label: str) -> Json:
        """Press a button; what the tap was answered (``text`` and ``show_alert``)."""
        self.steps += 1
        done = await self.person.tap(label)
        await self.look(f"[{label}]")
        answer = done.get("answer") or {}
        if answer.get("text"):
            self.lines.append(f"({answer['text']})")
        return dict(answer)

    async def send(self, text: str, **more: Any) -> list[Json]:
        """Type a text; what was new afterwards."""
        self.steps += 1
        await self.person.send(text, **more)
        return await self.look(text)

    async def card(self) -> str:
        """Text of the newest message with buttons."""
        return plain(await self.w.card(self.person))

    async def labels(self) -> list[str]:
        """Buttons of the newest message with buttons."""
        return [button["text"] for _, _, button in buttons(await self.w.card(self.person))]

    async def first_line(self) -> str:
        """What the newest card says first: a notice, or its head."""
        return (await self.card()).partition("\n")[0]


async def inspector(w: World, language: str = "zh-hans", name: str = "演示同行人") -> Phone:
    """A further inspector of the city's health unit, with the chat opened."""
    number = next(_numbers)
    person = await w.client.person(number, name, language_code=language)
    async with w.engine.begin() as connection:
        unit = await unit_by_code(connection, UNIT)
        now = w.app.now()
        made = await connection.execute(
            insert(PersonRow.__table__)
            .values(
                bot_id=BOT_ID,
                telegram_id=number,
                name=name,
                phone_language=language,
                created_at=now,
            )
            .returning(PersonRow.__table__.c.id)
        )
        await connection.execute(
            insert(MembershipRow.__table__).values(
                person_id=made.scalar_one(),
                unit_id=unit.id,
                role=Role.INSPECTOR,
                granted_at=now,
            )
        )
    phone = Phone(w, person)
    await person.start()
    await phone.look("/start")
    return phone


BEGIN = {
    ("zh", "section"): "▶ 开始：只点有问题的",
    ("zh", "each"): "开始：逐项检查",
    ("en", "section"): "▶ Start: mark exceptions only",
    ("en", "each"): "Start: item by item",
}


async def begin(phone: Phone, mode: str, name: str = "城中区示范", locale: str = "zh") -> int:
    """Begin a visit at an institution found by inline query; its number."""
    results = await phone.person.inline(name)
    await phone.person.pick(results, results["results"][0]["id"])
    await phone.look(f"@bot {name}")
    await phone.tap(BEGIN[locale, mode])
    inspections = await phone.w.rows(InspectionRow)
    return int(max(row.id for row in inspections))


async def answers(w: World, inspection_id: int) -> dict[str, str]:
    """The stored answers of a visit, without those that were filled in from the registry."""
    rows = await w.rows(
        AnswerRow, AnswerRow.inspection_id == inspection_id, AnswerRow.source != "preload"
    )
    return {row.name: row.value for row in rows}


async def counted(w: World, inspection_id: int) -> dict[str, int]:
    """What a visit adds to the tables at present, in ten-thousandths by table row."""
    rows = await w.rows(
        ContributionRow,
        ContributionRow.record_kind == "inspection",
        ContributionRow.record_id == inspection_id,
        ContributionRow.valid_to_seq.is_(None),  # type: ignore[union-attr]  # a column
    )
    return {row.row_key: row.amount_e4 for row in rows}


async def state_of(w: World, inspection_id: int) -> Any:
    """The stored inspection."""
    (row,) = await w.rows(InspectionRow, InspectionRow.id == inspection_id)
    return row


async def person_row(w: World, telegram_id: int) -> Any:
    """The stored person."""
    async with w.engine.connect() as connection:
        found = await connection.execute(
            select(PersonRow.__table__).where(PersonRow.__table__.c.telegram_id == telegram_id)
        )
        return found.one()


async def file_bytes(w: World, message: Json) -> bytes:
    """A sent file as the person downloads it."""
    async with (
        aiohttp.ClientSession() as session,
        session.get(w.client.url + message["media"]["url"]) as response,
    ):
        return await response.read()


def documents(messages: list[Json], suffix: str) -> list[Json]:
    """Documents among messages by the end of their name, oldest first."""
    return [m for m in messages if (m.get("media") or {}).get("name", "").endswith(suffix)]
