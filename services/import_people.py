"""Inviting people from a list: one link per row."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from campaigns.errors import CampaignError
from services.import_files import ListRow, RowFaultError, read_list
from services.import_words import PEOPLE_COLUMNS, ROLE_WORDS
from services.imports import ImportReport, known, note_fault
from services.institutions import INSTITUTIONS
from services.invites import INVITES, create_invite
from services.people import CAMPAIGNS, clean_name
from services.registry import units_in
from storage.tables import Role


@dataclass(frozen=True, slots=True)
class NewInvite:
    """A link made for one row of a people list."""

    name: str
    unit: str
    role: str
    token: str


async def import_people(
    connection: AsyncConnection,
    name: str,
    data: bytes,
    *,
    tokens: Callable[[], bytes],
    now: datetime,
    created_by: int | None = None,
) -> tuple[ImportReport, list[NewInvite]]:
    """Make an invite for every person of a list; who was invited or has joined is left alone.

    Args:
        connection: The transaction to write in.
        name: The file's name.
        data: Its bytes.
        tokens: Gives 16 random bytes per call.
        now: Aware UTC.
        created_by: The inviting person; None from the command line.

    Returns:
        The report, and the new links' tokens, which are kept nowhere else.

    Raises:
        CampaignError: The file cannot be read; see ``read_list``.
    """
    listed = read_list(name, data, PEOPLE_COLUMNS, ("name", "unit_code", "role"))
    report, invites = ImportReport(), list[NewInvite]()
    units = {unit.code: unit for unit in await units_in(connection)}
    campaigns = await _ids_by_code(connection, CAMPAIGNS)
    for row in listed.rows:
        try:
            role = Role(row.choice("role", ROLE_WORDS))
            unit = known(row, "unit_code", units, "import-no-unit")
            campaign_id = (
                known(row, "campaign", campaigns, "import-no-campaign")
                if row.text("campaign")
                else None
            )
            institution_id = await _institution_id(connection, row, role)
            person = _person_name(row)
        except RowFaultError as error:
            note_fault(report, listed, row, error)
            continue
        same = await connection.execute(
            select(INVITES.c.id).where(
                INVITES.c.name == person,
                INVITES.c.unit_id == unit.id,
                INVITES.c.role == role.value,
                INVITES.c.campaign_id.is_not_distinct_from(campaign_id),
                INVITES.c.institution_id.is_not_distinct_from(institution_id),
                INVITES.c.used_at.is_not(None) | (INVITES.c.expires_at > now),
            )
        )
        if same.first() is not None:
            report.unchanged += 1
            continue
        _, token = await create_invite(
            connection,
            token=tokens(),
            name=person,
            unit_id=unit.id,
            role=role,
            campaign_id=campaign_id,
            institution_id=institution_id,
            created_by=created_by,
            now=now,
        )
        report.created += 1
        invites.append(NewInvite(person, unit.name, role.value, token))
    return report, invites


def _person_name(row: ListRow) -> str:
    try:
        return clean_name(row.need("name"))
    except CampaignError as error:
        raise RowFaultError("name", "import-person-name") from error


async def _ids_by_code(connection: AsyncConnection, table: Any) -> dict[str, int]:
    found = await connection.execute(select(table.c.code, table.c.id))
    return {str(code): int(row_id) for code, row_id in found}


async def _institution_id(connection: AsyncConnection, row: ListRow, role: Role) -> int | None:
    if role is not Role.LIAISON:
        return None
    code = row.need("institution_code")
    found = await connection.execute(select(INSTITUTIONS.c.id).where(INSTITUTIONS.c.code == code))
    institution_id: int | None = found.scalar_one_or_none()
    if institution_id is None:
        raise RowFaultError("institution_code", "import-no-institution", code=code[:40])
    return institution_id
