"""What people do with their phones: the actions of ``POST /sandbox/people/<id>/<action>``."""

from sandbox.people_base import Action
from sandbox.people_files import MEDIA_KINDS, album, contact, location, media_action
from sandbox.people_presses import choose, inline, press, tap
from sandbox.people_words import (
    blocking,
    delete,
    edit,
    forward,
    pin,
    react,
    read,
    send,
    start,
    unpin,
)

ACTIONS: dict[str, Action] = {
    "send": send,
    "start": start,
    "edit": edit,
    "delete": delete,
    "tap": tap,
    "press": press,
    "album": album,
    "location": location,
    "contact": contact,
    "forward": forward,
    "inline": inline,
    "choose": choose,
    "read": read,
    "react": react,
    "pin": pin,
    "unpin": unpin,
    "block": blocking(blocked=True),
    "unblock": blocking(blocked=False),
    **{kind: media_action(kind) for kind in MEDIA_KINDS},
}
