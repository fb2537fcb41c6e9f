"""``python -m benchmarks``: everything beside its peers in one run, printed as ratios.

Absolute numbers are of this machine and hour only; ratios are medians over rounds in which the
variants take turns.
"""

import argparse
import asyncio
import logging
import platform
from collections.abc import Awaitable, Callable
from statistics import median

from benchmarks import conversation_aiogram, conversation_ours, conversation_ptb

PTB_SECONDS = 6.0
"""python-telegram-bot with a pickle per answer is bounded by time: it slows with every chat."""


def conversation(chats: int, rounds: int) -> None:
    """Durable answers per second beside the peers."""
    variants: dict[str, Callable[[], Awaitable[tuple[float, int]]]] = {
        "aiogram, memory storage (not durable)": lambda: conversation_aiogram.run(chats),
        "this product, durable": lambda: conversation_ours.run(chats),
        "python-telegram-bot, pickle per answer": lambda: conversation_ptb.run(chats, PTB_SECONDS),
    }
    speeds: dict[str, list[float]] = {name: [] for name in variants}
    for _ in range(rounds):
        for name, run in variants.items():
            speed, stored = asyncio.run(run())
            if name == "this product, durable" and stored != chats * 33:
                raise SystemExit(f"{stored} answers stored instead of {chats * 33}")
            speeds[name].append(speed)
    ours = speeds["this product, durable"]
    print(f"\nConversation, 33 questions, {chats} open conversations, {rounds} rounds")
    for name, found in speeds.items():
        ratio = median(mine / other for mine, other in zip(ours, found, strict=True))
        spread = (max(found) - min(found)) / median(found)
        print(
            f"  {name:<42}{median(found):>9,.0f} updates/s (spread {spread:4.0%})"
            f"   ours is {ratio:5.2f} x"
        )


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--chats", type=int, nargs="+", default=[100, 2_000])
    parser.add_argument("--inspections", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--only", choices=["conversation", "tables"])
    args = parser.parse_args()
    logging.disable(logging.WARNING)
    print(f"{platform.platform()}, Python {platform.python_version()}")
    if args.only != "tables":
        for chats in args.chats:
            conversation(chats, args.rounds if chats < 1_000 else min(args.rounds, 3))
    if args.only != "conversation":
        from benchmarks import tables

        asyncio.run(tables.run(args.inspections, None, args.rounds))


if __name__ == "__main__":
    main()
