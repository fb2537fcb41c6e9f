"""Cards about statistics tables: the compact table, its figures, the records behind one."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from campaigns.errors import CampaignError
from campaigns.periods import Period
from campaigns.tables import Measure, TableDefinition
from handlers.callbacks import Go
from handlers.content import Button, Content, escape, rows
from handlers.context import Ctx
from handlers.table_access import Place, place
from handlers.table_callbacks import PERIODS, Tab, days_code, period_code, read_period
from handlers.table_texts import (
    compact_lines,
    day_text,
    days_text,
    goals_text,
    headline_lines,
    instant_text,
    number_text,
    percent_text,
    period_text,
    title_text,
)
from handlers.views import View, view
from handlers.views.groups import group_locale
from handlers.views.parts import PAGE, notice_lines, page_buttons
from services.registry import area_ids
from services.status import AreaCoverage, read_status
from services.tables import (
    TableFigures,
    compile_table,
    count_behind,
    keys_behind,
    records_behind,
)
from services.weekly import compile_period, short_label

NO_BREAK = "\N{NO-BREAK SPACE}"


def _guarded(draw: View) -> View:
    """Draw in the language of the chat; whoever may no longer see a card reads that instead."""

    async def drawn(ctx: Ctx, params: Mapping[str, Any]) -> Content:
        if not ctx.private:
            ctx = replace(ctx, locale=await group_locale(ctx))
        try:
            return await draw(ctx, params)
        except CampaignError as refusal:
            menu = ((Button(ctx.t("go-menu"), Go(to="menu").pack()),),) if ctx.private else ()
            return Content(ctx.t(refusal.key, **refusal.params), menu)

    return drawn


async def _opened(ctx: Ctx, params: Mapping[str, Any]) -> tuple[Place, TableDefinition, Period]:
    found = await place(ctx, int(params.get("c", 0)), int(params.get("u", 0)), judge=ctx.private)
    tables = found.definition.tables
    table = tables[min(int(params.get("t", len(tables) - 1)), len(tables) - 1)]
    zone = ZoneInfo(found.campaign.timezone)
    return found, table, read_period(str(params.get("p", "lw")), found.definition, zone, ctx.now)


def _tab(params: Mapping[str, Any], found: Place, act: str, **changed: Any) -> str:
    values = {
        "c": found.campaign.id,
        "t": int(params.get("t", len(found.definition.tables) - 1)),
        "p": str(params.get("p", "lw")),
        "u": found.unit.id,
        **changed,
    }
    return Tab(act=act, **values).pack()


@view("tables")
@_guarded
async def tables(ctx: Ctx, params: Mapping[str, Any]) -> Content:
    """One table of one period: the figures that matter, then what is not zero."""
    found, table, period = await _opened(ctx, params)
    locale = ctx.locale
    ids = await area_ids(ctx.ws.connection, found.unit.area_path)
    compiled = await compile_period(
        ctx.ws.connection,
        found.definition,
        found.campaign.id,
        ids,
        period,
        table_ids=[table.table_id],
        as_of_seq=params.get("seq"),
    )
    title = title_text(locale, found.definition, period, found.unit.area_name)
    name = escape(table.text(table.labels, locale))
    _, figures, _ = compiled.pair(table.table_id)
    zone = ZoneInfo(found.campaign.timezone)
    lines = [
        *notice_lines(ctx, params),
        f"<b>{name} · {title}</b>",
        *headline_lines(locale, found.definition, compiled.headlines),
        "",
        *compact_lines(locale, table, figures),
        "",
        ctx.t("tables-as-of", at=instant_text(locale, ctx.now, zone)),
    ]
    return Content("\n".join(lines), _table_buttons(ctx, params, found, table))


def _table_buttons(
    ctx: Ctx, params: Mapping[str, Any], found: Place, shown: TableDefinition
) -> tuple[tuple[Button, ...], ...]:
    locale = ctx.locale
    code = str(params.get("p", "lw"))

    def marked(label: str, on: bool) -> str:
        return ctx.t("tables-mark", label=label) if on else label

    choose = tuple(
        Button(
            marked(table.text(table.labels, locale), table is shown),
            _tab(params, found, "show", t=index),
        )
        for index, table in enumerate(found.definition.tables)
    )
    when = tuple(
        Button(
            marked(ctx.t(f"tables-button-{name}"), period_code(name) == code),
            _tab(params, found, "show", p=period_code(name)),
        )
        for name in PERIODS
    )
    files = tuple(
        Button(ctx.t(f"tables-button-{key}"), _tab(params, found, act))
        for key, act in (("picture", "png"), ("xlsx", "xlsx"), ("pdf", "pdf"))
    )
    index = found.definition.tables.index(shown)
    details = (
        Button(ctx.t("tables-button-details"), _tab(params, found, "rows"))
        if ctx.private
        else Button(
            ctx.t("tables-button-details"),
            url=details_link(ctx.bot.username, found.campaign.id, index, code, found.unit.id),
        )
    )
    last = [details, Button(ctx.t("tables-button-status"), _tab(params, found, "status"))]
    if ctx.private:
        last.append(Button(ctx.t("go-menu"), Go(to="menu").pack()))
    return (*(rows(list(choose), 4) if len(choose) > 1 else ()), when, files, tuple(last))


def details_link(bot_username: str, campaign_id: int, table: int, code: str, unit_id: int) -> str:
    """The deep link from a group to the figures in the private chat."""
    payload = f"tables_{campaign_id}_{table}_{code}_{unit_id}"
    return f"https://t.me/{bot_username}?start={payload}"


# ---- figures and the records behind them ---------------------------------------------------


def shown_measures(
    table: TableDefinition, figures: TableFigures, locale: str
) -> list[tuple[int, str, Measure, str | None, str, str]]:
    """Figures that have records: place, label, measure, category, value, unit."""
    found: list[tuple[int, str, Measure, str | None, str, str]] = []
    for index, row in enumerate(table.rows):
        label = short_label(table, row, locale)
        if row.measure is not None:
            value = figures.totals[row.measure.key]
            if value:
                number = number_text(locale, value, row.measure.decimals)
                unit = table.text(row.unit, locale)
                found.append((index, label, row.measure, None, number, unit))
            continue
        for column in table.columns:
            measure = column.measure
            cell = figures.figures.cell(row.key, column.key)
            if measure is not None and measure.aggregate == "inspected" and cell:
                number = number_text(locale, cell)
                name = f"{table.text(row.group, locale)} · {label}"
                found.append((index, name, measure, row.category, number, ""))
    return found


@view("table_rows")
@_guarded
async def table_rows(ctx: Ctx, params: Mapping[str, Any]) -> Content:
    """The figures of a table that are not zero, each a button to its records."""
    found, table, period = await _opened(ctx, params)
    ids = await area_ids(ctx.ws.connection, found.unit.area_path)
    figures = await compile_table(
        ctx.ws.connection, found.definition, found.campaign.id, table.table_id, ids, period
    )
    listed = shown_measures(table, figures, ctx.locale)
    page = min(int(params.get("page", 0)), max(0, (len(listed) - 1) // PAGE))
    on_page = listed[page * PAGE : (page + 1) * PAGE]
    title = ctx.t(
        "tables-details-title",
        table=escape(table.text(table.labels, ctx.locale)),
        period=period_text(ctx.locale, found.definition, period),
        days=days_text(ctx.locale, period),
        area=escape(found.unit.area_name),
    )
    choices = [
        Button(
            f"{label} {value}{f' {unit}' if unit else ''}",
            _tab(params, found, "row", p=days_code(period), a=f"{index}.0"),
        )
        for index, label, _measure, _category, value, unit in on_page
    ]
    turn = page_buttons(ctx, page, len(listed), lambda to: _tab(params, found, "rows", a=str(to)))
    back = (Button(ctx.t("tables-back"), _tab(params, found, "show")),)
    text = ctx.t("tables-details-ask" if listed else "tables-details-none")
    return Content(
        "\n".join([*notice_lines(ctx, params), title, text]), (*rows(choices, 1), *turn, back)
    )


@view("table_records")
@_guarded
async def table_records(ctx: Ctx, params: Mapping[str, Any]) -> Content:
    """The records behind one figure: what it adds up or counts."""
    found, table, period = await _opened(ctx, params)
    ids = await area_ids(ctx.ws.connection, found.unit.area_path)
    figures = await compile_table(
        ctx.ws.connection, found.definition, found.campaign.id, table.table_id, ids, period
    )
    listed = shown_measures(table, figures, ctx.locale)
    wanted = int(params.get("row", 0))
    chosen = next((one for one in listed if one[0] == wanted), None)
    back = (
        Button(ctx.t("tables-back"), _tab(params, found, "rows", p=days_code(period))),
        Button(ctx.t("go-menu"), Go(to="menu").pack()),
    )
    if chosen is None:
        return Content(ctx.t("tables-details-none"), (back,))
    _index, label, measure, category, value, unit = chosen
    keys = keys_behind(table, measure)
    count = await count_behind(ctx.ws.connection, figures.scope, keys, category)
    page = min(int(params.get("page", 0)), max(0, (count - 1) // PAGE))
    records = await records_behind(
        ctx.ws.connection, figures.scope, keys, category, offset=page * PAGE, limit=PAGE
    )
    lines = [
        *notice_lines(ctx, params),
        ctx.t("tables-records-title", label=escape(label), value=value, unit=escape(unit)),
        f"{days_text(ctx.locale, period)} · {escape(found.unit.area_name)}",
        ctx.t("tables-records-count", count=str(count)),
        "",
    ]
    lines += [
        ctx.t(
            "tables-record",
            day=day_text(ctx.locale, one.counted_on),
            name=escape(one.institution_name),
            code=escape(one.institution_code),
            kind=ctx.t(f"tables-record-{one.record_kind}"),
            id=str(one.record_id),
            amount=number_text(ctx.locale, one.amount, measure.decimals),
        )
        for one in records
    ]
    turn = page_buttons(
        ctx,
        page,
        count,
        lambda to: _tab(params, found, "row", p=days_code(period), a=f"{wanted}.{to}"),
    )
    return Content("\n".join(lines), (*turn, back))


# ---- status --------------------------------------------------------------------------------


@view("table_status")
@_guarded
async def table_status(ctx: Ctx, params: Mapping[str, Any]) -> Content:
    """Who is in: this week's inspections, coverage here and below, last and next push."""
    found = await place(ctx, int(params.get("c", 0)), int(params.get("u", 0)), judge=ctx.private)
    locale = ctx.locale
    zone = ZoneInfo(found.campaign.timezone)
    status = await read_status(
        ctx.ws.connection,
        found.definition,
        found.campaign,
        found.unit,
        ctx.now,
        bot_id=ctx.bot.id,
        chat_id=None if ctx.private else ctx.chat_id,
    )
    lines = [
        *notice_lines(ctx, params),
        ctx.t(
            "tables-status-title",
            campaign=escape(found.definition.text(found.definition.short, locale)),
            area=escape(found.unit.area_name),
        ),
    ]
    stage = status.stage
    if stage is not None and stage.starts_on is not None and stage.ends_on is not None:
        lines.append(
            ctx.t(
                "tables-status-stage",
                stage=escape(found.definition.text(stage.labels, locale)),
                days=days_text(locale, Period(stage.starts_on, stage.ends_on)),
            )
        )
    lines.append(
        ctx.t(
            "tables-status-week",
            days=days_text(locale, status.week),
            submitted=str(status.submitted),
            drafts=str(status.drafts),
        )
    )
    if status.whole.coverage:
        lines += [
            "",
            ctx.t("tables-status-goals", goals=goals_text(locale, status.whole.coverage)),
        ]
        lines += [_coverage_line(ctx, locale, found, one) for one in (status.whole, *status.parts)]
        lines.append("")
    if status.pushed_at is not None:
        at = instant_text(locale, status.pushed_at, zone)
        lines.append(ctx.t("tables-status-last", at=at))
    if status.next_at is not None:
        lines.append(ctx.t("tables-status-next", at=instant_text(locale, status.next_at, zone)))
    buttons = [Button(ctx.t("tables-button-tables"), _tab(params, found, "show"))]
    if ctx.private:
        buttons.append(Button(ctx.t("go-menu"), Go(to="menu").pack()))
    return Content("\n".join(lines), (tuple(buttons),))


def _coverage_line(ctx: Ctx, locale: str, found: Place, one: AreaCoverage) -> str:
    targets = [
        ctx.t(
            "tables-status-target",
            name=escape(found.definition.text(reached.target.short, locale)),
            inspected=str(reached.inspected),
            registered=str(reached.registered),
            percent=percent_text(locale, reached),
        )
        for reached in one.coverage
    ]
    name = escape(one.area.name)
    if one.own:
        name = ctx.t("tables-status-own", area=name)
    # A narrow phone breaks the line between targets, never within one.
    whole = "　".join(target.replace(" ", NO_BREAK) for target in targets)
    return ctx.t("tables-status-area", area=name, targets=whole)
