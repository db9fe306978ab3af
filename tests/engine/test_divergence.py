"""A run that diverges ends at the step where it did, however it is recorded, and keeps its past."""

from __future__ import annotations

from math import isfinite

import numpy as np
import pytest

from engine.analyses.inspection import inspect_batch_norm
from engine.config import RecordSpec, RunConfig
from engine.layers import Dense
from engine.optimizers import SGD
from engine.records import MemoryRecorder
from engine.training import Outcome, Trainer, train
from tests.engine.build import tiny
from tests.engine.test_resume import StoppingRecorder, interrupted

OFTEN = RecordSpec(every=1, dense=0)
SELDOM = RecordSpec(every=1000, dense=0, checkpoint_every=100)


def diverging(lr: float, record: RecordSpec) -> RunConfig:
    """Linear layers, so that no unit can die: the larger the rate, the sooner they overflow."""
    layers = (Dense(units=12), Dense(units=12), Dense(units=10))
    return tiny(layers=layers, optimizer=SGD(lr=lr), record=record)


def run(config: RunConfig) -> tuple[Outcome, MemoryRecorder]:
    recorder = MemoryRecorder()
    return train(config, recorder), recorder


RATES = [30.0, 1e3, 1e8, 1e30]


@pytest.mark.parametrize("lr", RATES)
def test_a_run_ends_at_the_step_that_diverged_whether_or_not_it_was_recorded(lr: float) -> None:
    ends = {run(diverging(lr, record))[0] for record in (OFTEN, RecordSpec(), SELDOM)}
    assert len(ends) == 1
    assert ends.pop().status == "diverged"


@pytest.mark.parametrize("lr", RATES)
def test_the_diverged_step_is_the_last_record_and_what_came_before_is_kept(lr: float) -> None:
    outcome, recorder = run(diverging(lr, OFTEN))
    assert [record.step for record in recorder.records] == list(range(1, outcome.step + 1))
    assert all(len(record.layers) == 3 for record in recorder.records)
    assert all(isfinite(m.loss) for m in recorder.metrics("batch")[:-1])
    seldom = run(diverging(lr, SELDOM))[1]
    assert seldom.records[-1].step == outcome.step
    last = [recorder.metrics("batch")[-1] for recorder in (recorder, seldom)]
    np.testing.assert_array_equal(last[0].loss, last[1].loss)


@pytest.mark.parametrize("lr", RATES)
@pytest.mark.parametrize("stop", range(1, 5))
def test_a_stop_after_the_divergence_still_ends_it_there(lr: float, stop: int) -> None:
    expected, _ = run(diverging(lr, OFTEN))
    records, _, outcome = interrupted(diverging(lr, SELDOM), [stop])
    assert outcome == expected
    assert records[-1].step == expected.step
    recorder = StoppingRecorder(expected.step)
    assert train(diverging(lr, SELDOM), recorder) == expected
    assert recorder.checkpoints == []


def test_a_run_whose_last_update_breaks_the_parameters_has_diverged() -> None:
    """No later loss would tell."""
    config = diverging(1e38, OFTEN).model_copy(update={"batch_size": 47, "epochs": 1})
    config = config.model_copy(update={"optimizer": SGD(lr=1e300)})
    outcome, recorder = run(config)
    assert outcome == Outcome("diverged", 1)
    assert isfinite(recorder.metrics("batch")[0].loss)


def test_no_checkpoint_holds_parameters_that_are_not_finite() -> None:
    for lr in RATES:
        for checkpoint in run(diverging(lr, OFTEN))[1].checkpoints:
            assert np.isfinite(checkpoint.w).all()


def test_a_checkpoint_from_before_the_divergence_can_be_inspected() -> None:
    config = tiny(optimizer=SGD(lr=3.0))
    _, recorder = run(config)
    inspection = inspect_batch_norm(config, recorder.checkpoints[0])
    assert len(inspection.layers) == 2


@pytest.mark.parametrize("backend", ["numpy", "numba"])
def test_parameters_whose_squares_overflow_are_finite(backend: str) -> None:
    """In float32 a square overflows from 1e20 on; the run goes on until a value does."""
    config = diverging(1e-30, OFTEN).model_copy(update={"backend": backend, "epochs": 1})
    trainer = Trainer(config)
    trainer.network.w[-1] = 1e30
    recorder = MemoryRecorder()
    assert trainer.run(recorder) == Outcome("done", 5)
    assert {np.float32(record.layers[2].weight_norm) for record in recorder.records} == {
        np.float32(1e30)
    }
    trainer = Trainer(config)
    trainer.network.w[0] = np.inf
    assert trainer.run(MemoryRecorder()).status == "diverged"
