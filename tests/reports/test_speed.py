"""Processor time of warm renderings; the least of several, because machines are shared."""

import random
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from reports.cards import render_card_png
from reports.checklist import FormSheet, checklist_pdf, checklist_xlsx
from reports.model import Grid
from reports.typeset import Typesetter, render_pdf, render_png
from reports.xlsx import render_xlsx
from tests.reports.checklist_sample import checklist
from tests.reports.report_samples import table_two

AT = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
ROUNDS = 8
pytestmark = pytest.mark.slow


def fresh_table(seed: int) -> Grid:
    """Gives a table whose figures were never set before, as nothing may come from a cache."""
    numbers = random.Random(seed)
    grid = table_two()
    return replace(
        grid,
        cells=tuple(
            replace(cell, content=numbers.randrange(90)) if isinstance(cell.content, int) else cell
            for cell in grid.cells
        ),
    )


def fresh_form(seed: int) -> FormSheet:
    numbers = random.Random(seed)
    words = "".join(chr(numbers.randrange(0x4E00, 0x9F00)) for _ in range(30))
    return replace(checklist(filled=True, remarks={"7": words}), reference=f"编号 {seed}")


def best(render: Callable[[int], object], seed: int) -> float:
    render(seed)
    times = []
    for number in range(seed + 1, seed + ROUNDS):
        start = time.process_time()
        render(number)
        times.append(time.process_time() - start)
    return min(times)


def test_speed__warm__within_budget(setter: Typesetter) -> None:
    spent = {
        "checklist pdf": best(lambda n: checklist_pdf(setter, fresh_form(n)), 100),
        "checklist xlsx": best(lambda n: checklist_xlsx(fresh_form(n), written_at=AT), 200),
        "table pdf": best(lambda n: render_pdf(setter, fresh_table(n)), 300),
        "table xlsx": best(lambda n: render_xlsx([fresh_table(n)], written_at=AT), 400),
        "table png": best(lambda n: render_png(setter, fresh_table(n)), 500),
        "table cards": best(lambda n: render_card_png(setter, fresh_table(n)), 600),
    }
    budget = {
        "checklist pdf": 0.2,
        "checklist xlsx": 0.1,
        "table pdf": 0.1,
        "table xlsx": 0.1,
        "table png": 0.2,
        "table cards": 0.6,
    }
    slow = {name: round(spent[name], 3) for name in spent if spent[name] > budget[name]}
    assert slow == {}
