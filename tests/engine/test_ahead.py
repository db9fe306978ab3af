"""Loops compiled ahead: what an idle worker does, and leaves off at once."""

from __future__ import annotations

from itertools import chain, repeat
from typing import Any

import pytest

from engine import loops
from engine.ahead import Ahead, loops_of
from engine.backend import choose
from engine.config import RunConfig
from engine.default import default_config
from engine.records import MemoryRecorder
from engine.training import train

SHORT: RunConfig = default_config().model_copy(update={"epochs": 1})


def test_the_default_network_needs_nothing_that_was_not_compiled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    needed = len(loops_of(SHORT))
    busy = chain(repeat(False, needed), repeat(True))
    Ahead().compile(busy=lambda: next(busy))

    def compile_more(*_: object) -> None:
        pytest.fail("a run waits for loops to be compiled")

    monkeypatch.setattr(loops, "_machine_code", compile_more)
    train(SHORT, MemoryRecorder(), backend=choose("numba"))
    assert loops_of(SHORT) == []


def test_a_job_waits_for_one_loop_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[object] = []
    machine_code = loops._machine_code

    def noted(source: Any, *how: Any) -> Any:
        compiled.append(source)
        return machine_code(source, *how)

    monkeypatch.setattr(loops, "_machine_code", noted)
    ahead = Ahead()
    ahead.compile(busy=lambda: True)
    assert not compiled
    ahead.compile(busy=lambda: bool(compiled))
    assert len(compiled) <= 1


def test_what_is_only_noted_is_neither_compiled_nor_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(loops, "_machine_code", lambda *_: pytest.fail("a loop was compiled"))
    longer = SHORT.model_copy(update={"dtype": "float64"})  # which nothing else has compiled
    noted = {each.source.__name__ for each, _ in loops_of(longer)}
    assert {"adam", "_propagate", "_softmax", "norms_of"} <= noted
