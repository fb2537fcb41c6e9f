"""The bot's life in groups, and binding a group to a unit.

A group chat is not a permission: everything that changes something happens in private, with the
person's own memberships.
"""

from aiogram import F, Router
from aiogram.filters import Command, CommandStart
from aiogram.methods import AnswerCallbackQuery, SendMessage
from aiogram.types import CallbackQuery, ChatMemberUpdated, Message

import handlers.people_pushes  # noqa: F401 - registers the pushes
from campaigns.errors import CampaignError
from handlers.callbacks import Go
from handlers.context import Ctx
from handlers.group_callbacks import Bind
from handlers.inputs import Reply, deep_link, text_input
from handlers.views.groups import group_locale
from locales import text
from services.groups import (
    BINDING_ROLES,
    PURPOSES,
    bind,
    bindable_units,
    bindings,
    may_bind,
    migrate,
    move_topic,
    note_presence,
    read_group,
    tell_officers_of_removal,
)
from services.registry import read_unit
from storage.workspace import Card

router = Router(name="groups")
PRIVATE = F.chat.type == "private"
GROUPS = F.chat.type.in_({"group", "supergroup"})

_STATES = {
    "creator": "administrator",
    "administrator": "administrator",
    "member": "member",
    "left": "left",
    "kicked": "left",
}


async def may_bind_something(ctx: Ctx) -> bool:
    """Whether the person is an admin, an organiser or an officer."""
    return ctx.is_admin or (ctx.person is not None and (await ctx.access()).can(*BINDING_ROLES))


# ---- what Telegram says about the bot itself ----------------------------------------------


@router.my_chat_member(PRIVATE)
async def private_presence(event: ChatMemberUpdated, ctx: Ctx) -> Reply:
    """Remember who blocked the bot; nothing is sent to them until they come back."""
    if ctx.person is not None:
        blocked = event.new_chat_member.status == "kicked"
        ctx.person.unreachable_at = ctx.now if blocked else None
        ctx.ws.change_person(ctx.person)
    return None


@router.my_chat_member(GROUPS)
async def group_presence(event: ChatMemberUpdated, ctx: Ctx) -> Reply:
    """Keep the bot's state in a group; ask to bind it, or tell the office that it is gone."""
    member = event.new_chat_member
    status = str(getattr(member.status, "value", member.status))
    state = _STATES.get(status, "member" if getattr(member, "is_member", False) else "left")
    before = await note_presence(
        ctx.ws.connection,
        bot_id=ctx.bot.id,
        chat_id=event.chat.id,
        title=event.chat.title or "",
        type=event.chat.type,
        state=state,
        can_pin=bool(getattr(member, "can_pin_messages", False)) or status == "creator",
        by_person=ctx.person.id if ctx.person is not None else None,
        now=ctx.now,
    )
    if before == "migrated":
        return None
    if state == "left":
        if before not in (None, "left"):
            await tell_officers_of_removal(
                ctx.ws, bot_id=ctx.bot.id, chat_id=event.chat.id, by=ctx.person, now=ctx.now
            )
        return None
    bound = await bindings(ctx.ws.connection, ctx.bot.id, event.chat.id)
    if before in ("member", "administrator"):
        card = await ctx.ws.card(ctx.bot.id, event.chat.id)
        if card is not None and card.view == "group":
            await ctx.show("group", card.params)
        return None
    if not bound and ctx.person is not None and await may_bind_something(ctx):
        telegram_id = ctx.person.telegram_id
        ctx.ws.push(
            f"added:{ctx.bot.id}:{event.chat.id}:{ctx.now:%Y%m%d%H%M%S}",
            ctx.bot.id,
            telegram_id,
            "group_added",
            {"chat": event.chat.id},
            lane=1,
        )
        return None
    await ctx.show("group", below=True)
    return None


@router.message(F.migrate_to_chat_id)
async def migrated_away(message: Message, ctx: Ctx) -> Reply:
    """The old group says that it became a supergroup."""
    await ctx.ws.flush()
    await migrate(
        ctx.ws.connection, ctx.bot.id, message.chat.id, int(message.migrate_to_chat_id or 0)
    )
    return None


