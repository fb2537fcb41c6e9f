"""Types that are typed or sent: nothing to tap."""

from handlers.widgets.base import Asked, Option


def options(_asked: Asked) -> tuple[Option, ...]:
    """No buttons."""
    return ()
