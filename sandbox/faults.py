"""Trouble on demand: what a network or Telegram may do to a bot."""

from dataclasses import dataclass
from typing import Any

from sandbox.errors import ControlError

Json = dict[str, Any]

REQUEST_KINDS = frozenset(
    {
        "http_500",
        "http_502",
        "bad_json",
        "429",
        "error",
        "timeout",
        "delay",
        "drop_before",
        "drop_after",
        "token_revoked",
    }
)
UPDATE_KINDS = frozenset({"duplicate_update", "reorder_updates"})


@dataclass(slots=True)
class Fault:
    """One kind of trouble, for the next ``left`` matching requests (None: until cleared)."""

    id: int
    kind: str
    method: str | None
    chat_id: int | None
    bot_id: int | None
    left: int | None
    retry_after: int
    seconds: float
    code: int
    description: str

    def as_json(self) -> Json:
        """Shape for the control API."""
        shown: Json = {"id": self.id, "kind": self.kind, "count": self.left or 0}
        for name in ("method", "chat_id", "bot_id"):
            if getattr(self, name) is not None:
                shown[name] = getattr(self, name)
        if self.kind == "429":
            shown["retry_after"] = self.retry_after
        if self.kind in ("timeout", "delay"):
            shown["seconds"] = self.seconds
        if self.kind == "error":
            shown["code"], shown["description"] = self.code, self.description
        return shown


class Faults:
    """The faults in force, oldest first; each match uses one up."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._next = 1

    def add(self, spec: Json) -> Fault:
        """Put a fault in force.

        Raises:
            ControlError: The kind is unknown or a number is not one.
        """
        kind = str(spec.get("kind", ""))
        if kind not in REQUEST_KINDS and kind not in UPDATE_KINDS:
            raise ControlError(f"unknown fault kind: {kind}")
        default_count = 0 if kind == "token_revoked" else 1
        try:
            count = int(spec.get("count", default_count))
            fault = Fault(
                id=self._next,
                kind=kind,
                method=spec["method"].lower() if spec.get("method") else None,
                chat_id=int(spec["chat_id"]) if spec.get("chat_id") is not None else None,
                bot_id=int(spec["bot_id"]) if spec.get("bot_id") is not None else None,
                left=count or None,
                retry_after=int(spec.get("retry_after", 1)),
                seconds=float(spec.get("seconds", 60.0 if kind == "timeout" else 1.0)),
                code=int(spec.get("code", 400)),
                description=str(spec.get("description", "Bad Request: PEER_ID_INVALID")),
            )
        except (TypeError, ValueError, AttributeError) as error:
            raise ControlError("a fault's fields are not of the right kind") from error
        self._next += 1
        self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """End all trouble."""
        self._faults.clear()

    def __bool__(self) -> bool:
        return bool(self._faults)

    def as_json(self) -> list[Json]:
        """Those still in force."""
        return [fault.as_json() for fault in self._faults]

    def for_request(self, bot_id: int, method: str, chat_id: int | None) -> Fault | None:
        """Find and use up the first fault that this request meets.

        Args:
            bot_id: Whose token the request carries.
            method: In lower case.
            chat_id: The request's chat, None when it has none.
        """
        for fault in self._faults:
            if (
                fault.kind in REQUEST_KINDS
                and fault.method in (None, method)
                and fault.chat_id in (None, chat_id)
                and fault.bot_id in (None, bot_id)
            ):
                self._use(fault)
                return fault
        return None

    def for_updates(self, kind: str, bot_id: int) -> bool:
        """Whether this update (or batch) is to be doubled or reversed; uses one up."""
        for fault in self._faults:
            if fault.kind == kind and fault.bot_id in (None, bot_id):
                self._use(fault)
                return True
        return False

    def _use(self, fault: Fault) -> None:
        if fault.left is None:
            return
        fault.left -= 1
        if fault.left == 0:
            self._faults.remove(fault)
