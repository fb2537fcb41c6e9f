"""Table two compiled from contributions beside hand-written SQL over wide columns.

    python -m benchmarks.tables [--sizes 10000 100000 1000000] [--url postgresql+asyncpg://...]

Both sides read the same made-up inspections from the same database, in turns, and must give the
same figures. The wide side is what one would write by hand for exactly this table: one row per
inspection, one column per figure, one statement with conditional aggregation, an index on the
day. It can explain no figure, knows no corrections and no other table.
"""

import argparse
import asyncio
import random
import statistics
import tempfile
import time
import tracemalloc
from collections.abc import Awaitable, Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import BigInteger, Column, Date, Index, MetaData, String, Table, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from campaigns.campaign import load_pack, read_campaign
from campaigns.opening import open_workbook
from campaigns.periods import Period
from campaigns.plan import CampaignDefinition
from services.contributions import CAMPAIGNS, CONTRIBUTIONS, measure_key
from services.tables import compile_table
from storage.database import open_engine, reading
from storage.migrate import upgrade

FIRST = date(2026, 9, 1)
WEEKS = 13
AREAS = tuple(range(1, 118))
"""Guangxi has 111 counties; 117 with its larger cities' own units."""
BATCH = 20_000
SEED = 20


def read_definition() -> CampaignDefinition:
    """The campaign whose table two is compiled."""
    definition, issues = read_campaign(open_workbook(load_pack("guangxi-2020"), FIRST))
    if definition is None:
        raise SystemExit(f"the pack is broken: {issues}")
    return definition


DEFINITION = read_definition()
TABLE = DEFINITION.table_by_id["table2"]
SUMMED = [m.key for m in TABLE.measures if m.aggregate == "sum"]
COUNTED = [m.key for m in TABLE.measures if m.distinct]
CATEGORIES = [column.category for column in TABLE.columns]
METADATA = MetaData()
WIDE = Table(
    "benchmark_wide",
    METADATA,
    Column("id", BigInteger().with_variant(BigInteger, "sqlite"), primary_key=True),
    Column("area_id", BigInteger),
    Column("category", String),
    Column("institution_id", BigInteger),
    Column("inspected_on", Date),
    *(Column(f"v_{key}", BigInteger) for key in SUMMED + COUNTED),
    Index("ix_benchmark_wide", "inspected_on", "area_id"),
)


