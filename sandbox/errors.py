"""Refusals with Telegram's own codes and texts."""

from typing import Any

_PREFIX = {400: "Bad Request: ", 403: "Forbidden: ", 409: "Conflict: "}


class ApiError(Exception):
    """A request that Telegram would refuse.

    Args:
        code: HTTP status and ``error_code``.
        text: The reason as Telegram words it, without the prefix that belongs to the code.
        parameters: ``ResponseParameters``: ``retry_after`` (seconds) or ``migrate_to_chat_id``.
    """

    def __init__(self, code: int, text: str, parameters: dict[str, Any] | None = None) -> None:
        super().__init__(text)
        self.code = code
        self.description = _PREFIX.get(code, "") + text
        self.parameters = parameters


class ControlError(Exception):
    """A mistake of whoever drives the people: answered with HTTP 4xx and one sentence."""

    def __init__(self, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.status = status


def bad_request(text: str) -> ApiError:
    """Make a 400."""
    return ApiError(400, text)


def forbidden(text: str) -> ApiError:
    """Make a 403."""
    return ApiError(403, text)
