"""Photos and files that belong to answers: noted at once, fetched later."""

from dataclasses import dataclass

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.tables import MediaRow
from storage.workspace import Workspace

MEDIA = MediaRow.__table__  # type: ignore[attr-defined]  # SQLModel hides the Core table

DOWNLOAD_LIMIT_BYTES = 20 * 1024 * 1024
"""What a bot can fetch. Source: Bot API, getFile."""

WAITING, STORED, TOO_BIG, FAILED = "waiting", "stored", "too_big", "failed"


@dataclass(frozen=True, slots=True)
class Media:
    """A file of an answer, with its Telegram reference."""

    id: int
    inspection_id: int
    name: str
    file_id: str
    kind: str
    state: str
    path: str | None


_SELECT = select(*(MEDIA.c[name] for name in Media.__dataclass_fields__))


async def note(
    ws: Workspace,
    *,
    bot_id: int,
    inspection_id: int,
    name: str,
    file_id: str,
    file_unique_id: str,
    kind: str,
    mime: str | None,
    size_bytes: int | None,
    author_id: int | None,
) -> tuple[int, str]:
    """Keep the reference of a file and queue its download; the same file counts once.

    Returns:
        The media id and its state: ``waiting``, or ``too_big`` when a bot cannot fetch it (the
        reference is kept so that the office can look at the original in the chat).
    """
    found = await ws.connection.execute(
        select(MEDIA.c.id, MEDIA.c.state).where(
            MEDIA.c.inspection_id == inspection_id,
            MEDIA.c.name == name,
            MEDIA.c.bot_id == bot_id,
            MEDIA.c.file_unique_id == file_unique_id,
        )
    )
    known = found.first()
    if known is not None:
        return int(known.id), str(known.state)
    state = TOO_BIG if size_bytes is not None and size_bytes > DOWNLOAD_LIMIT_BYTES else WAITING
    made = await ws.connection.execute(
        insert(MEDIA)
        .values(
            inspection_id=inspection_id,
            name=name,
            bot_id=bot_id,
            file_id=file_id,
            file_unique_id=file_unique_id,
            kind=kind,
            mime=mime,
            size_bytes=size_bytes,
            state=state,
            author_id=author_id,
            created_at=ws.now,
        )
        .returning(MEDIA.c.id)
    )
    media_id = int(made.scalar_one())
    if state == WAITING:
        ws.job(f"media:{media_id}", bot_id, "fetch_media", {"media": media_id})
    return media_id, state


async def read(connection: AsyncConnection, media_id: int) -> Media | None:
    """One file."""
    row = (await connection.execute(_SELECT.where(MEDIA.c.id == media_id))).one_or_none()
    return None if row is None else Media(*row)


async def of_inspection(connection: AsyncConnection, inspection_id: int) -> list[Media]:
    """All files of a visit, oldest first."""
    rows = await connection.execute(
        _SELECT.where(MEDIA.c.inspection_id == inspection_id).order_by(MEDIA.c.id)
    )
    return [Media(*row) for row in rows]


async def mark_stored(connection: AsyncConnection, media_id: int, path: str, sha256: str) -> None:
    """Write where a fetched file lies."""
    await connection.execute(
        update(MEDIA).where(MEDIA.c.id == media_id).values(state=STORED, path=path, sha256=sha256)
    )


async def set_aside(connection: AsyncConnection, media_id: int, state: str) -> None:
    """Write that a file cannot be fetched; its reference stays."""
    await connection.execute(update(MEDIA).where(MEDIA.c.id == media_id).values(state=state))


async def assign(connection: AsyncConnection, media_id: int, name: str) -> None:
    """Say which question a file belongs to after all."""
    await connection.execute(update(MEDIA).where(MEDIA.c.id == media_id).values(name=name))
