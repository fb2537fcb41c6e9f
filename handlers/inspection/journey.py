"""The inspection's router, made of its parts."""

from aiogram import Router

import handlers.views.inspection
import handlers.views.record  # noqa: F401 - both register their cards
from handlers.inspection import files, messages, record, setup, stray, taps

router = Router(name="inspection")
router.include_routers(
    taps.router, setup.router, record.router, stray.router, files.router, messages.router
)
