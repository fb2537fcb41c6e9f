"""A tiny bot over plain HTTP, so that the page can be tested without the product's own bot."""

import asyncio
import io
import json
from typing import Any

import aiohttp
from PIL import Image

MENU = {
    "inline_keyboard": [
        [
            {"text": "提示", "callback_data": "toast"},
            {"text": "警告", "callback_data": "alert"},
            {"text": "改卡片", "callback_data": "edit"},
        ],
        [
            {"text": "找机构", "switch_inline_query_current_chat": "人民"},
            {"text": "复制码", "copy_text": {"text": "7305 0937"}},
        ],
        [
            {"text": "深链接", "url": "https://t.me/sandbox_bot?start=deep_42"},
            {"text": "不答复", "callback_data": "silent"},
        ],
    ]
}
KEYS = {
    "keyboard": [
        [{"text": "写完了"}, {"text": "发位置", "request_location": True}],
        [{"text": "取消"}],
    ],
    "resize_keyboard": True,
    "input_field_placeholder": "可分多条",
}
RICH = (
    "<b>粗体</b> <i>斜体</i> <code>7305 0937 5512</code> <tg-spoiler>藏起来</tg-spoiler> "
    '<a href="https://example.org/x">网址</a> <blockquote>引文</blockquote>'
    '<pre><code class="language-python">x = 1</code></pre>'
)
NASTY = '<img src=x onerror="document.title=1"> & <script>alert(1)</script>'


def picture(shade: int) -> bytes:
    """A small real JPEG."""
    out = io.BytesIO()
    Image.new("RGB", (160, 120), (shade, 120, 160)).save(out, "JPEG")
    return out.getvalue()


def sheet() -> bytes:
    """A page as a lossless picture: sent as a document, it keeps every byte."""
    out = io.BytesIO()
    Image.new("RGB", (210, 297), "white").save(out, "PNG")
    return out.getvalue()


SHEET = sheet()


class DeskBot:
    """Polls for updates and answers each with what one test needs to see."""

    def __init__(self, url: str, token: str) -> None:
        self._root = f"{url}/bot{token}"
        self._session = aiohttp.ClientSession()
        self._task: asyncio.Task[None] | None = None
        self.seen: list[dict[str, Any]] = []

    async def start(self) -> None:
        commands = [
            {"command": "menu", "description": "主菜单"},
            {"command": "help", "description": "怎么用"},
        ]
        await self.call("setMyCommands", commands=commands)
        await self.call("setMyDescription", description="检查、线索、报表。")
        self._task = asyncio.create_task(self._poll())

    async def close(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._session.close()

    async def call(self, method: str, **params: Any) -> Any:
        async with self._session.post(f"{self._root}/{method}", json=params) as answer:
            return (await answer.json()).get("result")

    async def upload(self, method: str, files: dict[str, tuple[str, bytes]], **params: Any) -> Any:
        form = aiohttp.FormData(quote_fields=False)  # a name as aiogram and PTB send it
        for key, value in params.items():
            form.add_field(key, value if isinstance(value, str) else json.dumps(value))
        for key, (name, body) in files.items():
            form.add_field(key, body, filename=name)
        async with self._session.post(f"{self._root}/{method}", data=form) as answer:
            return (await answer.json()).get("result")

    async def _poll(self) -> None:
        offset = 0
        while True:
            updates = await self.call("getUpdates", offset=offset, timeout=20) or []
            for update in updates:
                offset = update["update_id"] + 1
                self.seen.append(update)
                if "message" in update:
                    await self._message(update["message"])
                elif "callback_query" in update:
                    await self._press(update["callback_query"])
                elif "inline_query" in update:
                    await self._inline(update["inline_query"])

    async def _message(self, message: dict[str, Any]) -> None:
        chat = message["chat"]["id"]
        text = message.get("text", "")
        word = text.split("@")[0].split(" ")[0]
        if message.get("via_bot"):
            await self.call("sendMessage", chat_id=chat, text="机构已选")
        elif message.get("photo"):
            await self.call(
                "sendMessage",
                chat_id=chat,
                text="照片已存",
                reply_parameters={"message_id": message["message_id"]},
            )
        elif message.get("location"):
            await self.call(
                "sendMessage",
                chat_id=chat,
                text="位置已存",
                reply_markup={"remove_keyboard": True},
            )
        elif word in ("/start", "/menu"):
            payload = text.partition(" ")[2]
            await self.call(
                "sendMessage",
                chat_id=chat,
                text=f"请选择（{payload or '无'}）",
                reply_markup=MENU,
            )
        elif word == "/keys":
            await self.call("sendMessage", chat_id=chat, text="请按", reply_markup=KEYS)
        elif word == "/rich":
            await self.call("sendMessage", chat_id=chat, text=RICH, parse_mode="HTML")
        elif word == "/nasty":
            await self.call("sendMessage", chat_id=chat, text=NASTY)
        elif word == "/doc":
            await self.upload(
                "sendDocument",
                {"document": ("检查表 附件2.png", SHEET)},
                chat_id=str(chat),
                caption="填好的检查表",
            )
        elif word == "/album":
            media = [{"type": "photo", "media": f"attach://p{n}"} for n in range(3)]
            files = {f"p{n}": (f"{n}.jpg", picture(60 * n)) for n in range(3)}
            await self.upload("sendMediaGroup", files, chat_id=str(chat), media=media)
        elif word == "/many":
            for number in range(60):
                await self.call("sendMessage", chat_id=chat, text=f"第 {number} 条\n第二行")
        elif word == "/pin":
            sent = await self.call("sendMessage", chat_id=chat, text="本月看板")
            await self.call("pinChatMessage", chat_id=chat, message_id=sent["message_id"])
        elif word == "/typing":
            await self.call("sendChatAction", chat_id=chat, action="typing")
        elif word == "/bad":
            await self.call("sendMessage", chat_id=chat, text="<b>没有结尾", parse_mode="HTML")
        elif text:
            await self.call("sendMessage", chat_id=chat, text=f"收到：{text}")

    async def _press(self, query: dict[str, Any]) -> None:
        data = query["data"]
        if data == "silent":
            return
        if data == "edit":
            message = query["message"]
            await self.call(
                "editMessageText",
                chat_id=message["chat"]["id"],
                message_id=message["message_id"],
                text="卡片已更新",
                reply_markup=MENU,
            )
        texts = {"toast": {"text": "已存 ✓"}, "alert": {"text": "您不在专班", "show_alert": True}}
        await self.call(
            "answerCallbackQuery", callback_query_id=query["id"], **texts.get(data, {})
        )

    async def _inline(self, query: dict[str, Any]) -> None:
        names = ["示范人民医院", "示范二人民医院", "示范中医医院"]
        results = [
            {
                "type": "article",
                "id": str(number),
                "title": name,
                "description": "二级 · 公立",
                "input_message_content": {"message_text": f"{name} #{number}"},
            }
            for number, name in enumerate(names)
            if query["query"] in name
        ]
        await self.call(
            "answerInlineQuery", inline_query_id=query["id"], results=results, cache_time=0
        )
