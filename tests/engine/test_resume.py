"""A run that was interrupted ends as if it never was, bit by bit."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.checkpoint import from_bytes, to_bytes
from engine.config import RecordSpec, RunConfig
from engine.errors import DataError
from engine.layers import Dense, Dropout, ReLU
from engine.optimizers import OptimizerSpec
from engine.records import Checkpoint, MemoryRecorder, StepRecord
from engine.spec import family
from engine.training import Outcome, train
from tests.engine.build import plain, tiny

STEPS = 15


class StoppingRecorder(MemoryRecorder):
    """Asks to stop after so many steps."""

    def __init__(self, steps: int) -> None:
        super().__init__()
        self.left = steps

    def stop_requested(self) -> bool:
        self.left -= 1
        return self.left < 0


def interrupted(config: RunConfig, stops: list[int]) -> tuple[list[StepRecord], Any, Outcome]:
    """A run that stops after each of these numbers of steps and goes on from its checkpoint."""
    records: list[StepRecord] = []
    checkpoints: dict[int, Checkpoint] = {}
    resume = None
    for steps in [*stops, 10**6]:
        recorder = StoppingRecorder(steps)
        outcome = train(config, recorder, resume=resume)
        records += recorder.records
        checkpoints |= {c.step: c for c in recorder.checkpoints}
        if outcome.status != "stopped":
            break
        resume = from_bytes(to_bytes(recorder.checkpoints[-1]), config.optimizer)
        assert resume.step == outcome.step
    return records, checkpoints, outcome


def uninterrupted(config: RunConfig) -> MemoryRecorder:
    recorder = MemoryRecorder()
    train(config, recorder)
    return recorder


@settings(max_examples=15)
@given(
    stops=st.lists(st.integers(0, STEPS), max_size=4),
    every=st.integers(1, 20),
    checkpoint_every=st.integers(1, 4),
    optimizer=st.sampled_from(family(OptimizerSpec)),
    dtype=st.sampled_from(["float32", "float64"]),
    drop_last=st.booleans(),
)
def test_stops_anywhere_change_neither_records_nor_checkpoints(
    stops: list[int],
    every: int,
    checkpoint_every: int,
    optimizer: Any,
    dtype: Any,
    drop_last: bool,
) -> None:
    record = RecordSpec(every=every, dense=1, checkpoint_every=checkpoint_every, histograms=False)
    config = tiny(record=record, optimizer=optimizer(), dtype=dtype, drop_last=drop_last)
    expected = uninterrupted(config)
    records, checkpoints, outcome = interrupted(config, stops)
    assert outcome == Outcome("done", STEPS - 3 * drop_last)
    assert plain(records) == plain(expected.records)
    for checkpoint in expected.checkpoints:
        assert plain(checkpoints[checkpoint.step]) == plain(checkpoint)


def test_from_every_checkpoint_a_run_goes_on_as_it_went() -> None:
    config = tiny()
    expected = uninterrupted(config)
    for checkpoint in expected.checkpoints:
        recorder = MemoryRecorder()
        assert train(config, recorder, resume=checkpoint) == Outcome("done", STEPS)
        rest = [record for record in expected.records if record.step > checkpoint.step]
        assert plain(recorder.records) == plain(rest)


def test_a_resumed_run_drops_what_it_would_have_dropped() -> None:
    layers = (Dense(units=9), Dropout(rate=0.3), ReLU(), Dropout(), Dense(units=10))
    config = tiny(layers=layers)
    expected = uninterrupted(config)
    records, checkpoints, _ = interrupted(config, [2, 5])
    assert plain(records) == plain(expected.records)
    assert plain(checkpoints[STEPS]) == plain(expected.checkpoints[-1])


def test_a_stop_before_the_first_step_leaves_the_start() -> None:
    recorder = StoppingRecorder(0)
    assert train(tiny(), recorder) == Outcome("stopped", 0)
    assert recorder.records == []
    (checkpoint,) = recorder.checkpoints
    assert (checkpoint.step, checkpoint.epoch, checkpoint.epoch_samples) == (0, 0, 0)


def test_a_checkpoint_of_another_configuration_is_refused() -> None:
    checkpoint = uninterrupted(tiny()).checkpoints[-1]
    with pytest.raises(DataError, match="checkpoint"):
        train(tiny(layers=(Dense(units=10),)), MemoryRecorder(), resume=checkpoint)