@router.message(F.migrate_from_chat_id)
async def migrated_here(message: Message, ctx: Ctx) -> Reply:
    """The new supergroup says which group it was."""
    await ctx.ws.flush()
    await migrate(
        ctx.ws.connection, ctx.bot.id, int(message.migrate_from_chat_id or 0), message.chat.id
    )
    return None


# ---- commands in a group -------------------------------------------------------------------


async def _greet(ctx: Ctx) -> None:
    params = {} if ctx.thread_id is None else {"thread": ctx.thread_id}
    await ctx.show("group", params, below=True)


@router.message(CommandStart(), GROUPS)
@router.message(Command("menu", "help", "cancel", "language"), GROUPS)
async def group_command(_message: Message, ctx: Ctx) -> Reply:
    """In a group: what the bot does here, and the way to the private chat."""
    await _greet(ctx)
    return None


@router.message(Command("bind"), GROUPS)
async def bind_here(message: Message, ctx: Ctx) -> Reply:
    """Move a bound group's messages to this topic, or offer to bind it.

    Only who may bind the unit can move them; everybody else sees the card with the link.
    """
    bound = await bindings(ctx.ws.connection, ctx.bot.id, message.chat.id)
    elsewhere = any(binding.thread_id != ctx.thread_id for binding in bound)
    if not bound or not elsewhere or ctx.person is None:
        await _greet(ctx)
        return None
    access = await ctx.access()
    for binding in bound:
        unit = await read_unit(ctx.ws.connection, binding.unit_id)
        if not may_bind(access, unit, admin=ctx.is_admin):
            raise CampaignError("bind-not-yours", unit=unit.name)
    await move_topic(ctx.ws.connection, ctx.bot.id, message.chat.id, ctx.thread_id)
    locale = await group_locale(ctx)
    key = "bind-moved" if ctx.thread_id is not None else "bind-moved-general"
    sent = SendMessage(chat_id=message.chat.id, text=text(locale, key))
    if ctx.thread_id is not None:
        sent.message_thread_id = ctx.thread_id
    return [sent]


@router.message(Command("bind"), PRIVATE)
async def bind_in_private(_message: Message, ctx: Ctx) -> Reply:
    """List the groups that can be bound."""
    return await _open_groups(ctx, below=True)


@router.callback_query(Go.filter(F.to == "groups"))
async def groups_button(_query: CallbackQuery, ctx: Ctx) -> Reply:
    """The same from the menu."""
    return await _open_groups(ctx, below=False)


async def _open_groups(ctx: Ctx, *, below: bool) -> Reply:
    if not await may_bind_something(ctx):
        raise CampaignError("bind-nobody")
    await ctx.show("groups", below=below)
    return None


# ---- the private dialogue --------------------------------------------------------------------


@deep_link("bind")
async def open_bind_link(_message: Message, ctx: Ctx, rest: str) -> Reply:
    """Come from the group's button: ``<chat id>`` or ``<chat id>_<topic id>``."""
    chat, _, thread = rest.partition("_")
    try:
        chat_id, thread_id = int(chat), int(thread) if thread else None
    except ValueError:
        raise CampaignError("link-bad") from None
    return await _open_bind(ctx, chat_id, thread_id, below=True)


@router.callback_query(Bind.filter(F.act == "open"))
async def open_bind(_query: CallbackQuery, callback_data: Bind, ctx: Ctx) -> Reply:
    """Come from the list of groups or from the notice that the bot was added."""
    try:
        chat_id = int(callback_data.value)
    except ValueError:
        raise CampaignError("button-unknown") from None
    card = await ctx.ws.card(ctx.bot.id, ctx.chat_id)
    # From the list in place; the notice that the bot was added is a message of its own.
    below = card is None or card.view != "groups"
    return await _open_bind(ctx, chat_id, None, below=below)


