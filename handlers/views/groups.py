"""Cards about office groups: in the group itself, and the private dialogue that binds it."""

from collections.abc import Iterable, Mapping
from typing import Any

from handlers.callbacks import Go
from handlers.content import Button, Content, escape, rows
from handlers.context import Ctx
from handlers.group_callbacks import Bind
from handlers.views import view
from handlers.views.parts import PAGE, notice_lines, page_buttons
from locales import LANGUAGES, text
from services.groups import PURPOSES, bindable_units, bindings, list_groups, read_group
from services.opening import open_campaigns
from services.registry import read_unit


def purposes_text(locale: str, purposes: Iterable[str]) -> str:
    """Purposes in words, in their fixed order."""
    wanted = set(purposes)
    return text(locale, "purposes-separator").join(
        text(locale, f"purpose-{purpose}") for purpose in PURPOSES if purpose in wanted
    )


async def group_locale(ctx: Ctx) -> str:
    """A group's language: its campaign's, not that of whoever spoke last."""
    running = await open_campaigns(ctx.ws.connection)
    language = running[0].language if running else LANGUAGES[0]
    return language if language in LANGUAGES else LANGUAGES[0]


def bind_link(bot_username: str, chat_id: int, thread_id: int | None) -> str:
    """The deep link from a group into the private dialogue that binds it."""
    topic = f"_{thread_id}" if thread_id is not None else ""
    return f"https://t.me/{bot_username}?start=bind_{chat_id}{topic}"


@view("group")
async def group(ctx: Ctx, params: Mapping[str, Any]) -> Content:
    """What the bot does in this group, what it needs, and how to bind it."""
    locale = await group_locale(ctx)
    known = await read_group(ctx.ws.connection, ctx.bot.id, ctx.chat_id)
    bound = await bindings(ctx.ws.connection, ctx.bot.id, ctx.chat_id)
    thread = params.get("thread")
    link = Button(text(locale, "group-bind"), url=bind_link(ctx.bot.username, ctx.chat_id, thread))
    if not bound:
        lines = [text(locale, "group-hello"), text(locale, "group-hello-bind")]
        return Content("\n".join(lines), ((link,),))
    lines = [
        text(
            locale,
            "group-bound-to",
            unit=escape(name),
            purposes=purposes_text(locale, (b.purpose for b in bound if b.unit_name == name)),
        )
        for name in dict.fromkeys(binding.unit_name for binding in bound)
    ]
    lines.append(text(locale, "group-commands"))
    if thread is not None:
        lines.append(text(locale, "group-topic"))
    if known is not None and not known.can_pin:
        lines.append(text(locale, "group-ask-pin"))
    private = Button(text(locale, "group-private"), url=f"https://t.me/{ctx.bot.username}")
    return Content("\n".join(lines), ((private, link),))


@view("groups")
async def groups(ctx: Ctx, params: Mapping[str, Any]) -> Content:
    """Groups that the person may bind, with what they are bound to."""
    access = await ctx.access()
    found = await list_groups(ctx.ws.connection, ctx.bot.id, access, admin=ctx.is_admin)
    lines = [*notice_lines(ctx, params), f"<b>{ctx.t('groups-title')}</b>"]
    lines.append(ctx.t("groups-hint" if found else "groups-none"))
    choices = [
        Button(
            ctx.t(
                "groups-choice",
                title=group.title,
                state=" · ".join(units) if units else ctx.t("groups-unbound"),
            ),
            Bind(act="open", value=str(group.chat_id)).pack(),
        )
        for group, units in found
    ]
    add = Button(
        ctx.t("groups-add"),
        url=f"https://t.me/{ctx.bot.username}?startgroup=bind&admin=pin_messages",
    )
    return Content(
        "\n".join(lines),
        (*rows(choices[:PAGE], 1), (add,), (Button(ctx.t("go-menu"), Go(to="menu").pack()),)),
    )


@view("bind")
async def bind(ctx: Ctx, params: Mapping[str, Any]) -> Content:
    """The private dialogue: which unit, what for, confirm."""
    chat_id = int(params["chat"])
    known = await read_group(ctx.ws.connection, ctx.bot.id, chat_id)
    title = escape(known.title if known is not None else "")
    lines = [*notice_lines(ctx, params), f"<b>{ctx.t('bind-title', title=title)}</b>"]
    bound = await bindings(ctx.ws.connection, ctx.bot.id, chat_id)
    for name in dict.fromkeys(binding.unit_name for binding in bound):
        purposes = purposes_text(ctx.locale, (b.purpose for b in bound if b.unit_name == name))
        lines.append(ctx.t("bind-now", unit=escape(name), purposes=purposes))
    if params.get("thread") is not None:
        lines.append(ctx.t("bind-topic"))
    menu = Button(ctx.t("go-menu"), Go(to="menu").pack())
    if "unit" not in params:
        return await _choose_unit(ctx, params, lines, menu, {b.unit_id for b in bound})
    unit = await read_unit(ctx.ws.connection, int(params["unit"]))
    lines += ["", ctx.t("bind-ask-purposes", unit=escape(unit.name))]
    chosen = set(params.get("purposes", ()))
    toggles = tuple(
        Button(
            f"{'☑' if purpose in chosen else '☐'} {ctx.t(f'purpose-{purpose}')}",
            Bind(act="toggle", value=purpose).pack(),
        )
        for purpose in PURPOSES
    )
    last = [Button(ctx.t("nav-back"), Bind(act="page", value="0").pack())]
    if any(binding.unit_id == unit.id for binding in bound):
        last.append(Button(ctx.t("bind-release"), Bind(act="release").pack()))
    confirm = (Button(ctx.t("bind-ok"), Bind(act="ok").pack()),)
    return Content("\n".join(lines), (toggles, confirm, (*last, menu)))


async def _choose_unit(
    ctx: Ctx, params: Mapping[str, Any], lines: list[str], menu: Button, bound: set[int]
) -> Content:
    part = str(params.get("q", ""))
    access = await ctx.access()
    units = [
        unit
        for unit in await bindable_units(ctx.ws.connection, access, admin=ctx.is_admin)
        if all(word in unit.name for word in part.split())
    ]
    units.sort(key=lambda unit: unit.id not in bound)
    page = min(int(params.get("page", 0)), max(0, (len(units) - 1) // PAGE))
    lines.append("")
    lines.append(ctx.t("bind-ask-unit") if units else ctx.t("bind-no-unit", part=escape(part)))
    choices = [
        Button(unit.name, Bind(act="unit", value=str(unit.id)).pack())
        for unit in units[page * PAGE : (page + 1) * PAGE]
    ]
    turn = page_buttons(
        ctx, page, len(units), lambda number: Bind(act="page", value=str(number)).pack()
    )
    return Content("\n".join(lines), (*rows(choices, 1), *turn, (menu,)))
