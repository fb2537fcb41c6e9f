"""The outbox: sent once, tried again where that helps, given up where it does not."""

import asyncio
import io
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from PIL import Image

from bot.delivery import AT_ONCE, TRIES
from bot.pacer import BROADCAST, PERSON, Limits
from handlers.content import Button, Content, File
from handlers.pushes import PUSHES, PushContext
from sandbox.client import buttons, plain
from storage.tables import OutboxRow, OutboxState
from storage.workspace import Workspace
from tests.bot.small import ADMIN, ANNA, BODO, Small, small
from tests.databases import Databases
from tests.world import BOT_ID, FAST

PDF = b"%PDF-1.4 " + bytes(range(256)) * 40


def png() -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (320, 200), (200, 30, 30)).save(made, "PNG")
    return made.getvalue()


async def note(_context: PushContext, params: Any) -> Content | None:
    """A text; nothing when it makes no sense any more."""
    return None if params.get("obsolete") else Content(f"<b>{params['text']}</b>")


async def file(_context: PushContext, params: Any) -> Content:
    """A document, or a photo with a caption and a button."""
    if params["photo"]:
        button = ((Button("看", "go:menu"),),)
        return Content("图", button, File("表.png", png(), photo=True))
    return Content("", file=File("检查表 1.pdf", PDF))


async def broken(_context: PushContext, _params: Any) -> Content:
    """A renderer that fails."""
    raise LookupError


@pytest.fixture(autouse=True)
def _renderers() -> Iterator[None]:
    made = {"t_note": note, "t_file": file, "t_broken": broken}
    PUSHES.update(made)
    yield
    for kind in made:
        del PUSHES[kind]


async def push(w: Small, key: str, chat: int, text: str = "", **more: Any) -> None:
    """Put one message into the outbox."""
    kind, params = more.pop("kind", "t_note"), more.pop("params", {"text": text or key})
    async with w.engine.begin() as connection:
        ws = Workspace(connection, w.app.now())
        ws.push(key, BOT_ID, chat, kind, params, **more)
        await ws.flush()


@asynccontextmanager
async def delivering(
    url: str, tmp_path: Path, now: datetime, limits: Limits = FAST
) -> AsyncIterator[Small]:
    """Everybody has started the bot; only the outbox runs, once the test starts it."""
    async with small(url, tmp_path, now, run=False, limits=limits) as w:
        for person in (w.anna, w.bodo, w.admin):
            await person.start()
        try:
            yield w
        finally:
            w.app.stopping.set()
            await w.app.loops.drain(5)
            await w.app.nursery.drain(5)


def start(w: Small) -> None:
    w.app.loops.start(w.app.delivery.work(w.app.stopping), "deliver")
    w.app.loops.start(w.app.clock.follow(w.app.stopping), "clock")


async def ended(w: Small, key: str, state: OutboxState, seconds: float = 20) -> Any:
    (row,) = await w.until(
        OutboxRow, OutboxRow.key == key, OutboxRow.state == state, seconds=seconds
    )
    return row


async def test_push__planned_twice__is_sent_once(
    database_url: str, tmp_path: Path, now: datetime
) -> None:
    async with delivering(database_url, tmp_path, now) as w:
        await push(w, "a", ANNA, "甲")
        await push(w, "a", ANNA, "乙")
        start(w)
        row = await ended(w, "a", OutboxState.SENT)
        await push(w, "a", ANNA, "丙")
        await push(w, "b", ANNA, "丁")
        await ended(w, "b", OutboxState.SENT)
        assert await w.said(w.anna) == ["甲", "丁"]
        assert row.message_id is not None
        assert row.attempts == 1


async def test_push__that_makes_no_sense_any_more__is_obsolete(
    database_url: str, tmp_path: Path, now: datetime
) -> None:
    async with delivering(database_url, tmp_path, now) as w:
        await push(w, "a", ANNA, params={"obsolete": True})
        start(w)
        await ended(w, "a", OutboxState.OBSOLETE)
        assert await w.said(w.anna) == []


async def test_push__interrupted_by_a_crash__waits_again_after_the_start(
    database_url: str, tmp_path: Path, now: datetime
) -> None:
    async with delivering(database_url, tmp_path, now) as w:
        await w.add(
            OutboxRow,
            bot_id=BOT_ID,
            chat_id=ANNA,
            key="a",
            kind="t_note",
            params={"text": "甲"},
            state=OutboxState.SENDING,
            attempts=1,
            not_before=now,
            created_at=now,
        )
        await w.app.delivery.recover()
        start(w)
        await ended(w, "a", OutboxState.SENT)
        assert await w.said(w.anna) == ["甲"]


async def test_push__not_before_its_time__waits_for_the_clock(
    databases: Databases, tmp_path: Path, now: datetime
) -> None:
    async with delivering(databases.sqlite_url(), tmp_path, now) as w:
        later = datetime.fromisoformat("2026-11-19T00:00:00+00:00")
        await push(w, "a", ANNA, not_before=later)
        await push(w, "b", BODO)
        start(w)
        await ended(w, "b", OutboxState.SENT)
        assert await w.said(w.anna) == []
        await w.client.clock(to=later.isoformat())
        await ended(w, "a", OutboxState.SENT)