def visits(count: int) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Made-up inspections in the order of their days: a wide row and its contributions."""
    dice = random.Random(SEED)
    keys = SUMMED + COUNTED
    weights = [dice.random() ** 2 + 0.02 for _ in keys]
    institutions = max(1, count // 4)
    for number in range(1, count + 1):
        institution = dice.randrange(institutions)
        area, category = AREAS[institution % len(AREAS)], CATEGORIES[institution % 4]
        day = FIRST + timedelta(days=number * 7 * WEEKS // (count + 1))
        found: dict[str, int] = {}
        if dice.random() < 0.6:
            for key in dice.choices(keys, weights, k=min(10, int(dice.expovariate(0.28)) + 1)):
                amount = dice.randrange(1, 500) * 100 if key == "fine_total" else 10_000
                found[key] = amount
        row = {
            "id": number,
            "area_id": area,
            "category": category,
            "institution_id": institution,
            "inspected_on": day,
            **{f"v_{key}": found.get(key, 0) for key in keys},
        }
        common = {
            "campaign_id": 1,
            "record_kind": "inspection",
            "record_id": number,
            "revision": 1,
            "institution_id": institution,
            "unit_id": area,
            "area_id": area,
            "counted_on": day,
            "valid_from_seq": number,
            "valid_to_seq": None,
        }
        added = [
            {
                **common,
                "row_key": measure_key("table2", key),
                "category": category,
                "amount_e4": amount,
            }
            for key, amount in found.items()
        ]
        added.append(
            {
                **common,
                "row_key": measure_key("table1", "inspected"),
                "category": category,
                "amount_e4": 10_000,
            }
        )
        yield row, added


async def build(engine: AsyncEngine, count: int) -> int:
    """Write the inspections both ways; returns the number of contributions."""
    await upgrade(engine)
    total = 0
    async with engine.begin() as connection:
        await connection.run_sync(METADATA.drop_all)
        await connection.run_sync(METADATA.create_all)
        await connection.execute(CONTRIBUTIONS.delete())
        await connection.execute(CAMPAIGNS.delete())
        await connection.execute(
            text(
                "INSERT INTO campaign (id, code, pack_id, title, starts_on, timezone, language,"
                " state, seq, opened_at) VALUES (1, 'b', 'b', 'b', '2026-09-01', 'Asia/Shanghai',"
                " 'zh', 'open', :seq, '2026-09-01 00:00:00')"
            ),
            {"seq": count},
        )
        rows: list[dict[str, Any]] = []
        added: list[dict[str, Any]] = []
        for row, more in visits(count):
            rows.append(row)
            added += more
            if len(rows) == BATCH:
                total += len(added)
                await connection.execute(WIDE.insert(), rows)
                await connection.execute(CONTRIBUTIONS.insert(), added)
                rows, added = [], []
        if rows:
            total += len(added)
            await connection.execute(WIDE.insert(), rows)
            await connection.execute(CONTRIBUTIONS.insert(), added)
    if engine.dialect.name == "postgresql":
        async with engine.connect() as connection:
            plain = await connection.execution_options(isolation_level="AUTOCOMMIT")
            await plain.execute(text("VACUUM ANALYZE"))
    return total


async def by_hand(connection: AsyncConnection, period: Period, areas: tuple[int, ...]) -> Any:
    """What one would write by hand over wide columns."""
    columns = [f"SUM(v_{key})" for key in SUMMED]
    columns += [
        f"COUNT(DISTINCT CASE WHEN v_{key} > 0 THEN institution_id END)" for key in COUNTED
    ]
    inside = "" if len(areas) == len(AREAS) else f"AND area_id IN ({','.join(map(str, areas))})"
    found = await connection.execute(
        text(
            f"SELECT category, {', '.join(columns)} FROM benchmark_wide"
            f" WHERE inspected_on BETWEEN :first AND :last {inside} GROUP BY category"
        ),
        {
            "first": period.first
            if connection.dialect.name == "postgresql"
            else str(period.first),
            "last": period.last if connection.dialect.name == "postgresql" else str(period.last),
        },
    )
    figures: dict[tuple[str, str], int] = {}
    for category, *values in found:
        for key, value in zip(SUMMED + COUNTED, values, strict=True):
            figures[key, category] = int(value or 0) * (1 if key in SUMMED else 10_000)
    return figures


async def by_contributions(
    connection: AsyncConnection, period: Period, areas: tuple[int, ...]
) -> Any:
    """What the product does."""
    made = await compile_table(connection, DEFINITION, 1, "table2", areas, period)
    return {
        (row.key, column.category): int(cell * 10_000)
        for row, line in zip(TABLE.rows, made.figures.cells, strict=True)
        for column, cell in zip(TABLE.columns, line, strict=True)
        if cell is not None and row.measure is not None and row.measure.aggregate != "total"
    }


async def timed(work: Callable[[], Awaitable[Any]]) -> tuple[float, Any]:
    """Seconds and result of one run."""
    start = time.perf_counter()
    result = await work()
    return time.perf_counter() - start, result


async def compare(
    engine: AsyncEngine, name: str, period: Period, areas: tuple[int, ...], rounds: int
) -> float:
    """Run both sides in turns and print medians; returns the median ratio."""
    ratios, ours_ms, theirs_ms = [], [], []
    async with reading(engine) as connection:
        for number in range(rounds + 1):
            theirs, expected = await timed(lambda: by_hand(connection, period, areas))
            ours, got = await timed(lambda: by_contributions(connection, period, areas))
            for key, value in got.items():
                if expected.get(key, 0) != value:
                    raise SystemExit(f"{name}: {key} is {value}, by hand {expected.get(key, 0)}")
            if number:
                ratios.append(ours / theirs)
                ours_ms.append(ours * 1000)
                theirs_ms.append(theirs * 1000)
        tracemalloc.start()
        await by_contributions(connection, period, areas)
        peak = tracemalloc.get_traced_memory()[1] / 1024
        tracemalloc.stop()
    ratio = statistics.median(ratios)
    print(
        f"  {name:22s} contributions {statistics.median(ours_ms):8.1f} ms   "
        f"wide by hand {statistics.median(theirs_ms):8.1f} ms   ratio {ratio:5.2f}   "
        f"client memory {peak:6.0f} KiB   figures identical"
    )
    return ratio


async def run(sizes: list[int], url: str | None, rounds: int) -> None:
    """Build and compare for each size."""
    week = Period(FIRST + timedelta(days=7 * 6), FIRST + timedelta(days=7 * 6 + 6))
    whole = Period(FIRST, FIRST + timedelta(days=7 * WEEKS - 1))
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            path = Path(folder) / f"tables-{size}.db"
            engine = open_engine(url or f"sqlite+aiosqlite:///{path.as_posix()}")
            start = time.perf_counter()
            total = await build(engine, size)
            print(
                f"{size} inspections, {total} contributions on {engine.dialect.name} "
                f"(written both ways in {time.perf_counter() - start:.0f} s)"
            )
            await compare(engine, "one week, region", week, AREAS, rounds)
            await compare(engine, "all in one, region", whole, AREAS, rounds)
            await compare(engine, "one week, one county", week, AREAS[:1], rounds)
            await compare(engine, "to date, one county", whole, AREAS[:1], rounds)
            await engine.dispose()


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--url", help="an empty PostgreSQL database; SQLite by default")
    parser.add_argument("--rounds", type=int, default=7)
    args = parser.parse_args()
    asyncio.run(run(args.sizes, args.url, args.rounds))


if __name__ == "__main__":
    main()
