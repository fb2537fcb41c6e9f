"""A running sandbox, people in it, and both bot libraries as its clients."""

from collections.abc import AsyncIterator, Callable

import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from telegram.ext import ExtBot

from sandbox import server as sandbox_server
from sandbox.client import Client, Person

TOKEN = "123456:TEST"
OTHER_TOKEN = "654321:OTHER"
BOT_ID = 123456


@pytest.fixture(autouse=True)
def _timedelta(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it python-telegram-bot warns while it makes a RetryAfter."""
    monkeypatch.setenv("PTB_TIMEDELTA", "1")


@pytest.fixture
async def server() -> AsyncIterator[sandbox_server.Server]:
    running = await sandbox_server.start(tokens=[TOKEN, OTHER_TOKEN])
    yield running
    await running.close()


@pytest.fixture
async def client(server: sandbox_server.Server) -> AsyncIterator[Client]:
    async with Client(server.url) as opened:
        yield opened


MakeAiogram = Callable[..., Bot]
MakePtb = Callable[..., ExtBot[None]]


@pytest.fixture
async def make_aiogram(server: sandbox_server.Server) -> AsyncIterator[MakeAiogram]:
    """Make aiogram bots with other tokens, or for another server."""
    made: list[Bot] = []

    def make(token: str = TOKEN, url: str = "") -> Bot:
        api = TelegramAPIServer.from_base(url or server.url)
        made.append(Bot(token, session=AiohttpSession(api=api)))
        return made[-1]

    yield make
    for bot in made:
        await bot.session.close()


@pytest.fixture
def make_ptb(server: sandbox_server.Server) -> MakePtb:
    """Make python-telegram-bot bots; enter them with ``async with``."""

    def make(token: str = TOKEN, url: str = "") -> ExtBot[None]:
        root = url or server.url
        return ExtBot(token, base_url=f"{root}/bot", base_file_url=f"{root}/file/bot")

    return make


@pytest.fixture
def aio(make_aiogram: MakeAiogram) -> Bot:
    return make_aiogram()


@pytest.fixture
async def ptb(make_ptb: MakePtb) -> AsyncIterator[ExtBot[None]]:
    async with make_ptb() as bot:
        yield bot


@pytest.fixture
async def anna(client: Client) -> Person:
    """Someone who has started the bot."""
    person = await client.person(1001, "安娜", username="anna_x", language_code="zh-hans")
    await person.start()
    return person


@pytest.fixture
async def bo(client: Client) -> Person:
    """Someone who has not started the bot."""
    return await client.person(1002, "Bo", username="bo_person", language_code="en")
