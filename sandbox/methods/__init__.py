"""The Bot API's methods, one module per subject, found by name in ``REGISTRY``."""

from sandbox.methods import account, chats, edit, forum, inline, media, send
from sandbox.methods.base import Method

REGISTRY: dict[str, Method] = {
    name.lower(): method
    for module in (account, chats, edit, forum, inline, media, send)
    for name, method in module.METHODS.items()
}
"""Lower-case name -> method; the Bot API's names are case-insensitive."""
