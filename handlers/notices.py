"""Notices to the deployment's admins: what failed, by number, never by content."""

from collections.abc import Mapping
from typing import Any

from handlers.content import Content
from handlers.pushes import PushContext, push


@push("incident")
async def incident(context: PushContext, params: Mapping[str, Any]) -> Content:
    """An update could not be handled; it is kept for the engineer."""
    return Content(context.t("notice-incident", incident=str(params["incident"])))


@push("give_up")
async def give_up(context: PushContext, params: Mapping[str, Any]) -> Content:
    """A push could not be delivered, whatever was tried."""
    return Content(
        context.t(
            "notice-give-up",
            push=str(params["push"]),
            kind=str(params["kind"]),
            error=str(params["error"]),
        )
    )
