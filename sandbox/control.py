"""The control API over HTTP: ``/sandbox/...``."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime
from typing import Any
from urllib.parse import quote

from aiohttp import BodyPartReader, web

from sandbox import groups, people, render
from sandbox.errors import ApiError, ControlError
from sandbox.model import HISTORY_LIMIT, Chat, Json, Person
from sandbox.params import Upload
from sandbox.world import World

WORLD: web.AppKey[World] = web.AppKey("world", World)
STOPPING: web.AppKey[asyncio.Event] = web.AppKey("stopping", asyncio.Event)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

PING_SECONDS = 15.0
LONGEST_WAIT = 60.0
LOG_SHOWN = 200
_BATCH = 500


def _answer(body: Any, status: int = 200) -> web.Response:
    raw = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return web.Response(
        status=status,
        body=raw.encode("utf-8", "replace"),
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )


def _forgiving(handler: Handler) -> Handler:
    """Turn mistakes of the caller into ``{"error": ...}``.

    Not a middleware: the Bot API, whose speed matters, would pass through it too.
    """

    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except ControlError as error:
            return _answer({"error": str(error)}, error.status)
        except ApiError as error:
            return _answer({"error": error.description}, error.code)
        except web.HTTPException as error:
            return _answer({"error": error.reason}, error.status)
        except (KeyError, TypeError, ValueError) as error:
            # The value itself may be what someone typed: name only a missing field.
            detail = f"{error} is missing" if isinstance(error, KeyError) else type(error).__name__
            return _answer({"error": f"the request is not of the right form: {detail}"}, 400)

    return handle


async def _body(request: web.Request) -> Json:
    raw = await request.read()
    if not raw:
        return {}
    try:
        body = json.loads(raw)
    except ValueError as error:
        raise ControlError("the body is no JSON") from error
    if not isinstance(body, dict):
        raise ControlError("the body is no JSON object")
    return body


async def _body_and_files(request: web.Request) -> tuple[Json, list[Upload]]:
    if request.content_type != "multipart/form-data":
        return await _body(request), []
    body: Json = {}
    uploads: list[Upload] = []
    reader = await request.multipart()
    async for part in reader:
        if not isinstance(part, BodyPartReader):  # a nested multipart means nothing here
            continue
        content = bytes(await part.read(decode=False))
        if part.filename is not None:
            uploads.append(Upload(part.filename, part.headers.get("Content-Type", ""), content))
        elif part.name == "payload":
            body = json.loads(content)
    return body, uploads


def _person(request: web.Request) -> Person:
    person = request.app[WORLD].people.get(int(request.match_info["id"]))
    if person is None or person.deleted:
        raise ControlError("no such person", 404)
    return person


def _group(request: web.Request) -> Chat:
    chat = request.app[WORLD].chats.get(request.match_info["id"])
    if chat is None or not chat.is_group:
        raise ControlError("no such group", 404)
    return chat


def _wanted_messages(request: web.Request) -> int:
    return max(0, min(int(request.query.get("messages", HISTORY_LIMIT)), HISTORY_LIMIT))


def _alive(world: World) -> list[Person]:
    people_here = (person for person in world.people.values() if not person.deleted)
    return sorted(people_here, key=lambda person: (person.order or 0, person.id))


# -- reading --------------------------------------------------------------------------------


async def get_state(request: web.Request) -> web.Response:
    """Everything at once, to draw the page from."""
    world = request.app[WORLD]
    count = _wanted_messages(request)
    return _answer(
        {
            "seq": world.events.seq,
            "clock": world.clock.as_json(),
            "bots": [render.bot_view(bot) for bot in world.bots.values()],
            "users": [render.person_view(world, person) for person in _alive(world)],
            "chats": [
                render.chat_view(world, chat, count)
                for chat in render.ordered(world.chats.values())
            ],
            "toasts": world.toasts,
            "log": world.log[-LOG_SHOWN:],
            **_trouble(world),
        }
    )


def _trouble(world: World) -> Json:
    return {
        "faults": world.faults.as_json(),
        "limits": world.limits_on,
        "network_delay_ms": world.network_delay_ms,
    }


async def get_chats(request: web.Request) -> web.Response:
    """All chats without their messages."""
    world = request.app[WORLD]
    return _answer(
        {"chats": [render.chat_view(world, chat) for chat in render.ordered(world.chats.values())]}
    )


async def get_chat(request: web.Request) -> web.Response:
    """One chat with its messages."""
    world = request.app[WORLD]
    chat = world.chats.get(request.match_info["key"])
    if chat is None:
        raise ControlError("no such chat", 404)
    return _answer(render.chat_view(world, chat, _wanted_messages(request)))


async def get_users(request: web.Request) -> web.Response:
    """All people."""
    world = request.app[WORLD]
    return _answer({"users": [render.person_view(world, person) for person in _alive(world)]})


async def get_bots(request: web.Request) -> web.Response:
    """All bots."""
    world = request.app[WORLD]
    return _answer({"bots": [render.bot_view(bot) for bot in world.bots.values()]})


async def get_log(request: web.Request) -> web.Response:
    """What Telegram would have said lately."""
    return _answer({"log": request.app[WORLD].log[-LOG_SHOWN:]})


async def get_clock(request: web.Request) -> web.Response:
    """The sandbox's time."""
    return _answer(request.app[WORLD].clock.as_json())


