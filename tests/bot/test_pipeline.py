"""Every update is stored, handled exactly once and in order, and one failure harms no other."""

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event

from bot.app import running
from bot.pipeline import concerns_us
from handlers.context import Bot
from locales import text
from sandbox.client import plain
from storage.tables import CardRow, InboxRow, InboxState, OutboxRow, PersonRow
from tests.bot.small import ADMIN, ANNA, BODO, Small, small
from tests.databases import Databases
from tests.world import BOT_ID

SLOW = 20.0
WELCOME = "医疗机构专项检查助手"


def message(update_id: int, body: str, *, who: int = ANNA, message_id: int = 1) -> dict[str, Any]:
    """An update as Telegram delivers it."""
    return {
        "update_id": update_id,
        "message": {
            "message_id": message_id,
            "date": 1_795_000_000,
            "chat": {"id": who, "type": "private", "first_name": "安"},
            "from": {
                "id": who,
                "is_bot": False,
                "first_name": "安",
                "language_code": "zh-hans",
            },
            "text": body,
        },
    }


async def handled(w: Small, count: int) -> list[Any]:
    return await w.until(InboxRow, InboxRow.state == InboxState.HANDLED, count=count)


async def poison(w: Small, chat: int) -> None:
    """A card that cannot be drawn any more: its inspection is gone, and its id is no number."""
    await w.add(
        CardRow,
        bot_id=BOT_ID,
        chat_id=chat,
        purpose="main",
        view="inspection_item",
        params={"inspection": 999_999, "q": "nothing"},
        wanted=3,
        shown=3,
        below=False,
        asked_wanted=3,
    )


# ---- exactly once ------------------------------------------------------------------------------


async def test_update__given_twice_by_telegram__is_handled_once(
    database_url: str, tmp_path: Path, now: datetime
) -> None:
    async with small(database_url, tmp_path, now) as w:
        await w.client.fault("duplicate_update", count=3)
        await w.anna.start()
        await w.client.wait_for(WELCOME, w.anna, timeout=SLOW)
        await w.anna.send("/help")
        await w.anna.send("/language")
        await w.client.wait_for("请选择语言", w.anna, timeout=SLOW)
        rows = await handled(w, 3)
        assert len(rows) == 3
        (card,) = await w.rows(CardRow)
        assert card.wanted == 3


async def test_update__accepted_at_once_by_several_requests__is_handled_once(
    database_url: str, tmp_path: Path, now: datetime
) -> None:
    async with small(database_url, tmp_path, now) as w:
        await w.anna.start()
        await w.client.wait_for(WELCOME, w.anna, timeout=SLOW)
        (card,) = await w.until(CardRow, CardRow.shown == 1)
        again = message(2_000_000_000, "/help", message_id=900)
        await asyncio.gather(*(w.app.pipeline.accept([again]) for _ in range(6)))
        await w.until(CardRow, CardRow.shown == 2)
        await asyncio.sleep(0.3)
        (card,) = await w.rows(CardRow)
        assert (card.wanted, card.shown) == (2, 2)


async def test_update__stored_by_a_former_process__is_handled_after_the_start(
    database_url: str, tmp_path: Path, now: datetime
) -> None:
    async with small(database_url, tmp_path, now, run=False) as w:
        await w.anna.start()
        await w.leave(message(7, "/help"))
        assert await w.states() == {7: InboxState.NEW}
        async with running(w.app):
            await w.client.wait_for("/menu", w.anna, timeout=SLOW)
            await handled(w, 2)
        assert {row.payload for row in await w.rows(InboxRow)} == {None}


async def test_update__with_a_lower_id_than_before__is_not_skipped_after_a_restart(
    databases: Databases, tmp_path: Path, now: datetime
) -> None:
    # After a quiet week Telegram goes on with any number, also a smaller one.
    async with small(databases.sqlite_url(), tmp_path, now, run=False) as w:
        await w.add(
            InboxRow,
            bot_id=BOT_ID,
            update_id=2_147_000_000,
            chat_id=ANNA,
            state=InboxState.HANDLED,
            received_at=now,
        )
        async with running(w.app):
            await w.anna.start()
            await w.client.wait_for(WELCOME, w.anna, timeout=SLOW)


