"""image and file: sent, not tapped."""

from handlers.widgets.base import Asked, Option


def options(_asked: Asked) -> tuple[Option, ...]:
    """No buttons."""
    return ()
