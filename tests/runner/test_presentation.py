"""The list of runs on a terminal."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.cells import cell_len
from rich.console import Console

from db.records import Scores, Status
from db.store import Store
from runner.presentation import table
from tests.runner.processes import SHORT
from tests.runner.test_cli import store, url

__all__ = ["store", "url"]


@pytest.mark.parametrize("width", [50, 60, 80, 100, 160])
@pytest.mark.parametrize("name", ["x" * 200, "長い名前" * 50, "[red]" * 40, ""])
def test_number_status_and_scores_are_whole_however_long_a_name_is(
    store: Store, width: int, name: str
) -> None:
    run = store.queue.enqueue(SHORT, owner="somebody of a long name", name=name)
    scores = Scores(step=5, epoch=1, loss=0.123, accuracy=0.9, val_loss=12345.6, val_accuracy=0.97)
    shown = replace(run, id=123456, status=Status.CANCELLED, last=scores, best=scores)
    out = io.StringIO()
    Console(width=width, file=out).print(table([shown], width=width))
    _head, line = out.getvalue().splitlines()
    assert "123456" in line
    assert "cancelled" in line
    assert line.count("97.00%") == 2
    assert cell_len(line.rstrip()) <= width
    if width >= 56:
        assert "1.235e+04" in line
