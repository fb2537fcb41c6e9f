"""The product: stored update, answer, next question, reply, through the whole durable pipeline.

Everything is the product's own code; only the socket is missing, as for the peers.
"""

import asyncio
import gc
import json
import re
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter, time
from typing import Any

from aiogram import Bot as TelegramBot
from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from benchmarks import walk
from bot.api import Answer, LightSession, read_answer
from bot.app import make_dispatcher
from bot.nursery import Nursery
from bot.pacer import Pacer
from bot.page import PageHandler
from bot.pipeline import Pipeline
from bot.sender import Sender
from campaigns.campaign import load_pack
from campaigns.workbook import Row, Sheet, Workbook, to_json
from handlers.context import Bot
from services.campaigns import CampaignStore
from storage.database import open_engine
from storage.migrate import upgrade
from storage.tables import (
    AnswerRow,
    AreaRow,
    CampaignRow,
    CampaignVersionRow,
    CardRow,
    InspectionMemberRow,
    InspectionRow,
    InstitutionRow,
    MembershipRow,
    PersonRow,
    UnitRow,
)
from storage.vault import Vault

ANSWERS = AnswerRow.__table__  # type: ignore[attr-defined]


class StubSession(LightSession):
    """Everything but the socket: the body is built, the answer is parsed."""

    def __init__(self) -> None:
        super().__init__("http://127.0.0.1:1", walk.TOKEN)
        self.ids = 1_000_000
        self.cards: dict[int, tuple[int, list[str]]] = {}
        """By chat: message id and callback data of the card that the person sees."""
        self.calls = 0
        self.drawn = 0
        self.wanted = 0
        self.reached = asyncio.Event()

    async def raw(
        self, name: str, payload: dict[str, Any], timeout_seconds: float | None = None
    ) -> Answer:
        json.dumps(payload).encode()
        self.calls += 1
        if name in ("answerCallbackQuery", "editMessageReplyMarkup"):
            return read_answer(200, json.loads(walk.DONE))
        if name == "sendMessage":
            self.ids += 1
            message_id = self.ids
        else:
            message_id = payload["message_id"]
        markup = payload.get("reply_markup") or {"inline_keyboard": []}
        data = [b["callback_data"] for row in markup["inline_keyboard"] for b in row]
        self.cards[payload["chat_id"]] = (message_id, data)
        self.drawn += 1
        if self.drawn >= self.wanted:
            self.reached.set()
        text = walk.sent_message(payload["chat_id"], message_id, int(time()))
        return read_answer(200, json.loads(text))


def workbook() -> Workbook:
    """The walk as a campaign: 33 numbered items in one section."""
    pack = load_pack("guangxi-2020")
    header = ("type", "name", "label::中文 (zh)", "required", "x_item", "x_part", "x_clean")
    rows = [Row(2, {"type": "begin_group", "name": "s1", "label::中文 (zh)": "walk"})]
    for step in range(walk.QUESTIONS):
        number = walk.is_number(step)
        rows.append(
            Row(
                3 + step,
                {
                    "type": "integer" if number else "select_one yesno",
                    "name": f"q{step}",
                    "label::中文 (zh)": f"第 {step} 问，检查内容的文字大约这么长",
                    "required": "yes",
                    "x_item": str(step + 1),
                    "x_part": "count" if number else "main",
                    "x_clean": "" if number else "no",
                },
            )
        )
    rows.append(Row(3 + walk.QUESTIONS, {"type": "end_group"}))
    choices = Sheet(
        "choices",
        ("list_name", "name", "label::中文 (zh)"),
        (
            Row(2, {"list_name": "yesno", "name": "yes", "label::中文 (zh)": "有"}),
            Row(3, {"list_name": "yesno", "name": "no", "label::中文 (zh)": "无"}),
        ),
    )
    return Workbook(
        {
            "survey": Sheet("survey", header, tuple(rows)),
            "choices": choices,
            "settings": pack.sheets["settings"],
            "x_campaign": pack.sheets["x_campaign"],
            "x_kinds": pack.sheets["x_kinds"],
        }
    )


