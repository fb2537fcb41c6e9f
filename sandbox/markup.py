"""Keyboards under messages and in place of the phone's own.

Source: core.telegram.org/bots/api#inlinekeyboardmarkup (2026-06); 100 buttons, 8 in a row.
"""

from typing import Any

from sandbox.errors import ApiError, bad_request
from sandbox.model import Json

BUTTON_LIMIT = 100
ROW_LIMIT = 8
CALLBACK_BYTES = 64
_ACTIONS = (
    "url",
    "callback_data",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
    "disabled",
)
_URL_STARTS = ("http://", "https://", "tg://", "ton://")


def _markup_error(text: str) -> ApiError:
    return bad_request(f"can't parse reply keyboard markup JSON object: {text}")


def _inline_button(given: Any) -> Json:
    if not isinstance(given, dict):
        raise bad_request("can't parse inline keyboard button: expected an Object")
    text = given.get("text")
    data = given.get("callback_data")
    # Nearly every button of this house is a plain one; they come a thousand times a second.
    if len(given) == 2 and isinstance(data, str) and isinstance(text, str) and text.strip():
        if not 1 <= len(data.encode()) <= CALLBACK_BYTES:
            raise bad_request("BUTTON_DATA_INVALID")
        return {"text": text, "callback_data": data}
    if not isinstance(text, str):
        raise bad_request(
            'can\'t parse inline keyboard button: Field "text" must be of type String'
        )
    if not text.strip():
        raise bad_request("inline keyboard button text must be non-empty")
    actions = [name for name in _ACTIONS if given.get(name) is not None]
    if not actions:
        raise bad_request("text buttons are unallowed in the inline keyboard")
    button: Json = {"text": text}
    action = actions[0]
    value = given[action]
    if action == "callback_data":
        if not isinstance(value, str) or not 1 <= len(value.encode()) <= CALLBACK_BYTES:
            raise bad_request("BUTTON_DATA_INVALID")
    elif action == "url":
        url = str(value)
        if "://" not in url and "." in url:
            value = "http://" + url
        elif not url.startswith(_URL_STARTS):
            raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")
    elif action == "copy_text":
        copied = value.get("text") if isinstance(value, dict) else None
        if not isinstance(copied, str) or not 1 <= len(copied) <= 256:
            raise bad_request("BUTTON_COPY_TEXT_INVALID")
    elif action == "web_app" and not str((value or {}).get("url", "")).startswith("https://"):
        raise bad_request("BUTTON_URL_INVALID")
    button[action] = value
    for extra in ("style", "icon_custom_emoji_id"):
        if given.get(extra):
            button[extra] = given[extra]
    return button


def _check_size(rows: list[list[Json]]) -> None:
    if sum(map(len, rows)) > BUTTON_LIMIT or any(len(row) > ROW_LIMIT for row in rows):
        raise bad_request("reply markup is too long")


def inline(given: Any) -> Json | None:
    """Check an inline keyboard; None when it is absent or empty.

    Raises:
        ApiError: 400, for callback data outside 1..64 bytes "BUTTON_DATA_INVALID".
    """
    if given is None or given == {}:
        return None
    if not isinstance(given, dict):
        raise _markup_error("expected an Object")
    rows_given = given.get("inline_keyboard")
    if rows_given is None:
        raise bad_request("inline keyboard expected")
    return _inline(rows_given)


def _inline(rows_given: Any) -> Json | None:
    if not isinstance(rows_given, list) or not all(isinstance(row, list) for row in rows_given):
        raise bad_request('can\'t parse reply keyboard markup: "inline_keyboard" must be an Array')
    rows = [[_inline_button(button) for button in row] for row in rows_given if row]
    _check_size(rows)
    return {"inline_keyboard": rows} if rows else None


def _keyboard_button(given: Any) -> Json:
    if isinstance(given, str):
        given = {"text": given}
    if not isinstance(given, dict) or not isinstance(given.get("text"), str):
        raise bad_request('can\'t parse keyboard button: Field "text" must be of type String')
    if not given["text"].strip():
        raise bad_request("keyboard button text must be non-empty")
    button: Json = {"text": given["text"]}
    for name in ("request_location", "request_contact"):
        if given.get(name):
            button[name] = True
    return button


def any_markup(given: Any, *, private: bool) -> tuple[Json | None, Json | None]:
    """Check any reply markup.

    Args:
        given: The JSON value, None when absent.
        private: Whether the chat is private; only there may a button ask for a place or number.

    Returns:
        The inline keyboard, and what else is to happen to the keyboard of the reader:
        ``{"kind": "keyboard" | "force_reply" | "remove", ...}``.

    Raises:
        ApiError: 400 for what Telegram refuses.
    """
    if given is None or given == {}:
        return None, None
    if not isinstance(given, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" in given:
        return _inline(given["inline_keyboard"]), None
    selective = bool(given.get("selective", False))
    if "keyboard" in given:
        rows_given = given["keyboard"]
        if not isinstance(rows_given, list) or not all(isinstance(r, list) for r in rows_given):
            raise bad_request('can\'t parse reply keyboard markup: "keyboard" must be an Array')
        rows = [[_keyboard_button(button) for button in row] for row in rows_given if row]
        if not rows:
            return None, None
        if sum(map(len, rows)) > 300:
            raise bad_request("reply markup is too long")
        asking = {name for row in rows for b in row for name in b if name.startswith("request_")}
        if asking and not private:
            what = "location" if "request_location" in asking else "phone number"
            raise bad_request(f"{what} can be requested in private chats only")
        keyboard: Json = {
            "kind": "keyboard",
            "rows": rows,
            "one_time": bool(given.get("one_time_keyboard", False)),
            "resize": bool(given.get("resize_keyboard", False)),
            "persistent": bool(given.get("is_persistent", False)),
            "selective": selective,
        }
        if given.get("input_field_placeholder"):
            keyboard["placeholder"] = str(given["input_field_placeholder"])
        return None, keyboard
    if given.get("remove_keyboard"):
        return None, {"kind": "remove", "selective": selective}
    if given.get("force_reply"):
        forced: Json = {"kind": "force_reply", "selective": selective}
        if given.get("input_field_placeholder"):
            forced["placeholder"] = str(given["input_field_placeholder"])
        return None, forced
    return None, None
