"""Polling and webhooks: every update comes, in order, until it is confirmed."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramConflictError
from aiohttp import web
from telegram.error import Conflict
from telegram.ext import ExtBot

from sandbox.client import Client, Person


async def test_get_updates__offset__confirms_and_gives_each_once(
    aio: Bot, ptb: ExtBot[None], anna: Person
) -> None:
    await anna.send("一")
    await anna.send("二")
    first = await aio.get_updates()
    texts = [u.message.text for u in first if u.message]
    assert texts == ["/start", "一", "二"]
    assert [u.update_id for u in await aio.get_updates()] == [u.update_id for u in first]
    rest = await ptb.get_updates(offset=first[0].update_id + 1, limit=1)
    assert [u.message.text for u in rest if u.message] == ["一"]
    assert [u.message.text for u in await ptb.get_updates(offset=-1) if u.message] == ["二"]
    assert await ptb.get_updates(offset=first[2].update_id + 1) == ()


async def test_get_updates__nothing_yet__waits_until_someone_writes(
    aio: Bot, anna: Person
) -> None:
    done = (await aio.get_updates())[-1].update_id + 1
    waiting = asyncio.create_task(aio.get_updates(offset=done, timeout=10))
    await asyncio.sleep(0.1)
    assert not waiting.done()
    await anna.send("嗨")
    (update,) = await asyncio.wait_for(waiting, 2)
    assert update.message is not None
    assert update.message.from_user is not None
    assert update.message.from_user.language_code == "zh-hans"


async def test_get_updates__two_pollers__older_is_told_of_the_conflict(
    aio: Bot, ptb: ExtBot[None], anna: Person
) -> None:
    done = (await aio.get_updates())[-1].update_id + 1
    older = asyncio.create_task(aio.get_updates(offset=done, timeout=10))
    await asyncio.sleep(0.1)
    newer = asyncio.create_task(ptb.get_updates(offset=done, timeout=10))
    with pytest.raises(TelegramConflictError, match="terminated by other getUpdates request"):
        await older
    await anna.send("x")
    assert len(await newer) == 1


async def test_get_updates__allowed_kinds__others_never_come(aio: Bot, anna: Person) -> None:
    await aio.get_updates(offset=-1, allowed_updates=["callback_query"])
    await anna.send("x")
    assert [u.event_type for u in await aio.get_updates()] == ["message"]  # from before
    await aio.get_updates(offset=-1, allowed_updates=[])
    await anna.send("y")
    assert [u.message.text for u in await aio.get_updates() if u.message] == ["/start", "y"]


async def test_get_updates__edit__comes_as_edited_message(aio: Bot, anna: Person) -> None:
    said = await anna.send("错字")
    await anna.act("edit", message_id=said["message_id"], text="对字 @anna_x")
    update = (await aio.get_updates())[-1]
    assert update.edited_message is not None
    assert update.edited_message.text == "对字 @anna_x"
    assert update.edited_message.edit_date is not None
    assert update.edited_message.entities is not None
    assert update.edited_message.entities[0].type == "mention"


class Hook:
    """A bot's own little server."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []
        self.secrets: list[str | None] = []
        self.fail = 0
        self.reply: dict[str, Any] | None = None
        self.url = ""

    async def handle(self, request: web.Request) -> web.Response:
        self.secrets.append(request.headers.get("X-Telegram-Bot-Api-Secret-Token"))
        if self.fail:
            self.fail -= 1
            return web.Response(status=500)
        self.got.append(await request.json())
        reply, self.reply = self.reply, None
        return web.json_response(reply) if reply else web.Response()

    async def until(self, count: int) -> list[dict[str, Any]]:
        async with asyncio.timeout(5):
            while len(self.got) < count:
                await asyncio.sleep(0.02)
        return self.got


