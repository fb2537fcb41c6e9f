"""Messages that belong to no question for sure (未归项): kept until their author places them."""

from dataclasses import dataclass

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.tables import StrayTextRow
from storage.workspace import Workspace

STRAYS = StrayTextRow.__table__  # type: ignore[attr-defined]  # SQLModel hides the Core table


@dataclass(frozen=True, slots=True)
class Stray:
    """One message without a place."""

    id: int
    inspection_id: int
    message_id: int
    text: str
    name: str | None
    media_id: int | None


_SELECT = select(*(STRAYS.c[name] for name in Stray.__dataclass_fields__))


async def keep(
    ws: Workspace,
    *,
    bot_id: int,
    chat_id: int,
    inspection_id: int,
    message_id: int,
    text: str,
    name: str | None,
    media_id: int | None,
) -> None:
    """Keep a message."""
    await ws.connection.execute(
        insert(STRAYS).values(
            bot_id=bot_id,
            chat_id=chat_id,
            inspection_id=inspection_id,
            message_id=message_id,
            text=text,
            name=name,
            media_id=media_id,
            created_at=ws.now,
        )
    )


async def waiting(
    connection: AsyncConnection, bot_id: int, chat_id: int, inspection_id: int
) -> list[Stray]:
    """Messages of a chat that still have no place, oldest first."""
    rows = await connection.execute(
        _SELECT.where(
            STRAYS.c.bot_id == bot_id,
            STRAYS.c.chat_id == chat_id,
            STRAYS.c.inspection_id == inspection_id,
            STRAYS.c.placed_at.is_(None),
        ).order_by(STRAYS.c.id)
    )
    return [Stray(*row) for row in rows]


async def take(ws: Workspace, bot_id: int, chat_id: int, stray_id: int) -> Stray | None:
    """Mark a message as placed; None when it was placed already or belongs to another chat."""
    done = await ws.connection.execute(
        update(STRAYS)
        .where(
            STRAYS.c.id == stray_id,
            STRAYS.c.bot_id == bot_id,
            STRAYS.c.chat_id == chat_id,
            STRAYS.c.placed_at.is_(None),
        )
        .values(placed_at=ws.now)
    )
    if done.rowcount != 1:
        return None
    row = (await ws.connection.execute(_SELECT.where(STRAYS.c.id == stray_id))).one()
    return Stray(*row)
