"""From neutral content to the fields of a Bot API call."""

from typing import Any

from handlers.content import Button, Content


def button(item: Button) -> dict[str, Any]:
    """One inline button as the Bot API takes it."""
    fields: dict[str, Any] = {"text": item.text}
    if item.data is not None:
        fields["callback_data"] = item.data
    elif item.url is not None:
        fields["url"] = item.url
    elif item.inline_here is not None:
        fields["switch_inline_query_current_chat"] = item.inline_here
    elif item.copy is not None:
        fields["copy_text"] = {"text": item.copy}
    return fields


def keyboard(content: Content) -> dict[str, Any] | None:
    """The inline keyboard, or None when there are no buttons."""
    if not content.buttons:
        return None
    return {"inline_keyboard": [[button(item) for item in row] for row in content.buttons]}


def message(content: Content) -> dict[str, Any]:
    """The fields that sendMessage and editMessageText share."""
    payload: dict[str, Any] = {
        "text": content.text,
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
    }
    markup = keyboard(content)
    if markup is not None:
        payload["reply_markup"] = markup
    return payload