# ---- trouble -----------------------------------------------------------------------------------


async def test_429__with_retry_after__is_waited_for_and_not_counted(
    database_url: str, tmp_path: Path, now: datetime
) -> None:
    async with delivering(database_url, tmp_path, now) as w:
        await w.client.fault("429", method="sendMessage", chat_id=ANNA, retry_after=1, count=2)
        await push(w, "a", ANNA)
        await push(w, "b", BODO)
        start(w)
        await ended(w, "b", OutboxState.SENT)
        assert (await w.rows(OutboxRow, OutboxRow.key == "a"))[0].state != OutboxState.SENT
        row = await ended(w, "a", OutboxState.SENT)
        assert row.attempts == 1
        assert await w.said(w.anna) == ["a"]


@pytest.mark.parametrize("kind", ["http_500", "http_502", "drop_before", "bad_json"])
async def test_passing_failure__of_each_kind__is_tried_again_until_it_works(
    databases: Databases, tmp_path: Path, now: datetime, kind: str
) -> None:
    async with delivering(databases.sqlite_url(), tmp_path, now) as w:
        await w.client.fault(kind, method="sendMessage", chat_id=ANNA)
        await push(w, "a", ANNA)
        start(w)
        await w.until(OutboxRow, OutboxRow.attempts == 1, OutboxRow.error != None)  # noqa: E711
        await w.client.clock(advance_seconds=5)
        row = await ended(w, "a", OutboxState.SENT)
        assert row.attempts == 2
        assert await w.said(w.anna) == ["a"]


async def test_lost_answer__of_a_message_that_arrived__repeats_it_once_at_most(
    databases: Databases, tmp_path: Path, now: datetime
) -> None:
    async with delivering(databases.sqlite_url(), tmp_path, now) as w:
        await w.client.fault("drop_after", method="sendMessage", chat_id=ANNA)
        await push(w, "a", ANNA)
        start(w)
        await w.until(OutboxRow, OutboxRow.attempts == 1, OutboxRow.error != None)  # noqa: E711
        await w.client.clock(advance_seconds=5)
        await ended(w, "a", OutboxState.SENT)
        assert await w.said(w.anna) == ["a", "a"]


async def test_bad_request__is_our_mistake__not_tried_again_and_an_admin_is_told(
    database_url: str, tmp_path: Path, now: datetime
) -> None:
    async with delivering(database_url, tmp_path, now) as w:
        await w.client.fault(
            "error", method="sendMessage", chat_id=ANNA, code=400, description="Bad Request: no"
        )
        await push(w, "a", ANNA)
        start(w)
        row = await ended(w, "a", OutboxState.FAILED)
        assert (row.attempts, row.error) == (1, "BadRequest")
        await told(w, row)


async def told(w: Small, row: Any) -> None:
    """An admin reads which push was given up and why."""
    notice = await ended(w, f"give_up:{row.id}:{ADMIN}", OutboxState.SENT)
    assert notice.params == {"push": row.id, "kind": row.kind, "error": row.error}
    assert any(str(row.error) in text for text in await w.said(w.admin))


async def test_forbidden__a_person_blocked_the_bot__is_given_up_and_an_admin_is_told(
    database_url: str, tmp_path: Path, now: datetime
) -> None:
    async with delivering(database_url, tmp_path, now) as w:
        await w.anna.act("block")
        await push(w, "a", ANNA)
        start(w)
        row = await ended(w, "a", OutboxState.FAILED)
        assert (row.attempts, row.error) == (1, "Forbidden")
        await told(w, row)


async def test_failures__as_often_as_allowed__end_in_giving_up(
    databases: Databases, tmp_path: Path, now: datetime
) -> None:
    async with delivering(databases.sqlite_url(), tmp_path, now) as w:
        await w.client.fault("http_500", method="sendMessage", chat_id=ANNA, count=0)
        await push(w, "a", ANNA)
        start(w)
        for attempt in range(1, TRIES):
            await w.until(OutboxRow, OutboxRow.attempts == attempt, OutboxRow.state == 0)
            await w.client.clock(advance_seconds=2**attempt + 1)
        row = await ended(w, "a", OutboxState.FAILED)
        assert row.attempts == TRIES
        await told(w, row)


async def test_renderer_that_fails__harms_no_other_message(
    databases: Databases, tmp_path: Path, now: datetime
) -> None:
    async with delivering(databases.sqlite_url(), tmp_path, now) as w:
        await push(w, "a", ANNA, kind="t_broken")
        await push(w, "b", ANNA, kind="no such kind")
        await push(w, "c", ANNA)
        start(w)
        await ended(w, "c", OutboxState.SENT)
        assert (await ended(w, "b", OutboxState.FAILED)).error == "unknown kind"
        (row,) = await w.rows(OutboxRow, OutboxRow.key == "a")
        assert (row.state, row.error) == (OutboxState.WAITING, "LookupError")


