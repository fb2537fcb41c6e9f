"""Civil time may travel with the sandbox; without it, it is the machine's."""

import asyncio
from datetime import UTC, datetime, timedelta

from bot.clock import Clock
from sandbox import server
from sandbox.client import Client
from tests.world import TOKEN


async def test_clock__follows_the_sandbox__and_keeps_the_offset_when_it_is_away() -> None:
    telegram = await server.start(port=0, tokens=[TOKEN], state_dir=None, limits=False)
    clock = Clock(f"{telegram.url}/sandbox/clock")
    stopping = asyncio.Event()
    async with Client(telegram.url) as client:
        await client.clock(to="2030-01-07T01:00:00+00:00")
        following = asyncio.ensure_future(clock.follow(stopping))
        for _ in range(100):
            if clock.now().year == 2030:
                break
            await asyncio.sleep(0.05)
    await telegram.close()
    await asyncio.sleep(1.2)
    assert clock.now() - datetime(2030, 1, 7, 1, tzinfo=UTC) < timedelta(minutes=1)
    assert not following.done()
    stopping.set()
    await asyncio.wait_for(following, 5)


async def test_clock__without_a_sandbox__is_the_machines_in_utc() -> None:
    clock = Clock()
    await asyncio.wait_for(clock.follow(asyncio.Event()), 1)
    await clock.read_once()
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)
    assert clock.now().utcoffset() == timedelta(0)
