"""Files: sending them alone and in albums, using them again, and fetching them."""

import secrets
from collections.abc import Awaitable, Callable
from typing import Any

from sandbox import render
from sandbox.access import writable_chat
from sandbox.errors import bad_request
from sandbox.files import DOWNLOAD_LIMIT, file_path, parse_file_id, unique_id
from sandbox.methods.base import Method, caption_content, deliver
from sandbox.model import Bot, File, Json
from sandbox.params import Params
from sandbox.world import World

_NAMES = {
    "photo": "Photo",
    "document": "Document",
    "voice": "VoiceNote",
    "video": "Video",
    "audio": "Audio",
    "animation": "Animation",
    "sticker": "Sticker",
    "video_note": "VideoNote",
}
_ALBUM_KINDS = frozenset({"photo", "video", "document", "audio"})
ALBUM_LIMIT = 10


async def take_file(
    world: World, bot: Bot, params: Params, given: Any, field: str, kind: str, facts: Json
) -> File:
    """Find the file that a request sends: an upload, an attachment, or a known identifier.

    Args:
        world: Where files are kept.
        bot: Whose identifier it must be.
        params: The request, for its file parts.
        given: The parameter's value, None when the part itself carries the name.
        field: The parameter's name.
        kind: What it is sent as.
        facts: width, height, duration of the request.

    Raises:
        ApiError: 400 for everything that is no usable file.
    """
    upload = params.files.get(field)
    if isinstance(given, str) and given.startswith("attach://"):
        upload = params.files.get(given.removeprefix("attach://"))
        if upload is None:
            raise bad_request("wrong file identifier/HTTP URL specified")
    if upload is not None:
        file = await world.files.add(kind, upload.content, upload.name, upload.mime, facts)
        return world.add_file(file)
    if not isinstance(given, str) or not given:
        raise bad_request(f"there is no {kind.replace('_', ' ')} in the request")
    if "://" in given:
        # This machine fetches nothing from elsewhere.
        raise bad_request("failed to get HTTP URL content")
    known = find_file(world, bot, given)
    if known is None:
        raise bad_request("wrong remote file identifier specified: Wrong string length")
    if known.kind != kind:
        raise bad_request(f"can't use file of type {_NAMES[known.kind]} as {_NAMES[kind]}")
    return known


def find_file(world: World, bot: Bot, identifier: str) -> File | None:
    """The file behind an identifier, if it is this bot's."""
    parsed = parse_file_id(identifier, bot.id)
    return world.stored_files.get(parsed[0]) if parsed else None


def _facts(source: Params) -> Json:
    return {name: source.integer(name) or 0 for name in ("width", "height", "duration")}


def _sender(kind: str) -> Callable[[World, Bot, Params], Awaitable[Json]]:
    async def send(world: World, bot: Bot, params: Params) -> Json:
        chat = writable_chat(world, bot, params)
        content: Json = {}
        if kind not in ("sticker", "video_note"):
            content = caption_content(world, params)
        given = params.values.get(kind)
        file = await take_file(world, bot, params, given, kind, kind, _facts(params))
        content["media"] = {"kind": kind, "file": file.id}
        if kind == "sticker" and params.text("emoji"):
            content["media"]["emoji"] = params.text("emoji")
        message = deliver(world, bot, chat, params, content)
        return render.message_api(world, bot, chat, message)

    send.__doc__ = f"Send a {kind.replace('_', ' ')}."
    return send


async def media_content(world: World, bot: Bot, params: Params, item: Any, too_long: str) -> Json:
    """Content of one ``InputMedia``.

    Raises:
        ApiError: 400 when the item is not one.
    """
    if not isinstance(item, dict) or "type" not in item:
        raise bad_request("can't parse InputMedia: expected an Object")
    kind = item["type"]
    if kind not in ("photo", "video", "document", "audio", "animation"):
        raise bad_request("type must be one of photo, video, document, audio, animation")
    source = Params(item)
    content = caption_content(world, source, too_long)
    file = await take_file(world, bot, params, item.get("media"), "", kind, _facts(source))
    content["media"] = {"kind": kind, "file": file.id}
    return content


async def send_media_group(world: World, bot: Bot, params: Params) -> list[Json]:
    """Send an album of up to ten."""
    chat = writable_chat(world, bot, params)
    given = params.structure("media", "media")
    if not isinstance(given, list) or not given:
        raise bad_request("there are no messages to send")
    if len(given) > ALBUM_LIMIT:
        raise bad_request("too many messages to send as an album")
    kinds = {item.get("type") for item in given if isinstance(item, dict)}
    if not kinds <= _ALBUM_KINDS:
        raise bad_request("can't use the media of the specified type in the album")
    for lonely in ("document", "audio"):
        if lonely in kinds and len(kinds) > 1:
            raise bad_request(f"{lonely} can't be mixed with other media types")
    too_long = "message caption is too long"
    contents = [await media_content(world, bot, params, item, too_long) for item in given]
    group = str(secrets.randbits(62))
    sent = [deliver(world, bot, chat, params, content, group=group) for content in contents]
    return [render.message_api(world, bot, chat, message) for message in sent]


async def get_file(world: World, bot: Bot, params: Params) -> Json:
    """Prepare a download of at most 20 MB."""
    identifier = params.text("file_id")
    if not identifier:
        raise bad_request("file_id not specified")
    parsed = parse_file_id(identifier, bot.id)
    if parsed is None:
        raise bad_request("invalid file_id")
    file = world.stored_files.get(parsed[0])
    if file is None:
        raise bad_request("wrong file_id or the file is temporarily unavailable")
    if file.size > DOWNLOAD_LIMIT:
        raise bad_request("file is too big")
    size = len(await world.files.read(file, parsed[1])) if file.stored else file.size
    return {
        "file_id": identifier,
        "file_unique_id": unique_id(file, parsed[1]),
        "file_size": size,
        "file_path": file_path(file, parsed[1]),
    }


METHODS: dict[str, Method] = {
    "sendPhoto": _sender("photo"),
    "sendDocument": _sender("document"),
    "sendVoice": _sender("voice"),
    "sendVideo": _sender("video"),
    "sendAudio": _sender("audio"),
    "sendAnimation": _sender("animation"),
    "sendSticker": _sender("sticker"),
    "sendVideoNote": _sender("video_note"),
    "sendMediaGroup": send_media_group,
    "getFile": get_file,
}