async def _open_bind(ctx: Ctx, chat_id: int, thread_id: int | None, *, below: bool) -> Reply:
    if not await may_bind_something(ctx):
        raise CampaignError("bind-nobody")
    group = await read_group(ctx.ws.connection, ctx.bot.id, chat_id)
    if group is None or not group.present:
        raise CampaignError("group-left")
    params: dict[str, object] = {"chat": group.chat_id}
    if thread_id is not None:
        params["thread"] = thread_id
    else:
        # Binding again from the list keeps the topic that the group already uses.
        bound = await bindings(ctx.ws.connection, ctx.bot.id, group.chat_id)
        topics = {binding.thread_id for binding in bound} - {None}
        if topics:
            params["thread"] = topics.pop()
    units = await bindable_units(ctx.ws.connection, await ctx.access(), admin=ctx.is_admin)
    if not units:
        raise CampaignError("bind-no-units")
    if len(units) == 1:
        purposes = await _present_purposes(ctx, params, units[0].id)
        params |= {"unit": units[0].id, "purposes": purposes}
    await ctx.show("bind", params, below=below)
    return None


@text_input("bind")
async def unit_typed(message: Message, ctx: Ctx, card: Card) -> Reply:
    """Narrow the list of units by what was typed."""
    params: dict[str, object] = {
        name: card.params[name] for name in ("chat", "thread") if name in card.params
    }
    params["q"] = " ".join((message.text or "").split())[:40]
    await ctx.show("bind", params, below=True)
    return None


@router.callback_query(Bind.filter())
async def bind_step(query: CallbackQuery, callback_data: Bind, ctx: Ctx) -> Reply:
    """One tap of the dialogue."""
    card = await ctx.ws.card(ctx.bot.id, ctx.chat_id)
    if card is None or card.view != "bind":
        raise CampaignError("button-old")
    params = {key: value for key, value in card.params.items() if key != "notice"}
    act, value = callback_data.act, callback_data.value
    if act == "page" and value.isdecimal():
        params.pop("unit", None)
        params["page"] = int(value)
    elif act == "unit" and value.isdecimal():
        params |= {
            "unit": int(value),
            "purposes": await _present_purposes(ctx, params, int(value)),
        }
    elif act == "toggle" and value in PURPOSES:
        chosen = set(params.get("purposes", ())) ^ {value}
        params["purposes"] = [purpose for purpose in PURPOSES if purpose in chosen]
    elif act in ("ok", "release") and "unit" in params:
        return await _finish(query, ctx, params, release=act == "release")
    else:
        raise CampaignError("button-old")
    await ctx.show("bind", params)
    return None


async def _present_purposes(ctx: Ctx, params: dict[str, object], unit_id: int) -> list[str]:
    bound = await bindings(ctx.ws.connection, ctx.bot.id, int(str(params["chat"])))
    present = [binding.purpose for binding in bound if binding.unit_id == unit_id]
    return present or list(PURPOSES)


async def _refresh(ctx: Ctx, chat_id: int) -> None:
    """Have the group's own card, which asked to be bound, say what holds now."""
    card = await ctx.ws.card(ctx.bot.id, chat_id)
    if card is not None and card.view == "group":
        await ctx.ws.show(ctx.bot.id, chat_id, "group", card.params)


async def _finish(
    query: CallbackQuery, ctx: Ctx, params: dict[str, object], *, release: bool
) -> Reply:
    chat_id, unit_id = int(str(params["chat"])), int(str(params["unit"]))
    thread = params.get("thread")
    thread_id = None if thread is None else int(str(thread))
    chosen = params.get("purposes")
    purposes = [] if release or not isinstance(chosen, list) else [str(item) for item in chosen]
    if not purposes and not release:
        return [
            AnswerCallbackQuery(
                callback_query_id=query.id, text=ctx.t("bind-pick-one"), show_alert=True
            )
        ]
    unit = await read_unit(ctx.ws.connection, unit_id)
    await bind(
        ctx.ws,
        bot_id=ctx.bot.id,
        chat_id=chat_id,
        thread_id=thread_id,
        unit=unit,
        purposes=purposes,
        access=await ctx.access(),
        admin=ctx.is_admin,
        now=ctx.now,
    )
    await _refresh(ctx, chat_id)
    if release:
        await ctx.show("menu", {"note": "bind-released"})
        return None
    ctx.ws.push(
        f"bound:{ctx.bot.id}:{chat_id}:{unit_id}:{ctx.now:%Y%m%d%H%M%S}",
        ctx.bot.id,
        chat_id,
        "group_bound",
        {"unit": unit_id},
        thread_id=thread_id,
        lane=1,
    )
    await ctx.show("menu", {"note": "bind-done"})
    return None
