"""``import units|institutions|people FILE``: bring in lists that offices send."""

import argparse
import asyncio
import csv
import secrets
import sys
from pathlib import Path

from bot.cli.deployment import Deployment
from campaigns.errors import CampaignError
from locales import text
from services.import_files import Fault
from services.import_people import NewInvite, import_people
from services.imports import ImportReport, import_institutions, import_units
from services.invites import INVITE_DAYS, TOKEN_BYTES, join_link

FAULTS_SHOWN = 50
LANGUAGE = "en"


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Offer the command."""
    parser = subparsers.add_parser(
        "import",
        help="bring in units, institutions or people from .xlsx or .csv",
        description="Bring in a list. Good rows are kept, bad ones are named by row and column; "
        "importing the same list again changes nothing. Columns: docs/IMPORTS.md.",
    )
    parser.add_argument("what", choices=["units", "institutions", "people"])
    parser.add_argument("file", type=Path, metavar="FILE", help=".xlsx or .csv")
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="people: write the new links to this .csv instead of printing them",
    )
    parser.set_defaults(run=run)


async def run(args: argparse.Namespace, deployment: Deployment) -> int:
    """Import one list; 0 when every row was good, 1 when some or all were not."""
    path: Path = args.file
    try:
        data = await asyncio.to_thread(path.read_bytes)
    except OSError as error:
        _say_problem(f"{path.name} cannot be read: {error.strerror}. Check the path.")
        return 1
    # Asked before anything is written: without the bot's name there would be invites, no links.
    username = await deployment.bot_username() if args.what == "people" else ""
    invites: list[NewInvite] = []
    try:
        async with deployment.engine.begin() as connection:
            if args.what == "units":
                report = await import_units(connection, path.name, data)
            elif args.what == "institutions":
                report = await import_institutions(
                    connection,
                    path.name,
                    data,
                    lambda done, total: deployment.out(f"{done} of {total} rows"),
                )
            else:
                report, invites = await import_people(
                    connection,
                    path.name,
                    data,
                    tokens=lambda: secrets.token_bytes(TOKEN_BYTES),
                    now=deployment.now(),
                )
                # Written inside the transaction: links that reach nobody are not made.
                _give_links(args.out, invites, username, deployment)
    except CampaignError as error:
        _say_problem(text(LANGUAGE, error.key, **error.params))
        return 1
    except OSError as error:
        _say_problem(f"{args.out} cannot be written: {error.strerror}. Nothing was imported.")
        return 1
    _say(report, deployment)
    return 1 if report.faults else 0


def _give_links(
    out: Path | None, invites: list[NewInvite], username: str, deployment: Deployment
) -> None:
    rows = [(i.name, i.unit, i.role, join_link(username, i.token)) for i in invites]
    if not rows:
        return
    if out is None:
        for row in rows:
            deployment.out(",".join(row))
    else:
        # The mark at the beginning lets Excel read the Chinese right.
        with out.open("w", encoding="utf-8-sig", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(("name", "unit", "role", "link"))
            writer.writerows(rows)
        out.chmod(0o600)
        deployment.out(f"{len(rows)} links are in {out.name}.")
    deployment.out(f"Each link works once, within {INVITE_DAYS} days. Hand it to its person only.")


def _say(report: ImportReport, deployment: Deployment) -> None:
    for fault in report.faults[:FAULTS_SHOWN]:
        _say_problem(fault_line(fault))
    if len(report.faults) > FAULTS_SHOWN:
        _say_problem(f"... and {len(report.faults) - FAULTS_SHOWN} more rows.")
    deployment.out(
        f"{report.created} new, {report.updated} changed, {report.unchanged} unchanged, "
        f"{len(report.faults)} left out."
    )


def fault_line(fault: Fault) -> str:
    """One bad row in one line, with the cell to mend."""
    where = f"row {fault.row}" + (f", column {fault.column}" if fault.column else "")
    return f"{where}: {text(LANGUAGE, fault.key, **fault.params)}"


def _say_problem(line: str) -> None:
    """One line about what went wrong, where operators and scripts look for it."""
    print(line, file=sys.stderr)