async def get_health(_request: web.Request) -> web.Response:
    """Say that the server is up."""
    return _answer({"ok": True})


async def get_file(request: web.Request) -> web.Response:
    """A file's bytes, to show or to save."""
    world = request.app[WORLD]
    file = world.stored_files.get(request.match_info["id"])
    if file is None:
        raise ControlError("no such file", 404)
    content = await world.files.read(file)
    # Only pictures, sound, film, PDF and plain text open in the page; all else is saved.
    harmless = file.mime in ("application/pdf", "text/plain") or (
        file.mime.split("/")[0] in ("image", "audio", "video") and file.mime != "image/svg+xml"
    )
    shown = "inline" if harmless and "download" not in request.query else "attachment"
    headers = {
        "Content-Disposition": f"{shown}; filename*=UTF-8''{quote(file.name)}",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, max-age=86400",
    }
    if not file.stored:
        headers["X-Sandbox-Declared-Size"] = str(file.size)
    mime = file.mime if harmless else "application/octet-stream"
    if mime == "text/plain":
        mime = f"text/plain; charset={_charset(content)}"
    return web.Response(body=content, headers={**headers, "Content-Type": mime})


def _charset(content: bytes) -> str:
    """Chinese texts come as UTF-8 or, from older office software, as GB 18030."""
    try:
        content.decode()
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8"


async def get_events(request: web.Request) -> web.StreamResponse:
    """Follow what happens: server-sent events, or one long poll."""
    world = request.app[WORLD]
    since_text = request.query.get("since") or request.headers.get("Last-Event-ID")
    since = int(since_text) if since_text else world.events.seq
    wanted = request.query.get("types")
    types = frozenset(wanted.split(",")) if wanted else None
    if "text/event-stream" in request.headers.get("Accept", ""):
        return await _stream(request, world, since, types)
    loop = asyncio.get_running_loop()
    until = loop.time() + min(float(request.query.get("timeout", 0)), LONGEST_WAIT)
    while not (found := world.events.since(since, types)):
        left = until - loop.time()
        if left <= 0 or request.app[STOPPING].is_set():
            break
        await world.events.wait(min(left, 1.0))
    last = found[-1]["seq"] if found and types is None else world.events.seq
    return _answer({"seq": last, "events": found})


async def _stream(
    request: web.Request, world: World, since: int, types: frozenset[str] | None
) -> web.StreamResponse:
    response = web.StreamResponse(
        headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
    )
    await response.prepare(request)
    seq = since
    quiet = 0.0
    with suppress(ConnectionError):
        await response.write(b"retry: 1000\n\n")
        while not request.app[STOPPING].is_set():
            found = world.events.since(seq, types)[:_BATCH]
            if found:
                seq = found[-1]["seq"]
                quiet = 0.0
                chunk = "".join(
                    f"id: {event['seq']}\ndata: "
                    f"{json.dumps(event, ensure_ascii=False, separators=(',', ':'))}\n\n"
                    for event in found
                )
                await response.write(chunk.encode("utf-8", "replace"))
                continue
            if types is not None:
                seq = world.events.seq
            if not await world.events.wait(1.0):
                quiet += 1.0
                if quiet >= PING_SECONDS:
                    quiet = 0.0
                    await response.write(b": still here\n\n")
    return response


# -- acting ---------------------------------------------------------------------------------


async def act(request: web.Request) -> web.Response:
    """A person does something."""
    action = people.ACTIONS.get(request.match_info["action"])
    if action is None:
        raise ControlError("no such action", 404)
    person = _person(request)
    body, uploads = await _body_and_files(request)
    return _answer(await action(request.app[WORLD], person, body, uploads))


async def post_user(request: web.Request) -> web.Response:
    """Make or change a person."""
    world = request.app[WORLD]
    person = world.put_person(await _body(request))
    return _answer(render.person_view(world, person))


async def patch_user(request: web.Request) -> web.Response:
    """Change a person."""
    world = request.app[WORLD]
    person = world.put_person({**await _body(request), "id": _person(request).id})
    return _answer(render.person_view(world, person))


async def delete_user(request: web.Request) -> web.Response:
    """A person gives up the account."""
    world = request.app[WORLD]
    person = _person(request)
    person.deleted = True
    world.touch("person", person.id)
    world.events.emit("user_deleted", user_id=person.id)
    return _answer({"ok": True})


async def patch_bot(request: web.Request) -> web.Response:
    """Change what a bot's owner sets with BotFather."""
    world = request.app[WORLD]
    bot = world.bots.get(int(request.match_info["id"]))
    if bot is None:
        raise ControlError("no such bot", 404)
    body = await _body(request)
    for name in ("privacy", "inline", "inline_feedback"):
        if name in body:
            setattr(bot, name, bool(body[name]))
    for name in ("username", "first_name"):
        if body.get(name):
            setattr(bot, name, str(body[name]))
    world.touch("bot", bot.id)
    world.events.emit("bot", bot=render.bot_view(bot))
    return _answer(render.bot_view(bot))


