"""``due``: what would be pushed at an instant, or is put into the outbox with ``--queue``."""

import argparse
from datetime import UTC, datetime

from bot.cli.deployment import Deployment
from services.campaigns import CampaignStore
from services.planner import Due, due, plan
from storage.database import reading
from storage.workspace import Workspace


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Offer the command."""
    parser = subparsers.add_parser(
        "due",
        help="show what is due to be pushed at an instant",
        description="Show what is due at an instant and not yet in the outbox.",
    )
    parser.add_argument(
        "--at",
        type=_instant,
        metavar="INSTANT",
        help="such as 2026-11-23T09:00+08:00; no zone: the deployment's (default: now)",
    )
    parser.add_argument("--queue", action="store_true", help="put it into the outbox too")
    parser.set_defaults(run=run)


def _instant(source: str) -> datetime:
    try:
        return datetime.fromisoformat(source)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{source} is not an instant like 2026-11-23T09:00+08:00"
        ) from None


async def run(args: argparse.Namespace, deployment: Deployment) -> int:
    """Print, and with ``--queue`` plan, what is due."""
    at: datetime = args.at or deployment.now()
    if at.tzinfo is None:
        at = at.replace(tzinfo=deployment.settings.zone)
    at = at.astimezone(UTC)
    campaigns, bot_id = CampaignStore(), deployment.bot_id()
    if args.queue:
        async with deployment.engine.begin() as connection:
            ws = Workspace(connection, deployment.now())
            found = await plan(ws, campaigns, bot_id, at)
            await ws.flush()
    else:
        async with reading(deployment.engine) as connection:
            found = await due(connection, campaigns, bot_id, at)
    for item in found:
        deployment.out(_line(item))
    verb = "queued" if args.queue else "due"
    deployment.out(f"{len(found)} {verb} at {at:%Y-%m-%d %H:%M} UTC.")
    return 0


def _line(item: Due) -> str:
    topic = f", topic {item.thread_id}" if item.thread_id is not None else ""
    missed = f", {len(item.missed)} earlier missed" if item.missed else ""
    silent = ", silent" if item.silent else ""
    return (
        f"{item.push_id}: campaign {item.campaign_id}, unit {item.unit_id}, "
        f"group {item.chat_id}{topic}, {item.period.first} to {item.period.last}, "
        f"due since {item.at:%Y-%m-%d %H:%M} UTC{silent}{missed}"
    )
