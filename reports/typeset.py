"""Typesetting with typst: official tables as PDF and as pictures of their pages.

One compiler is kept for the process, because it holds the fonts and whatever two documents have in
common; warm, a page takes some hundredths of a second. Everything here is synchronous and safe to
call from several threads.
"""

import json
import shutil
import tempfile
import threading
import weakref
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

import typst
from PIL import Image

from reports.fonts import HEI, SONG, TITLE, FontSet, drop_shapeless
from reports.layout import raw_data, strings, table_data
from reports.model import Grid

_SHADES = 32
"""Colours of a quantised picture; text with two tints needs about 16."""
_TEMPLATES = Path(__file__).parent / "templates"


class Typesetter:
    """Turns data and one of our templates into pages.

    typst's compiler refuses a second thread while it works, and two threads were measured to gain
    nothing, so one lock guards one compiler. Templates are read once. Users' words only ever
    travel as JSON data: typst never parses them. The compiler's root is an empty folder, so that
    even a template could read no file of the machine, and fonts of the machine are ignored, so
    that a document looks the same everywhere.
    """

    def __init__(self, fonts: FontSet) -> None:
        self.fonts = fonts
        self._lock = threading.Lock()
        root = tempfile.mkdtemp(prefix="typeset-")
        weakref.finalize(self, shutil.rmtree, root, ignore_errors=True)
        self._compiler = typst.Compiler(
            root=root,
            font_paths=[str(folder) for folder in fonts.folders],
            ignore_system_fonts=True,
        )
        self._sources = {path.stem: path.read_bytes() for path in _TEMPLATES.glob("*.typ")}
        self._faces = {
            "song": fonts.choose(SONG),
            "title": fonts.choose(TITLE),
            "hei": fonts.choose(HEI),
        }

    def pdf(self, template: str, data: dict[str, Any]) -> bytes:
        """Makes a PDF; the same data always gives the same bytes."""
        return self._compile(template, data, "pdf", None)[0]

    def png(self, template: str, data: dict[str, Any], ppi: float) -> tuple[bytes, ...]:
        """Makes one true-colour picture per page.

        Args:
            template: Name of the template, without its ending.
            data: What the template shows.
            ppi: Pixels per inch of paper.
        """
        return self._compile(template, data, "png", ppi)

    def _compile(
        self, template: str, data: dict[str, Any], form: Literal["pdf", "png"], ppi: float | None
    ) -> tuple[bytes, ...]:
        payload = json.dumps({**data, "faces": self._faces}, ensure_ascii=False)
        with self._lock:
            pages = self._compiler.compile(
                input=self._sources[template],
                format=form,
                ppi=ppi,
                sys_inputs={"d": payload},
                # Tags cost three quarters of the time, and group names, which the page's
                # foreground repeats, would not be among them.
                pdf_tags=False,
            )
        return tuple(pages) if isinstance(pages, list) else (pages or b"",)


def render_pdf(setter: Typesetter, grid: Grid) -> bytes:
    """Sets an official table as PDF on A4, with headings repeated on every page."""
    return setter.pdf("table", table_data(grid, setter.fonts))


def render_png(setter: Typesetter, grid: Grid, *, ppi: float = 144) -> tuple[bytes, ...]:
    """Makes a picture of each page of the official table.

    Args:
        setter: The typesetter.
        grid: The table.
        ppi: Pixels per inch; 144 gives 1 191 by 1 684 pixels for upright A4.
    """
    pages = setter.png("table", table_data(grid, setter.fonts), ppi)
    return tuple(shrink_png(page, grey=True) for page in pages)


def missing_characters(fonts: FontSet, grid: Grid) -> frozenset[str]:
    """Finds the characters of a table that the fonts cannot draw and that print as 〓."""
    return fonts.missing(drop_shapeless("".join(strings(raw_data(grid)))))


def shrink_png(picture: bytes, *, grey: bool = False) -> bytes:
    """Makes a picture of text small: few shades, no transparency.

    Args:
        picture: A PNG.
        grey: For black and white pages; takes two thirds of the time.
    """
    with Image.open(BytesIO(picture)) as image:
        if grey:
            # 16 shades are enough for smooth letters and pack far better than 256.
            flat = image.convert("L").point([17 * ((shade + 8) // 17) for shade in range(256)])
        else:
            # The octree is four times as fast as median cut, and letters need no dithering.
            flat = image.convert("RGB").quantize(
                _SHADES, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE
            )
    out = BytesIO()
    flat.save(out, "PNG", compress_level=4)
    return out.getvalue()
