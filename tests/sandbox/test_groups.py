"""Groups as an office lives in them: privacy, rights, topics, migration, being removed."""

from typing import Any

import pytest
from aiogram import Bot
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramMigrateToChat,
)
from telegram.error import BadRequest, ChatMigrated, Forbidden
from telegram.ext import ExtBot

from sandbox.client import Client, Person, Refused


async def heard(aio: Bot) -> list[str]:
    """Texts of the updates since the last call, then confirmed."""
    updates = await aio.get_updates()
    if updates:
        await aio.get_updates(offset=updates[-1].update_id + 1)
    return [u.message.text or "<service>" for u in updates if u.message]


@pytest.fixture
async def office(client: Client, anna: Person, bo: Person, aio: Bot) -> dict[str, Any]:
    group = await client.group("专班", [anna, bo], bot="member")
    await heard(aio)
    return group


async def test_privacy_on__ordinary_talk__only_what_is_meant_for_the_bot_is_heard(
    aio: Bot, client: Client, anna: Person, bo: Person, office: dict[str, Any]
) -> None:
    key = office["key"]
    sent = await aio.send_message(office["id"], "看板")
    await bo.send("今天谁去？", key)
    await bo.send("/table", key)
    await bo.send("/table@sandbox_bot", key)
    await bo.send("/table@other_bot", key)
    await bo.send("请 @sandbox_bot 看看", key)
    await bo.send("@sandbox_botx 不是它", key)
    await bo.send("收到", key, reply_to=sent.message_id)
    await bo.send("请到 /tmp 看", key)
    own = await bo.send("我的话", key)
    await anna.send("回你", key, reply_to=own["message_id"])
    assert await heard(aio) == [
        "/table",
        "/table@sandbox_bot",
        "请 @sandbox_bot 看看",
        "收到",
    ]
    await client.change_group(key, "promote", user_id=123456)
    await bo.send("现在呢？", key)
    assert await heard(aio) == ["现在呢？"]
    await client.change_group(key, "demote", user_id=123456)
    await bo.send("又不听了", key)
    assert await heard(aio) == []
    await client.change_bot(123456, privacy=False)
    await bo.send("全听", key)
    assert await heard(aio) == ["全听"]
    assert (await aio.get_me()).can_read_all_group_messages is True


async def test_buttons_in_a_group__pressed_by_anyone__come_with_who_pressed(
    aio: Bot, bo: Person, office: dict[str, Any]
) -> None:
    markup: Any = {"inline_keyboard": [[{"text": "收到", "callback_data": "ok"}]]}
    await aio.send_message(office["id"], "看板", reply_markup=markup)
    await bo.tap("收到", office["key"], wait=0)
    query = (await aio.get_updates())[-1].callback_query
    assert query is not None
    assert query.from_user.id == bo.id
    assert query.message is not None
    assert query.message.chat.id == office["id"]


async def test_membership__added_promoted_removed__bot_is_told_and_then_forbidden(
    aio: Bot, ptb: ExtBot[None], client: Client, anna: Person
) -> None:
    group = await client.group("局", [anna], bot="none")
    with pytest.raises(TelegramBadRequest, match="chat not found"):
        await aio.get_chat(group["id"])
    await client.change_group(group["key"], "add_bot")
    await client.change_group(
        group["key"], "promote", user_id=123456, rights={"can_pin_messages": False}
    )
    changes = [u.my_chat_member for u in await aio.get_updates() if u.my_chat_member]
    assert [(c.old_chat_member.status, c.new_chat_member.status) for c in changes] == [
        ("left", "member"),
        ("member", "administrator"),
    ]
    me = await ptb.get_chat_member(group["id"], 123456)
    assert me.status == "administrator"
    assert me.can_pin_messages is False  # type: ignore[attr-defined]
    await client.change_group(group["key"], "remove_bot")
    with pytest.raises(TelegramForbiddenError, match="bot was kicked from the supergroup chat"):
        await aio.send_message(group["id"], "x")
    with pytest.raises(Forbidden, match="kicked from the supergroup chat"):
        await ptb.send_message(group["id"], "x")
    await client.change_group(group["key"], "add_bot")
    assert await aio.leave_chat(group["id"])
    with pytest.raises(TelegramForbiddenError, match="bot is not a member of the supergroup"):
        await aio.send_message(group["id"], "x")


async def test_pin__without_and_with_the_right__refused_then_pinned(
    aio: Bot, ptb: ExtBot[None], client: Client, bo: Person, office: dict[str, Any]
) -> None:
    board = await aio.send_message(office["id"], "看板")
    other = await aio.send_message(office["id"], "通报")
    refusal = "not enough rights to manage pinned messages in the chat"
    with pytest.raises(TelegramBadRequest, match=refusal):
        await aio.pin_chat_message(office["id"], board.message_id)
    with pytest.raises(BadRequest, match="(?i)" + refusal):
        await ptb.unpin_all_chat_messages(office["id"])
    await client.change_group(office["key"], "promote", user_id=123456)
    assert await aio.pin_chat_message(office["id"], board.message_id)
    assert await ptb.pin_chat_message(office["id"], other.message_id)
    chat = await client.chat(office["key"])
    assert chat["pinned"] == [other.message_id, board.message_id]
    assert chat["messages"][-1]["service"]["text"] == "通报"
    full = await ptb.get_chat(office["id"])
    assert full.pinned_message is not None
    assert full.pinned_message.text == "通报"
    assert await aio.unpin_chat_message(office["id"], message_id=board.message_id)
    assert await ptb.unpin_chat_message(office["id"])
    assert (await client.chat(office["key"]))["pinned"] == []
    with pytest.raises(TelegramBadRequest, match="message to pin not found"):
        await aio.pin_chat_message(office["id"], 999)
    with pytest.raises(TelegramBadRequest, match="message to unpin not found"):
        await aio.unpin_chat_message(office["id"])
    with pytest.raises(Refused, match="may not pin"):
        await bo.act("pin", chat=office["key"], message_id=board.message_id)


