"""The official sheets and the phone card of the made-up week, read back from the files."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook
from PIL import Image
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from campaigns.periods import Period, week_of
from handlers.context import Bot
from handlers.pushes import PUSHES, PushContext
from services.campaigns import CampaignStore
from services.table_documents import grid, phone_grid
from services.tables import compile_table
from services.weekly import compile_period
from tests.services import table_world as world
from tests.services.test_tables import COLUMNS, TABLE_ONE, TABLE_TWO

NOW = datetime(2026, 11, 23, 1, tzinfo=UTC)
WEEK = week_of(date(2026, 11, 16))
SHEETS = ["表一 本周", "表一 累计", "表二 本周", "表二 累计"]


@pytest.fixture
async def db(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    async with engine.begin() as connection:
        await world.build(connection)
        await world.submit_week(connection)
        yield connection


def context(db: AsyncConnection, folder: Path) -> PushContext:
    return PushContext(
        db, NOW, Bot(world.BOT, "demo_bot", frozenset()), CampaignStore(), -1, "zh", folder
    )


PARAMS = {
    "campaign": 1,
    "version": 1,
    "push": "weekly",
    "unit": 2,
    "from": "2026-11-16",
    "to": "2026-11-22",
    "seq": 18,
    "missed": [],
    "page": 1,
}


async def test_workbook__week_and_campaign__values_equal_the_hand_count(db, tmp_path) -> None:
    content = await PUSHES["tables_file"](context(db, tmp_path), PARAMS)
    assert content is not None
    assert content.file is not None
    book = load_workbook(BytesIO(content.file.data))
    assert book.sheetnames == SHEETS
    one = list(book["表一 本周"].iter_rows(values_only=True))
    numbers = [tuple(v for v in row if isinstance(v, int)) for row in one]
    assert [pair for pair in numbers if pair] == list(TABLE_ONE.values())
    two = list(book["表二 本周"].iter_rows(values_only=True))
    figures = [tuple(v for v in row if isinstance(v, int | float)) for row in two]
    expected = [tuple(float(v) for v in row[:4]) for row in TABLE_TWO.values()]
    assert [tuple(map(float, line)) for line in figures if line] == expected


async def test_workbook__official_sheets__add_nothing_to_the_annex(db, tmp_path) -> None:
    content = await PUSHES["tables_file"](context(db, tmp_path), PARAMS)
    assert content is not None
    assert content.file is not None
    sheet = load_workbook(BytesIO(content.file.data))["表二 本周"]
    texts = [
        str(value)
        for row in sheet.iter_rows(values_only=True)
        for value in row
        if isinstance(value, str) and value.strip()
    ]
    assert texts[:5] == [
        "附件4",
        "广西医疗卫生领域突出问题专项整治行动工作量化统计表二",
        "柳州市",
        "2026年11月16日-2026年11月22日",
        "项目",
    ]
    assert texts[-1].split() == ["填表人：", "联系电话：", "填表日期：", "审核人："]
    assert texts[-2] == "人"


@pytest.mark.parametrize(
    ("period", "line"),
    [
        (Period(date(2026, 9, 1), date(2026, 11, 30), "months"), "2026年9月-11月"),
        (Period(date(2026, 11, 1), date(2026, 11, 30), "month"), "2026年11月-11月"),
    ],
)
async def test_grid__whole_months__printed_as_the_annex_has_them(db, period, line) -> None:
    figures = await compile_table(db, world.DEFINITION, 1, "table2", world.LIUZHOU, period)
    sheet = grid(world.DEFINITION.table_by_id["table2"], figures, locale="zh", area_name="柳州市")
    assert [field.content for field in sheet.head[0]] == ["柳州市", line]


async def test_grid__second_level__shares_the_cell_of_the_first(db) -> None:
    figures = await compile_table(db, world.DEFINITION, 1, "table2", world.LIUZHOU, WEEK)
    table = world.DEFINITION.table_by_id["table2"]
    sheet = grid(table, figures, locale="zh", area_name="柳州市")
    merged = {
        cell.content: cell.rowspan for cell in sheet.cells if cell.column == 1 and cell.rowspan > 1
    }
    assert merged == {
        "检查内容": 2,
        "违规开展禁止类技术": 2,
        "吊销执业证书": 2,
        "暂停执业": 2,
        "移送司法机关": 3,
        "合计": 2,
    }
    groups = [(c.content, c.rowspan) for c in sheet.cells if c.column == 0 and c.row > 1]
    assert groups == [
        ("发现、处理违法违规行为情况", 27),
        ("行政处罚机构情况", 5),
        ("处理人员情况", 9),
    ]
    headings = [cell.content for cell in sheet.cells if cell.row == 1]
    assert headings == [column.label["zh"] for column in table.columns]
    assert len(COLUMNS) == len(headings)


async def test_phone_card__only_what_is_not_zero__period_beside_campaign(db) -> None:
    made = await compile_period(db, world.DEFINITION, 1, world.LIUZHOU, WEEK)
    sheet = phone_grid(
        made.tables,
        locale="zh",
        title="表一、表二",
        subtitle="柳州市",
        period_label="本周",
        beside_label="累计",
    )
    lines = {
        label.content: (sheet_value(sheet, label.row, 2), sheet_value(sheet, label.row, 3))
        for label in sheet.cells
        if label.column == 1
    }
    assert lines["二级以上公立医疗机构"] == (3, 4)
    assert lines["未公示价格"] == (0, 1)
    assert "暂停护士" not in lines


def sheet_value(sheet, row, column):
    return next(c.content for c in sheet.cells if (c.row, c.column) == (row, column))


async def test_push_message__photo__is_one_that_telegram_takes(db, tmp_path) -> None:
    content = await PUSHES["tables_message"](context(db, tmp_path), PARAMS)
    assert content is not None
    assert content.file is not None
    assert content.file.photo
    with Image.open(BytesIO(content.file.data)) as picture:
        assert picture.width == 1080
        assert picture.width + picture.height <= 10_000
    assert len(content.file.data) < 1_000_000
    last = await PUSHES["tables_picture"](context(db, tmp_path), {**PARAMS, "page": 3})
    assert last is None


async def test_push__campaign_closed_meanwhile__is_not_sent(db, tmp_path) -> None:
    for kind in ("tables_message", "tables_picture", "tables_file"):
        assert await PUSHES[kind](context(db, tmp_path), {**PARAMS, "campaign": 99}) is None
