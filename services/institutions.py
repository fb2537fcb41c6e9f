"""Finding a medical institution in the registry, and entering one that is missing."""

import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice, product
from typing import Any

from pypinyin import Style, lazy_pinyin
from sqlalchemy import Select, case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from campaigns.errors import CampaignError
from services.registry import AREAS, below
from storage.tables import InspectionRow, InstitutionRow

INSTITUTIONS = InstitutionRow.__table__  # type: ignore[attr-defined]  # SQLModel hides it
INSPECTIONS = InspectionRow.__table__  # type: ignore[attr-defined]

TYPES = ("general", "specialty", "tcm", "mch", "primary", "clinic", "checkup", "independent")
"""Institution types of the checklist's head. Source: Guangxi plan 2020, annex 2."""

LEVELS = (0, 1, 2, 3)
"""0 is 未定级. Source: Guangxi plan 2020, annex 2."""

OWNERSHIPS = ("public", "private")

NAME_LENGTH = 80
ADDRESS_LENGTH = 120

READINGS = {
    "重": ("zhong", "chong"),
    "长": ("chang", "zhang"),
    "乐": ("le", "yue"),
    "行": ("xing", "hang"),
    "朝": ("chao", "zhao"),
    "都": ("du", "dou"),
    "覃": ("qin", "tan"),
    "百": ("bai", "bo"),
    "那": ("na", "nuo"),
    "六": ("liu", "lu"),
    "单": ("dan", "shan"),
    "曾": ("zeng", "ceng"),
    "藏": ("cang", "zang"),
    "厦": ("xia", "sha"),
    "柏": ("bai", "bo"),
    "圩": ("xu", "wei"),
    "埔": ("pu", "bu"),
    "漯": ("luo", "ta"),
    "蔚": ("wei", "yu"),
}
"""Characters of names that people read in more than one way; each reading finds the name."""

VARIANTS = 8
"""Spellings kept per name; names with more ambiguous characters than that do not occur."""

EARTH_RADIUS_M = 6_371_009
"""Mean radius, metres. Source: IUGG mean earth radius R1."""

_CODE = re.compile(r"#([0-9A-Za-z][0-9A-Za-z-]{2,31})")


@dataclass(frozen=True, slots=True)
class Institution:
    """An institution as lists and conversations show it."""

    id: int
    code: str
    name: str
    address: str
    contact: str
    phone: str
    type: str
    level: int
    ownership: str
    area_id: int
    area_name: str
    area_path: str
    unit_id: int
    latitude: float | None
    longitude: float | None


_SELECT: Select[Any] = select(
    *(
        AREAS.c[name.removeprefix("area_")].label(name)
        if name in ("area_name", "area_path")
        else INSTITUTIONS.c[name]
        for name in Institution.__dataclass_fields__
    )
).join_from(INSTITUTIONS, AREAS, AREAS.c.id == INSTITUTIONS.c.area_id)


_ORDER = (INSTITUTIONS.c.level.desc(), INSTITUTIONS.c.name, INSTITUTIONS.c.id)
"""Large institutions first: they are looked for most, and plans cover them all."""


def plain(text: str) -> str:
    """What somebody typed, in one spelling: half-width, lower case, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def spell(name: str) -> tuple[str, str]:
    """The pinyin and the initials under which a name is found.

    A character with several readings gives several spellings, separated by a space, so that
    长乐 is found by ``changle`` and by ``zhangle``.

    Returns:
        All spellings of the syllables, and all spellings of the initials.
    """
    text = "".join(character for character in plain(name) if character.isalnum())
    # Phrases decide the first reading: 重庆 is chongqing. Letters come as whole words; names
    # with letters in them are read character by character, which the table above makes up for.
    first = lazy_pinyin(text, style=Style.NORMAL)
    if len(first) != len(text):
        first = lazy_pinyin(list(text), style=Style.NORMAL)
    syllables = [
        tuple(dict.fromkeys((syllable, *READINGS.get(character, ()))))
        for character, syllable in zip(text, first, strict=True)
    ]
    spellings = list(islice(product(*syllables), VARIANTS))
    joined = dict.fromkeys("".join(parts) for parts in spellings)
    initials = dict.fromkeys("".join(part[:1] for part in parts) for parts in spellings)
    return " ".join(joined), " ".join(initials)


def code_in(text: str) -> str | None:
    """The institution's code in a text such as ``某某医院 · #450201-0007``."""
    found = _CODE.search(unicodedata.normalize("NFKC", text))
    return found.group(1) if found else None


