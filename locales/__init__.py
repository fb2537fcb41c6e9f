"""Interface texts per language, in Fluent; checklist texts travel in the campaign's workbook.

``text(locale, key, **params)`` is the whole face: the locale is an argument, never a global. A
key that a language lacks falls back to Chinese at run time and fails a test before that.
"""

from functools import cache, lru_cache
from pathlib import Path

from fluent.runtime import FluentBundle, FluentResource
from fluent.runtime.types import FluentNone, FluentType

FOLDER = Path(__file__).parent
LANGUAGES = ("zh", "en")
"""Languages with a folder of .ftl files; the first is the fallback."""

Param = str | int | float

_ISOLATES = str.maketrans("", "", "\u2068\u2069")


def choose(chosen: str | None, phone: str | None) -> str:
    """The person's language: what they chose, else zh for zh-* phones and en for all others."""
    if chosen in LANGUAGES:
        return chosen
    return "zh" if (phone or "zh").lower().startswith("zh") else "en"


@cache
def bundle(locale: str) -> FluentBundle:
    """All messages of one language, loaded once."""
    made = FluentBundle([{"zh": "zh-CN"}.get(locale, locale)], use_isolating=False)
    for path in sorted((FOLDER / locale).glob("*.ftl")):
        made.add_resource(FluentResource(path.read_text(encoding="utf-8")))
    return made


@lru_cache(maxsize=8_192)
def _format(locale: str, key: str, params: tuple[tuple[str, Param], ...]) -> str:
    for language in (locale, LANGUAGES[0]):
        found = bundle(language)
        if found.has_message(key):
            pattern = found.get_message(key).value
            if pattern is None:
                break
            args: dict[str, FluentType | str | int | float] = dict(params)
            value, _errors = found.format_pattern(pattern, args)
            return "" if isinstance(value, FluentNone) else str(value).translate(_ISOLATES)
    return key


def text(locale: str, key: str, **params: Param) -> str:
    """The message ``key`` in ``locale``.

    Args:
        locale: One of ``LANGUAGES``.
        key: Fluent message id.
        params: Values for the placeables. Numbers are printed as they are given; callers pass
            strings where a fixed format (money, dates) is wanted.
    """
    return _format(locale, key, tuple(sorted(params.items())))


def keys(locale: str) -> frozenset[str]:
    """All message ids of a language."""
    return frozenset(bundle(locale)._messages)  # noqa: SLF001 - the library offers no listing
