"""The bot's life in groups, as people see it."""

from datetime import datetime
from pathlib import Path
from typing import Any

from sandbox.client import buttons, plain
from storage.tables import GroupBindingRow, GroupRow
from tests.databases import Databases
from tests.world import GROUP, World, world

SLOW = 20.0
NEW = -1_002_000_000_777


async def seen(w: World, person: Any, text: str, chat: int | None = None) -> str:
    return plain(await w.client.wait_for(text, person, chat, timeout=SLOW))


async def new_group(w: World) -> dict[str, Any]:
    """Another group, made by the officer, without the bot."""
    return await w.client.group(
        "新群", [w.officer, w.citizen], id=NEW, type="supergroup", is_forum=True
    )


async def bound(w: World, chat: int = NEW) -> list[tuple[str, int | None]]:
    rows = await w.rows(GroupBindingRow, GroupBindingRow.chat_id == chat)
    return sorted((row.purpose, row.thread_id) for row in rows)


async def test_added__by_an_officer__asks_in_private_and_binds(
    databases: Databases, tmp_path: Path, now: datetime
) -> None:
    async with world(databases.sqlite_url(), tmp_path, now) as w:
        await w.officer.start()
        await seen(w, w.officer, "演示经办人")
        await new_group(w)
        await w.client.change_group(NEW, "add_bot", by=w.officer.id)
        await seen(w, w.officer, "我已加入工作群“新群”。要把它绑定到您的单位吗？")
        await w.officer.tap("绑定单位")
        # An officer of one unit is not asked which.
        await seen(w, w.officer, "柳州市卫生健康委员会：本群接收什么？点选后确认。")
        await w.officer.tap("提醒")
        await w.client.quiet(0.5, timeout=SLOW)
        await w.officer.tap("确认绑定")
        await seen(w, w.officer, "✅ 已绑定，群里已通知")
        text = await seen(w, w.officer, "本群已绑定", NEW)
        assert text == (
            "✅ 本群已绑定：柳州市卫生健康委员会（统计表）。每周一 9:00 在这里发布上周统计表。\n"
            "/table 统计表 · /status 进度。个人事项请在私聊中办理。\n"
            "请群管理员给我“置顶消息”权限，以便置顶当期统计表。"
        )
        assert await bound(w) == [("tables", None)]


async def test_added__by_a_stranger__posts_a_card_whose_link_only_an_office_can_use(
    databases: Databases, tmp_path: Path, now: datetime
) -> None:
    async with world(databases.sqlite_url(), tmp_path, now) as w:
        await new_group(w)
        await w.client.change_group(NEW, "add_bot", by=w.citizen.id)
        message = await w.client.wait_for("绑定单位后", w.citizen, NEW, timeout=SLOW)
        (button,) = [b for _, _, b in buttons(message)]
        payload = button["url"].partition("?start=")[2]
        assert payload == f"bind_{NEW}"
        await w.citizen.start(payload)
        await seen(
            w,
            w.citizen,
            "绑定工作群限牵头部门、经办人和管理员。请让他们点群里的“绑定单位”。",
        )
        assert await bound(w) == []
        await w.officer.start(payload)
        await seen(w, w.officer, "绑定工作群：新群")
        await w.officer.tap("确认绑定")
        await seen(w, w.officer, "✅ 已绑定，群里已通知")
        assert await bound(w) == [("reminders", None), ("tables", None)]
        # The card that asked for it says in place what holds now.
        await seen(w, w.citizen, "本群已绑定：柳州市卫生健康委员会（统计表、提醒）\n/table", NEW)


async def test_bind__inside_a_topic__moves_there_for_who_may(
    databases: Databases, tmp_path: Path, now: datetime
) -> None:
    async with world(databases.sqlite_url(), tmp_path, now) as w:
        await new_group(w)
        await w.client.change_group(NEW, "add_bot", by=w.citizen.id)
        await w.client.wait_for("绑定单位后", w.citizen, NEW, timeout=SLOW)
        await w.officer.start(f"bind_{NEW}")
        await seen(w, w.officer, "绑定工作群：新群")
        await w.officer.tap("确认绑定")
        await seen(w, w.officer, "✅ 已绑定，群里已通知")
        topic = await w.client.change_group(NEW, "topic", name="周报")
        thread = topic["message_thread_id"]
        await w.citizen.send("/bind@sandbox_bot", NEW, message_thread_id=thread)
        await seen(w, w.citizen, "您不是柳州市卫生健康委员会的经办人或牵头部门", NEW)
        assert {found for _, found in await bound(w)} == {None}
        await w.officer.send("/bind@sandbox_bot", NEW, message_thread_id=thread)
        await seen(w, w.officer, "本群的消息改发到此话题。", NEW)
        assert {found for _, found in await bound(w)} == {thread}


async def test_removed__a_bound_group__tells_its_office_and_keeps_the_binding(
    databases: Databases, tmp_path: Path, now: datetime
) -> None:
    async with world(databases.sqlite_url(), tmp_path, now) as w:
        await w.officer.start()
        await seen(w, w.officer, "演示经办人")
        await w.client.change_group(GROUP, "remove_bot", by=w.organiser.id)
        assert await seen(w, w.officer, "我已被移出工作群") == (
            "我已被移出工作群“专班群”，柳州市卫生健康委员会 的统计表不会再发到那里。"
            "绑定仍保留：把我重新加入即可恢复。"
        )
        (group,) = await w.rows(GroupRow, GroupRow.chat_id == GROUP)
        assert group.state == "left"
        assert len(await bound(w, GROUP)) == 2


async def test_migrated__a_group_becomes_a_supergroup__keeps_its_binding(
    databases: Databases, tmp_path: Path, now: datetime
) -> None:
    async with world(databases.sqlite_url(), tmp_path, now) as w:
        await w.client.group("小群", [w.officer], id=-4321, type="group")
        await w.client.change_group(-4321, "add_bot", by=w.citizen.id)
        await w.client.wait_for("绑定单位后", w.officer, -4321, timeout=SLOW)
        await w.officer.start("bind_-4321")
        await seen(w, w.officer, "绑定工作群：小群")
        await w.officer.tap("确认绑定")
        await seen(w, w.officer, "✅ 已绑定，群里已通知")
        migrated = await w.client.change_group(-4321, "migrate")
        new = int(migrated["chat_id"] if "chat_id" in migrated else migrated["id"])

        async def moved() -> bool:
            return len(await bound(w, new)) == 2

        await w.client.settle(moved, timeout=SLOW)
        assert await bound(w, -4321) == []


async def test_group_command__from_anybody__shows_what_the_bot_does_here(
    databases: Databases, tmp_path: Path, now: datetime
) -> None:
    async with world(databases.sqlite_url(), tmp_path, now) as w:
        await w.officer.send("/help@sandbox_bot", GROUP)
        text = await seen(w, w.officer, "本群已绑定", GROUP)
        assert text.startswith("本群已绑定：柳州市卫生健康委员会（统计表、提醒）")
