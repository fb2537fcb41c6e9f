"""``invite``: make one single-use link."""

import argparse
import secrets

from bot.cli.deployment import Deployment
from services.invites import INVITE_DAYS, TOKEN_BYTES, create_invite, join_link
from services.opening import campaign_by_code
from services.registry import unit_by_code
from storage.tables import Role

ROLES = [Role.INSPECTOR, Role.OFFICER, Role.REVIEWER, Role.ORGANISER]


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Offer the command."""
    parser = subparsers.add_parser(
        "invite",
        help="make a single-use link by which one person joins a unit",
        description="Make a single-use join link, valid for seven days.",
    )
    parser.add_argument("--unit", required=True, metavar="CODE", help="code of the unit")
    parser.add_argument("--role", required=True, choices=[role.value for role in ROLES])
    parser.add_argument("--name", required=True, help="the person's name, shown for confirmation")
    parser.add_argument("--campaign", metavar="CODE", help="limit the membership to one campaign")
    parser.set_defaults(run=run)


async def run(args: argparse.Namespace, deployment: Deployment) -> int:
    """Make the invite and print its link.

    Raises:
        CampaignError: Unit or campaign is unknown, or the name cannot be one.
    """
    username = await deployment.bot_username()
    async with deployment.engine.begin() as connection:
        unit = await unit_by_code(connection, args.unit)
        campaign = None
        if args.campaign is not None:
            campaign = await campaign_by_code(connection, args.campaign)
        _, token = await create_invite(
            connection,
            token=secrets.token_bytes(TOKEN_BYTES),
            name=args.name,
            unit_id=unit.id,
            role=Role(args.role),
            campaign_id=campaign.id if campaign is not None else None,
            now=deployment.now(),
        )
    deployment.out(join_link(username, token))
    deployment.out(f"For {unit.name}, {args.role}; works once, within {INVITE_DAYS} days.")
    return 0
