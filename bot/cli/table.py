"""``table``: compile one table and write it as .xlsx, PDF or pictures."""

import argparse
import asyncio
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.cli.deployment import Deployment
from campaigns.errors import CampaignError
from campaigns.periods import Period, local_day, to_date
from campaigns.plan import CampaignDefinition
from locales import text
from reports.model import Grid
from services.campaigns import CampaignStore
from services.opening import OpenCampaign, campaign_by_code
from services.registry import Unit, area_ids, unit_by_code
from services.table_documents import grid, pdf, pictures, typesetter, workbook
from services.tables import compile_table
from storage.database import reading

FORMATS = (".xlsx", ".pdf", ".png")


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Offer the command."""
    parser = subparsers.add_parser(
        "table",
        help="compile a statistics table into a file",
        description="Compile one table of a campaign for a unit's area and write it to a file.",
    )
    parser.add_argument("campaign", metavar="CAMPAIGN", help="code of the opened campaign")
    parser.add_argument("table", metavar="TABLE", help="key or name of the table: table2, 表二")
    parser.add_argument("--unit", required=True, metavar="CODE", help="whose area is counted")
    parser.add_argument(
        "--from",
        dest="first",
        type=_day,
        metavar="DATE",
        help="first day, such as 2026-11-16 (default: the campaign's first day)",
    )
    parser.add_argument(
        "--to", dest="last", type=_day, metavar="DATE", help="last day (default: today)"
    )
    parser.add_argument(
        "--seq", type=int, metavar="N", help="figures as of this sequence number (default: now)"
    )
    parser.add_argument(
        "--out", required=True, type=_file, metavar="FILE", help="ends in .xlsx, .pdf or .png"
    )
    parser.set_defaults(run=run)


def _day(source: str) -> date:
    try:
        return date.fromisoformat(source)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{source} is not a date like 2026-11-16") from None


def _file(source: str) -> Path:
    path = Path(source)
    if path.suffix.lower() not in FORMATS:
        raise argparse.ArgumentTypeError(f"FILE must end in {', '.join(FORMATS)}")
    return path


async def run(args: argparse.Namespace, deployment: Deployment) -> int:
    """Compile and write; says what was written."""
    async with reading(deployment.engine) as connection:
        campaign = await campaign_by_code(connection, args.campaign)
        definition = await CampaignStore().definition(connection, campaign.current_version_id)
        unit = await unit_by_code(connection, args.unit)
        period = _period(args, campaign, deployment)
        if period is None:
            deployment.out("--from is after --to: nothing was written.")
            return 2
        compiled = await compile_table(
            connection,
            definition,
            campaign.id,
            _table_id(definition, args.table),
            await area_ids(connection, unit.area_path),
            period,
            args.seq,
        )
    table = definition.table_by_id[compiled.figures.table_id]
    sheet = grid(table, compiled, locale=campaign.language, area_name=unit.area_name)
    written = await asyncio.to_thread(_write, args.out, sheet, deployment)
    for path in written:
        deployment.out(_said(path, campaign, unit, period, compiled.scope.seq))
    if compiled.figures.unplaced:
        count = sum(compiled.figures.unplaced.values())
        deployment.out(text("en", "tables-unplaced", count=str(count)))
    return 0


def _period(
    args: argparse.Namespace, campaign: OpenCampaign, deployment: Deployment
) -> Period | None:
    today = local_day(deployment.now(), ZoneInfo(campaign.timezone))
    first, last = args.first or campaign.starts_on, args.last or today
    if last < first:
        return None
    return to_date(first, last) if args.first is None else Period(first, last)


def _table_id(definition: CampaignDefinition, wanted: str) -> str:
    for table in definition.tables:
        if wanted in (table.table_id, *table.labels.values()):
            return table.table_id
    raise CampaignError("table-unknown")


def _write(path: Path, sheet: Grid, deployment: Deployment) -> list[Path]:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix.lower() == ".xlsx":
        path.write_bytes(workbook([sheet], now=deployment.now()))
        return [path]
    setter = typesetter(deployment.settings.data_dir)
    if path.suffix.lower() == ".pdf":
        path.write_bytes(pdf(setter, sheet))
        return [path]
    pages = pictures(setter, sheet)
    paths = [
        path if len(pages) == 1 else path.with_stem(f"{path.stem}-{number}")
        for number in range(1, len(pages) + 1)
    ]
    for target, page in zip(paths, pages, strict=True):
        target.write_bytes(page)
    return paths


def _said(path: Path, campaign: OpenCampaign, unit: Unit, period: Period, seq: int) -> str:
    return (
        f"{path}: {campaign.code}, {unit.area_name}, "
        f"{period.first} to {period.last}, as of record {seq}"
    )
