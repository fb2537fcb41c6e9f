"""The fonts of the documents: which ones, whether they are sound, which characters they have.

Source: OFL fonts Noto Serif SC and Noto Sans SC in the package pylopdf-fonts-zh-cn 0.1.1, with the
SHA-256 sums published on its PyPI page. An office can put its own licensed faces (仿宋, 小标宋)
into a folder of its own; they are preferred and need no sum.
"""

import hashlib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pylopdf_fonts_zh_cn
from fontTools.ttLib import TTCollection, TTFont, TTLibError

REPLACEMENT = "〓"
"""Stands for a character that no font has: the printers' usual mark for a missing sort."""

_SHA256 = {
    "NotoSansSC-Regular.otf": "faa6c9df652116dde789d351359f3d7e5d2285a2b2a1f04a2d7244df706d5ea9",
    "NotoSerifSC-Regular.otf": "e8f396decc1f0963a016a989c3d8852e863d1350996f573860a80767c83a1cd3",
}
_SUFFIXES = frozenset({".ttf", ".otf", ".ttc", ".otc"})

# Family names as the font files themselves state them, best first.
SONG = ("SimSun", "NSimSun", "FZShuSong-Z01", "Noto Serif SC")
TITLE = ("FZXiaoBiaoSong-B05S", "FZXiaoBiaoSong-B05", "Noto Serif SC")
HEI = ("SimHei", "Noto Sans SC")


class FontError(RuntimeError):
    """A font file is damaged, unreadable or not the one that was promised."""


@dataclass(frozen=True, slots=True)
class FontSet:
    """The fonts that documents of this process are set in."""

    folders: tuple[Path, ...]
    families: frozenset[str]
    codes: frozenset[int] = field(repr=False)
    """Code points that at least one of the fonts has."""

    def choose(self, wanted: Iterable[str]) -> list[str]:
        """Keeps of a list of families those that are here, in the list's order."""
        return [family for family in wanted if family in self.families]

    def missing(self, text: str) -> frozenset[str]:
        """Finds the characters of a text that no font can draw."""
        if text.isascii():
            return frozenset()
        return frozenset(
            letter
            for letter in set(text)
            if ord(letter) not in self.codes and not _draws_nothing(letter)
        )


def load_fonts(extra: Path | None = None) -> FontSet:
    """Reads and verifies the fonts; takes about 0.3 s, so do it once per process.

    Args:
        extra: Folder with an office's own fonts, searched first; it may be absent.

    Raises:
        FontError: A packaged font differs from its published sum, or a font cannot be read.
    """
    packaged = pylopdf_fonts_zh_cn.serif_path().parent
    for name, expected in _SHA256.items():
        path = packaged / name
        if not path.is_file():
            raise FontError(f"font file {name} is missing; reinstall pylopdf-fonts-zh-cn")
        if hashlib.sha256(path.read_bytes()).hexdigest() != expected:
            raise FontError(f"font file {name} is damaged; reinstall pylopdf-fonts-zh-cn")
    files = [packaged / name for name in _SHA256]
    folders: tuple[Path, ...] = (packaged,)
    if extra is not None and extra.is_dir():
        own = sorted(path for path in extra.rglob("*") if path.suffix.lower() in _SUFFIXES)
        files = [*own, *files]
        folders = (extra, packaged)
    families: set[str] = set()
    codes: set[int] = set()
    for path in files:
        for family, cmap in _read(path):
            families.add(family)
            codes.update(cmap)
    return FontSet(folders, frozenset(families), frozenset(codes))


def _read(path: Path) -> Iterable[tuple[str, Iterable[int]]]:
    try:
        if path.suffix.lower() in {".ttc", ".otc"}:
            with TTCollection(path, lazy=True) as collection:
                return [_describe(font) for font in collection.fonts]
        with TTFont(path, lazy=True) as font:
            return [_describe(font)]
    except (TTLibError, OSError, KeyError, AssertionError) as error:
        raise FontError(f"font file {path.name} cannot be read") from error


def _describe(font: TTFont) -> tuple[str, list[int]]:
    names = font["name"]
    family = names.getDebugName(16) or names.getDebugName(1) or ""
    return family, list(font.getBestCmap() or ())


def _draws_nothing(letter: str) -> bool:
    """Tells whether a character has no shape of its own (joiners, variation selectors)."""
    code = ord(letter)
    return (
        unicodedata.category(letter) in {"Cc", "Cf"}
        or 0xFE00 <= code <= 0xFE0F
        or 0xE0100 <= code <= 0xE01EF
    )


def drop_shapeless(text: str) -> str:
    """Removes joiners and variation selectors, which would split from what they belong to."""
    if text.isascii():
        return text
    return "".join(letter for letter in text if letter == "\n" or not _draws_nothing(letter))
