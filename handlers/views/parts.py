"""Small parts that several cards share."""

from collections.abc import Callable, Mapping
from typing import Any

from handlers.content import Button, Rows
from handlers.context import Ctx
from services.opening import OpenCampaign

PAGE = 8
"""Choices on one card; more would push the question off a phone's screen."""


def notice_lines(ctx: Ctx, params: Mapping[str, Any]) -> list[str]:
    """What the card says once above its content: why the last message did not fit."""
    notice = params.get("notice")
    return [f"⚠️ {ctx.t(str(notice))}", ""] if notice else []


def capital(label: str) -> str:
    """A word as it stands on a button, where English begins with a capital letter."""
    return label[:1].upper() + label[1:]


async def campaign_title(ctx: Ctx, campaign: OpenCampaign) -> str:
    """A campaign's title in the reader's language, as far as its workbook has it."""
    if ctx.locale == campaign.language:
        return campaign.title
    version = campaign.current_version_id
    definition = await ctx.campaigns.definition(ctx.ws.connection, version)
    return definition.title(ctx.locale)


def page_buttons(ctx: Ctx, page: int, count: int, data: Callable[[int], str]) -> Rows:
    """Buttons that turn the page of a list, as far as there is something to turn to."""
    turn = []
    if page:
        turn.append(Button(ctx.t("go-prev"), data(page - 1)))
    if (page + 1) * PAGE < count:
        turn.append(Button(ctx.t("go-next"), data(page + 1)))
    return (tuple(turn),) if turn else ()