def present(on: date) -> Any:
    """The SQL condition "open on that day" on the institution table."""
    return (INSTITUTIONS.c.closed_on.is_(None) | (INSTITUTIONS.c.closed_on > on)) & (
        INSTITUTIONS.c.opened_on.is_(None) | (INSTITUTIONS.c.opened_on <= on)
    )


async def read_institution(connection: AsyncConnection, institution_id: int) -> Institution:
    """The institution with this id.

    Raises:
        CampaignError: ``institution-unknown``.
    """
    found = await connection.execute(_SELECT.where(INSTITUTIONS.c.id == institution_id))
    row = found.one_or_none()
    if row is None:
        raise CampaignError("institution-unknown")
    return Institution(*row)


async def institution_by_code(
    connection: AsyncConnection, code: str, path: str | None
) -> Institution:
    """The institution with this code, if it lies in the person's area.

    Raises:
        CampaignError: ``institution-unknown``, or ``institution-elsewhere`` outside ``path``.
    """
    found = await connection.execute(
        _SELECT.where(func.lower(INSTITUTIONS.c.code) == code.lower())
    )
    row = found.one_or_none()
    if row is None:
        raise CampaignError("institution-unknown")
    institution = Institution(*row)
    if path is not None and not f"{institution.area_path}/".startswith(f"{path}/"):
        raise CampaignError("institution-elsewhere", area=institution.area_name)
    return institution


async def institutions_by_id(connection: AsyncConnection, ids: Sequence[int]) -> list[Institution]:
    """The institutions with these ids, in the given order; unknown ones are left out."""
    found = await connection.execute(_SELECT.where(INSTITUTIONS.c.id.in_(list(ids))))
    by_id = {row.id: Institution(*row) for row in found}
    return [by_id[wanted] for wanted in ids if wanted in by_id]


async def search_institutions(
    connection: AsyncConnection,
    text: str,
    path: str | None,
    *,
    on: date,
    limit: int = 8,
    offset: int = 0,
) -> list[Institution]:
    """Find institutions by part of the name, by pinyin, by initials or by code.

    Several words must all be found. When nothing is found, Chinese characters may also stand
    apart in the name, as people shorten it: 柳示医 finds 柳州市示范医院.

    Args:
        connection: Where to read.
        text: What the person typed; empty lists everything.
        path: Only in this area and below; None is everywhere.
        on: Closed and not yet opened institutions of this day are left out.
        limit: At most so many.
        offset: Skip so many, for the next page.
    """
    words = plain(text).split()
    statement = _SELECT.where(present(on)).limit(limit).offset(offset)
    if path is not None:
        statement = statement.where(below(path))
    narrowed = statement
    for word in words:
        narrowed = narrowed.where(_match(word))
    found = [Institution(*row) for row in await connection.execute(_ranked(narrowed, words))]
    if found or not words or offset:
        return found
    apart = statement
    for word in words:
        apart = apart.where(INSTITUTIONS.c.name.like(_spread(word), escape="/"))
    return [Institution(*row) for row in await connection.execute(_ranked(apart, words))]


