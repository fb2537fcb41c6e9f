"""Logging for operators: ids and keys, one line per event, as text or JSON."""

import json
import logging
import sys
from datetime import UTC, datetime


class JsonLines(logging.Formatter):
    """One JSON object per line."""

    def format(self, record: logging.LogRecord) -> str:
        """Render a record without its traceback, whose texts may quote what a person sent."""
        return json.dumps(
            {
                "at": datetime.fromtimestamp(record.created, UTC).isoformat(),
                "level": record.levelname,
                "logger": record.name,
                "message": record.getMessage(),
            },
            ensure_ascii=False,
        )


def set_up_logging(level: str, form: str) -> None:
    """Send our own records to standard error; libraries speak from WARNING on.

    httpx and aiogram log addresses that contain the token at INFO: they stay silent there.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        JsonLines()
        if form == "json"
        else logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
    )
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in ("aiogram", "telegram", "httpx", "httpcore", "apscheduler", "alembic", "aiohttp"):
        logging.getLogger(name).setLevel(logging.WARNING)
