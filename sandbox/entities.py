"""Formatted text: HTML, explicit entities, and what Telegram marks by itself.

Offsets and lengths are UTF-16 code units, as everywhere in the Bot API.
"""

import re
from typing import Any

from sandbox.errors import ApiError, bad_request

Json = dict[str, Any]

_SIMPLE_TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "code": "code",
    "pre": "pre",
    "tg-spoiler": "spoiler",
    "blockquote": "blockquote",
}
_TAGS = frozenset(_SIMPLE_TAGS) | {"a", "span", "tg-emoji"}
_EXPLICIT = frozenset(_SIMPLE_TAGS.values()) | {
    "expandable_blockquote",
    "text_link",
    "text_mention",
    "custom_emoji",
}
_DETECTED = frozenset(
    {
        "mention",
        "hashtag",
        "cashtag",
        "bot_command",
        "url",
        "email",
        "phone_number",
        "bank_card",
        "date_time",
    }
)
_CHARACTER_REFERENCE = re.compile(r"&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|(lt|gt|amp|quot));")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_MAYBE_MARKED = re.compile(r"[/@#]\w|\w\.\w|\d{5}|\d[ -]\d")
_MARKED = re.compile(
    r"(?P<url>\b(?:https?|tg)://[^\s<>\"“”、，。；）】]+[^\s<>\"“”、，。；：！？）】.,:;!?)'])"
    r"|(?P<email>\b[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+\b)"
    r"|(?P<bare>\b(?:[A-Za-z0-9-]+\.)+(?:com|org|net|cn|gov|edu|io|me|info)(?:/[^\s<>\"]*)?\b)"
    r"|(?P<bot_command>(?<![\w/@<>])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/]))"
    r"|(?P<mention>(?<![\w@/])@[A-Za-z][A-Za-z0-9_]{3,31}(?!\w))"
    r"|(?P<hashtag>(?<![\w#])#\w*[^\W\d]\w*)"
    r"|(?P<phone_number>(?<![\w+-])\+?\d[\d -]{8,14}\d(?![\w-]))",
    re.ASCII,
)
_HASHTAG = re.compile(r"(?<![\w#])#(?=\w*[^\W\d_])\w{1,256}")


def utf16_len(text: str) -> int:
    """Length as Telegram counts it."""
    if text.isascii():
        return len(text)
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def slice_utf16(text: str, offset: int, length: int) -> str:
    """The part of a text that an entity covers."""
    raw = text.encode("utf-16-le", "surrogatepass")
    return raw[offset * 2 : (offset + length) * 2].decode("utf-16-le", "replace")


def _unit_offsets(text: str) -> list[int] | None:
    """UTF-16 offset of every character and of the end; None when they equal the indexes."""
    if text.isascii() or max(text) <= "\uffff":
        return None
    offsets = [0]
    for character in text:
        offsets.append(offsets[-1] + (2 if character > "\uffff" else 1))
    return offsets


def detect(text: str, taken: list[Json] | None = None) -> list[Json]:
    """Entities that Telegram finds by itself: commands, mentions, links, tags, phone numbers.

    Args:
        text: The final text.
        taken: Entities already there; nothing is detected inside links and code.
    """
    if not _MAYBE_MARKED.search(text):
        return []
    units = _unit_offsets(text)
    closed = [
        (entity["offset"], entity["offset"] + entity["length"])
        for entity in taken or []
        if entity["type"] in ("code", "pre", "text_link", "text_mention", "custom_emoji")
    ]
    found: list[Json] = []
    spans: list[tuple[int, int]] = []

    def add(kind: str, start: int, end: int) -> None:
        first = units[start] if units else start
        last = units[end] if units else end
        if any(first < stop and last > begin for begin, stop in closed):
            return
        spans.append((start, end))
        found.append({"type": kind, "offset": first, "length": last - first})

    for match in _MARKED.finditer(text):
        kind = match.lastgroup or ""
        if kind == "hashtag":
            continue
        if kind == "phone_number" and len(re.sub(r"\D", "", match.group())) < 10:
            continue
        add("url" if kind == "bare" else kind, *match.span())
    if "#" in text:
        for match in _HASHTAG.finditer(text):
            start, end = match.span()
            if not any(start < stop and end > begin for begin, stop in spans):
                add("hashtag", start, end)
    return found


def _decode(text: str) -> str:
    """Resolve character references in an attribute's value."""

    def replace(match: re.Match[str]) -> str:
        decimal, hexadecimal, named = match.groups()
        if named:
            return _NAMED[named]
        code = int(decimal) if decimal else int(hexadecimal, 16)
        if code == 0 or code >= 0x10FFFF or 0xD800 <= code <= 0xDFFF:
            return match.group()
        return chr(code)

    return _CHARACTER_REFERENCE.sub(replace, text)


def _entity_error(text: str) -> ApiError:
    return bad_request(f"can't parse entities: {text}")


