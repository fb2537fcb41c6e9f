"""The message that the tables are pushed with, word for word."""

from collections.abc import AsyncIterator
from datetime import date

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from campaigns.periods import Period, month_of, week_of
from handlers.table_texts import caption_length, compact_lines, push_text
from services.weekly import compile_period, period_before
from storage.tables import InstitutionRow
from tests.services import table_world as world

WEEK = week_of(date(2026, 11, 16))
FIRST_DAY = date(2026, 9, 1)

ZH = """<b>第 12 周（11.16—11.22）· 柳州市</b>
检查机构 <b>10</b>（+9，累计 11）
覆盖率 医院 <b>60%</b>，其他 <b>62%</b>（目标 100% / 50%）
发现问题 <b>27</b> 起（+26，累计 28）
罚款 <b>2</b> 家（+2，累计 2）
罚款额 <b>2.35</b> 万元（+2.35，累计 2.35）
移送 <b>2</b> 人（+2，累计 2）
最多：非卫技人员 3、挂证 2、乱收费 2"""

EN = """<b>Week 12 (16 Nov – 22 Nov) · 柳州市</b>
Institutions inspected <b>10</b> (+9, to date 11)
Coverage: Hospitals <b>60%</b>, Others <b>62%</b> (target 100% / 50%)
Problems found <b>27</b> cases (+26, to date 28)
Fined <b>2</b> institutions (+2, to date 2)
Fines <b>2.35</b> × 10,000 yuan (+2.35, to date 2.35)
Transferred <b>2</b> persons (+2, to date 2)
Most frequent: Unqualified 3, Cert. for hire 2, Overcharging 2"""

EMPTY_ZH = """<b>第 12 周（11.16—11.22）· 柳州市</b>
检查机构 <b>0</b>
覆盖率 医院 <b>0%</b>，其他 <b>0%</b>（目标 100% / 50%）
发现问题 <b>0</b> 起　罚款 <b>0</b> 家
罚款额 <b>0.00</b> 万元　移送 <b>0</b> 人"""