async def prepare(engine: AsyncEngine, chats: int, now: datetime) -> None:
    """Open ``chats`` drafts at their first question, as after 开始检查."""
    shared: dict[str, Any] = {"bot_id": walk.BOT["id"]}
    today = now.date()

    def rows(model: Any, made: list[dict[str, Any]]) -> tuple[Any, list[dict[str, Any]]]:
        return insert(model.__table__), made

    numbers = range(1, chats + 1)
    async with engine.begin() as connection:
        for statement, made in (
            rows(AreaRow, [{"id": 1, "code": "1", "name": "a", "level": "city", "path": "1"}]),
            rows(UnitRow, [{"id": 1, "code": "u", "name": "u", "area_id": 1, "line": "health"}]),
            rows(
                InstitutionRow,
                [
                    {
                        "id": 1,
                        "code": "i",
                        "name": "i",
                        "pinyin": "i",
                        "initials": "i",
                        "address": "",
                        "contact": "",
                        "phone": "",
                        "type": "general",
                        "level": 2,
                        "ownership": "public",
                        "area_id": 1,
                        "unit_id": 1,
                    }
                ],
            ),
            rows(
                CampaignRow,
                [
                    {
                        "id": 1,
                        "code": "c",
                        "pack_id": "c",
                        "title": "c",
                        "starts_on": today,
                        "timezone": "Asia/Shanghai",
                        "language": "zh",
                        "state": "open",
                        "current_version_id": 1,
                        "seq": 0,
                        "opened_at": now,
                    }
                ],
            ),
            rows(
                CampaignVersionRow,
                [
                    {
                        "id": 1,
                        "campaign_id": 1,
                        "number": 1,
                        "workbook": to_json(workbook()),
                        "sha256": "",
                        "published_at": now,
                    }
                ],
            ),
            rows(
                PersonRow,
                [
                    {
                        **shared,
                        "id": n,
                        "telegram_id": n,
                        "name": "B",
                        "phone_language": "zh-hans",
                        "created_at": now,
                    }
                    for n in numbers
                ],
            ),
            rows(
                MembershipRow,
                [
                    {"person_id": n, "unit_id": 1, "role": "inspector", "granted_at": now}
                    for n in numbers
                ],
            ),
            rows(
                InspectionRow,
                [
                    {
                        "id": n,
                        "campaign_id": 1,
                        "version_id": 1,
                        "institution_id": 1,
                        "unit_id": 1,
                        "area_id": 1,
                        "kind": "joint",
                        "mode": "each",
                        "state": "draft",
                        "revision": 0,
                        "corrections": 0,
                        "inspected_on": today,
                        "created_by": n,
                        "created_at": now,
                        "updated_at": now,
                    }
                    for n in numbers
                ],
            ),
            rows(InspectionMemberRow, [{"inspection_id": n, "person_id": n} for n in numbers]),
            rows(
                CardRow,
                [
                    {
                        **shared,
                        "chat_id": n,
                        "purpose": "main",
                        "view": "inspection_item",
                        "params": {"inspection": n, "q": "q0"},
                        "wanted": 1,
                        "shown": 0,
                        "below": True,
                        "asked_wanted": 1,
                    }
                    for n in numbers
                ],
            ),
        ):
            await connection.execute(statement, made)


async def run(chats: int, url: str | None = None) -> tuple[float, int]:
    """Walk all chats once; returns updates per second and how many answers are stored."""
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(url or f"sqlite+aiosqlite:///{Path(folder) / 'bench.db'}")
        await upgrade(engine)
        await prepare(engine, chats, datetime.now(UTC))
        session = StubSession()
        nursery = Nursery()
        bot = Bot(int(walk.BOT["id"]), "bench_bot", frozenset())
        telegram = TelegramBot(walk.TOKEN, session=session)
        sender = Sender(session, Pacer(None), nursery, lambda: datetime.now(UTC))
        pages = PageHandler(engine, make_dispatcher(), telegram, bot, CampaignStore())
        pipeline = Pipeline(
            engine,
            Vault(b"bench"),
            session,
            pages,
            sender,
            bot,
            nursery,
            lambda: datetime.now(UTC),
        )
        await pipeline.load()
        stopping = asyncio.Event()
        work = asyncio.ensure_future(pipeline.work(stopping))
        while len(session.cards) < chats:
            await asyncio.sleep(0.01)
        gc.collect()
        gc.freeze()
        number = 0
        begun = perf_counter()
        for step in range(walk.QUESTIONS):
            session.wanted = session.drawn + chats
            session.reached.clear()
            for first in range(0, chats, 100):
                page = []
                for chat in range(first + 1, min(first + 100, chats) + 1):
                    number += 1
                    message_id, data = session.cards[chat]
                    if walk.is_number(step):
                        session.ids += 1
                        page.append(
                            walk.message_update(number, chat, session.ids, "7", int(time()))
                        )
                    else:
                        tap = next((d for d in data if re.match(r"a:", d)), None)
                        assert tap is not None, (step, chat, data)
                        page.append(
                            walk.callback_update(number, chat, message_id, tap, int(time()))
                        )
                await pipeline.accept(page)
            await asyncio.wait_for(session.reached.wait(), 120)
        taken = perf_counter() - begun
        gc.unfreeze()
        while sender.busy:
            await asyncio.sleep(0.01)
        stopping.set()
        await work
        await pipeline.flush()
        async with engine.connect() as connection:
            stored = (
                await connection.execute(select(func.count()).select_from(ANSWERS))
            ).scalar_one()
        await engine.dispose()
        await session.close()
    return number / taken, int(stored)
