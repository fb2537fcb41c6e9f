"""Tables sent by themselves or on demand: message with picture, further pictures, files.

Everything is compiled as of the sequence number in the parameters, so the parts of one push show
the same figures however much later they are sent.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from campaigns.periods import Period, month_of, week_of
from campaigns.plan import CampaignDefinition, Push
from campaigns.tables import TableDefinition
from handlers.content import Button, Content, File, Rows
from handlers.pushes import PushContext, push
from handlers.table_callbacks import Tab, days_code
from handlers.table_texts import days_text, period_text, push_text, tables_text
from handlers.views.tables import details_link
from locales import LANGUAGES, text
from reports.model import Grid
from services.opening import OpenCampaign, open_campaigns
from services.registry import Unit, area_ids, read_unit
from services.table_documents import (
    grid,
    pdf,
    phone_grid,
    pictures,
    typesetter,
    workbook,
)
from services.weekly import Compiled, compile_period


@dataclass(frozen=True, slots=True)
class _Pushed:
    """What a push of tables is about."""

    campaign: OpenCampaign
    definition: CampaignDefinition
    push: Push | None
    unit: Unit
    compiled: Compiled
    locale: str


async def _open(
    context: PushContext,
    params: Mapping[str, Any],
    *,
    table_ids: list[str] | None = None,
    beside: bool = True,
) -> _Pushed | None:
    """Compile what a push shows; None when its campaign was closed meanwhile."""
    running = await open_campaigns(context.connection)
    campaign = next((one for one in running if one.id == int(params["campaign"])), None)
    if campaign is None:
        return None
    definition = await context.campaigns.definition(context.connection, int(params["version"]))
    which = next((one for one in definition.pushes if one.push_id == params.get("push")), None)
    if table_ids is None and which is not None:
        table_ids = list(which.tables)
    unit = await read_unit(context.connection, int(params["unit"]))
    compiled = await compile_period(
        context.connection,
        definition,
        campaign.id,
        await area_ids(context.connection, unit.area_path),
        _period(params, which),
        table_ids=table_ids,
        beside=beside,
        as_of_seq=int(params["seq"]),
    )
    # A group is spoken to in its campaign's language, a person in their own.
    locale = context.locale if context.chat_id > 0 else campaign.language
    return _Pushed(
        campaign,
        definition,
        which,
        unit,
        compiled,
        locale if locale in LANGUAGES else LANGUAGES[0],
    )


def _period(params: Mapping[str, Any], which: Push | None) -> Period:
    first, last = date.fromisoformat(params["from"]), date.fromisoformat(params["to"])
    kind = params.get("kind")
    if kind is None and which is not None:
        kind = {"last_week": "week", "last_month": "month"}.get(which.period, which.period)
    return Period(first, last, kind or "days")


# ---- the push itself -----------------------------------------------------------------------


@push("tables_message")
async def tables_message(context: PushContext, params: Mapping[str, Any]) -> Content | None:
    """The figures that matter under the first picture."""
    pushed = await _open(context, params)
    if pushed is None:
        return None
    pages = await _phone_pictures(context, pushed)
    return Content(
        push_text(
            pushed.locale,
            pushed.definition,
            pushed.compiled,
            pushed.unit.area_name,
            _missed(pushed, params),
        ),
        _buttons(context, pushed, int(params["seq"])),
        File(f"{_file_name(pushed)}.png", pages[0], photo=True),
    )


@push("tables_picture")
async def tables_picture(context: PushContext, params: Mapping[str, Any]) -> Content | None:
    """A further picture, where the first does not hold everything that is not zero."""
    pushed = await _open(context, params)
    if pushed is None:
        return None
    return _page(await _phone_pictures(context, pushed), int(params["page"]), pushed)


@push("tables_file")
async def tables_file(context: PushContext, params: Mapping[str, Any]) -> Content | None:
    """The official sheets: the period's as they are sent upward, then the campaign's to date."""
    pushed = await _open(context, params)
    if pushed is None:
        return None
    data = await asyncio.to_thread(workbook, official_grids(pushed), now=context.now)
    return Content(_file_caption(pushed), (), File(f"{_file_name(pushed)}.xlsx", data))


def official_grids(pushed: _Pushed) -> list[Grid]:
    """Each table of the period, followed by the same table to date."""
    locale, sheets = pushed.locale, []
    for table, figures, so_far in pushed.compiled.tables:
        for kind, found in ((pushed.compiled.period.kind, figures), ("to_date", so_far)):
            if found is not None:
                sheets.append(
                    grid(
                        table,
                        found,
                        locale=locale,
                        area_name=pushed.unit.area_name,
                        sheet_name=sheet_name(locale, table, kind),
                    )
                )
    return sheets


def sheet_name(locale: str, table: TableDefinition, kind: str) -> str:
    """Name of a sheet: 表一 本周."""
    known = kind if kind in ("week", "month", "to_date") else "days"
    return text(
        locale,
        "tables-sheet",
        table=table.text(table.labels, locale),
        period=text(locale, f"tables-sheet-{known}"),
    )


async def _phone_pictures(context: PushContext, pushed: _Pushed) -> tuple[bytes, ...]:
    locale, compiled = pushed.locale, pushed.compiled
    sheet = phone_grid(
        compiled.tables,
        locale=locale,
        title=text(
            locale,
            "tables-phone-title",
            tables=tables_text(locale, [table for table, _, _ in compiled.tables]),
            period=period_text(locale, pushed.definition, compiled.period),
        ),
        subtitle=f"{pushed.unit.area_name}　{days_text(locale, compiled.period)}",
        period_label=text(locale, f"tables-sheet-{compiled.period.kind}")
        if compiled.period.kind in ("week", "month", "to_date")
        else text(locale, "tables-sheet-days"),
        beside_label=text(locale, "tables-sheet-to_date"),
    )
    setter = await asyncio.to_thread(typesetter, context.data_dir)
    return await asyncio.to_thread(pictures, setter, sheet)


def _page(pages: tuple[bytes, ...], number: int, pushed: _Pushed) -> Content | None:
    if number > len(pages):
        return None
    caption = f"{number}/{len(pages)}" if len(pages) > 1 else ""
    return Content(
        caption, (), File(f"{_file_name(pushed)}_{number}.png", pages[number - 1], photo=True)
    )


def _missed(pushed: _Pushed, params: Mapping[str, Any]) -> list[Period]:
    """The periods that an outage swallowed, as their first days tell."""
    found = []
    for source in params.get("missed", ()):
        day = date.fromisoformat(source)
        monthly = pushed.push is not None and pushed.push.period == "last_month"
        found.append(month_of(day) if monthly else week_of(day))
    return found


def _file_name(pushed: _Pushed) -> str:
    tables = [table for table, _, _ in pushed.compiled.tables]
    return text(
        pushed.locale,
        "tables-file-name",
        **{
            "area": pushed.unit.area_name,
            "tables": "_".join(table.text(table.labels, pushed.locale) for table in tables),
            "from": pushed.compiled.period.first.isoformat(),
            "to": pushed.compiled.period.last.isoformat(),
        },
    ).replace(" ", "_")


def _file_caption(pushed: _Pushed) -> str:
    tables = [table for table, _, _ in pushed.compiled.tables]
    return text(
        pushed.locale,
        "tables-file-caption",
        tables=tables_text(pushed.locale, tables),
        days=days_text(pushed.locale, pushed.compiled.period),
        area=pushed.unit.area_name,
    )


def _buttons(context: PushContext, pushed: _Pushed, seq: int) -> Rows:
    locale = pushed.locale
    index = len(pushed.definition.tables) - 1
    code = days_code(pushed.compiled.period)
    details = Button(
        text(locale, "tables-button-details"),
        url=details_link(context.bot.username, pushed.campaign.id, index, code, pushed.unit.id),
    )
    latest = Button(
        text(locale, "tables-button-latest"),
        Tab(
            act="latest",
            c=pushed.campaign.id,
            t=index,
            p=code,
            u=pushed.unit.id,
            a=str(seq),
        ).pack(),
    )
    return ((details, latest),)


# ---- on demand -----------------------------------------------------------------------------


@push("table_document")
async def table_document(context: PushContext, params: Mapping[str, Any]) -> Content | None:
    """One official table that somebody asked for, as picture, PDF or .xlsx."""
    form = str(params["format"])
    pushed = await _open(context, params, table_ids=[str(params["table"])], beside=form == "xlsx")
    if pushed is None:
        return None
    caption = _file_caption(pushed)
    sheets = official_grids(pushed)
    if form == "xlsx":
        data = await asyncio.to_thread(workbook, sheets, now=context.now)
        return Content(caption, (), File(f"{_file_name(pushed)}.xlsx", data))
    setter = await asyncio.to_thread(typesetter, context.data_dir)
    if form == "pdf":
        data = await asyncio.to_thread(pdf, setter, sheets[0])
        return Content(caption, (), File(f"{_file_name(pushed)}.pdf", data))
    return _page(await asyncio.to_thread(pictures, setter, sheets[0]), int(params["page"]), pushed)