async def post_group(request: web.Request) -> web.Response:
    """Make a group."""
    world = request.app[WORLD]
    chat = groups.create(world, await _body(request))
    for user_id in world.people_in(chat):
        world.events.emit("user", user=render.person_view(world, world.people[user_id]))
    return _answer(render.chat_view(world, chat))


async def patch_group(request: web.Request) -> web.Response:
    """Change a group."""
    return _answer(groups.change(request.app[WORLD], _group(request), await _body(request)))


async def act_on_group(request: web.Request) -> web.Response:
    """Something happens to a group's membership or topics."""
    action = groups.ACTIONS.get(request.match_info["action"])
    if action is None:
        raise ControlError("no such action", 404)
    return _answer(action(request.app[WORLD], _group(request), await _body(request)))


async def post_clock(request: web.Request) -> web.Response:
    """Travel in time."""
    world = request.app[WORLD]
    body = await _body(request)
    if "to" in body:
        instant = datetime.fromisoformat(str(body["to"]))
        if instant.tzinfo is None:
            raise ControlError("the instant needs a zone, e.g. +08:00")
        world.clock.jump_to(instant)
    elif "offset_seconds" in body:
        world.clock.set_offset(float(body["offset_seconds"]))
    elif "advance_seconds" in body:
        world.clock.advance(float(body["advance_seconds"]))
    if "speed" in body:
        speed = float(body["speed"])
        if not 0 <= speed <= 100_000:
            raise ControlError("speed is between 0 and 100000")
        world.clock.set_speed(speed)
    world.touch("meta", "clock")
    world.events.emit("clock", clock=world.clock.as_json())
    return _answer(world.clock.as_json())


async def post_faults(request: web.Request) -> web.Response:
    """Put trouble in force."""
    world = request.app[WORLD]
    given = json.loads(await request.read())
    for spec in given if isinstance(given, list) else [given]:
        world.faults.add(spec)
    world.events.emit("faults", **_trouble(world))
    return _answer({"faults": world.faults.as_json()})


async def get_faults(request: web.Request) -> web.Response:
    """The trouble in force."""
    return _answer({"faults": request.app[WORLD].faults.as_json()})


async def delete_faults(request: web.Request) -> web.Response:
    """End all trouble."""
    world = request.app[WORLD]
    world.faults.clear()
    world.events.emit("faults", **_trouble(world))
    return _answer({"faults": []})


async def post_settings(request: web.Request) -> web.Response:
    """Switch flood limits, slow the network, shorten the life of presses."""
    world = request.app[WORLD]
    body = await _body(request)
    if "limits" in body:
        world.limits_on = bool(body["limits"])
    if "network_delay_ms" in body:
        world.network_delay_ms = max(0, int(body["network_delay_ms"]))
    if "callback_seconds" in body:
        world.callback_seconds = float(body["callback_seconds"])
    world.events.emit("faults", **_trouble(world))
    shown = {"limits": world.limits_on, "network_delay_ms": world.network_delay_ms}
    return _answer({**shown, "callback_seconds": world.callback_seconds})


async def post_reset(request: web.Request) -> web.Response:
    """Forget everything but the tokens."""
    request.app[WORLD].reset()
    return _answer({"ok": True})


def add_routes(app: web.Application) -> None:
    """Put the control API on an application."""
    routes: tuple[tuple[str, str, Handler], ...] = (
        ("GET", "/sandbox/state", get_state),
        ("GET", "/sandbox/events", get_events),
        ("GET", "/sandbox/chats", get_chats),
        ("GET", "/sandbox/chats/{key}", get_chat),
        ("GET", "/sandbox/users", get_users),
        ("GET", "/sandbox/bots", get_bots),
        ("GET", "/sandbox/log", get_log),
        ("GET", "/sandbox/clock", get_clock),
        ("GET", "/sandbox/health", get_health),
        ("GET", "/sandbox/faults", get_faults),
        ("GET", "/sandbox/files/{id}", get_file),
        ("POST", "/sandbox/users", post_user),
        ("PATCH", r"/sandbox/users/{id:\d+}", patch_user),
        ("DELETE", r"/sandbox/users/{id:\d+}", delete_user),
        ("PATCH", r"/sandbox/bots/{id:\d+}", patch_bot),
        ("POST", r"/sandbox/people/{id:\d+}/{action}", act),
        ("POST", "/sandbox/groups", post_group),
        ("PATCH", r"/sandbox/groups/{id:-\d+}", patch_group),
        ("POST", r"/sandbox/groups/{id:-\d+}/{action}", act_on_group),
        ("POST", "/sandbox/clock", post_clock),
        ("POST", "/sandbox/faults", post_faults),
        ("DELETE", "/sandbox/faults", delete_faults),
        ("POST", "/sandbox/settings", post_settings),
        ("POST", "/sandbox/reset", post_reset),
    )
    for method, path, handler in routes:
        app.router.add_route(method, path, _forgiving(handler))
