"""The command line ``inspection-bot``: every command says what it did, or why it could not."""

import argparse
import asyncio
import os
import sys
from pathlib import Path
from types import ModuleType

from sqlalchemy.exc import DBAPIError

from bot.cli import campaign, due, imports, invite, sandbox, table
from bot.cli.deployment import opened
from bot.errors import StartError
from bot.logs import set_up_logging
from bot.settings import Settings, SettingsError, load_settings
from campaigns.errors import CampaignError
from locales import text

COMMANDS: tuple[ModuleType, ...] = (campaign, imports, invite, table, due)
"""Each offers ``add_parser(subparsers)`` and ``async run(args, deployment) -> int``."""


def make_parser() -> argparse.ArgumentParser:
    """All commands with their help."""
    parser = argparse.ArgumentParser(
        prog="inspection-bot",
        description="Inspection campaigns in chat: checklists, tables, reminders.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    running = commands.add_parser("run", help="run the bot")
    running.add_argument(
        "--role",
        choices=["all"],
        default="all",
        help="which parts this process runs (one process runs all of them)",
    )
    commands.add_parser("migrate", help="bring the database to this program's version")
    sandbox.add_parser(commands)
    for module in COMMANDS:
        module.add_parser(commands)
    return parser


async def execute(args: argparse.Namespace, settings: Settings) -> int:
    """Run one command on the deployment; returns the exit code."""
    if args.command == "run":
        # Imported here: the running bot brings aiogram and python-telegram-bot, which take
        # seconds to load and no other command needs.
        from bot.app import run

        set_up_logging(settings.log_level, settings.log_format)
        await run(settings)
        return 0
    set_up_logging("WARNING", settings.log_format)
    async with opened(settings, print) as deployment:
        if args.command == "migrate":
            print("The database is up to date.")
            return 0
        return int(await args.run(args, deployment))


def main(argv: list[str] | None = None) -> int:
    """Entry point; every failure is one clear line and a non-zero exit code."""
    args = make_parser().parse_args(argv)
    try:
        if args.command == "sandbox":
            return sandbox.main(args)
        return asyncio.run(execute(args, load_settings(os.environ, Path(".env"))))
    except SettingsError as error:
        for line in error.lines:
            print(f"inspection-bot: {line}", file=sys.stderr)
    except StartError as error:
        print(f"inspection-bot: {error}", file=sys.stderr)
    except CampaignError as error:
        print(f"inspection-bot: {text('en', error.key, **error.params)}", file=sys.stderr)
    except DBAPIError as error:
        reason = str(error.orig).splitlines()[0]
        print(f"inspection-bot: the database refused: {reason}", file=sys.stderr)
    except KeyboardInterrupt:
        return 130
    return 1


if __name__ == "__main__":
    sys.exit(main())