def _match(word: str) -> Any:
    condition = INSTITUTIONS.c.name.icontains(word, autoescape=True)
    if word.isascii():
        # Letters inside a spelling do not fall on a syllable's edge by chance often enough to
        # matter, and people leave out what stands before (the city's name).
        condition |= INSTITUTIONS.c.pinyin.contains(word, autoescape=True)
        condition |= INSTITUTIONS.c.initials.contains(word, autoescape=True)
        condition |= func.lower(INSTITUTIONS.c.code) == word.lstrip("#")
    elif len(word) > 1 and not word.isascii():
        condition |= INSTITUTIONS.c.pinyin.contains(
            "".join(lazy_pinyin(word, style=Style.NORMAL)), autoescape=True
        )
    return condition


def _spread(word: str) -> str:
    escaped = (f"/{c}" if c in "%_/" else c for c in word)
    return f"%{'%'.join(escaped)}%"


def _ranked(statement: Select[Any], words: Sequence[str]) -> Select[Any]:
    if not words:
        return statement.order_by(*_ORDER)
    first = words[0]
    rank = case(
        (INSTITUTIONS.c.name == first, 0),
        (INSTITUTIONS.c.name.startswith(first, autoescape=True), 1),
        (INSTITUTIONS.c.initials == first, 1),
        (INSTITUTIONS.c.name.icontains(first, autoescape=True), 2),
        (INSTITUTIONS.c.initials.startswith(first, autoescape=True), 2),
        (INSTITUTIONS.c.pinyin.startswith(first, autoescape=True), 2),
        else_=3,
    )
    return statement.order_by(rank, *_ORDER)


async def uninspected(
    connection: AsyncConnection,
    campaign_id: int,
    path: str | None,
    *,
    on: date,
    limit: int = 8,
    offset: int = 0,
) -> tuple[int, list[Institution]]:
    """Institutions of the area that no submitted inspection of the campaign has visited yet.

    Returns:
        How many there are, and one page of them, highest level first.
    """
    visited = select(INSPECTIONS.c.institution_id).where(
        INSPECTIONS.c.campaign_id == campaign_id, INSPECTIONS.c.state == "submitted"
    )
    condition = present(on) & INSTITUTIONS.c.id.not_in(visited)
    if path is not None:
        condition &= below(path)
    counted = await connection.execute(
        select(func.count())
        .select_from(INSTITUTIONS)
        .join(AREAS, AREAS.c.id == INSTITUTIONS.c.area_id)
        .where(condition)
    )
    found = await connection.execute(
        _SELECT.where(condition).order_by(*_ORDER).limit(limit).offset(offset)
    )
    return int(counted.scalar_one()), [Institution(*row) for row in found]


# ---- by location -------------------------------------------------------------------------


def metres(latitude: float, longitude: float, other: Institution) -> int:
    """Great-circle distance to an institution with a known place, whole metres."""
    if other.latitude is None or other.longitude is None:
        raise ValueError("the institution has no place")
    north, south = math.radians(latitude), math.radians(other.latitude)
    half_north = math.sin((south - north) / 2) ** 2
    half_east = math.sin(math.radians(other.longitude - longitude) / 2) ** 2
    share = half_north + math.cos(north) * math.cos(south) * half_east
    return round(2 * EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(share))))


async def nearest(
    connection: AsyncConnection,
    latitude: float,
    longitude: float,
    path: str | None,
    *,
    on: date,
    limit: int = 8,
) -> list[tuple[Institution, int]]:
    """The nearest institutions of the area with their distance in metres.

    The box is widened until it holds enough, so that a whole region is not read for a visit
    in the middle of a city.
    """
    found: list[tuple[Institution, int]] = []
    for degrees in (0.05, 0.5, 360.0):
        statement = _SELECT.where(
            present(on),
            INSTITUTIONS.c.latitude.between(latitude - degrees, latitude + degrees),
            INSTITUTIONS.c.longitude.between(longitude - degrees, longitude + degrees),
        )
        if path is not None:
            statement = statement.where(below(path))
        rows = [Institution(*row) for row in await connection.execute(statement)]
        found = sorted(
            ((row, metres(latitude, longitude, row)) for row in rows),
            key=lambda pair: (pair[1], pair[0].id),
        )
        if len(found) >= limit:
            break
    return found[:limit]
