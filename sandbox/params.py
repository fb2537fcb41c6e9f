"""Parameters of a Bot API request, whichever of the four ways they came."""

import json
from dataclasses import dataclass
from typing import Any

from aiohttp import BodyPartReader, web
from yarl import URL

from sandbox.errors import ApiError, bad_request
from sandbox.files import UPLOAD_LIMIT

Json = dict[str, Any]

_TRUE = frozenset({"true", "1", "yes", "y", "t"})


def _form(body: bytes) -> Json:
    """Read ``application/x-www-form-urlencoded``.

    By yarl's compiled reader: the standard library's took a quarter of this server's time on
    Chinese text.
    """
    return dict(URL.build(path="/", query_string=body.decode(), encoded=True).query)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file part of a multipart request."""

    name: str
    mime: str
    content: bytes


class Params:
    """Named parameters; reading one of the wrong kind is refused in Telegram's words.

    Args:
        values: Strings (query, forms) or JSON values.
        files: File parts by field name.
    """

    __slots__ = ("files", "values")

    def __init__(self, values: Json, files: dict[str, Upload] | None = None) -> None:
        self.values = values
        self.files = files or {}

    def text(self, name: str, default: str = "") -> str:
        """A string; numbers are taken as they are written."""
        value = self.values.get(name)
        if value is None:
            return default
        if isinstance(value, str):
            return value
        if isinstance(value, bool):
            return "true" if value else "false"
        return str(value) if isinstance(value, int | float) else json.dumps(value)

    def integer(self, name: str, default: int | None = None) -> int | None:
        """A whole number; what is none counts as absent, as in Telegram."""
        value = self.values.get(name)
        if value is None or value == "":
            return default
        try:
            return int(value)
        except (TypeError, ValueError):
            return default

    def number(self, name: str) -> float | None:
        """A decimal number."""
        value = self.values.get(name)
        try:
            return None if value is None or value == "" else float(value)
        except (TypeError, ValueError):
            return None

    def flag(self, name: str, *, default: bool = False) -> bool:
        """A yes or no."""
        value = self.values.get(name)
        if value is None:
            return default
        return value if isinstance(value, bool) else str(value).lower() in _TRUE

    def structure(self, name: str, what: str = "") -> Any:
        """A JSON value; None when absent.

        Args:
            name: The parameter.
            what: How Telegram calls it in its refusal.

        Raises:
            ApiError: 400 when it is no JSON.
        """
        value = self.values.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            raise bad_request(f"can't parse {what or name} JSON object") from None


async def read(request: web.Request) -> Params:
    """Read query, form, JSON or multipart.

    Raises:
        ApiError: 400 for a body that is none of these, 413 for an upload that is too big.
    """
    values: Json = dict(request.query) if request.query_string else {}
    if request.method != "POST" or not request.can_read_body:
        return Params(values)
    kind = request.content_type
    if kind == "multipart/form-data":
        return await _multipart(request, values)
    try:
        body = await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise ApiError(413, "Request Entity Too Large") from None
    if not body:
        return Params(values)
    if kind == "application/json":
        try:
            given = json.loads(body)
        except ValueError:
            given = None
        if not isinstance(given, dict):
            raise bad_request("can't parse request JSON object")
        values.update(given)
    else:
        try:
            values.update(_form(body))
        except UnicodeDecodeError:
            raise bad_request("strings must be encoded in UTF-8") from None
    return Params(values)


async def _multipart(request: web.Request, values: Json) -> Params:
    files: dict[str, Upload] = {}
    try:
        reader = await request.multipart()
        async for part in reader:
            if not isinstance(part, BodyPartReader):  # a nested multipart means nothing here
                continue
            name = part.name or ""
            content = bytearray()
            while chunk := await part.read_chunk(262_144):
                content += chunk
                if len(content) > UPLOAD_LIMIT:
                    raise ApiError(413, "Request Entity Too Large")
            if part.filename is not None:
                mime = part.headers.get("Content-Type", "")
                files[name] = Upload(part.filename, mime, bytes(content))
            else:
                values[name] = content.decode()
    except UnicodeDecodeError:
        raise bad_request("strings must be encoded in UTF-8") from None
    except (ValueError, AssertionError):
        raise bad_request("can't parse multipart request body") from None
    return Params(values, files)