@pytest.fixture
async def hook() -> AsyncIterator[Hook]:
    held = Hook()
    app = web.Application()
    app.router.add_post("/hook", held.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    held.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield held
    await runner.cleanup()


async def test_webhook__set__pushes_in_order_with_secret_and_refuses_polling(
    aio: Bot, ptb: ExtBot[None], anna: Person, hook: Hook
) -> None:
    assert await aio.set_webhook(hook.url, secret_token="s3cret_A")
    for text in ("一", "二", "三"):
        await anna.send(text)
    got = await hook.until(4)
    assert [u["message"]["text"] for u in got] == ["/start", "一", "二", "三"]
    assert set(hook.secrets) == {"s3cret_A"}
    with pytest.raises(TelegramConflictError, match="can't use getUpdates method while webhook"):
        await aio.get_updates()
    with pytest.raises(Conflict):
        await ptb.get_updates()
    info = await ptb.get_webhook_info()
    assert (info.url, info.pending_update_count) == (hook.url, 0)
    assert await ptb.delete_webhook()
    await anna.send("四")
    assert [u.message.text for u in await aio.get_updates() if u.message] == ["四"]
    assert len(hook.got) == 4


async def test_webhook__answers_500__is_tried_again_and_the_error_shown(
    aio: Bot, anna: Person, hook: Hook
) -> None:
    hook.fail = 1
    await aio.set_webhook(hook.url, drop_pending_updates=True)
    await anna.send("一")
    assert [u["message"]["text"] for u in await hook.until(1)] == ["一"]
    info = await aio.get_webhook_info()
    assert info.last_error_message == "Wrong response from the webhook: 500 Internal Server Error"


async def test_webhook__method_in_the_answer__is_done(
    aio: Bot, client: Client, anna: Person, hook: Hook
) -> None:
    hook.reply = {"method": "sendMessage", "chat_id": anna.id, "text": "从回应里"}
    await aio.set_webhook(hook.url)
    assert await client.wait_for("从回应里", anna)


async def test_webhook__not_https_elsewhere__refused(aio: Bot) -> None:
    with pytest.raises(TelegramBadRequest, match="An HTTPS URL must be provided"):
        await aio.set_webhook("http://example.org/hook")
    with pytest.raises(TelegramBadRequest, match="secret token contains unallowed"):
        await aio.set_webhook("https://example.org/hook", secret_token="a b")


async def test_callback__pressed_answered_twice_and_late__toast_then_too_old(
    aio: Bot, client: Client, anna: Person
) -> None:
    await aio.send_message(
        anna.id, "?", reply_markup={"inline_keyboard": [[{"text": "有", "callback_data": "y"}]]}
    )
    done = (await aio.get_updates())[-1].update_id + 1
    press = asyncio.create_task(anna.tap("有"))
    (update,) = await aio.get_updates(offset=done, timeout=5)
    query = update.callback_query
    assert query is not None
    assert (query.data, query.message is not None) == ("y", True)
    assert await aio.answer_callback_query(query.id, text="已存 ✓", show_alert=True)
    assert (await press)["answer"] == {"text": "已存 ✓", "show_alert": True}
    assert (await client.state())["toasts"][-1]["text"] == "已存 ✓"
    with pytest.raises(TelegramBadRequest, match="query is too old and response timeout expired"):
        await aio.answer_callback_query("1")
    await client.post("/sandbox/settings", {"callback_seconds": 0})
    with pytest.raises(TelegramBadRequest, match="query is too old"):
        await aio.answer_callback_query(query.id)


async def test_inline__typed_and_picked__sent_via_bot_and_editable(
    aio: Bot, client: Client, anna: Person
) -> None:
    await client.change_bot(123456, inline_feedback=True)
    done = (await aio.get_updates())[-1].update_id + 1
    typing = asyncio.create_task(anna.inline("人民"))
    (update,) = await aio.get_updates(offset=done, timeout=5)
    assert update.inline_query is not None
    results: list[Any] = [
        {
            "type": "article",
            "id": "h1",
            "title": "示范医院",
            "description": "二级",
            "input_message_content": {"message_text": "机构 <b>H1</b>", "parse_mode": "HTML"},
            "reply_markup": {"inline_keyboard": [[{"text": "开始", "callback_data": "go"}]]},
        }
    ]
    assert await aio.answer_inline_query(
        update.inline_query.id, results, cache_time=0, is_personal=True
    )
    shown = await typing
    assert [(r["id"], r["title"]) for r in shown["results"]] == [("h1", "示范医院")]
    message = await anna.pick(shown, "h1")
    assert message["text"] == "机构 H1"
    assert message["via_bot"]["is_bot"]
    updates = await aio.get_updates(offset=update.update_id + 1)
    kinds = {u.event_type: u for u in updates}
    assert kinds["message"].message is not None
    assert kinds["message"].message.via_bot is not None
    chosen = kinds["chosen_inline_result"].chosen_inline_result
    assert chosen is not None
    assert await aio.edit_message_text("改", inline_message_id=chosen.inline_message_id)
    assert (await anna.newest())["text"] == "改"
    with pytest.raises(TelegramBadRequest, match="MESSAGE_ID_INVALID"):
        await aio.edit_message_text("改", inline_message_id="nonsense")


async def test_inline__too_many_double_or_late__refused(aio: Bot, anna: Person) -> None:
    def article(number: int) -> Any:
        content = {"message_text": "x"}
        return {
            "type": "article",
            "id": str(number),
            "title": "t",
            "input_message_content": content,
        }

    await anna.inline("x", wait=0)
    query = (await aio.get_updates())[-1].inline_query
    assert query is not None
    with pytest.raises(TelegramBadRequest, match="RESULTS_TOO_MUCH"):
        await aio.answer_inline_query(query.id, [article(n) for n in range(51)])
    with pytest.raises(TelegramBadRequest, match="RESULT_ID_DUPLICATE"):
        await aio.answer_inline_query(query.id, [article(1), article(1)])
    with pytest.raises(TelegramBadRequest, match="query is too old"):
        await aio.answer_inline_query("12345", [article(1)])


async def test_inline__answer_not_personal__is_given_to_others_without_asking(
    aio: Bot, anna: Person, bo: Person
) -> None:
    await anna.inline("x", wait=0)
    query = (await aio.get_updates())[-1].inline_query
    assert query is not None
    await aio.answer_inline_query(query.id, [], cache_time=300)
    assert (await bo.inline("x", wait=0))["answered"] is True
    assert (await bo.inline("y", wait=0))["answered"] is False


async def test_menu_and_names__set_by_both__read_back(
    aio: Bot, ptb: ExtBot[None], client: Client, anna: Person
) -> None:
    commands: list[Any] = [{"command": "menu", "description": "菜单"}]
    assert await aio.set_my_commands(commands)
    assert await ptb.set_my_commands([("menu", "Menu")], language_code="en")
    assert [c.description for c in await ptb.get_my_commands()] == ["菜单"]
    assert [c.description for c in await aio.get_my_commands(language_code="en")] == ["Menu"]
    with pytest.raises(TelegramBadRequest, match="BOT_COMMAND_INVALID"):
        await aio.set_my_commands([{"command": "Menü", "description": "x"}])  # type: ignore[list-item]
    assert await aio.set_my_name("专项检查")
    assert (await ptb.get_my_name()).name == "专项检查"
    assert await ptb.set_my_description("说明", language_code="zh")
    assert (await aio.get_my_description(language_code="zh")).description == "说明"
    assert (await aio.get_my_short_description()).short_description == ""
    assert await ptb.set_chat_menu_button(anna.id)
    assert (await aio.get_chat_menu_button(chat_id=anna.id)).type == "commands"
    (bot,) = [b for b in (await client.state())["bots"] if b["id"] == 123456]
    assert bot["first_name"] == "专项检查"
    assert bot["commands_by_language"]["en"][0]["description"] == "Menu"
    assert await aio.delete_my_commands()
    assert await aio.get_my_commands() == []
    assert await aio.log_out()
    assert await ptb.close()


async def test_two_bots__one_person__each_hears_only_its_own_dialogue(
    make_aiogram: Callable[..., Bot], aio: Bot, anna: Person
) -> None:
    other = make_aiogram("654321:OTHER")
    await anna.start("x", bot="sandbox654321_bot")
    assert [u.message.text for u in await other.get_updates() if u.message] == ["/start x"]
    assert [u.message.text for u in await aio.get_updates() if u.message] == ["/start"]
