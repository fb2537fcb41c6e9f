"""The filled official form of an inspection, for signature."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from itertools import groupby
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from campaigns import engine
from campaigns.items import Item, print_values
from campaigns.plan import FormLine
from locales import text
from reports.checklist import (
    FormRow,
    FormSection,
    FormSheet,
    checklist_pdf,
    checklist_xlsx,
    parse_print,
)
from reports.model import Field, Line, Text
from services.campaigns import CampaignStore
from services.inspections import Visit, load
from services.media import STORED, WAITING
from services.table_documents import typesetter, wording
from storage.tables import MediaRow
from storage.workspace import Workspace

KEPT = (WAITING, STORED)
MEDIA = MediaRow.__table__  # type: ignore[attr-defined]  # SQLModel hides the Core table


def _values(visit: Visit) -> dict[str, str]:
    form = visit.definition.form
    return print_values(form, engine.submit(form, visit.state).values)


def _lines(visit: Visit, place: str, values: Mapping[str, str], locale: str) -> tuple[Line, ...]:
    form = visit.definition.form
    entries = [line for line in visit.definition.form_lines if line.place == place]

    def field(entry: FormLine) -> Field:
        template = form.text(entry.template, locale)
        main = values.get(entry.main, "") if entry.main else ""
        return Field(content=parse_print(template, values, main=main))

    return tuple(
        tuple(field(entry) for entry in group)
        for _, group in groupby(entries, key=lambda entry: entry.line)
    )


def _texts(visit: Visit, place: str, locale: str) -> tuple[str, ...]:
    form = visit.definition.form
    return tuple(
        form.text(line.template, locale)
        for line in visit.definition.form_lines
        if line.place == place
    )


def _row(
    visit: Visit, item: Item, values: Mapping[str, str], photos: Mapping[str, int], locale: str
) -> FormRow:
    form = visit.definition.form
    number = item.item_id.rstrip("abcdefghijklmnopqrstuvwxyz")
    remark, photo = item.part("remark"), item.part("photo")
    template = form.text(item.print, locale)
    main = values.get(item.head.name, "")
    return FormRow(
        label=f"{number}.{form.text(item.main, locale)}",
        sublabel=form.text(item.sub, locale),
        result=parse_print(template, values, main=main) if template else (Text(main),),
        instruction=form.text(item.note, locale),
        remark="" if remark is None else values.get(remark.name, ""),
        photo_count=0 if photo is None else photos.get(photo.name, 0),
    )


def form_sheet(visit: Visit, photos: Mapping[str, int], locale: str) -> FormSheet:
    """The form of a visit as the campaign's document prints it, filled in.

    Args:
        visit: The visit; a draft prints what it has so far.
        photos: Number of photos by question name.
        locale: The document's language.
    """
    values = _values(visit)
    form = visit.definition.form
    headings = _texts(visit, "column", locale)
    return FormSheet(
        title="\n".join(_texts(visit, "title", locale)) or form.title,
        attachment="".join(_texts(visit, "attachment", locale)),
        reference=text(
            locale,
            "paper-reference",
            number=str(visit.inspection.id),
            version=str(visit.inspection.corrections + 1),
        ),
        head=_lines(visit, "head", values, locale),
        sections=tuple(
            FormSection(
                form.text(form.groups_by_name[group].labels, locale),
                tuple(_row(visit, item, values, photos, locale) for item in items),
            )
            for group, items in groupby(visit.definition.items, key=lambda item: item.group)
        ),
        headings=(
            (headings[0], headings[1], headings[2], headings[3])
            if len(headings) == 4
            else ("项目", "检查内容", "检查结果", "备注")
        ),
        notes=_texts(visit, "note", locale),
        sign_off=_lines(visit, "foot", values, locale),
        sheet_name=text(locale, "paper-sheet"),
        wording=wording(locale),
    )


async def photo_counts(connection: AsyncConnection, inspection_id: int) -> dict[str, int]:
    """How many files each question of an inspection has; those too big to keep do not count."""
    rows = await connection.execute(
        select(MEDIA.c.name, func.count())
        .where(MEDIA.c.inspection_id == inspection_id, MEDIA.c.state.in_(KEPT))
        .group_by(MEDIA.c.name)
    )
    return {str(name): int(count) for name, count in rows}


async def filled_form(
    connection: AsyncConnection,
    store: CampaignStore,
    inspection_id: int,
    revision: int,
    kind: str,
    locale: str,
    data_dir: Path,
    now: datetime,
) -> tuple[str, bytes] | None:
    """Make the filled form of a submitted inspection.

    Args:
        connection: For looking only.
        store: Definitions.
        inspection_id: The inspection.
        revision: The revision that it was asked for; a later one makes it obsolete.
        kind: ``pdf`` or ``xlsx``.
        locale: The reader's language.
        data_dir: Where the deployment's own fonts are looked for.
        now: For the document's properties.

    Returns:
        File name and bytes; None when the inspection has changed since.
    """
    ws = Workspace(connection, now)
    visit = await load(ws, store, inspection_id)
    if visit.inspection.revision != revision:
        return None
    sheet = form_sheet(visit, await photo_counts(connection, inspection_id), locale)
    name = text(
        locale,
        "paper-file",
        number=str(inspection_id),
        day=visit.inspection.inspected_on.isoformat(),
        version=str(visit.inspection.corrections + 1),
    )
    if kind == "pdf":
        data = await asyncio.to_thread(checklist_pdf, typesetter(data_dir), sheet)
    else:
        data = await asyncio.to_thread(checklist_xlsx, sheet, written_at=now)
    return f"{name}.{kind}", data
