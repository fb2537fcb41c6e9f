"""Replies reach the chat as cards: edited in place, sent below, sent anew, tried again."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from bot.app import running
from sandbox.client import Json, buttons, plain
from storage.tables import CardRow, PersonRow
from tests.bot.small import ANNA, BODO, Small, small
from tests.databases import Databases
from tests.world import BOT_ID

SLOW = 25.0
WELCOME = "医疗机构专项检查助手"
ASK = "请选择语言"


@pytest.fixture
async def w(databases: Databases, tmp_path: Path, now: datetime) -> AsyncIterator[Small]:
    async with small(databases.sqlite_url(), tmp_path, now) as made:
        await made.anna.start()
        await made.client.wait_for(WELCOME, made.anna, timeout=SLOW)
        await shown(made, 1)
        yield made


async def shown(w: Small, wanted: int, chat: int = ANNA) -> Any:
    """Wait until the card shows this state, as the database knows it."""
    (row,) = await w.until(CardRow, CardRow.chat_id == chat, CardRow.shown == wanted, seconds=SLOW)
    return row


async def cards(w: Small) -> list[Json]:
    """The bot's messages that still have buttons."""
    return [m for m in await w.anna.sees() if m.get("inline_keyboard")]


async def ids(w: Small) -> list[int]:
    """Ids of all messages of the bot."""
    return [m["message_id"] for m in await w.anna.sees() if m["from"]["is_bot"]]


async def test_tap__edits_the_card_in_place(w: Small) -> None:
    await w.anna.send("/language")
    await w.client.wait_for(ASK, w.anna, timeout=SLOW)
    row = await shown(w, 2)
    before = await ids(w)
    await w.anna.tap("English")
    await w.client.wait_for("Inspection campaign assistant", w.anna, timeout=SLOW)
    assert (await shown(w, 3)).message_id == row.message_id
    assert await ids(w) == before


async def test_typed_text__sends_the_card_below_and_the_old_one_loses_its_buttons(
    w: Small,
) -> None:
    await w.anna.send("/language")
    await w.client.wait_for(ASK, w.anna, timeout=SLOW)
    await shown(w, 2)
    await w.client.quiet(0.3, timeout=SLOW)
    first, second = [m for m in await w.anna.sees() if m["from"]["is_bot"]]
    assert plain(first).startswith(WELCOME)
    assert [m["message_id"] for m in await cards(w)] == [second["message_id"]]


async def test_burst_of_texts__is_answered_by_fewer_cards_and_one_with_buttons(
    w: Small,
) -> None:
    for _ in range(6):
        await w.anna.send("/language")
    await shown(w, 7)
    await w.client.quiet(0.5, timeout=SLOW)
    assert len(await cards(w)) == 1


@pytest.mark.parametrize(
    "description",
    [
        "Bad Request: message to edit not found",
        "Bad Request: message can't be edited",
        "Bad Request: MESSAGE_ID_INVALID",
    ],
)
async def test_card__that_cannot_be_edited_any_more__is_sent_anew(
    w: Small, description: str
) -> None:
    await w.anna.send("/language")
    await w.client.wait_for(ASK, w.anna, timeout=SLOW)
    row = await shown(w, 2)
    await w.client.fault("error", method="editMessageText", code=400, description=description)
    await w.anna.tap("English")
    message = await w.client.wait_for("Inspection campaign assistant", w.anna, timeout=SLOW)
    assert message["message_id"] > row.message_id
    assert (await shown(w, 3)).message_id == message["message_id"]


async def test_card__that_the_person_deleted__is_sent_anew(w: Small) -> None:
    await w.anna.send("/language")
    await w.client.wait_for(ASK, w.anna, timeout=SLOW)
    row = await shown(w, 2)
    card = (await cards(w))[-1]
    data = next(b["callback_data"] for _, _, b in buttons(card) if b["text"] == "English")
    await w.anna.act("tap", message_id=card["message_id"], data=data, wait=0)
    await w.anna.act("delete", message_ids=[card["message_id"]])
    message = await w.client.wait_for("Inspection campaign assistant", w.anna, timeout=SLOW)
    assert message["message_id"] >= row.message_id
    await shown(w, 3)


