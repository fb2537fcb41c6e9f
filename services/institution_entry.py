"""Entering an institution that the registry lacks, after offering those that may be the same."""

import asyncio
import unicodedata
from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from campaigns.errors import CampaignError
from services.institutions import (
    ADDRESS_LENGTH,
    INSTITUTIONS,
    LEVELS,
    NAME_LENGTH,
    OWNERSHIPS,
    TYPES,
    Institution,
    institutions_by_id,
    plain,
    present,
    spell,
)
from services.registry import AREAS, below, read_area, supervising_unit

_HINTS = (
    ("mch", ("妇幼",)),
    ("checkup", ("体检",)),
    ("independent", ("透析", "检验", "影像", "病理诊断", "消毒供应")),
    ("clinic", ("诊所", "医务室", "卫生室", "卫生站", "门诊部", "保健站", "村卫生")),
    ("primary", ("社区卫生", "卫生院", "卫生服务中心", "卫生服务站")),
    ("tcm", ("中医", "中西医", "民族医", "壮医", "瑶医", "苗医")),
    (
        "specialty",
        ("专科", "口腔", "眼科", "妇产", "肿瘤", "皮肤", "骨科", "精神", "康复", "整形", "美容"),
    ),
    ("general", ("人民医院", "综合医院", "总医院", "中心医院", "医院")),
)


def guess_type(name: str) -> str | None:
    """The likely type of an institution by its name, to be confirmed by the person."""
    for kind, words in _HINTS:
        if any(word in name for word in words):
            return kind
    return None


def similarity(one: str, other: str) -> float:
    """How alike two names are: shared pairs of characters, 0 to 1 (Dice's coefficient)."""
    first, second = plain(one).replace(" ", ""), plain(other).replace(" ", "")
    if first == second:
        return 1.0
    pairs = {first[i : i + 2] for i in range(len(first) - 1)}
    others = {second[i : i + 2] for i in range(len(second) - 1)}
    if not pairs or not others:
        return 0.0
    return 2 * len(pairs & others) / (len(pairs) + len(others))


LIKENESS = 0.72
"""From this on two names are offered as perhaps the same; found by trying registry names."""


async def similar_institutions(
    connection: AsyncConnection, name: str, path: str | None, *, on: date, limit: int = 5
) -> list[Institution]:
    """Institutions of the area whose name is so alike that they may be the same one."""
    statement = select(INSTITUTIONS.c.id, INSTITUTIONS.c.name).join_from(
        INSTITUTIONS, AREAS, AREAS.c.id == INSTITUTIONS.c.area_id
    )
    if path is not None:
        statement = statement.where(below(path))
    rows = (await connection.execute(statement.where(present(on)))).all()
    # A whole region has tens of thousands of names; nobody else should wait for comparing them.
    alike = await asyncio.to_thread(_alike, name, [(row.id, row.name) for row in rows], limit)
    return await institutions_by_id(connection, alike)


def _alike(name: str, others: Sequence[tuple[int, str]], limit: int) -> list[int]:
    scored = sorted(
        (-score, number)
        for number, other in others
        if (score := similarity(name, other)) >= LIKENESS
    )
    return [number for _, number in scored[:limit]]


def clean_institution_name(text: str) -> str:
    """The full name as typed, made fit for the registry.

    Raises:
        CampaignError: ``institution-name-bad`` when it is too short, too long or a command.
    """
    name = " ".join(unicodedata.normalize("NFC", text).split())
    letters = sum(character.isalpha() for character in name)
    if (
        not 4 <= len(name) <= NAME_LENGTH
        or letters < 3
        or name[0] in "/@#"
        or "\n" in text.strip()
    ):
        raise CampaignError("institution-name-bad", max=NAME_LENGTH)
    return name


def clean_address(text: str) -> str:
    """An address as typed, in one line.

    Raises:
        CampaignError: ``institution-address-bad`` when it is too long or a command.
    """
    address = " ".join(text.split())
    if len(address) > ADDRESS_LENGTH or address.startswith("/"):
        raise CampaignError("institution-address-bad", max=ADDRESS_LENGTH)
    return address


async def register_institution(
    connection: AsyncConnection,
    *,
    name: str,
    type: str,  # noqa: A002 - the domain's word
    level: int,
    ownership: str,
    area_id: int,
    address: str,
    registered_by: int,
) -> int:
    """Enter an institution that the registry lacks; it can be inspected at once.

    Its code is ``<area code>-X<serial>``: the X keeps it apart from codes that offices import.

    Returns:
        The new institution's id; the existing one's when the same name is already there.

    Raises:
        CampaignError: ``institution-name-bad``, ``institution-facts-bad``,
            ``institution-address-bad``, or ``area-without-unit`` when nobody supervises there.
    """
    name, address = clean_institution_name(name), clean_address(address)
    if type not in TYPES or level not in LEVELS or ownership not in OWNERSHIPS:
        raise CampaignError("institution-facts-bad")
    area = await read_area(connection, area_id)
    same = await connection.execute(
        select(INSTITUTIONS.c.id).where(
            INSTITUTIONS.c.name == name, INSTITUTIONS.c.area_id == area_id
        )
    )
    existing: int | None = same.scalars().first()
    if existing is not None:
        return existing
    unit = await supervising_unit(connection, area)
    if unit is None:
        raise CampaignError("area-without-unit", area=area.name)
    pinyin, initials = spell(name)
    prefix = f"{area.code}-X"
    taken = await connection.execute(
        select(INSTITUTIONS.c.code).where(INSTITUTIONS.c.code.startswith(prefix, autoescape=True))
    )
    serials = [int(tail) for code in taken.scalars() if (tail := code[len(prefix) :]).isdigit()]
    serial = max(serials, default=0)
    insert_ignoring = pg_insert if connection.dialect.name == "postgresql" else sqlite_insert
    while True:
        serial += 1
        # Another process may have taken the serial a moment ago; then the next one is free.
        made = await connection.execute(
            insert_ignoring(INSTITUTIONS)
            .values(
                code=f"{prefix}{serial:04d}",
                name=name,
                pinyin=pinyin,
                initials=initials,
                address=address,
                type=type,
                level=level,
                ownership=ownership,
                area_id=area_id,
                unit_id=unit.id,
                registered_by=registered_by,
                contact="",
                phone="",
            )
            .on_conflict_do_nothing(index_elements=["code"])
            .returning(INSTITUTIONS.c.id)
        )
        new_id: int | None = made.scalar_one_or_none()
        if new_id is not None:
            return new_id