@pytest.fixture
async def db(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    async with engine.begin() as connection:
        await world.build(connection)
        yield connection


async def compiled(db, period=WEEK, areas=world.LIUZHOU, **options):
    return await compile_period(db, world.DEFINITION, 1, areas, period, **options)


@pytest.mark.parametrize(("locale", "expected"), [("zh", ZH), ("en", EN)])
async def test_push_text__made_up_week__reads_exactly(db, locale, expected) -> None:
    await world.submit_week(db)
    assert push_text(locale, world.DEFINITION, await compiled(db), "柳州市") == expected


async def test_push_text__less_than_the_week_before__says_so(db) -> None:
    await world.submit_week(db)
    after = await compiled(db, week_of(date(2026, 11, 23)))
    lines = push_text("zh", world.DEFINITION, after, "柳州市").splitlines()
    assert lines[0] == "<b>第 13 周（11.23—11.29）· 柳州市</b>"
    assert lines[1] == "检查机构 <b>0</b>（−10，累计 11）"
    assert lines[5] == "罚款额 <b>0.00</b> 万元（−2.35，累计 2.35）"
    assert lines[6] == "移送 <b>1</b> 人（−1，累计 3）"


async def test_push_text__missed_periods__named_as_one_stretch(db) -> None:
    missed = [week_of(date(2026, 11, 2)), week_of(date(2026, 11, 9))]
    made = await compiled(db)
    chinese = push_text("zh", world.DEFINITION, made, "柳州市", missed).splitlines()[-1]
    english = push_text("en", world.DEFINITION, made, "柳州市", missed[:1]).splitlines()[-1]
    assert chinese == "另有 2 期未能按时发布（11.2—11.15），可发送 /table 查看。"
    assert english == ("One earlier period (2 Nov – 8 Nov) was not sent in time; see /table.")


async def test_push_text__nothing_happened__zeros_without_changes(db) -> None:
    assert push_text("zh", world.DEFINITION, await compiled(db), "柳州市") == EMPTY_ZH


async def test_push_text__area_name__is_escaped(db) -> None:
    text = push_text("zh", world.DEFINITION, await compiled(db), "<b>&")
    assert text.startswith("<b>第 12 周（11.16—11.22）· &lt;b&gt;&amp;</b>")


async def test_push_text__everything__fits_a_caption(db) -> None:
    await world.submit_week(db)
    missed = [week_of(date(2026, 11, 9))]
    text = push_text("zh", world.DEFINITION, await compiled(db), "市" * 200, missed)
    assert caption_length(text) <= 1024


async def test_compact__made_up_week__lists_what_is_not_zero(db) -> None:
    await world.submit_week(db)
    made = await compiled(db)
    table, figures, _ = made.pair("table2")
    assert compact_lines("zh", table, figures) == [
        "<b>发现、处理违法违规行为情况</b>",
        "挂证 2 起、无证行医 1 起、买卖执照 1 起、超范围 1 起、非卫技人员 3 起、免疫 1 起、"
        "其他禁止 1 起、限制类 1 起、干细胞 1 起、假药 1 起、假证明 1 起、角膜 1 起、大器官 1 起、"
        "乱收费 2 起、诱导过度 1 起、其他违法 1 起、骗保 1 起、违法广告 4 条、网络媒体 1 个、"
        "医美未备案 1 起、医美主诊 2 人、医美护理 1 起、产前诊断 1 起、辅助生殖 1 起、两非 1 起、"
        "计生手术 1 起",
        "<b>行政处罚机构情况</b>",
        "吊销许可 1 个、停业整顿 1 个、罚款 2 个、受处罚机构 6 个、罚款额 2.35 万元",
        "<b>处理人员情况</b>",
        "吊证医师 2 人、吊证护士 1 人、暂停医师 3 人、移送医师 1 人、移送护士 1 人、"
        "处罚合计 6 人、移送合计 2 人",
    ]


async def test_compact__table_one__inspected_of_registered(db) -> None:
    await world.submit_week(db)
    table, figures, _ = (await compiled(db)).pair("table1")
    lines = compact_lines("zh", table, figures)
    assert lines[:6] == [
        "<b>二级以上公立医疗机构</b>（已查/总数）",
        "综合医院 1/1",
        "专科医院 1/1",
        "中医类医院 0/1",
        "妇幼保健院 0/1",
        "其他二级以上公立医疗机构 1/1",
    ]
    assert lines[-1] == "一级医院、门诊部、诊所等其他类型机构 1/3"
    assert len(lines) == 4 + 15


async def test_compile_period__as_of_an_earlier_number__shows_the_figures_of_then(db) -> None:
    for made in world.WEEK:
        seq = await world.submit(db, made)
    await world.submit(db, world.CORRECTED, 2)
    then = await compiled(db, as_of_seq=seq)
    tables = {table.table_id: figures for table, figures, _ in then.tables}
    assert tables["table2"].totals["i03"] == 2
    assert {figures.scope.seq for figures in tables.values()} == {seq}


async def test_push_text__institution_without_category__is_reported_not_lost(db) -> None:
    institutions = InstitutionRow.__table__
    await db.execute(
        update(institutions).where(institutions.c.id == world.ids()["A"]).values(ownership="")
    )
    await world.submit(db, world.WEEK[0])
    made = await compiled(db)
    assert made.unplaced == 1
    last = push_text("zh", world.DEFINITION, made, "柳州市").splitlines()[-1]
    assert last == ("⚠️ 另有 1 家机构按类别、等级、性质归不进表内任何一行，请核对机构信息。")


@pytest.mark.parametrize(
    ("period", "before"),
    [
        (WEEK, week_of(date(2026, 11, 9))),
        (month_of(date(2026, 10, 5)), month_of(date(2026, 9, 5))),
        (week_of(date(2026, 9, 7)), week_of(date(2026, 8, 31))),
        (week_of(date(2026, 8, 31)), None),
        (month_of(date(2026, 9, 5)), None),
        (Period(FIRST_DAY, date(2026, 11, 22), "to_date"), None),
        (Period(date(2026, 11, 1), date(2026, 11, 3)), None),
    ],
)
def test_period_before__kinds_of_periods(period, before) -> None:
    assert period_before(period, FIRST_DAY) == before
