"""The one place that starts background tasks, so that none is lost or fails unseen."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

logger = logging.getLogger(__name__)


class Nursery:
    """Holds running tasks; a failed one is logged by name, without its arguments."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, Any], name: str) -> asyncio.Task[Any]:
        """Run ``work`` in the background under a name that may appear in logs."""
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def __len__(self) -> int:
        return len(self._tasks)

    @property
    def tasks(self) -> tuple[asyncio.Task[Any], ...]:
        """The running tasks."""
        return tuple(self._tasks)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("task %s failed: %s", task.get_name(), type(error).__name__)

    async def drain(self, timeout_seconds: float) -> bool:
        """Wait for all tasks; True when none is left, else the rest is cancelled."""
        if not self._tasks:
            return True
        _, pending = await asyncio.wait(list(self._tasks), timeout=timeout_seconds)
        for task in pending:
            task.cancel()
        if pending:
            await asyncio.wait(pending, timeout=1)
        return not pending
