"""Files: bytes on disk, what Telegram says of them, and identifiers that belong to one bot."""

import asyncio
import base64
import hashlib
import io
import mimetypes
import secrets
import tempfile
import zlib
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageOps, UnidentifiedImageError

from sandbox.errors import ApiError, bad_request
from sandbox.model import File

Json = dict[str, Any]

DOWNLOAD_LIMIT = 20 * 1024 * 1024
UPLOAD_LIMIT = 50 * 1024 * 1024
PHOTO_LIMIT = 10 * 1024 * 1024
PHOTO_SIDE = 2560
"""Longest side that Telegram keeps of a photo; larger ones are scaled down."""

_PREFIX = {
    "photo": "AgACAgUAAxk",
    "document": "BQACAgUAAxk",
    "voice": "AwACAgUAAxk",
    "video": "BAACAgUAAxk",
    "audio": "CQACAgUAAxk",
    "animation": "CgACAgUAAxk",
    "sticker": "CAACAgUAAxk",
    "video_note": "DQACAgUAAxk",
}
_FOLDERS = {
    "photo": "photos",
    "document": "documents",
    "voice": "voice",
    "video": "videos",
    "audio": "music",
    "animation": "animations",
    "sticker": "stickers",
    "video_note": "video_notes",
}
_DEFAULT_NAME = {
    "photo": ("photo.jpg", "image/jpeg"),
    "document": ("document.txt", "text/plain"),
    "voice": ("voice.ogg", "audio/ogg"),
    "video": ("video.mp4", "video/mp4"),
    "audio": ("audio.mp3", "audio/mpeg"),
    "animation": ("animation.mp4", "video/mp4"),
    "sticker": ("sticker.webp", "image/webp"),
    "video_note": ("video_note.mp4", "video/mp4"),
}
PHOTO_SIZES = ((90, "s"), (320, "m"), (800, "x"), (PHOTO_SIDE, "y"))
_SIDES = {letter: side for side, letter in PHOTO_SIZES}


def file_id(file: File, bot_id: int, size: str = "") -> str:
    """Identifier by which one bot knows a file; another bot's is refused."""
    payload = f"{file.id}.{bot_id}.{size}".encode()
    check = zlib.crc32(payload).to_bytes(4, "big")
    encoded = base64.urlsafe_b64encode(payload + check).decode().rstrip("=")
    return _PREFIX[file.kind] + encoded


def unique_id(file: File, size: str = "") -> str:
    """``file_unique_id``: the same for every bot."""
    return "AQAD" + hashlib.sha256(f"{file.id}{size}".encode()).hexdigest()[:12]


def parse_file_id(text: str, bot_id: int) -> tuple[str, str] | None:
    """Read an identifier back: the file and the size letter; None when not this bot's."""
    for prefix in _PREFIX.values():
        if not text.startswith(prefix):
            continue
        encoded = text[len(prefix) :]
        try:
            raw = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
            payload, check = raw[:-4], raw[-4:]
            if zlib.crc32(payload).to_bytes(4, "big") != check:
                return None
            name, owner, size = payload.decode().split(".")
        except (ValueError, UnicodeDecodeError):
            return None
        return (name, size) if int(owner) == bot_id else None
    return None


def _scaled(width: int, height: int, side: int) -> tuple[int, int]:
    longest = max(width, height)
    if longest <= side:
        return width, height
    return max(1, round(width * side / longest)), max(1, round(height * side / longest))


def photo_sizes(file: File) -> list[tuple[str, int, int, int]]:
    """Size letter, width, height and bytes of each version that Telegram offers."""
    sizes: list[tuple[str, int, int, int]] = []
    longest = max(file.width, file.height, 1)
    for side, letter in PHOTO_SIZES:
        width, height = _scaled(file.width, file.height, side)
        share = (max(width, height) / longest) ** 2
        sizes.append((letter, width, height, max(1, round(file.size * share))))
        if longest <= side:
            break
    return sizes