async def test_update__whose_commit_was_answered_by_an_outage__is_handled_when_given_again(
    databases: Databases, tmp_path: Path, now: datetime
) -> None:
    async with small(databases.sqlite_url(), tmp_path, now) as w:
        await w.anna.start()
        await w.client.wait_for(WELCOME, w.anna, timeout=SLOW)
        await w.until(CardRow, CardRow.shown == 1)

        def commit_then_break(connection: Connection) -> None:
            event.remove(w.app.engine.sync_engine, "commit", commit_then_break)
            connection.connection.commit()
            raise ConnectionResetError

        event.listen(w.app.engine.sync_engine, "commit", commit_then_break)
        update = message(2_000_000_000, "/language", message_id=900)
        with pytest.raises(ConnectionResetError):
            await w.app.pipeline.accept([update])
        assert (await w.states())[2_000_000_000] == InboxState.NEW
        await w.app.pipeline.accept([update])
        await w.client.wait_for("请选择语言", w.anna, timeout=SLOW)


# ---- order -------------------------------------------------------------------------------------


async def test_updates__of_several_chats_in_one_page__keep_the_order_of_each_chat(
    database_url: str, tmp_path: Path, now: datetime
) -> None:
    async with small(database_url, tmp_path, now, run=False) as w:
        people = [w.anna, w.bodo]
        for person in people:
            await person.start()
        page = []
        for number in range(40):
            who = people[number % 2].id
            word = ["/help", "/language", "/menu"][number // 2 % 3]
            page.append(message(100 + number, word, who=who, message_id=500 + number))
        page += [
            message(200, "/help", who=ANNA, message_id=600),
            message(201, "/language", who=BODO, message_id=601),
        ]
        await w.leave(*page)
        async with running(w.app):
            await handled(w, 44)
            await w.until(CardRow, CardRow.shown == CardRow.wanted, count=2)
        cards = {row.chat_id: row for row in await w.rows(CardRow)}
        # Of both chats the last word of the page counts, then /start, which Telegram held.
        assert (cards[ANNA].wanted, cards[BODO].wanted) == (22, 22)
        # One page draws a card once, however many updates changed it.
        assert len(await w.said(w.anna)) <= 2


# ---- one failure harms no other ----------------------------------------------------------------


@pytest.mark.parametrize(("phone", "locale"), [("zh-hans", "zh"), ("en", "en")])
async def test_page__one_update_fails__others_are_handled_and_people_are_told(
    database_url: str, tmp_path: Path, now: datetime, phone: str, locale: str
) -> None:
    async with small(database_url, tmp_path, now, run=False, language=phone) as w:
        for person in (w.anna, w.bodo, w.admin):
            await person.start()
        await poison(w, BODO)
        page = [
            message(11, "/help", who=ANNA),
            message(12, "", who=BODO),
            message(13, "/language", who=ANNA),
        ]
        # What no journey takes shows the present card again, which cannot be drawn.
        del page[1]["message"]["text"]
        page[1]["message"]["contact"] = {"phone_number": "0", "first_name": "x"}
        for body in page:
            body["message"]["from"]["language_code"] = phone
        await w.leave(*page)
        async with running(w.app):
            (row,) = await w.until(InboxRow, InboxRow.state == InboxState.FAILED)
            assert row.update_id == 12
            assert row.payload is not None
            await handled(w, 5)
            told = await w.until(OutboxRow, OutboxRow.kind == "incident", OutboxRow.state == 2)
        incident = told[0].params["incident"]
        assert [row.chat_id for row in told] == [ADMIN]
        assert any(incident in one for one in await w.said(w.admin))
        assert text(locale, "error-incident", incident=incident) in await w.said(w.bodo)
        (anna,) = await w.rows(CardRow, CardRow.chat_id == ANNA)
        assert anna.wanted == 3


async def test_update__that_cannot_be_read__is_kept_and_skipped(
    database_url: str, tmp_path: Path, now: datetime
) -> None:
    async with small(database_url, tmp_path, now) as w:
        broken = message(21, "x")
        broken["message"]["photo"] = "not a list"
        await w.app.pipeline.accept([broken, message(22, "/help", message_id=2)])
        await w.until(InboxRow, InboxRow.update_id == 22, InboxRow.state == InboxState.HANDLED)
        (row,) = await w.rows(InboxRow, InboxRow.update_id == 21)
        assert row.state == InboxState.UNREADABLE
        assert row.payload is not None
        # Nobody is bothered: it was no mistake of a person.
        assert await w.rows(OutboxRow) == []


@pytest.mark.parametrize("odd", ["\ud83d", "a\x00b", "9" * 40])
async def test_update__with_odd_text__does_not_stop_the_bot(
    database_url: str, tmp_path: Path, now: datetime, odd: str
) -> None:
    async with small(database_url, tmp_path, now) as w:
        await w.bodo.start()
        await w.client.wait_for(WELCOME, w.bodo, timeout=SLOW)
        await w.app.pipeline.accept(
            [
                message(2_000_000_031, f"/start visit_{odd}", message_id=2),
                message(2_000_000_032, odd, message_id=3),
                message(2_000_000_033, "/help", who=BODO, message_id=4),
            ]
        )
        await w.until(InboxRow, InboxRow.update_id == 2_000_000_033)
        await w.until(InboxRow, InboxRow.state == InboxState.HANDLED, count=2)
        await w.client.wait_for("/menu", w.bodo, timeout=SLOW)
        assert InboxState.NEW not in (await w.states()).values()


async def test_forged_button__with_a_number_no_database_holds__fails_alone(
    database_url: str, tmp_path: Path, now: datetime
) -> None:
    async with small(database_url, tmp_path, now) as w:
        await w.anna.start()
        await w.client.wait_for(WELCOME, w.anna, timeout=SLOW)
        forged = {
            "update_id": 2_000_000_041,
            "callback_query": {
                "id": "1",
                "from": {"id": ANNA, "is_bot": False, "first_name": "安"},
                "chat_instance": "1",
                "data": f"d:{10**30}:resume:0",
                "message": {
                    "message_id": 1,
                    "date": 0,
                    "chat": {"id": ANNA, "type": "private", "first_name": "安"},
                },
            },
        }
        await w.app.pipeline.accept([forged])
        await w.anna.send("/language")
        await w.client.wait_for("请选择语言", w.anna, timeout=SLOW)
        assert (await w.states())[2_000_000_041] != InboxState.NEW


# ---- privacy -----------------------------------------------------------------------------------

PLANTED = "秘密线索：某某医院地下室"


def holds(file: Path, planted: str) -> bool:
    """Whether the database or its log contains a text, plainly or as JSON escapes it."""
    parts = [planted.encode(), planted.encode("unicode_escape"), planted.encode("utf-16-le")]
    return any(
        part in path.read_bytes()
        for path in (file, file.with_name(file.name + "-wal"))
        if path.exists()
        for part in parts
    )


async def test_payload__on_disk__is_sealed_while_it_waits_and_gone_when_handled(
    databases: Databases, tmp_path: Path, now: datetime
) -> None:
    async with small(databases.sqlite_url(), tmp_path, now, run=False) as w:
        await w.anna.start()
        await w.leave(message(51, PLANTED))
        (row,) = await w.rows(InboxRow)
        assert row.state == InboxState.NEW
        assert PLANTED.encode() not in row.payload
        assert w.database_file is not None
        assert not holds(w.database_file, PLANTED)
        async with running(w.app):
            await handled(w, 2)
        assert [row.payload for row in await w.rows(InboxRow)] == [None, None]
        assert not holds(w.database_file, PLANTED)
        # The search itself works: what may be kept is found.
        assert holds(w.database_file, "zh-hans")


# ---- groups ------------------------------------------------------------------------------------

US = Bot(BOT_ID, "inspection_bot", frozenset())


def talk(body: str = "", **more: Any) -> dict[str, Any]:
    return {"update_id": 1, "message": {"chat": {"type": "supergroup"}, "text": body, **more}}


def entity(kind: str, offset: int, length: int, **more: Any) -> dict[str, Any]:
    return {"type": kind, "offset": offset, "length": length, **more}


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        (talk("今天下雨"), False),
        (talk("/table", entities=[entity("bot_command", 0, 6)]), True),
        (talk("/table@inspection_bot", entities=[entity("bot_command", 0, 21)]), True),
        (talk("/table@INSPECTION_BOT", entities=[entity("bot_command", 0, 21)]), True),
        (talk("/table@another_bot", entities=[entity("bot_command", 0, 18)]), False),
        (talk("请发 /table", entities=[entity("bot_command", 3, 6)]), False),
        (talk("😀@inspection_bot 好", entities=[entity("mention", 2, 15)]), True),
        (talk("@inspection_bots", entities=[entity("mention", 0, 16)]), False),
        (talk("机器人", entities=[entity("text_mention", 0, 3, user={"id": BOT_ID})]), True),
        (talk("某人", entities=[entity("text_mention", 0, 2, user={"id": 5})]), False),
        (talk("好", reply_to_message={"from": {"id": BOT_ID}}), True),
        (talk("好", reply_to_message={"from": {"id": 5}}), False),
        (
            talk("好", reply_to_message={"from": {"id": BOT_ID}, "forum_topic_created": {}}),
            False,
        ),
        (talk("某医院", via_bot={"id": BOT_ID}), True),
        (talk("某医院", via_bot={"id": 5}), False),
        (talk(migrate_to_chat_id=-100), True),
        ({"update_id": 1, "edited_message": talk("改了")["message"]}, False),
        ({"update_id": 1, "callback_query": {"message": talk("x")["message"]}}, True),
        ({"update_id": 1, "message": {"chat": {"type": "private"}, "text": "好"}}, True),
    ],
)
def test_group_message__of_each_kind__is_kept_only_when_meant_for_the_bot(
    body: dict[str, Any], kept: bool
) -> None:
    assert concerns_us(body, US) is kept


