"""Correcting a submitted inspection: changes are gathered on the card, then a reason is asked."""

from collections.abc import Mapping
from typing import Any

from handlers.context import Ctx
from services.inspections import Visit, rehearse
from storage.workspace import Card


async def show_correction(ctx: Ctx, visit: Visit, name: str | None = None) -> None:
    """Show the correction card, at a question or at the list of items."""
    card = await ctx.ws.card(ctx.bot.id, ctx.chat_id)
    pending: Mapping[str, Any] = {}
    if (
        card is not None
        and card.view == "inspection_correct"
        and card.params.get("inspection") == visit.inspection.id
    ):
        pending = card.params.get("pending") or {}
    params: dict[str, Any] = {"inspection": visit.inspection.id, "pending": dict(pending)}
    if name is not None:
        params["q"] = name
    await ctx.show("inspection_correct", params)


async def correct_with(
    ctx: Ctx,
    visit: Visit,
    card: Card,
    values: Mapping[str, str],
    *,
    below: bool = False,
    notices: list[Any] | None = None,
) -> None:
    """Add changes to the correction at hand and ask for what it still needs."""
    pending: dict[str, str] = dict(card.params.get("pending") or {})
    pending.update(values)
    _state, issues = rehearse(ctx.ws, visit, pending)
    params: dict[str, Any] = {"inspection": visit.inspection.id, "pending": pending}
    if notices:
        params["notices"] = notices
    if issues:
        params["q"] = issues[0].name
    else:
        params["step"] = "reason"
    await ctx.show("inspection_correct", params, below=below)