async def test_card__that_shows_this_already__counts_as_shown(w: Small) -> None:
    await w.anna.send("/language")
    await w.client.wait_for(ASK, w.anna, timeout=SLOW)
    row = await shown(w, 2)
    async with w.engine.begin() as connection:
        await connection.execute(
            CardRow.__table__.update().values(wanted=3)  # type: ignore[attr-defined]
        )
    await w.app.pipeline.redraw()
    assert (await shown(w, 3)).message_id == row.message_id
    refused = [line for line in await w.client.log() if not line["ok"]]
    assert [line["description"].partition(":")[2].strip()[:23] for line in refused] == [
        "message is not modified"
    ]


@pytest.mark.parametrize("kind", ["http_500", "http_502", "bad_json", "drop_before"])
async def test_reply__the_server_fails__is_tried_again(w: Small, kind: str) -> None:
    await w.client.fault(kind, method="sendMessage", count=2)
    await w.anna.send("/language")
    await w.client.wait_for(ASK, w.anna, timeout=SLOW)
    await shown(w, 2)
    assert len([one for one in await w.said(w.anna) if ASK in one]) == 1


async def test_429__in_one_chat__holds_that_chat_and_no_other(w: Small) -> None:
    await w.client.fault("429", method="sendMessage", chat_id=ANNA, retry_after=2)
    await w.anna.send("/language")
    await w.bodo.start()
    await w.client.wait_for(WELCOME, w.bodo, timeout=SLOW)
    assert not [one for one in await w.said(w.anna) if ASK in one]
    await w.client.wait_for(ASK, w.anna, timeout=SLOW)
    log = [line for line in await w.client.log() if line.get("chat_id") == ANNA]
    sent = [line for line in log if line["method"] == "sendMessage"]
    assert sent[-1]["at"] - sent[-2]["at"] >= 2


async def test_toast__the_server_fails_once__comes_all_the_same(w: Small) -> None:
    await w.anna.send("/language")
    await w.client.wait_for(ASK, w.anna, timeout=SLOW)
    await w.client.fault("http_500", method="answerCallbackQuery")
    answer = await w.anna.tap("English", wait=10)
    assert answer["answer"] is not None


async def test_blocked_bot__a_card_is_due__person_is_marked_until_they_write_again(
    w: Small,
) -> None:
    await w.client.fault("delay", method="getUpdates", seconds=0.5)
    await w.anna.send("/language")
    await w.anna.act("block")
    await w.until(PersonRow, PersonRow.unreachable_at != None, seconds=SLOW)  # noqa: E711
    await w.anna.act("unblock")
    await w.anna.send("/language")
    await w.client.wait_for(ASK, w.anna, timeout=SLOW)
    (person,) = await w.until(PersonRow, PersonRow.unreachable_at == None)  # noqa: E711
    assert person.telegram_id == ANNA


# ---- after a crash -----------------------------------------------------------------------------


async def test_card__wanted_but_never_shown__is_drawn_at_the_start(
    database_url: str, tmp_path: Path, now: datetime
) -> None:
    async with small(database_url, tmp_path, now, run=False) as w:
        for person in (w.anna, w.bodo):
            await person.start()
        for chat, view in ((ANNA, "language"), (BODO, "a view of a former version")):
            await w.add(
                PersonRow,
                bot_id=BOT_ID,
                telegram_id=chat,
                name="",
                phone_language="zh-hans",
                created_at=now,
            )
            await w.add(
                CardRow,
                bot_id=BOT_ID,
                chat_id=chat,
                purpose="main",
                view=view,
                params={},
                wanted=5,
                shown=4,
                below=True,
                asked_wanted=5,
            )
        await w.app.pipeline.load()
        await w.client.wait_for(ASK, w.anna, timeout=SLOW)
        assert await w.said(w.bodo) == []
        while w.app.sender.busy:
            await asyncio.sleep(0.02)
        await w.app.pipeline.flush()
        (row,) = await w.rows(CardRow, CardRow.chat_id == ANNA)
        assert (row.shown, row.below) == (5, False)
        assert row.message_id == (await w.anna.newest())["message_id"]
        async with running(w.app):
            # Who has a card that this version cannot draw gets another one by writing.
            await w.client.wait_for(WELCOME, w.bodo, timeout=SLOW)