_ATTRIBUTE = re.compile(r"\s*([^\s=<>/\"']+)(\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([\w.-]+)))?")


def _attributes(inside: str, tag: str, at: int) -> dict[str, str]:
    attributes: dict[str, str] = {}
    position = 0
    inside = inside.rstrip()
    while position < len(inside):
        match = _ATTRIBUTE.match(inside, position)
        if match is None:
            raise _entity_error(f'Empty attribute name in the tag "{tag}" at byte offset {at}')
        name, declared, double, single, bare = match.groups()
        if declared is None and tag != "blockquote":
            raise _entity_error(
                "Expected equal sign in declaration of an attribute of the tag "
                f'"{tag}" at byte offset {at}'
            )
        value = next((v for v in (double, single, bare) if v is not None), "")
        attributes[name.lower()] = _decode(value)
        position = match.end()
    return attributes


_START_TAG = re.compile(r"<([^\s/>]*)((?:[^>\"']|\"[^\"]*\"|'[^']*')*)>")


def _make_entity(tag: str, attributes: dict[str, str], at: int) -> Json:
    if tag == "a":
        href = attributes.get("href", "")
        if not href:
            return {"type": "text_link", "url": ""}
        mention = re.fullmatch(r"tg://user\?id=(\d+)", href)
        if mention:
            return {"type": "text_mention", "user_id": int(mention.group(1))}
        return {"type": "text_link", "url": href}
    if tag == "span":
        if attributes.get("class") != "tg-spoiler":
            raise _entity_error(f'Tag "span" must have class "tg-spoiler" at byte offset {at}')
        return {"type": "spoiler"}
    if tag == "tg-emoji":
        if not attributes.get("emoji-id", "").isdigit():
            raise _entity_error("Invalid custom emoji identifier specified")
        return {"type": "custom_emoji", "custom_emoji_id": attributes["emoji-id"]}
    if tag == "blockquote" and "expandable" in attributes:
        return {"type": "expandable_blockquote"}
    entity: Json = {"type": _SIMPLE_TAGS[tag]}
    if tag == "code" and attributes.get("class", "").startswith("language-"):
        entity["language"] = attributes["class"].removeprefix("language-")
    return entity


def parse_html(source: str) -> tuple[str, list[Json]]:
    """Read Telegram's HTML.

    Returns:
        The plain text and its entities, not yet trimmed.

    Raises:
        ApiError: 400 "can't parse entities: ..." with the byte offset, as Telegram says it.

    Source: core.telegram.org/bots/api#html-style (2026-06).
    """
    if "<" not in source and "&" not in source:
        return source, []
    parts: list[str] = []
    length = 0  # UTF-16 units so far
    stack: list[tuple[str, Json, int]] = []
    entities: list[Json] = []
    position = 0

    def byte_offset(index: int) -> int:
        return len(source[:index].encode())

    while position < len(source):
        cut = min(
            (i for i in (source.find("<", position), source.find("&", position)) if i >= 0),
            default=len(source),
        )
        if cut > position:
            piece = source[position:cut]
            parts.append(piece)
            length += utf16_len(piece)
            position = cut
            continue
        if source[position] == "&":
            match = _CHARACTER_REFERENCE.match(source, position)
            piece = _decode(match.group()) if match else "&"
            parts.append(piece)
            length += utf16_len(piece)
            position = match.end() if match else position + 1
            continue
        if source.startswith("</", position):
            end = source.find(">", position)
            if end < 0:
                raise _entity_error(f"Unclosed end tag at byte offset {byte_offset(position)}")
            tag = source[position + 2 : end].strip().lower()
            if not stack:
                raise _entity_error(f"Unexpected end tag at byte offset {byte_offset(position)}")
            opened, entity, begin = stack.pop()
            if tag and tag != opened:
                raise _entity_error(
                    f"Unmatched end tag at byte offset {byte_offset(position)}, "
                    f'expected "</{opened}>", found "</{tag}>"'
                )
            position = end + 1
            if length > begin:
                entity["offset"], entity["length"] = begin, length - begin
                if entity["type"] == "text_link" and not entity["url"]:
                    entity["url"] = slice_utf16("".join(parts), begin, length - begin)
                entities.append(entity)
            continue
        start = _START_TAG.match(source, position)
        if start is None:
            raise _entity_error(f"Unclosed start tag at byte offset {byte_offset(position)}")
        tag = start.group(1).lower()
        if tag not in _TAGS:
            raise _entity_error(
                f'Unsupported start tag "{tag}" at byte offset {byte_offset(position)}'
            )
        inside, at = start.group(2), 0
        if inside.strip():
            at = byte_offset(position)
        attributes = _attributes(inside, tag, at) if inside else {}
        stack.append((tag, _make_entity(tag, attributes, at), length))
        position = start.end()
    if stack:
        raise _entity_error(f'Can\'t find end tag corresponding to start tag "{stack[-1][0]}"')
    return "".join(parts), _settle(entities)


