"""``campaign list|open|export``: the plans that come with the product, and those opened."""

import argparse
import asyncio
from datetime import date
from pathlib import Path

from bot.cli.deployment import Deployment
from campaigns.campaign import list_packs, load_pack, read_campaign
from campaigns.errors import CampaignError
from campaigns.issues import Issue
from campaigns.workbook_xlsx import write_xlsx
from locales import text
from services.opening import (
    BrokenWorkbookError,
    all_campaigns,
    campaign_by_code,
    open_campaign,
    stored_workbook,
)

LANGUAGE = "en"


def _day(source: str) -> date:
    try:
        return date.fromisoformat(source)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{source} is no date; write it like 2026-09-01"
        ) from None


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Offer the command."""
    parser = subparsers.add_parser("campaign", help="list, open and export campaigns")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    listing = verbs.add_parser("list", help="list the plans and the opened campaigns")
    listing.set_defaults(run=run_list)
    opening = verbs.add_parser("open", help="open a campaign from a plan")
    opening.add_argument("pack", metavar="PACK", help="plan, as campaign list names it")
    opening.add_argument(
        "--starts", required=True, type=_day, metavar="DATE", help="first day; stages move with it"
    )
    opening.add_argument("--code", help="code of the campaign; by default the plan and the year")
    opening.add_argument(
        "--language", choices=["zh", "en"], default="zh", help="of its groups and documents"
    )
    opening.set_defaults(run=run_open)
    exporting = verbs.add_parser("export", help="write an opened campaign or a plan as .xlsx")
    exporting.add_argument("code", metavar="CODE", help="code of a campaign, or name of a plan")
    exporting.add_argument("--out", required=True, type=Path, metavar="FILE")
    exporting.set_defaults(run=run_export)


async def run_list(_args: argparse.Namespace, deployment: Deployment) -> int:
    """List plans and campaigns."""
    deployment.out("Plans:")
    for pack in list_packs():
        definition, issues = read_campaign(load_pack(pack))
        title = definition.title("zh") if definition is not None else f"{len(issues)} faults"
        deployment.out(f"  {pack}  {title}")
    async with deployment.engine.connect() as connection:
        found = await all_campaigns(connection)
    deployment.out("Campaigns:" if found else "No campaign has been opened yet.")
    for campaign in found:
        deployment.out(
            f"  {campaign.code}  {campaign.state}  from {campaign.starts_on}  {campaign.title}"
        )
    return 0


async def run_open(args: argparse.Namespace, deployment: Deployment) -> int:
    """Open a campaign, and say what of its task division nobody can take."""
    try:
        async with deployment.engine.begin() as connection:
            campaign, opening = await open_campaign(
                connection,
                args.pack,
                args.starts,
                now=deployment.now(),
                code=args.code,
                language=args.language,
            )
    except BrokenWorkbookError as error:
        for issue in error.issues:
            deployment.out(issue_line(issue))
        raise
    definition = opening.definition
    deployment.out(f"{campaign.code} is open: {campaign.title}")
    deployment.out(f"  {definition.starts_on} to {definition.ends_on}")
    for stage in definition.stages:
        label = definition.text(stage.labels, args.language)
        deployment.out(f"  {stage.starts_on} to {stage.ends_on}  {label}")
    for issue in opening.warnings:
        deployment.out(issue_line(issue))
    if opening.unresolved:
        deployment.out("No registered unit can take these parts of the task division:")
        for missing in opening.unresolved:
            deployment.out(f"  {missing.task}: {missing.selector}")
        deployment.out("Import these units (import units FILE): they are found once they exist.")
    return 0


async def run_export(args: argparse.Namespace, deployment: Deployment) -> int:
    """Write a campaign's workbook as it was opened, or a plan's as it is.

    Raises:
        CampaignError: Neither a campaign nor a plan has this name.
    """
    out: Path = args.out
    if out.suffix.lower() != ".xlsx":
        deployment.out("--out must end in .xlsx.")
        return 1
    async with deployment.engine.connect() as connection:
        try:
            campaign = await campaign_by_code(connection, args.code)
        except CampaignError:
            if args.code not in list_packs():
                raise
            workbook = load_pack(args.code)
        else:
            workbook = await stored_workbook(connection, campaign.current_version_id)
    try:
        await asyncio.to_thread(out.write_bytes, write_xlsx(workbook))
    except OSError as error:
        deployment.out(f"{out} cannot be written: {error.strerror}.")
        return 1
    deployment.out(f"{args.code} is in {out.name}.")
    return 0


def issue_line(issue: Issue) -> str:
    """One fault of a workbook in one line, with the cell to mend."""
    where = " ".join(
        part
        for part in (
            issue.sheet or "",
            f"row {issue.row}" if issue.row is not None else "",
            f"column {issue.column}" if issue.column else "",
        )
        if part
    )
    key = f"issue-{issue.code.lower().replace('_', '-')}"
    sentence = text(LANGUAGE, key, **issue.params)
    details = ", ".join(f"{name}={value}" for name, value in issue.params.items())
    said = details if sentence == key else sentence
    return f"{issue.severity} {issue.code} {where}: {said}".rstrip(": ")