def api_media(file: File, bot_id: int, extra: Json) -> Json:
    """The Bot API fields of a message with this file (``photo``, ``document``, ...)."""
    if file.kind == "photo":
        sizes = [
            {
                "file_id": file_id(file, bot_id, letter),
                "file_unique_id": unique_id(file, letter),
                "file_size": size,
                "width": width,
                "height": height,
            }
            for letter, width, height, size in photo_sizes(file)
        ]
        return {"photo": sizes}
    body: Json = {
        "file_id": file_id(file, bot_id),
        "file_unique_id": unique_id(file),
        "file_size": file.size,
    }
    if file.kind in ("document", "video", "audio", "animation"):
        body["file_name"] = file.name
    if file.kind not in ("sticker", "video_note"):
        body["mime_type"] = file.mime
    if file.kind in ("voice", "video", "audio", "animation", "video_note"):
        body["duration"] = file.duration
    if file.kind in ("video", "animation", "sticker"):
        body["width"], body["height"] = file.width or 512, file.height or 512
    if file.kind == "video_note":
        body["length"] = file.width or 240
    if file.kind == "sticker":
        body.update(type="regular", is_animated=False, is_video=False)
        if extra.get("emoji"):
            body["emoji"] = extra["emoji"]
    if file.kind == "animation":
        return {"animation": body, "document": dict(body)}
    return {file.kind: body}


def file_path(file: File, size: str) -> str:
    """``file_path`` of getFile."""
    suffix = Path(file.name).suffix or ".bin"
    letter = f"_{size}" if size else ""
    return f"{_FOLDERS[file.kind]}/{file.id}{letter}{suffix}"


class FileStore:
    """Keeps the bytes below one folder; a run without state uses a folder that goes with it."""

    def __init__(self, folder: Path | None) -> None:
        self._temporary = (
            tempfile.TemporaryDirectory(prefix="sandbox-") if folder is None else None
        )
        self._folder = folder or Path(self._temporary.name if self._temporary else ".")
        self._folder.mkdir(parents=True, exist_ok=True)

    def close(self) -> None:
        """Remove the throw-away folder, if it is one."""
        if self._temporary is not None:
            self._temporary.cleanup()

    def clear(self) -> None:
        """Delete all bytes."""
        for path in self._folder.iterdir():
            path.unlink(missing_ok=True)

    async def read(self, file: File, size: str = "") -> bytes:
        """The bytes; of a photo's smaller versions, scaled down on first use.

        Files that only declare a size give a small stand-in.
        """
        return await asyncio.to_thread(self._read, file, size)

    def _read(self, file: File, size: str) -> bytes:
        path = self._folder / file.id
        if not path.exists():
            return b"only the size of this file was declared\n"
        content = path.read_bytes()
        side = _SIDES.get(size)
        if file.kind != "photo" or side is None or max(file.width, file.height) <= side:
            return content
        with Image.open(io.BytesIO(content)) as image:
            image.thumbnail((side, side))
            out = io.BytesIO()
            image.save(out, "JPEG", quality=85)
        return out.getvalue()

    async def add(self, kind: str, content: bytes, name: str, mime: str, facts: Json) -> File:
        """Store an upload as Telegram would: photos become JPEG without metadata.

        Args:
            kind: photo, document, voice, video, audio, animation, sticker or video_note.
            content: The bytes.
            name: File name as sent, may be "".
            mime: Content type as sent, may be "".
            facts: Optional width, height, duration.

        Raises:
            ApiError: 400 when it is empty, too big for a photo or no picture.
        """
        if not content:
            raise bad_request("file must be non-empty")
        default_name, default_mime = _DEFAULT_NAME[kind]
        name = Path(name.replace("\\", "/")).name[:255] or default_name
        if not mime or mime == "application/octet-stream":
            mime = mimetypes.guess_type(name)[0] or (
                "application/octet-stream" if kind == "document" else default_mime
            )
        file = File(
            id=secrets.token_hex(8),
            kind=kind,
            name=name,
            mime=mime,
            size=len(content),
            width=int(facts.get("width") or 0),
            height=int(facts.get("height") or 0),
            duration=int(facts.get("duration") or 0),
        )
        if kind == "photo":
            if len(content) > PHOTO_LIMIT:
                raise bad_request(
                    f"file of size {len(content)} bytes is too big for a photo; "
                    f"the maximum size is {PHOTO_LIMIT} bytes"
                )
            content, file.width, file.height = await asyncio.to_thread(_as_photo, content)
            file.size, file.mime, file.name = len(content), "image/jpeg", "photo.jpg"
        await asyncio.to_thread((self._folder / file.id).write_bytes, content)
        return file

    async def generate(self, kind: str, wanted: Json) -> File:
        """Make a small real file, or one that only declares its size.

        Args:
            kind: As in ``add``.
            wanted: Optional bytes (declared size), name, mime, width, height, duration.
        """
        default_name, default_mime = _DEFAULT_NAME[kind]
        name = str(wanted.get("name") or default_name)
        mime = str(wanted.get("mime") or mimetypes.guess_type(name)[0] or default_mime)
        width = int(wanted.get("width") or (1280 if kind in ("photo", "video") else 0))
        height = int(wanted.get("height") or (960 if kind in ("photo", "video") else 0))
        duration = int(wanted.get("duration") or (3 if kind != "photo" else 0))
        content = await asyncio.to_thread(_sample, kind, mime, width, height)
        facts = {"width": width, "height": height, "duration": duration}
        file = await self.add(kind, content, name, mime, facts)
        if wanted.get("bytes") is not None:
            file.size = int(wanted["bytes"])
            file.stored = False
        return file


