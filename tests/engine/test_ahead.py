"""Loops compiled ahead: what an idle worker does, and leaves off at once."""

from __future__ import annotations

import numpy as np
import pytest

from engine import loops
from engine.ahead import Ahead
from engine.backend import choose
from engine.config import RunConfig
from engine.default import default_config
from engine.records import MemoryRecorder
from engine.training import train


def test_the_default_network_needs_nothing_that_was_not_compiled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ahead = Ahead()
    first = len(ahead.left)
    ahead.compile(busy=lambda: len(ahead.left) < first)
    assert len(ahead.left) == first - 1

    def compile_more(*_: object) -> None:
        pytest.fail("a run waits for loops to be compiled")

    monkeypatch.setattr(loops, "_machine_code", compile_more)
    config: RunConfig = default_config().model_copy(update={"epochs": 1})
    train(config, MemoryRecorder(), backend=choose("numba"))


def test_a_job_waits_for_one_loop_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    ahead = Ahead()
    ahead.compile(busy=lambda: True)
    assert len(ahead.left) == len(Ahead().left), "nothing was begun"
    monkeypatch.setattr(loops.Loop, "made_for", _left_off)
    ahead.compile(busy=lambda: False)
    assert len(ahead.left) == len(Ahead().left), "what was left off is begun again later"


def _left_off(*_: object) -> None:
    raise loops.LeftOffError


def test_a_loop_is_not_compiled_once_there_is_something_else_to_do() -> None:
    busy = loops.compiling_until(lambda: True)
    with loops.compiled(True), busy, pytest.raises(loops.LeftOffError):
        loops.loop(_double)(np.ones(3))


def _double(x: object) -> None:
    for i in loops.elements(x):
        x[i] *= 2.0  # type: ignore[index]
