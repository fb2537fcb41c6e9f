"""The peer: a bare aiogram dispatcher with memory storage, which loses everything at a crash."""

import asyncio
from time import perf_counter, time
from typing import Any

from aiogram import Bot, Dispatcher, F
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.fsm.context import FSMContext
from aiogram.fsm.storage.memory import MemoryStorage
from aiogram.methods import TelegramMethod
from aiogram.types import (
    CallbackQuery,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    Message,
    Update,
)

from benchmarks import walk


class StubSession(AiohttpSession):
    """Everything but the socket: fields are built, the answer is parsed."""

    calls = 0
    ids = 1_000_000

    async def make_request(
        self, bot: Bot, method: TelegramMethod[Any], timeout: Any = None
    ) -> Any:
        self.build_form_data(bot, method)
        name = method.__api_method__
        if name == "answerCallbackQuery":
            text = walk.DONE
        else:
            StubSession.ids += 1
            text = walk.sent_message(method.chat_id, StubSession.ids, int(time()))  # type: ignore[attr-defined]
        StubSession.calls += 1
        return self.check_response(bot, method, 200, text).result


def keyboard(step: int) -> InlineKeyboardMarkup | None:
    if walk.is_number(step):
        return None
    return InlineKeyboardMarkup(
        inline_keyboard=[
            [
                InlineKeyboardButton(text="无", callback_data=f"a:{step}:no"),
                InlineKeyboardButton(text="有", callback_data=f"a:{step}:yes"),
            ],
            [
                InlineKeyboardButton(text="‹ 上一项", callback_data=f"b:{step}"),
                InlineKeyboardButton(text="备注", callback_data=f"r:{step}"),
                InlineKeyboardButton(text="目录", callback_data=f"c:{step}"),
            ],
        ]
    )


def make_dispatcher() -> Dispatcher:
    dispatcher = Dispatcher(storage=MemoryStorage())

    @dispatcher.callback_query(F.data.startswith("a:"))
    async def tapped(query: CallbackQuery, state: FSMContext) -> None:
        _, step, value = (query.data or "").split(":")
        data = await state.get_data()
        number = int(step) + 1
        await state.set_data({**data, f"q{step}": value, "step": number})
        await query.answer()
        if isinstance(query.message, Message):
            await query.message.edit_text(
                f"第 {number} 项 / {walk.QUESTIONS}", reply_markup=keyboard(number)
            )

    @dispatcher.message(F.text)
    async def typed(message: Message, state: FSMContext) -> None:
        data = await state.get_data()
        step = data.get("step", 0)
        if not (message.text or "").isdigit():
            await message.answer("请输入数字")
            return
        await state.set_data({**data, f"q{step}": message.text, "step": step + 1})
        await message.answer(
            f"第 {step + 1} 项 / {walk.QUESTIONS}", reply_markup=keyboard(step + 1)
        )

    return dispatcher


async def run(chats: int) -> tuple[float, int]:
    """Walk all chats once; returns updates per second and how many answers are stored."""
    bot = Bot(walk.TOKEN, session=StubSession())
    dispatcher = make_dispatcher()
    number = 0
    begun = perf_counter()
    for step in range(walk.QUESTIONS):
        for first in range(0, chats, 100):
            page = []
            for chat in range(first, min(first + 100, chats)):
                number += 1
                page.append(
                    walk.message_update(number, chat + 1, number, "7", int(time()))
                    if walk.is_number(step)
                    else walk.callback_update(number, chat + 1, 1, f"a:{step}:no", int(time()))
                )
            await asyncio.gather(
                *(
                    dispatcher.feed_update(bot, Update.model_validate(body, context={"bot": bot}))
                    for body in page
                )
            )
    taken = perf_counter() - begun
    stored = 0
    for record in dispatcher.storage.storage.values():  # type: ignore[attr-defined]
        stored += sum(1 for key in record.data if key.startswith("q"))
    await bot.session.close()
    return number / taken, stored
