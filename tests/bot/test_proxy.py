"""Behind a SOCKS5 proxy: both clients reach the Bot API, and say when the proxy is gone."""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot.api import LightSession
from bot.delivery import open_push_client
from bot.pacer import Pacer
from sandbox import server

TOKEN = "700000001:tests-only"


class Socks5:
    """Passes connections on (RFC 1928, no authentication) and counts them."""

    def __init__(self) -> None:
        self.connections = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _version, methods = await reader.readexactly(2)
        await reader.readexactly(methods)
        writer.write(b"\x05\x00")
        _, _, _, kind = await reader.readexactly(4)
        if kind == 1:
            host = ".".join(str(part) for part in await reader.readexactly(4))
        else:
            (length,) = await reader.readexactly(1)
            host = (await reader.readexactly(length)).decode()
        (port,) = struct.unpack("!H", await reader.readexactly(2))
        there, back = await asyncio.open_connection(host, port)
        writer.write(b"\x05\x00\x00\x01" + bytes(6))
        self.connections += 1
        await asyncio.gather(self._pass(reader, back), self._pass(there, writer))

    @staticmethod
    async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65_536):
                writer.write(data)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()


@asynccontextmanager
async def socks() -> AsyncIterator[tuple[Socks5, str]]:
    proxy = Socks5()
    listening = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    try:
        yield proxy, f"socks5://127.0.0.1:{port}"
    finally:
        listening.close()


async def test_proxy__between_us_and_the_bot_api__carries_both_clients() -> None:
    running = await server.start(port=0, tokens=[TOKEN], state_dir=None, limits=False)
    try:
        async with socks() as (proxy, url):
            session = LightSession(running.url, TOKEN, url)
            answer = await session.raw("getMe", {})
            assert answer.ok
            await session.close()
            assert proxy.connections == 1
            client = open_push_client(TOKEN, running.url, Pacer(None), url)
            async with client:
                assert (await client.get_me()).id == 700000001
            assert proxy.connections > 1
    finally:
        await running.close()


@pytest.mark.parametrize("scheme", ["socks5", "http"])
async def test_proxy__that_is_gone__is_a_passing_failure(scheme: str) -> None:
    probe = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = probe.sockets[0].getsockname()[1]
    probe.close()
    await probe.wait_closed()
    session = LightSession("http://127.0.0.1:9", TOKEN, f"{scheme}://127.0.0.1:{port}")
    try:
        answer = await session.raw("getMe", {})
    finally:
        await session.close()
    assert answer.passing
    assert answer.code == 0
