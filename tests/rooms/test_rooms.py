"""Walls between the rooms: who may import whom, and who may read the clock."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.rooms.sources import ROOT


def tool(name: str) -> str:
    return str(Path(sys.executable).with_name(name))


def test_rooms__imports__go_one_way() -> None:
    done = subprocess.run(
        [tool("lint-imports"), "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


CLOCKS = (
    "from datetime import datetime\n\nmade = datetime.now()\n",
    "import datetime\n\nmade = datetime.datetime.now()\n",
    "import datetime as dt\n\nmade = dt.date.today()\n",
)
TASK = "import asyncio\n\nasyncio.create_task(None)\n"


def findings(code: str, file: str) -> str:
    done = subprocess.run(
        [tool("ruff"), "check", "--no-cache", "--select", "TID251", "--stdin-filename", file, "-"],
        cwd=ROOT,
        input=code,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout


@pytest.mark.parametrize("code", CLOCKS)
def test_clock__read_anywhere_else__is_refused(code: str) -> None:
    assert "TID251" in findings(code, "services/sample.py")


@pytest.mark.parametrize("code", CLOCKS)
def test_clock__read_where_it_lives__is_allowed(code: str) -> None:
    assert "TID251" not in findings(code, "bot/clock.py")


def test_task__that_nobody_holds__is_refused_outside_the_nursery() -> None:
    assert "TID251" in findings(TASK, "bot/sample.py")
    assert "TID251" not in findings(TASK, "bot/nursery.py")
