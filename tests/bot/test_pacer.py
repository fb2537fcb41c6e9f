"""Telegram's ceilings are kept, and nobody waits longer than they demand."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Coroutine
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.pacer import BROADCAST, PERSON, PUSH, Limits, Pacer
from storage.tables import OutboxRow, OutboxState
from storage.workspace import Workspace
from tests.bot.small import small
from tests.databases import Databases
from tests.world import BOT_ID

LIMITS = Limits()


class FastTime(asyncio.SelectorEventLoop):
    """A loop whose clock jumps to the next timer as soon as there is nothing else to do."""

    def __init__(self) -> None:
        super().__init__()
        self.passed = 0.0

    def time(self) -> float:
        return self.passed

    def _run_once(self) -> None:
        scheduled = [h for h in self._scheduled if not h.cancelled()]  # type: ignore[attr-defined]
        if not self._ready and scheduled:  # type: ignore[attr-defined]
            self.passed = max(self.passed, min(handle.when() for handle in scheduled))
        super()._run_once()  # type: ignore[misc]


def in_fast_time(work: Callable[[FastTime], Coroutine[Any, Any, Any]]) -> Any:
    loop = FastTime()
    try:
        return loop.run_until_complete(work(loop))
    finally:
        loop.close()


Sending = tuple[float, int, int]
"""When, to which chat, in which lane."""


async def send_all(loop: FastTime, wanted: list[Sending]) -> list[tuple[float, Sending]]:
    """Ask for a slot at each of the moments; gives when each was granted, in that order."""
    pacer = Pacer(LIMITS, clock=loop.time)
    granted: list[tuple[float, Sending]] = []

    async def one(sending: Sending) -> None:
        at, chat, lane = sending
        await asyncio.sleep(at)
        await pacer.slot(chat, lane)
        granted.append((loop.time(), sending))

    tasks = [loop.create_task(one(sending)) for sending in wanted]
    await asyncio.gather(*tasks)
    return granted


def most_in(moments: list[float], seconds: float) -> int:
    """Most moments in any window of that length."""
    moments = sorted(moments)
    return max(
        sum(start <= other < start + seconds - 1e-9 for other in moments) for start in moments
    )


def check_limits(granted: list[tuple[float, Sending]]) -> None:
    """Nothing above a ceiling in any window."""
    assert most_in([at for at, _ in granted], 1.0) <= 29
    by_chat: dict[int, list[float]] = defaultdict(list)
    for at, (_, chat, _) in granted:
        by_chat[chat].append(at)
    for chat, moments in by_chat.items():
        for seconds in (1.0, 5.0, 30.0):
            assert most_in(moments, seconds) <= LIMITS.chat_burst - 1 + seconds + 1
        if chat < 0:
            assert most_in(moments, LIMITS.group_seconds) <= LIMITS.group_count


sendings = st.lists(
    st.tuples(
        st.floats(0, 20).map(lambda at: round(at, 2)),
        st.sampled_from([1, 2, 3, 4, 5, 6, 7, 8, -1, -2]),
        st.sampled_from([PERSON, PUSH, BROADCAST]),
    ),
    min_size=1,
    max_size=120,
)


@settings(max_examples=60, deadline=None)
@given(wanted=sendings)
def test_slots__any_traffic__keep_every_ceiling_and_lose_nothing(wanted: list[Sending]) -> None:
    granted = in_fast_time(lambda loop: send_all(loop, wanted))
    check_limits(granted)
    assert sorted(sending for _, sending in granted) == sorted(wanted)
    assert all(at >= sending[0] for at, sending in granted)


@settings(max_examples=40, deadline=None)
@given(wanted=sendings)
def test_slots__a_chat_alone__never_waits_longer_than_its_own_ceiling(
    wanted: list[Sending],
) -> None:
    # Few enough for the overall window: then only the own chat's ceiling may hold a message.
    wanted = [(round(at), chat, PUSH) for at, chat, _ in wanted if chat > 0][:40]
    granted = in_fast_time(lambda loop: send_all(loop, wanted)) if wanted else []
    by_chat: dict[int, list[tuple[float, float]]] = defaultdict(list)
    for at, (asked, chat, _) in granted:
        by_chat[chat].append((asked, at))
    overall = most_in([asked for _, (asked, _, _) in granted], 4.0) if granted else 0
    if overall > LIMITS.overall_count:
        return
    for pairs in by_chat.values():
        free = 0.0
        for asked, at in sorted(pairs):
            earliest = max(asked, free - LIMITS.chat_seconds * (LIMITS.chat_burst - 1))
            assert at <= earliest + 0.01
            free = max(free, at) + LIMITS.chat_seconds


def test_chat__ten_messages_at_once__three_then_one_a_second() -> None:
    granted = in_fast_time(lambda loop: send_all(loop, [(0.0, 7, PERSON)] * 10))
    assert [round(at) for at, _ in granted] == [0, 0, 0, 1, 2, 3, 4, 5, 6, 7]


def test_group__thirty_messages__twenty_in_the_first_minute() -> None:
    granted = in_fast_time(lambda loop: send_all(loop, [(0.0, -7, PUSH)] * 30))
    moments = [at for at, _ in granted]
    assert sum(at < 60 for at in moments) == 20
    assert moments[20] == pytest.approx(60, abs=0.01)


def test_lanes__a_person_asks_while_a_broadcast_leaves__goes_first() -> None:
    broadcast: list[Sending] = [(0.0, chat, BROADCAST) for chat in range(100, 400)]
    granted = in_fast_time(lambda loop: send_all(loop, [*broadcast, (2.5, 1, PERSON)]))
    check_limits(granted)
    asked = next(at for at, (_, chat, _) in granted if chat == 1)
    assert asked <= 2.5 + LIMITS.overall_seconds
    assert max(at for at, _ in granted) < 301 / 29 * LIMITS.overall_seconds + 0.1


def test_held_group__others_behind_it_when_the_second_is_full__do_not_wait_for_it() -> None:
    # The group is first in line and has to wait for a minute; the rest only for a second.
    group: list[Sending] = [(0.0, -1, PERSON)] * 21
    others: list[Sending] = [(25.0, chat, PUSH) for chat in range(100, 140)]
    granted = in_fast_time(lambda loop: send_all(loop, [*group, *others]))
    assert max(at for at, (_, chat, _) in granted if chat > 0) < 26.2


async def test_retry_after__of_one_chat__holds_that_chat_only() -> None:
    passed = 0.0
    pacer = Pacer(LIMITS, clock=lambda: passed)
    pacer.block(1, 30)
    await asyncio.wait_for(pacer.slot(2), 1)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(pacer.slot(1), 0.05)
    passed = 30.1
    await asyncio.wait_for(pacer.slot(1), 1)


async def test_no_limits__a_server_of_our_own__still_honours_retry_after() -> None:
    passed = 0.0
    pacer = Pacer(None, clock=lambda: passed)
    for _ in range(100):
        await asyncio.wait_for(pacer.slot(1), 1)
    pacer.block(1, 5)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(pacer.slot(1), 0.05)
    passed = 5.1
    await asyncio.wait_for(pacer.slot(1), 1)


# ---- the whole way -----------------------------------------------------------------------------


@pytest.mark.slow
async def test_fan_out__three_hundred_chats_under_strict_limits__all_arrive_without_refusals(
    databases: Databases, tmp_path: Path, now: datetime
) -> None:
    async with small(
        databases.sqlite_url(), tmp_path, now, limits=Limits(), strict=True, run=False
    ) as w:
        for number in range(300):
            person = await w.client.person(5_000 + number, "人")
            await person.start()
        async with w.engine.begin() as connection:
            ws = Workspace(connection, w.app.now())
            for number in range(300):
                link = {"link": f"https://t.me/{number}"}
                ws.push(f"n:{number}", BOT_ID, 5_000 + number, "inspection_share", link)
            await ws.flush()
        begun = monotonic()
        w.app.loops.start(w.app.delivery.work(w.app.stopping), "deliver")
        rows = await w.until(OutboxRow, OutboxRow.state >= OutboxState.SENT, count=300, seconds=60)
        taken = monotonic() - begun
        w.app.stopping.set()
        await w.app.loops.drain(5)
        assert {row.state for row in rows} == {OutboxState.SENT}
        assert taken >= 299 / 30
        # Arrivals clump on a busy machine; a refusal is rare, and honoured.
        refused = [line for line in await w.client.log() if line["code"] == 429]
        assert len(refused) <= 2
        for number in (0, 150, 299):
            chat = await w.client.chat(f"{5_000 + number}:{BOT_ID}")
            arrived = [m["text"] for m in chat["messages"] if m["from"]["is_bot"]]
            assert len(arrived) == 1
            assert f"https://t.me/{number}" in arrived[0]
