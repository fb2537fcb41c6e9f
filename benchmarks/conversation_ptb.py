"""The peer: python-telegram-bot's ConversationHandler, made durable by a pickle per answer."""

import json
import tempfile
from pathlib import Path
from time import perf_counter, time
from typing import Any

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import (
    ApplicationBuilder,
    CallbackQueryHandler,
    ContextTypes,
    ConversationHandler,
    MessageHandler,
    PicklePersistence,
    filters,
)
from telegram.request import BaseRequest

from benchmarks import walk

ASKING = 1


class StubRequest(BaseRequest):
    """Everything but the socket."""

    ids = 5_000_000

    @property
    def read_timeout(self) -> float:
        return 5.0

    async def initialize(self) -> None:
        """Nothing."""

    async def shutdown(self) -> None:
        """Nothing."""

    async def do_request(self, url: str, method: str, request_data: Any = None, **_: Any) -> Any:
        fields = request_data.json_parameters if request_data is not None else {}
        if url.endswith("/getMe"):
            return 200, json.dumps({"ok": True, "result": walk.BOT}).encode()
        if url.endswith("/answerCallbackQuery"):
            return 200, walk.DONE.encode()
        StubRequest.ids += 1
        return 200, walk.sent_message(
            int(fields["chat_id"]), StubRequest.ids, int(time())
        ).encode()


def keyboard(step: int) -> InlineKeyboardMarkup | None:
    if walk.is_number(step):
        return None
    return InlineKeyboardMarkup(
        [
            [
                InlineKeyboardButton("无", callback_data=f"a:{step}:no"),
                InlineKeyboardButton("有", callback_data=f"a:{step}:yes"),
            ],
            [
                InlineKeyboardButton("‹ 上一项", callback_data=f"b:{step}"),
                InlineKeyboardButton("备注", callback_data=f"r:{step}"),
                InlineKeyboardButton("目录", callback_data=f"c:{step}"),
            ],
        ]
    )


async def tapped(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
    query = update.callback_query
    assert query is not None
    assert context.user_data is not None
    _, step, value = (query.data or "").split(":")
    context.user_data[f"q{step}"] = value
    context.user_data["step"] = int(step) + 1
    await query.answer()
    await query.edit_message_text(
        f"第 {int(step) + 1} 项 / {walk.QUESTIONS}", reply_markup=keyboard(int(step) + 1)
    )
    return ASKING


async def typed(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
    message = update.message
    assert message is not None
    assert context.user_data is not None
    step = context.user_data.get("step", 0)
    context.user_data[f"q{step}"] = message.text
    context.user_data["step"] = step + 1
    await message.reply_text(
        f"第 {step + 1} 项 / {walk.QUESTIONS}", reply_markup=keyboard(step + 1)
    )
    return ASKING


async def run(chats: int, seconds: float) -> tuple[float, int]:
    """Walk the chats for at most ``seconds``; returns updates per second and answers stored."""
    with tempfile.TemporaryDirectory() as folder:
        persistence = PicklePersistence(Path(folder) / "state.pickle", update_interval=3_600)
        handlers = [
            CallbackQueryHandler(tapped, pattern="^a:"),
            MessageHandler(filters.TEXT, typed),
        ]
        app = (
            ApplicationBuilder()
            .token(walk.TOKEN)
            .request(StubRequest())
            .get_updates_request(StubRequest())
            .persistence(persistence)
            .updater(None)
            .build()
        )
        app.add_handler(
            ConversationHandler(
                entry_points=handlers,
                states={ASKING: handlers},
                fallbacks=[],
                per_message=False,
                name="walk",
                persistent=True,
            )
        )
        await app.initialize()
        number = 0
        # All conversations are open when the clock starts: that is what the pickle then carries.
        for chat in range(chats):
            app.user_data[chat + 1]["step"] = 0
            for step in range(walk.QUESTIONS // 2):
                app.user_data[chat + 1][f"q{step}"] = "no"
        begun = perf_counter()
        for step in range(walk.QUESTIONS):
            for chat in range(chats):
                number += 1
                body = (
                    walk.message_update(number, chat + 1, number, "7", int(time()))
                    if walk.is_number(step)
                    else walk.callback_update(number, chat + 1, 1, f"a:{step}:no", int(time()))
                )
                await app.process_update(Update.de_json(body, app.bot))
                await app.update_persistence()
                if perf_counter() - begun > seconds:
                    break
            if perf_counter() - begun > seconds:
                break
        taken = perf_counter() - begun
        await app.shutdown()
    return number / taken, number
