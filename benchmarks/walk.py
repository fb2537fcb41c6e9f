"""The walk that every conversation variant does: 33 questions, 22 yes or no, 11 whole numbers."""

import json
from typing import Any

QUESTIONS = 33
BOT = {"id": 700000001, "is_bot": True, "first_name": "bench", "username": "bench_bot"}
TOKEN = "700000001:bench"  # not a secret: nothing listens


def is_number(step: int) -> bool:
    """Whether the question at this step is typed; every third one is."""
    return step % 3 == 2


def user(chat: int) -> dict[str, Any]:
    return {"id": chat, "is_bot": False, "first_name": "B", "language_code": "zh-hans"}


def message_update(
    update_id: int, chat: int, message_id: int, text: str, date: int
) -> dict[str, Any]:
    return {
        "update_id": update_id,
        "message": {
            "message_id": message_id,
            "date": date,
            "chat": {"id": chat, "type": "private", "first_name": "B"},
            "from": user(chat),
            "text": text,
        },
    }


def callback_update(
    update_id: int, chat: int, message_id: int, data: str, date: int
) -> dict[str, Any]:
    return {
        "update_id": update_id,
        "callback_query": {
            "id": str(update_id),
            "from": user(chat),
            "chat_instance": "1",
            "data": data,
            "message": {
                "message_id": message_id,
                "date": date,
                "chat": {"id": chat, "type": "private", "first_name": "B"},
                "from": BOT,
                "text": "q",
            },
        },
    }


def sent_message(chat: int, message_id: int, date: int) -> str:
    """What the Bot API answers to sendMessage or editMessageText."""
    return json.dumps(
        {
            "ok": True,
            "result": {
                "message_id": message_id,
                "date": date,
                "chat": {"id": chat, "type": "private", "first_name": "B"},
                "from": BOT,
                "text": "question",
            },
        }
    )


DONE = '{"ok":true,"result":true}'
