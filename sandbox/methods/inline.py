"""Answers to presses and to inline lines."""

import re
import time
from typing import Any

from sandbox import markup
from sandbox.errors import bad_request
from sandbox.methods.base import Method, caption_content, text_content
from sandbox.methods.media import find_file
from sandbox.methods.send import place
from sandbox.model import Bot, Json
from sandbox.params import Params
from sandbox.world import World

RESULT_LIMIT = 50
INLINE_SECONDS = 30.0
TOAST_CHARACTERS = 200
TOASTS_KEPT = 20
_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
_START_PARAMETER = re.compile(r"[A-Za-z0-9_-]{1,64}")


async def answer_callback_query(world: World, bot: Bot, params: Params) -> bool:
    """End the waiting mark on a button, with a toast, an alert or nothing."""
    query = world.callbacks.get(params.text("callback_query_id"))
    if (
        query is None
        or query.bot_id != bot.id
        or time.monotonic() - query.at > world.callback_seconds
    ):
        raise bad_request(_TOO_OLD)
    text = params.text("text")
    if len(text) > TOAST_CHARACTERS:
        raise bad_request("MESSAGE_TOO_LONG")
    answer: Json = {"show_alert": params.flag("show_alert")}
    if text:
        answer["text"] = text
    if params.text("url"):
        answer["url"] = params.text("url")
    query.answer = answer
    event: Json = {"callback_query_id": query.id, "user_id": query.user_id, **answer}
    if query.chat:
        event.update(chat=query.chat, message_id=query.message_id)
    world.events.emit("callback_answer", **event)
    if text or "url" in answer:
        world.toasts.append({"type": "callback_answer", "seq": world.events.seq, **event})
        del world.toasts[:-TOASTS_KEPT]
    if query.waiter is not None and not query.waiter.done():
        query.waiter.set_result(answer)
    return True


def _message_content(world: World, given: Any) -> Json:
    """Content of ``InputMessageContent``."""
    if not isinstance(given, dict):
        raise bad_request("can't parse input message content: expected an Object")
    source = Params(given)
    if "message_text" in given:
        renamed = Params({**given, "text": given["message_text"]})
        return text_content(world, renamed)
    if "phone_number" in given:
        contact: Json = {
            "phone_number": source.text("phone_number"),
            "first_name": source.text("first_name"),
        }
        return {"contact": contact}
    if "latitude" in given:
        where = place(source)
        if "title" in given:
            venue = {
                "location": where,
                "title": source.text("title"),
                "address": source.text("address"),
            }
            return {"location": where, "venue": venue}
        return {"location": where}
    raise bad_request("can't parse inline query result: Can't find field \"message_text\"")


def _result(world: World, bot: Bot, given: Any) -> Json:
    if not isinstance(given, dict):
        raise bad_request("can't parse inline query result: expected an Object")
    kind = given.get("type")
    shown: Json = {"id": str(given.get("id", "")), "type": kind}
    if not 1 <= len(shown["id"].encode()) <= 64:
        raise bad_request("RESULT_ID_INVALID")
    for name in ("title", "description", "thumbnail_url"):
        if given.get(name):
            shown[name] = str(given[name])
    if kind == "article":
        if not shown.get("title"):
            raise bad_request("ARTICLE_TITLE_EMPTY")
        if given.get("input_message_content") is None:
            raise bad_request(
                "can't parse inline query result: Can't find field \"input_message_content\""
            )
    if given.get("input_message_content") is not None:
        content = _message_content(world, given["input_message_content"])
    elif kind in ("photo", "document", "video", "voice", "audio"):
        identifier = given.get(f"{kind}_file_id")
        if identifier is None:
            # A result by address would have to be fetched from elsewhere.
            raise bad_request("WEBDOCUMENT_URL_INVALID")
        file = find_file(world, bot, str(identifier))
        if file is None:
            raise bad_request(
                "wrong remote file identifier specified: can't unserialize it. Wrong last symbol"
            )
        content = {"media": {"kind": kind, "file": file.id}, **caption_content(world, given)}
    elif kind in ("location", "venue", "contact"):
        content = _message_content(world, given)
    else:
        raise bad_request("can't parse inline query result: Unsupported type specified")
    keyboard = markup.inline(given.get("reply_markup"))
    return {"shown": shown, "content": content, "markup": keyboard}


async def answer_inline_query(world: World, bot: Bot, params: Params) -> bool:
    """Give up to 50 results for a line typed after the bot's name."""
    query = world.inline_queries.get(params.text("inline_query_id"))
    if query is None or query.bot_id != bot.id or time.monotonic() - query.at > INLINE_SECONDS:
        raise bad_request(_TOO_OLD)
    given = params.structure("results", "inline query results")
    if not isinstance(given, list):
        raise bad_request("can't parse JSON encoded inline query results: expected an Array")
    if len(given) > RESULT_LIMIT:
        raise bad_request("RESULTS_TOO_MUCH")
    results = [_result(world, bot, item) for item in given]
    if len({result["shown"]["id"] for result in results}) != len(results):
        raise bad_request("RESULT_ID_DUPLICATE")
    if len(params.text("next_offset").encode()) > 64:
        raise bad_request("NEXT_OFFSET_INVALID")
    button = params.structure("button", "InlineQueryResultsButton")
    if isinstance(button, dict):
        start = button.get("start_parameter")
        if start is not None and not _START_PARAMETER.fullmatch(str(start)):
            raise bad_request("START_PARAM_INVALID")
        query.button = {
            name: button[name] for name in ("text", "start_parameter") if button.get(name)
        }
    query.results = results
    query.answered = True
    query.next_offset = params.text("next_offset")
    cached_for = params.integer("cache_time", 300) or 0
    if cached_for > 0:
        who = query.user_id if params.flag("is_personal") else 0
        until = time.monotonic() + cached_for
        world.inline_cache[bot.id, who, query.query, query.offset] = (until, query)
    if query.waiter is not None and not query.waiter.done():
        query.waiter.set_result(None)
    return True


METHODS: dict[str, Method] = {
    "answerCallbackQuery": answer_callback_query,
    "answerInlineQuery": answer_inline_query,
}