async def test_group_talk__heard_as_administrator__leaves_only_its_id(
    databases: Databases, tmp_path: Path, now: datetime
) -> None:
    async with small(databases.sqlite_url(), tmp_path, now) as w:
        group = await w.client.group(
            "群", [w.anna, w.admin], type="supergroup", bot="administrator"
        )
        await w.anna.send(PLANTED, chat=group["key"])
        await w.anna.send("/status", chat=group["key"])
        dropped = await w.until(InboxRow, InboxRow.state == InboxState.DROPPED, count=2)
        assert {(row.chat_id, row.payload) for row in dropped} == {(group["id"], None)}
        await w.until(InboxRow, InboxRow.state == InboxState.HANDLED, count=1)
        assert w.database_file is not None
        assert not holds(w.database_file, PLANTED)


async def test_people__who_write_first__are_known_once_with_their_language(
    database_url: str, tmp_path: Path, now: datetime
) -> None:
    async with small(database_url, tmp_path, now) as w:
        await w.anna.start()
        await w.bodo.start()
        await w.anna.send("/help")
        await handled(w, 3)
        people = await w.rows(PersonRow)
        assert sorted((row.telegram_id, row.phone_language) for row in people) == [
            (ANNA, "zh-hans"),
            (BODO, "zh-hans"),
        ]
        assert plain(await w.bodo.newest()).startswith(WELCOME)
