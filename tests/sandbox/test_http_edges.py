"""The four ways to pass parameters, and requests that are not of the right form."""

import asyncio
import json
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiogram import Bot

from sandbox import server as sandbox_server
from sandbox.client import Client, Person, Refused

API = "/bot123456:TEST/"


@pytest.fixture
async def http(server: sandbox_server.Server) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(server.url) as session:
        yield session


async def test_parameters__query_form_json_multipart__all_send_the_same(
    http: aiohttp.ClientSession, anna: Person
) -> None:
    said = {"chat_id": str(anna.id), "text": "甲 & 乙+丙 #1"}
    form = aiohttp.FormData()
    for name, value in said.items():
        form.add_field(name, value, content_type="text/plain")
    ways = [
        http.get(API + "sendMessage", params=said),
        http.post(API + "SENDMESSAGE", data=said),
        http.post(API + "sendmessage", json=said),
        http.post(API + "sendMessage", data=form),
    ]
    for way in ways:
        async with way as answer:
            assert (await answer.json())["result"]["text"] == said["text"]
    assert len(await anna.sees()) == 1 + len(ways)


async def test_body__no_json__400_and_the_server_lives_on(http: aiohttp.ClientSession) -> None:
    headers = {"Content-Type": "application/json"}
    async with http.post(API + "sendMessage", data=b"{", headers=headers) as answer:
        body = await answer.json()
    assert (answer.status, body["error_code"]) == (400, 400)
    async with http.post(API + "sendMessage", json={"chat_id": [1], "text": {"a": 1}}) as answer:
        assert answer.status == 400
    markup = {"chat_id": 1, "text": "x", "reply_markup": "{"}
    async with http.post(API + "sendMessage", data=markup) as answer:
        assert answer.status == 400
    async with http.get(API + "getMe") as answer:
        assert (await answer.json())["result"]["username"] == "sandbox_bot"


async def test_download__other_token_or_unknown_path__refused(
    http: aiohttp.ClientSession, aio: Bot, anna: Person
) -> None:
    await anna.generate("document")
    message = (await aio.get_updates())[-1].message
    assert message is not None
    assert message.document is not None
    path = (await aio.get_file(message.document.file_id)).file_path
    async with http.get(f"/file/bot123456:TEST/{path}") as answer:
        assert answer.status == 200
    async with http.get(f"/file/bot123456:WRONG/{path}") as answer:
        assert answer.status == 401
    async with http.get("/file/bot123456:TEST/documents/nothing.txt") as answer:
        assert answer.status == 404


@pytest.mark.parametrize(
    "path", ["/page/..%2fserver.py", "/page/%2e%2e/model.py", "/page/none.js"]
)
async def test_page__outside_its_folder__not_found(http: aiohttp.ClientSession, path: str) -> None:
    async with http.get(path) as answer:
        assert answer.status == 404


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("/sandbox/people/1001/dance", {}, "no such action"),
        ("/sandbox/people/7/send", {"text": "x"}, "no such person"),
        ("/sandbox/people/1001/send", {"text": ""}, "text is missing"),
        ("/sandbox/people/1001/send", {"text": "长" * 4097}, "more than 4096"),
        ("/sandbox/people/1001/send", {"text": "x", "reply_to": 99}, "not there"),
        ("/sandbox/people/1001/tap", {"message_id": 1, "text": "无"}, "no such button"),
        ("/sandbox/people/1001/edit", {"message_id": 99, "text": "x"}, "no such message"),
        ("/sandbox/people/1001/choose", {"inline_query_id": "1"}, "no such inline query"),
        ("/sandbox/users", {}, "first_name is missing"),
        ("/sandbox/users", {"id": 123456, "first_name": "x"}, "cannot be a person"),
        ("/sandbox/groups", {"title": "x", "members": []}, "at least one person"),
        ("/sandbox/groups/-5/topic", {"name": "x"}, "no such group"),
        ("/sandbox/clock", {"to": "tomorrow"}, "not of the right form: ValueError"),
    ],
)
async def test_control__mistake__one_sentence(
    client: Client, anna: Person, path: str, body: dict[str, object], said: str
) -> None:
    before = json.dumps((await client.state())["chats"])
    with pytest.raises(Refused, match=said):
        await client.post(path, body)
    assert json.dumps((await client.state())["chats"]) == before


async def test_fault_delay__client_gives_up__message_is_there_all_the_same(
    http: aiohttp.ClientSession, client: Client, anna: Person
) -> None:
    await client.fault("delay", seconds=5, method="sendMessage")
    short = aiohttp.ClientTimeout(total=0.3)
    with pytest.raises(TimeoutError):
        await http.post(API + "sendMessage", json={"chat_id": 1001, "text": "迟"}, timeout=short)
    assert (await anna.newest())["text"] == "迟"


async def test_close__while_a_bot_polls__it_meets_502_and_not_a_conflict(
    server: sandbox_server.Server, http: aiohttp.ClientSession
) -> None:
    polling = asyncio.create_task(http.post(API + "getUpdates", json={"timeout": 30}))
    await asyncio.sleep(0.1)
    await server.close()
    assert (await polling).status == 502
