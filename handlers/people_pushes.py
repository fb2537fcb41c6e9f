"""Messages to other chats about people and groups."""

from collections.abc import Mapping
from typing import Any

from handlers.callbacks import Go
from handlers.content import Button, Content, escape
from handlers.group_callbacks import Bind
from handlers.invite_callbacks import Inv
from handlers.pushes import PushContext, push
from handlers.views.groups import purposes_text
from services.groups import bindings, read_group
from services.invites import read_invite
from services.people import find_member, find_person


@push("joined")
async def joined(context: PushContext, params: Mapping[str, Any]) -> Content | None:
    """Tell who invited that the person has joined, under which name."""
    member = await find_member(context.connection, int(params["membership"]))
    if member is None:
        return None
    name, membership = member
    return Content(
        context.t(
            "push-joined",
            name=escape(name),
            unit=escape(membership.unit_name),
            role=context.t(f"role-{membership.role}"),
        )
    )


@push("access_request")
async def access_request(context: PushContext, params: Mapping[str, Any]) -> Content | None:
    """Somebody whose link does not work asks to be let in."""
    person = await find_person(context.connection, int(params["person"]))
    if person is None:
        return None
    name = escape(person.name) or context.t("push-access-unnamed")
    mention = f'<a href="tg://user?id={person.telegram_id}">{name}</a>'
    invite_id = params.get("invite")
    if invite_id is None:
        return Content(
            context.t("push-access-request", person=mention, was=context.t("push-access-new")),
            ((Button(context.t("push-access-invite"), Go(to="invite").pack()),),),
        )
    invite = await read_invite(context.connection, int(invite_id))
    was = context.t(
        "push-access-was",
        name=escape(invite.name),
        unit=escape(invite.unit_name),
        role=context.t(f"role-{invite.role}"),
    )
    again = Button(
        context.t("push-access-reissue"), Inv(act="reissue", value=str(invite.id)).pack()
    )
    other = Button(context.t("push-access-invite"), Go(to="invite").pack())
    return Content(context.t("push-access-request", person=mention, was=was), ((again, other),))


@push("group_added")
async def group_added(context: PushContext, params: Mapping[str, Any]) -> Content | None:
    """Ask whoever added the bot to bind the group; not when it is bound or left meanwhile."""
    chat_id = int(params["chat"])
    group = await read_group(context.connection, context.bot.id, chat_id)
    if group is None or not group.present:
        return None
    if await bindings(context.connection, context.bot.id, group.chat_id):
        return None
    button = Button(context.t("group-bind"), Bind(act="open", value=str(group.chat_id)).pack())
    return Content(context.t("push-group-added", title=escape(group.title)), ((button,),))


@push("group_bound")
async def group_bound(context: PushContext, params: Mapping[str, Any]) -> Content | None:
    """Confirm in the group (and its topic) what it is bound to from now on."""
    bound = [
        binding
        for binding in await bindings(context.connection, context.bot.id, context.chat_id)
        if binding.unit_id == int(params["unit"])
    ]
    if not bound:
        return None
    lines = [
        context.t(
            "push-group-bound",
            unit=escape(bound[0].unit_name),
            purposes=purposes_text(context.locale, (b.purpose for b in bound)),
        ),
        context.t("group-commands"),
    ]
    group = await read_group(context.connection, context.bot.id, context.chat_id)
    if group is not None and not group.can_pin:
        lines.append(context.t("group-ask-pin"))
    return Content("\n".join(lines))


@push("group_removed")
async def group_removed(context: PushContext, params: Mapping[str, Any]) -> Content | None:
    """Tell an officer that the group gets nothing any more; not when the bot is back."""
    chat_id = int(params["chat"])
    group = await read_group(context.connection, context.bot.id, chat_id)
    bound = await bindings(context.connection, context.bot.id, chat_id)
    if group is None or group.present or not bound:
        return None
    units = dict.fromkeys(binding.unit_name for binding in bound)
    return Content(
        context.t("push-group-removed", title=escape(group.title), unit=escape("、".join(units)))
    )