_OUTER_FIRST = (
    *("expandable_blockquote", "blockquote", "pre", "code", "text_link", "text_mention"),
    *("bold", "italic", "underline", "strikethrough", "spoiler", "custom_emoji"),
)
_RANK = {kind: rank for rank, kind in enumerate(_OUTER_FIRST)}


def _order(entity: Json) -> tuple[int, int, int]:
    """Where an entity stands in Telegram's list: by place, longer first, outer kinds first."""
    return entity["offset"], -entity["length"], _RANK.get(entity["type"], 99)


def _settle(entities: list[Json]) -> list[Json]:
    """Order entities, fold ``<pre><code class=language-x>`` into one, drop marks inside code."""
    entities.sort(key=_order)
    kept: list[Json] = []
    for entity in entities:
        outer = next(
            (
                k
                for k in kept
                if k["type"] in ("pre", "code")
                and k["offset"] <= entity["offset"]
                and entity["offset"] + entity["length"] <= k["offset"] + k["length"]
            ),
            None,
        )
        if outer is None:
            kept.append(entity)
        elif outer["type"] == "pre" and entity.get("language"):
            outer["language"] = entity["language"]
    for entity in kept:
        if entity["type"] == "code":
            entity.pop("language", None)
    return kept


def check_entities(text: str, given: list[Any]) -> list[Json]:
    """Validate explicit entities against the text.

    Raises:
        ApiError: 400 when one lies outside the text or cuts a character in two.
    """
    units = _unit_offsets(text)
    end_of_text = units[-1] if units else len(text)
    borders = frozenset(units) if units else None
    entities: list[Json] = []
    for item in given:
        if not isinstance(item, dict) or "type" not in item:
            raise bad_request("can't parse MessageEntity: expected an Object")
        kind, offset, length = item["type"], item.get("offset"), item.get("length")
        if not isinstance(offset, int) or not isinstance(length, int):
            raise bad_request('can\'t parse MessageEntity: Field "offset" must be a Number')
        if kind in _DETECTED:
            continue
        if kind not in _EXPLICIT:
            raise bad_request("can't parse MessageEntity: Unsupported type specified")
        if offset < 0 or length < 0:
            raise bad_request(f"Receive an entity with incorrect offset {offset}")
        end = offset + length
        if offset > end_of_text:
            raise bad_request(f"entity begins after the end of the text at UTF-16 offset {offset}")
        if end > end_of_text:
            raise bad_request(
                f"entity beginning at UTF-16 offset {offset} ends after the end of the text "
                f"at UTF-16 offset {end}"
            )
        if borders is not None and offset not in borders:
            raise bad_request(
                f"entity begins in a middle of a UTF-16 symbol at UTF-16 offset {offset}"
            )
        if borders is not None and end not in borders:
            raise bad_request(
                f"entity beginning at UTF-16 offset {offset} ends in a middle of a UTF-16 symbol "
                f"at UTF-16 offset {end}"
            )
        if kind == "text_link" and not item.get("url"):
            continue
        if length > 0:
            entity = {"type": kind, "offset": offset, "length": length}
            for extra in ("url", "language", "custom_emoji_id"):
                if item.get(extra):
                    entity[extra] = item[extra]
            if kind == "text_mention":
                entity["user_id"] = int((item.get("user") or {}).get("id", 0))
            entities.append(entity)
    entities.sort(key=_order)
    return entities


def _trim(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    stripped = text.strip()
    if len(stripped) == len(text):
        return text, entities
    lead = utf16_len(text[: len(text) - len(text.lstrip())])
    end = utf16_len(stripped)
    kept: list[Json] = []
    for entity in entities:
        first = max(entity["offset"] - lead, 0)
        last = min(entity["offset"] + entity["length"] - lead, end)
        if last > first:
            kept.append({**entity, "offset": first, "length": last - first})
    return stripped, kept


def format_text(
    source: str, parse_mode: str, given: list[Any] | None, *, detect_marks: bool = True
) -> tuple[str, list[Json]]:
    """Make a bot's text final: parse, check, trim, mark what Telegram marks by itself.

    Raises:
        ApiError: 400 for an unknown parse mode and for markup that does not parse.
    """
    mode = parse_mode.lower()
    if mode == "html":
        text, entities = parse_html(source)
    elif mode in ("", "none"):
        text, entities = source, check_entities(source, given) if given else []
    else:
        # The house writes HTML; the two Markdown dialects are deliberately not modelled.
        raise bad_request("unsupported parse_mode")
    text, entities = _trim(text.replace("\r", ""), entities)
    if detect_marks:
        marks = detect(text, entities)
        if marks:
            entities = sorted([*entities, *marks], key=_order)
    return text, entities
