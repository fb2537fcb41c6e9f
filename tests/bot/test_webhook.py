"""By webhook the same as by polling: stored first, confirmed then, strangers refused."""

import socket
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import event
from sqlalchemy.engine import Connection

from bot.app import running
from bot.errors import StartError
from storage.tables import CardRow, InboxRow, InboxState
from tests.bot.small import Small, small
from tests.bot.test_pipeline import message
from tests.databases import Databases

SECRET = "tests-Secret_1"
WELCOME = "医疗机构专项检查助手"
HEADER = "X-Telegram-Bot-Api-Secret-Token"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def address() -> str:
    return f"127.0.0.1:{free_port()}"


@pytest.fixture
async def w(
    databases: Databases, tmp_path: Path, now: datetime, address: str
) -> AsyncIterator[Small]:
    async with small(
        databases.sqlite_url(),
        tmp_path,
        now,
        WEBHOOK_URL=f"http://{address}/in",
        WEBHOOK_SECRET=SECRET,
        WEBHOOK_LISTEN=address,
    ) as made:
        yield made


async def post(address: str, body: object, secret: str | None = SECRET) -> int:
    headers = {} if secret is None else {HEADER: secret}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"http://{address}/in", json=body, headers=headers) as answer,
    ):
        return answer.status


async def test_webhook__from_start_to_card__works_end_to_end(w: Small) -> None:
    await w.anna.start()
    await w.client.wait_for(WELCOME, w.anna, timeout=20)
    await w.client.fault("duplicate_update", count=2)
    await w.anna.send("/language")
    await w.client.wait_for("请选择语言", w.anna, timeout=20)
    await w.anna.tap("English")
    await w.client.wait_for("Inspection campaign assistant", w.anna, timeout=20)
    rows = await w.until(InboxRow, InboxRow.state == InboxState.HANDLED, count=3)
    assert len(rows) == 3
    info = (await w.app.session.raw("getWebhookInfo", {})).result
    assert info["pending_update_count"] == 0
    assert "last_error_message" not in info


@pytest.mark.parametrize("secret", [None, "", "tests-Secret_2", "密"])
async def test_request__without_the_secret__is_refused_and_stores_nothing(
    w: Small, address: str, secret: str | None
) -> None:
    raw = secret.encode().decode("latin-1") if secret else secret
    assert await post(address, message(1, "/start"), raw) == 403
    assert await w.rows(InboxRow) == []


@pytest.mark.parametrize("body", [[], {}, {"update_id": "x"}, "text", {"update_id": None}])
async def test_request__that_is_no_update__is_a_bad_request(
    w: Small, address: str, body: object
) -> None:
    assert await post(address, body) == 400
    assert await w.rows(InboxRow) == []


async def test_update__confirmed_with_200__is_stored_already(w: Small, address: str) -> None:
    assert await post(address, message(7, "/start")) == 200
    assert [row.update_id for row in await w.rows(InboxRow)] == [7]
    assert await post(address, message(7, "/start")) == 200
    await w.until(CardRow)
    (card,) = await w.rows(CardRow)
    assert card.wanted == 1


async def test_update__that_cannot_be_stored__is_not_confirmed_and_given_again(
    w: Small, address: str
) -> None:
    def full(_connection: Connection) -> None:
        event.remove(w.app.engine.sync_engine, "commit", full)
        raise OSError(28, "No space left on device")

    event.listen(w.app.engine.sync_engine, "commit", full)
    assert await post(address, message(8, "/start")) == 503
    assert await w.rows(InboxRow) == []
    assert await post(address, message(8, "/start")) == 200
    await w.until(InboxRow, InboxRow.state == InboxState.HANDLED)


async def test_port__that_is_taken__is_one_clear_line(
    databases: Databases, tmp_path: Path, now: datetime
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        async with small(
            databases.sqlite_url(),
            tmp_path,
            now,
            run=False,
            WEBHOOK_URL=f"http://{address}/in",
            WEBHOOK_SECRET=SECRET,
            WEBHOOK_LISTEN=address,
        ) as w:
            with pytest.raises(StartError) as caught:
                async with running(w.app):
                    pass
    assert str(caught.value).startswith(f"WEBHOOK_LISTEN: {address} cannot be used (")
    assert str(caught.value).endswith("choose another port or stop the program that uses it")
