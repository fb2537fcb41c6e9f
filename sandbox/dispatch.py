"""One Bot API request from its first byte to its answer: faults, limits, method, log."""

import asyncio
import json
import logging
import time
from typing import Any

from aiohttp import web

from sandbox import params as parameters
from sandbox.errors import ApiError
from sandbox.faults import Fault
from sandbox.files import UPLOAD_LIMIT
from sandbox.methods import REGISTRY
from sandbox.methods.base import Described
from sandbox.model import Bot, Json
from sandbox.params import Params
from sandbox.world import World

logger = logging.getLogger(__name__)

COUNTED = frozenset(
    name.lower()
    for name in (
        "sendMessage",
        "sendPhoto",
        "sendDocument",
        "sendVoice",
        "sendVideo",
        "sendAudio",
        "sendAnimation",
        "sendSticker",
        "sendVideoNote",
        "sendMediaGroup",
        "sendLocation",
        "sendVenue",
        "sendContact",
        "copyMessage",
        "copyMessages",
        "forwardMessage",
        "forwardMessages",
        "editMessageText",
        "editMessageCaption",
        "editMessageMedia",
        "editMessageReplyMarkup",
        "pinChatMessage",
    )
)
"""Methods that Telegram counts as messages."""

_BAD_GATEWAY = (
    b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
    b"<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n"
)
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_SILENT = frozenset({"getupdates"})
MAX_BODY = UPLOAD_LIMIT + 4 * 1024 * 1024


class Dropped(Exception):  # noqa: N818 - not an error of ours, an order to hang up
    """The connection is to be closed without an answer."""


def _json_answer(status: int, body: Json, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(
        status=status,
        body=_encode(body).encode("utf-8", "surrogatepass"),
        content_type="application/json",
        headers=headers,
    )


def _refusal(error: ApiError) -> web.Response:
    body: Json = {"ok": False, "error_code": error.code, "description": error.description}
    headers = None
    if error.parameters:
        body["parameters"] = error.parameters
        if "retry_after" in error.parameters:
            headers = {"Retry-After": str(error.parameters["retry_after"])}
    return _json_answer(error.code, body, headers)


def _unauthorized() -> ApiError:
    return ApiError(401, "Unauthorized")


def too_many(seconds: int) -> ApiError:
    """Make a 429."""
    return ApiError(429, f"Too Many Requests: retry after {seconds}", {"retry_after": seconds})


async def call(world: World, bot: Bot, method: str, params: Params) -> Any:
    """Do one method.

    Raises:
        ApiError: Telegram's refusal.
    """
    name = method.lower()
    action = REGISTRY.get(name)
    if action is None:
        raise ApiError(404, "Not Found: method not found")
    if world.limits_on and name in COUNTED:
        weight = 1
        if name == "sendmediagroup":
            given = params.structure("media")
            weight = len(given) if isinstance(given, list) else 1
        if wait := world.limits.take(bot.id, params.integer("chat_id"), max(weight, 1)):
            raise too_many(wait)
    return await action(world, bot, params)


async def _before(fault: Fault) -> web.Response | None:
    """What a fault does instead of, or before, the method."""
    if fault.kind == "timeout":
        await asyncio.sleep(fault.seconds)
    if fault.kind in ("drop_before", "timeout"):
        raise Dropped
    if fault.kind == "http_500":
        raise ApiError(500, "Internal Server Error")
    if fault.kind == "http_502":
        return web.Response(status=502, body=_BAD_GATEWAY, content_type="text/html")
    if fault.kind == "bad_json":
        return web.Response(status=200, body=b'{"ok":true,"resu', content_type="application/json")
    if fault.kind == "429":
        raise too_many(fault.retry_after)
    if fault.kind == "token_revoked":
        raise _unauthorized()
    if fault.kind == "error":
        refusal = ApiError(fault.code, "")
        refusal.description = fault.description
        raise refusal
    return None


async def answer(world: World, token: str, method: str, request: web.Request) -> web.Response:
    """Answer ``/bot<token>/<method>``.

    Raises:
        Dropped: The connection is to be closed without an answer.
    """
    started = time.perf_counter()
    if world.network_delay_ms:
        await asyncio.sleep(world.network_delay_ms / 1000)
    bot = world.by_token.get(token)
    if bot is None:
        known_shape = token.partition(":")[0].isdigit() and ":" in token
        return _refusal(_unauthorized() if known_shape else ApiError(404, "Not Found"))
    name = method.lower()
    fault: Fault | None = None
    chat_id: int | None = None
    described = ""
    count_result = 0
    try:
        params = await parameters.read(request)
        chat_id = params.integer("chat_id")
        if world.faults:
            fault = world.faults.for_request(bot.id, name, chat_id)
            if fault is not None:
                instead = await _before(fault)
                if instead is not None:
                    _log(world, bot, method, started, instead.status, "", chat_id, fault)
                    return instead
        result = await call(world, bot, method, params)
        body: Json = {"ok": True, "result": result}
        if isinstance(result, Described):
            body = {"ok": True, "result": result.result, "description": result.description}
        elif isinstance(result, list):
            count_result = len(result)
        response = _json_answer(200, body)
        code = 200
    except ApiError as error:
        response, code, described = _refusal(error), error.code, error.description
    except Dropped:
        _log(world, bot, method, started, 0, "", chat_id, fault)
        raise
    except (ConnectionError, web.HTTPException):
        raise
    except Exception:
        # Whatever a bot sends, Telegram goes on; the trace is for whoever mends the sandbox.
        logger.exception("method %s failed", method)
        response = _refusal(ApiError(500, "Internal Server Error"))
        code, described = 500, "Internal Server Error"
    if code != 200 or name not in _SILENT or count_result:
        _log(world, bot, method, started, code, described, chat_id, fault)
    if fault is not None and fault.kind == "delay":
        # Done, but late: a client that gives up meanwhile has sent its message all the same.
        await asyncio.sleep(fault.seconds)
    if fault is not None and fault.kind == "drop_after":
        raise Dropped
    return response


def _log(
    world: World,
    bot: Bot,
    method: str,
    started: float,
    code: int,
    description: str,
    chat_id: int | None,
    fault: Fault | None,
) -> None:
    entry: Json = {
        "at": int(world.clock.now()),
        "bot_id": bot.id,
        "method": method[:64],
        "ok": code == 200,
        "code": code,
        "ms": round((time.perf_counter() - started) * 1000, 2),
    }
    if description:
        entry["description"] = description
    if chat_id is not None:
        entry["chat_id"] = chat_id
    if fault is not None:
        entry["fault"] = fault.kind
    world.write_log(entry)
