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
    typed,
)
from handlers.inspection import journey

ROUTERS: tuple[Router, ...] = (
    typed.router,
    journey.router,
    start.router,
    menu.router,
    groups.router,
    institutions.router,
    tables.router,
    fallback.router,
)
"""What comes most is asked first (typed text, answers); fallback comes last."""

__all__ = ["ROUTERS", "notices"]
