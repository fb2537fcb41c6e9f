"""The inspection's router, made of its parts."""

from aiogram import Router

from handlers.inspection import messages, record, setup, stray, taps

router = Router(name="inspection")
router.include_routers(setup.router, taps.router, record.router, stray.router, messages.router)