def _as_photo(content: bytes) -> tuple[bytes, int, int]:
    try:
        with Image.open(io.BytesIO(content)) as opened:
            width, height = opened.size
            if width + height > 10_000 or max(width, height) > 20 * min(width, height):
                raise bad_request("PHOTO_INVALID_DIMENSIONS")
            image = ImageOps.exif_transpose(opened)
            if image.mode in ("RGBA", "LA", "P"):
                ground = Image.new("RGB", image.size, "white")
                layer = image.convert("RGBA")
                ground.paste(layer, mask=layer.getchannel("A"))
                image = ground
            else:
                image = image.convert("RGB")
            image.thumbnail((PHOTO_SIDE, PHOTO_SIDE))
            out = io.BytesIO()
            image.save(out, "JPEG", quality=87)
            return out.getvalue(), *image.size
    except ApiError:
        raise
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError) as error:
        raise bad_request("IMAGE_PROCESS_FAILED") from error


def _sample(kind: str, mime: str, width: int, height: int) -> bytes:
    if kind in ("photo", "sticker") or mime.startswith("image/"):
        image = Image.new("RGB", (width or 512, height or 512), "#dfe7ee")
        draw = ImageDraw.Draw(image)
        for step in range(0, image.width + image.height, 80):
            draw.line([(step, 0), (0, step)], fill="#b9c9d8", width=6)
        box = (image.width // 4, image.height // 4, image.width * 3 // 4, image.height * 3 // 4)
        draw.rectangle(box, outline="#5b7a99", width=8)
        out = io.BytesIO()
        image.save(out, {"sticker": "WEBP", "photo": "JPEG"}.get(kind, "PNG"))
        return out.getvalue()
    if mime == "application/pdf":
        return _SAMPLE_PDF
    if kind == "voice":
        return _silent_ogg()
    return f"sample {kind}\n".encode()


def _ogg_page(payloads: list[bytes], flags: int, granule: int, number: int) -> bytes:
    lacing = b"".join(b"\xff" * (len(p) // 255) + bytes([len(p) % 255]) for p in payloads)
    header = (
        b"OggS\x00"
        + bytes([flags])
        + granule.to_bytes(8, "little")
        + (1).to_bytes(4, "little")
        + number.to_bytes(4, "little")
    )
    rest = bytes([len(lacing)]) + lacing + b"".join(payloads)
    crc = 0
    for byte in header + b"\x00" * 4 + rest:
        crc ^= byte << 24
        for _ in range(8):
            crc = ((crc << 1) ^ 0x04C11DB7 if crc & 0x80000000 else crc << 1) & 0xFFFFFFFF
    return header + crc.to_bytes(4, "little") + rest


def _silent_ogg() -> bytes:
    """One second of Opus silence in an Ogg container: 50 frames of 20 ms."""
    head = b"OpusHead\x01\x01\x00\x00" + (48_000).to_bytes(4, "little") + b"\x00\x00\x00"
    tags = b"OpusTags" + (7).to_bytes(4, "little") + b"sandbox" + (0).to_bytes(4, "little")
    frames = [b"\xf8\xff\xfe"] * 50
    return (
        _ogg_page([head], 2, 0, 0) + _ogg_page([tags], 0, 0, 1) + _ogg_page(frames, 4, 48_000, 2)
    )


_SAMPLE_PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%EOF\n"
)