async def test_group__that_became_a_supergroup__is_followed(
    databases: Databases, tmp_path: Path, now: datetime
) -> None:
    async with delivering(databases.sqlite_url(), tmp_path, now) as w:
        group = await w.client.group("群", [w.anna], type="group", bot="member")
        moved = await w.client.change_group(group["id"], "migrate")
        await push(w, "a", group["id"])
        start(w)
        row = await ended(w, "a", OutboxState.SENT)
        assert row.chat_id == moved["id"]
        assert plain(await w.anna.newest(moved["key"])) == "a"


# ---- what arrives ------------------------------------------------------------------------------


async def test_files__document_and_photo__arrive_intact(
    databases: Databases, tmp_path: Path, now: datetime
) -> None:
    async with delivering(databases.sqlite_url(), tmp_path, now) as w:
        await push(w, "pdf", ANNA, kind="t_file", params={"photo": False})
        await push(w, "png", ANNA, kind="t_file", params={"photo": True})
        start(w)
        await ended(w, "pdf", OutboxState.SENT)
        await ended(w, "png", OutboxState.SENT)
        document, photo = [m for m in await w.anna.sees() if "media" in m]
        assert document["media"]["kind"] == "document"
        assert document["media"]["name"] == "检查表 1.pdf"
        async with (
            aiohttp.ClientSession() as session,
            session.get(w.client.url + document["media"]["url"]) as answer,
        ):
            assert await answer.read() == PDF
        assert (photo["media"]["kind"], photo["media"]["width"]) == ("photo", 320)
        assert plain(photo) == "图"
        assert [b["callback_data"] for _, _, b in buttons(photo)] == ["go:menu"]


async def test_topic_and_silence__of_a_group__are_kept(
    databases: Databases, tmp_path: Path, now: datetime
) -> None:
    async with delivering(databases.sqlite_url(), tmp_path, now) as w:
        group = await w.client.group(
            "群", [w.anna], type="supergroup", is_forum=True, bot="administrator"
        )
        topic = await w.client.change_group(group["id"], "topic", name="表")
        thread = topic["message_thread_id"]
        await push(w, "a", group["id"], thread_id=thread, silent=True)
        start(w)
        await ended(w, "a", OutboxState.SENT)
        message = await w.anna.newest(group["key"])
        assert (message["message_thread_id"], message["silent"]) == (thread, True)


# ---- order and number --------------------------------------------------------------------------


async def test_lanes__a_person_waits_behind_a_broadcast__is_served_first(
    databases: Databases, tmp_path: Path, now: datetime
) -> None:
    async with delivering(databases.sqlite_url(), tmp_path, now) as w:
        people = [await w.client.person(6_000 + n, "人") for n in range(AT_ONCE * 4)]
        for person in people:
            await person.start()
            await push(w, f"b{person.id}", person.id, lane=BROADCAST)
        await push(w, "p", ADMIN, lane=PERSON)
        await w.client.post("/sandbox/settings", {"network_delay_ms": 300})
        start(w)
        await ended(w, "p", OutboxState.SENT)
        waiting = await w.rows(OutboxRow, OutboxRow.state == OutboxState.WAITING)
        assert len(waiting) > 0
        await w.until(OutboxRow, OutboxRow.state == OutboxState.SENT, count=len(people) + 1)


async def test_messages__to_one_chat__leave_in_the_order_in_which_they_were_planned(
    databases: Databases, tmp_path: Path, now: datetime
) -> None:
    async with delivering(databases.sqlite_url(), tmp_path, now) as w:
        for number in range(12):
            await push(w, str(number), ANNA)
        start(w)
        await w.until(OutboxRow, OutboxRow.state == OutboxState.SENT, count=12)
        assert await w.said(w.anna) == [str(number) for number in range(12)]


async def test_long_queue__of_one_chat__does_not_hide_the_others(
    databases: Databases, tmp_path: Path, now: datetime
) -> None:
    slow = Limits(chat_seconds=30.0, chat_burst=1)
    async with delivering(databases.sqlite_url(), tmp_path, now, slow) as w:
        for number in range(AT_ONCE * 8 + 5):
            await push(w, f"q{number}", ANNA)
        await push(w, "other", BODO)
        start(w)
        await ended(w, "other", OutboxState.SENT, seconds=5)


async def test_in_flight__a_slow_network__never_more_than_a_crash_may_repeat(
    databases: Databases, tmp_path: Path, now: datetime
) -> None:
    async with delivering(databases.sqlite_url(), tmp_path, now) as w:
        people = [await w.client.person(6_000 + n, "人") for n in range(24)]
        for person in people:
            await person.start()
            await push(w, f"n{person.id}", person.id)
        await w.client.post("/sandbox/settings", {"network_delay_ms": 300})
        start(w)
        most = 0
        for _ in range(200):
            rows = await w.rows(OutboxRow)
            most = max(most, sum(row.state == OutboxState.SENDING for row in rows))
            if all(row.state == OutboxState.SENT for row in rows):
                break
            await asyncio.sleep(0.02)
        assert {row.state for row in rows} == {OutboxState.SENT}
        assert most == AT_ONCE
