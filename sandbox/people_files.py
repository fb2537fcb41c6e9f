"""Pictures, papers, sound, places and contacts that people send."""

import secrets

from sandbox.errors import ApiError, ControlError
from sandbox.model import Json, Person
from sandbox.params import Upload
from sandbox.people_base import Action, find_chat, say, text_fields, view
from sandbox.world import World

KNOWN_PLACE = {"latitude": 24.3264, "longitude": 109.4281}
"""Where a phone is unless told otherwise: the middle of Liuzhou."""

MEDIA_KINDS = (
    "photo",
    "document",
    "voice",
    "video",
    "audio",
    "animation",
    "sticker",
    "video_note",
)


def media_action(kind: str) -> Action:
    async def act(world: World, person: Person, body: Json, files: list[Upload]) -> Json:
        find_chat(world, person, body)
        upload = files[0] if files else None
        content = await _media_content(world, kind, body, upload, body.get("generate") or {})
        return view(world, say(world, person, body, content))

    act.__doc__ = f"Send a {kind.replace('_', ' ')}."
    return act


async def _media_content(
    world: World, kind: str, body: Json, upload: Upload | None, wanted: Json
) -> Json:
    try:
        if upload is not None:
            file = await world.files.add(kind, upload.content, upload.name, upload.mime, wanted)
            if wanted.get("bytes") is not None:
                file.size, file.stored = int(wanted["bytes"]), False
        else:
            file = await world.files.generate(kind, wanted)
    except ApiError as error:
        raise ControlError(error.description) from error
    world.add_file(file)
    content = (
        {}
        if kind in ("sticker", "video_note")
        else text_fields(body, "caption", "caption_entities")
    )
    content["media"] = {"kind": kind, "file": file.id}
    if kind == "sticker":
        content["media"]["emoji"] = str(body.get("emoji") or "👍")
    return content


async def album(world: World, person: Person, body: Json, files: list[Upload]) -> Json:
    """Send several pictures (or videos, or documents) at once."""
    find_chat(world, person, body)
    kind = str(body.get("kind") or "photo")
    wanted = body.get("generate") or [{}, {}]
    if kind not in ("photo", "video", "document") or not isinstance(wanted, list):
        raise ControlError("an album has photos, videos or documents")
    sources: list[tuple[Upload | None, Json]]
    sources = [(f, {}) for f in files] if files else [(None, item) for item in wanted]
    if not 2 <= len(sources) <= 10:
        raise ControlError("an album has 2 to 10 files")
    group = str(secrets.randbits(62))
    contents = []
    for index, (upload, item) in enumerate(sources):
        about = body if index == 0 else {}
        contents.append(await _media_content(world, kind, about, upload, item))
    sent = [say(world, person, body, content, group=group) for content in contents]
    return {"messages": [view(world, message) for message in sent]}


async def location(world: World, person: Person, body: Json, _files: list[Upload]) -> Json:
    """Send where the phone is."""
    try:
        where = {name: float(body.get(name, KNOWN_PLACE[name])) for name in KNOWN_PLACE}
    except (TypeError, ValueError) as error:
        raise ControlError("a place is two numbers") from error
    return view(world, say(world, person, body, {"location": where}))


async def contact(world: World, person: Person, body: Json, _files: list[Upload]) -> Json:
    """Send a contact, by default the own made-up number."""
    shown: Json = {
        "phone_number": str(body.get("phone_number") or f"8610000{person.id % 100_000:05d}"),
        "first_name": str(body.get("first_name") or person.first_name),
    }
    if "phone_number" not in body:
        shown["user_id"] = person.id
    if body.get("last_name"):
        shown["last_name"] = str(body["last_name"])
    return view(world, say(world, person, body, {"contact": shown}))
