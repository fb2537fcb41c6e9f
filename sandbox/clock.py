"""The sandbox's own time: real time, shifted and, when wanted, running faster."""

import time
from datetime import UTC, datetime
from typing import Any


class Clock:
    """Virtual time that messages are dated by.

    Real time plus an offset; with a speed other than 1 the offset itself grows, so that a
    reader who only asks for the offset (once a second) follows along.
    """

    def __init__(self) -> None:
        self._offset = 0.0
        self._speed = 1.0
        self._since = time.monotonic()

    def offset_seconds(self) -> float:
        """Say by how many seconds virtual time is ahead of real time now."""
        return self._offset + (time.monotonic() - self._since) * (self._speed - 1.0)

    def now(self) -> float:
        """Virtual time in Unix seconds."""
        return time.time() + self.offset_seconds()

    def as_json(self) -> dict[str, Any]:
        """Shape for the control API."""
        offset = self.offset_seconds()
        now = datetime.fromtimestamp(time.time() + offset, UTC)
        return {
            "offset_seconds": offset,
            "speed": self._speed,
            "now": now.isoformat(timespec="microseconds"),
        }

    def set_offset(self, seconds: float) -> None:
        """Jump so that virtual time is ``seconds`` ahead of real time."""
        self._offset = seconds
        self._since = time.monotonic()

    def advance(self, seconds: float) -> None:
        """Jump by ``seconds``."""
        self.set_offset(self.offset_seconds() + seconds)

    def jump_to(self, instant: datetime) -> None:
        """Jump to an aware instant."""
        self.set_offset(instant.timestamp() - time.time())

    def set_speed(self, speed: float) -> None:
        """Let time run ``speed`` times as fast from here on; 1 is real, at least 0."""
        self.set_offset(self.offset_seconds())
        self._speed = speed

    def dump(self) -> dict[str, Any]:
        """State to keep between runs; a fast clock goes on at normal speed after a restart."""
        return {"offset_seconds": self.offset_seconds()}

    def load(self, saved: dict[str, Any]) -> None:
        """Take up the offset of an earlier run."""
        self.set_offset(float(saved.get("offset_seconds", 0.0)))
