"""Conversations: one aiogram router per journey, in the order in which they are asked.

A new conversation is one module with a ``router`` plus one line here; its views and pushes
register themselves when the module is imported.
"""

from aiogram import Router

from handlers import (
    fallback,
    groups,
    institutions,
    menu,
    notices,
    start,
    tables,
)
from handlers.inspection import journey

ROUTERS: tuple[Router, ...] = (
    start.router,
    menu.router,
    groups.router,
    institutions.router,
    journey.router,
    tables.router,
    fallback.router,
)
"""Fallback comes last: it gives typed text to the activity that the card shows."""

__all__ = ["ROUTERS", "notices"]