async def test_migration__group_to_supergroup__old_id_says_the_new_one(
    aio: Bot, ptb: ExtBot[None], client: Client, anna: Person
) -> None:
    group = await client.group("小组", [anna], type="group", bot="member")
    assert (await aio.get_chat(group["id"])).type == "group"
    new = await client.change_group(group["key"], "migrate")
    with pytest.raises(TelegramMigrateToChat) as caught:
        await aio.send_message(group["id"], "x")
    assert caught.value.migrate_to_chat_id == new["id"]
    with pytest.raises(ChatMigrated) as same:
        await ptb.send_message(group["id"], "x")
    assert same.value.new_chat_id == new["id"]
    told = [u.message for u in await aio.get_updates() if u.message]
    assert [m.migrate_to_chat_id for m in told if m.migrate_to_chat_id] == [new["id"]]
    assert [m.migrate_from_chat_id for m in told if m.migrate_from_chat_id] == [group["id"]]
    assert (await aio.send_message(new["id"], "在新群")).chat.type == "supergroup"


async def test_topics__made_used_closed_deleted__messages_stay_in_their_thread(
    aio: Bot, ptb: ExtBot[None], client: Client, anna: Person
) -> None:
    forum = await client.group("论坛", [anna], is_forum=True, bot="administrator")
    topic = await aio.create_forum_topic(forum["id"], "周报")
    sent = await ptb.send_message(forum["id"], "x", message_thread_id=topic.message_thread_id)
    assert (sent.message_thread_id, sent.is_topic_message) == (topic.message_thread_id, True)
    said = await anna.send("y", forum["key"], message_thread_id=topic.message_thread_id)
    assert said["message_thread_id"] == topic.message_thread_id
    update = (await aio.get_updates())[-1]
    assert update.message is not None
    assert update.message.is_topic_message
    assert update.message.reply_to_message is not None
    assert update.message.reply_to_message.forum_topic_created is not None
    with pytest.raises(TelegramBadRequest, match="message thread not found"):
        await aio.send_message(forum["id"], "x", message_thread_id=1)
    own = await client.change_group(forum["key"], "topic", name="人开的")
    assert await aio.edit_forum_topic(forum["id"], own["message_thread_id"], name="改名")
    await client.change_group(forum["key"], "demote", user_id=123456)
    await client.change_group(
        forum["key"], "close_topic", message_thread_id=own["message_thread_id"]
    )
    with pytest.raises(TelegramBadRequest, match="TOPIC_CLOSED"):
        await aio.send_message(forum["id"], "x", message_thread_id=own["message_thread_id"])
    with pytest.raises(TelegramBadRequest, match="not enough rights to create a topic"):
        await aio.create_forum_topic(forum["id"], "x")
    await client.change_group(
        forum["key"], "delete_topic", message_thread_id=topic.message_thread_id
    )
    with pytest.raises(BadRequest, match="Message thread not found"):
        await ptb.send_message(forum["id"], "x", message_thread_id=topic.message_thread_id)
    assert [t["name"] for t in (await client.chat(forum["key"]))["topics"]] == ["改名"]


async def test_members__counted_listed_and_asked_for__as_both_read_them(
    aio: Bot, ptb: ExtBot[None], client: Client, anna: Person, bo: Person, office: dict[str, Any]
) -> None:
    assert await ptb.get_chat_member_count(office["id"]) == 3
    assert [m.user.id for m in await aio.get_chat_administrators(office["id"])] == [anna.id]
    assert (await ptb.get_chat_member(office["id"], bo.id)).status == "member"
    await client.change_group(office["key"], "remove_member", user_id=bo.id)
    assert (await aio.get_chat_member(office["id"], bo.id)).status == "left"
    with pytest.raises(TelegramBadRequest, match="PARTICIPANT_ID_INVALID"):
        await aio.get_chat_member(office["id"], 5)
    with pytest.raises(Refused, match="not in such a chat"):
        await bo.send("x", office["key"])
    assert (await aio.get_chat(anna.id)).type == "private"
    assert (await ptb.get_chat(office["id"])).permissions is not None


async def test_reply_keyboard_in_a_group__selective__only_those_meant_see_it(
    aio: Bot, client: Client, anna: Person, bo: Person, office: dict[str, Any]
) -> None:
    markup: Any = {"keyboard": [[{"text": "甲"}]], "selective": True}
    await aio.send_message(office["id"], "@bo_person 选", reply_markup=markup)
    assert list((await client.chat(office["key"]))["keyboards"]) == [str(bo.id)]
    said = await bo.press("甲", office["key"])
    assert said["reply_to"]["text"] == "@bo_person 选"
    with pytest.raises(Refused, match="no such button"):
        await anna.press("甲", office["key"])


async def test_delete_in_a_group__others_words__need_the_right(
    aio: Bot, client: Client, bo: Person, office: dict[str, Any]
) -> None:
    said = await bo.send("x", office["key"])
    with pytest.raises(TelegramBadRequest, match="message can't be deleted"):
        await aio.delete_message(office["id"], said["message_id"])
    await client.change_group(office["key"], "promote", user_id=123456)
    assert await aio.delete_message(office["id"], said["message_id"])
