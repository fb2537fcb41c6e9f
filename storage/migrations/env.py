"""Alembic's entry: runs on the connection that storage.migrate hands over."""

from typing import Any, Literal

import sqlmodel
from alembic import context
from sqlmodel.sql.sqltypes import AutoString

import storage.tables  # noqa: F401 - fills the metadata
from storage.types import UtcDateTime


def render_item(kind: str, item: Any, _autogen: Any) -> str | Literal[False]:
    """Write our column types in a form that a migration can import for ever."""
    if kind == "type" and isinstance(item, AutoString):
        return f"sa.String({item.length or ''})"
    if kind == "type" and isinstance(item, UtcDateTime):
        return "storage.types.UtcDateTime()"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=sqlmodel.SQLModel.metadata,
    render_as_batch=True,
    compare_type=False,
    render_item=render_item,
)
with context.begin_transaction():
    context.run_migrations()
