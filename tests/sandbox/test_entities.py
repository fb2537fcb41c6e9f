"""Formatted text, for any input."""

import contextlib
import html

from hypothesis import given
from hypothesis import strategies as st

from sandbox.entities import (
    check_entities,
    detect,
    format_text,
    parse_html,
    slice_utf16,
    utf16_len,
)
from sandbox.errors import ApiError

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=60)


@given(TEXT)
def test_html__escaped_text__comes_back_whole_without_entities(text: str) -> None:
    assert parse_html(html.escape(text, quote=True).replace("&#x27;", "'")) == (text, [])


@given(TEXT, TEXT, TEXT)
def test_html__bold_in_the_middle__entity_covers_exactly_it(a: str, b: str, c: str) -> None:
    plain, entities = parse_html(f"{html.escape(a)}<b>{html.escape(b)}</b>{html.escape(c)}")
    assert plain == a + b + c
    if b:
        (bold,) = entities
        assert slice_utf16(plain, bold["offset"], bold["length"]) == b
    else:
        assert entities == []


@given(st.text(max_size=80))
def test_html__anything__parses_or_is_refused_but_never_breaks(source: str) -> None:
    refusal = ""
    text, entities = "", []
    try:
        text, entities = format_text(source, "HTML", None)
    except ApiError as error:
        refusal = error.description
    assert refusal == "" or refusal.startswith("Bad Request: can't parse entities: ")
    assert text == text.strip()
    for entity in entities:
        assert entity["length"] > 0
        assert entity["offset"] >= 0
        assert entity["offset"] + entity["length"] <= utf16_len(text)


@given(TEXT, st.integers(-2, 70), st.integers(-2, 70))
def test_entities__any_bounds__kept_only_when_they_cut_no_character(
    text: str, offset: int, length: int
) -> None:
    mark = {"type": "bold", "offset": offset, "length": length}
    kept = []
    with contextlib.suppress(ApiError):
        kept = check_entities(text, [mark])
    if kept:
        slice_utf16(text, offset, length).encode()  # no half character
        assert offset + length <= utf16_len(text)


def test_html__nested_and_code__as_telegram_orders_them() -> None:
    source = (
        '<blockquote expandable><b>一<i>二</i></b></blockquote><pre><code class="language-python">'
        'x = 1</code></pre><span class="tg-spoiler">密</span><a href="tg://user?id=7">他</a>'
    )
    text, entities = parse_html(source)
    assert text == "一二x = 1密他"
    assert [(e["type"], e["offset"], e["length"]) for e in entities] == [
        ("expandable_blockquote", 0, 2),
        ("bold", 0, 2),
        ("italic", 1, 1),
        ("pre", 2, 5),
        ("spoiler", 7, 1),
        ("text_mention", 8, 1),
    ]
    assert entities[3]["language"] == "python"


def test_detect__what_people_type__is_marked() -> None:
    text = "😀 /start@my_bot 联系 @anna_x 或 a.b@example.org，见 https://example.org/a?b=1。#整改"
    marked = {e["type"]: slice_utf16(text, e["offset"], e["length"]) for e in detect(text)}
    assert marked == {
        "bot_command": "/start@my_bot",
        "mention": "@anna_x",
        "email": "a.b@example.org",
        "url": "https://example.org/a?b=1",
        "hashtag": "#整改",
    }
    assert detect("1 20/1 和 2026/11/22，3.5 万元，6a 无") == []
