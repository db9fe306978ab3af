"""Replayed running statistics are those that training with that momentum would have kept."""

from __future__ import annotations

from math import inf
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from engine.analyses.replay import Lag, joined, replay, replayed
from engine.backend import NUMPY
from engine.config import RecordSpec, RunConfig
from engine.datasets import Digits
from engine.errors import DataError
from engine.layers import BatchNorm, Conv2D, Dense, Flatten, LayerSpec, ReLU
from engine.records import BatchStatistics, Checkpoint, MemoryRecorder
from engine.training import Trainer, train
from tests.engine.build import plain, tiny, trained

RECORD = RecordSpec(every=7, dense=2, batch_statistics=True)


def config_of(dtype: str = "float64", **batch_norm: Any) -> RunConfig:
    layers: tuple[LayerSpec, ...] = (
        *(Dense(units=9), BatchNorm(**batch_norm), ReLU()),
        *(Dense(units=6), ReLU(), BatchNorm(**batch_norm), Dense(units=10)),
    )
    return tiny(layers=layers, record=RECORD, dtype=dtype)


def buffers(config: RunConfig) -> np.ndarray:
    return trained(config).checkpoints[-1].buffers


@pytest.mark.parametrize("variance", ["biased", "unbiased"])
@pytest.mark.parametrize("initial_variance", [0.0, 1.0])
@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.99, 1.0])
def test_another_momentum_is_replayed_as_it_would_have_trained(
    momentum: float, initial_variance: float, variance: Any
) -> None:
    """Batches of 10 and of 7: each with its own m/(m - 1)."""
    recorded = config_of(momentum=0.9, initial_variance=initial_variance)
    run = trained(recorded)
    checkpoint = replayed(
        recorded,
        run.checkpoints[-1],
        joined(run.records),
        (64,),
        momentum=momentum,
        variance=variance,
    )
    expected = buffers(
        config_of(momentum=momentum, initial_variance=initial_variance, variance=variance)
    )
    assert_allclose(checkpoint.buffers, expected, rtol=1e-12, atol=1e-14)
    assert_array_equal(checkpoint.w, run.checkpoints[-1].w)


def test_a_run_in_float32_is_replayed_to_its_own_rounding() -> None:
    config = config_of("float32")
    run = trained(config)
    batches = joined(run.records)
    assert batches[1].mean.dtype == np.float32  # the run's own precision: nothing lost, no waste
    again = replayed(config, run.checkpoints[-1], batches, (64,), momentum=0.9)
    assert_allclose(again.buffers, run.checkpoints[-1].buffers, rtol=1e-5, atol=1e-6)


def test_feature_maps_count_every_position() -> None:
    layers = (Conv2D(filters=3), BatchNorm(variance="unbiased"), Flatten(), Dense(units=10))
    data = Digits(train_samples=47, validation=0.05, layout="image")
    config = tiny(layers=layers, dataset=data, record=RECORD, dtype="float64")
    run = trained(config)
    batches = joined(run.records)
    assert_array_equal(batches[1].counts[:5], [360, 360, 360, 360, 252])  # samples x 6 x 6
    again = replayed(config, run.checkpoints[-1], batches, (8, 8, 1), momentum=0.9)
    assert_allclose(again.buffers, run.checkpoints[-1].buffers, rtol=1e-12, atol=1e-14)


def test_every_step_is_recorded_once_and_agrees_with_the_recorded_states() -> None:
    run = trained(config_of())
    batches = joined(run.records)
    assert batches.keys() == {1, 5}
    for record in run.records:
        for state in record.batch_norms:
            assert_array_equal(batches[state.layer].mean[record.step - 1], state.batch_mean)
            assert_array_equal(batches[state.layer].var[record.step - 1], state.batch_var)
    assert [len(b.counts) for b in batches.values()] == [15, 15]


def test_recording_them_changes_nothing_else() -> None:
    quiet = config_of().model_copy(update={"record": RecordSpec(every=7, dense=2)})
    assert plain(trained(quiet).checkpoints) == plain(trained(config_of()).checkpoints)
    assert all(not record.batch_statistics for record in trained(quiet).records)


class StopAfter(MemoryRecorder):
    """Asks training to stop once so many steps are done."""

    trainer: Trainer

    def __init__(self, step: int) -> None:
        super().__init__()
        self.last = step

    def stop_requested(self) -> bool:
        return self.trainer.step >= self.last


def test_a_run_stopped_between_two_records_loses_no_step() -> None:
    config, first = config_of(), StopAfter(6)  # records are due at 5, the epoch's end, and at 7
    first.trainer = Trainer(config, NUMPY)
    assert first.trainer.run(first).status == "stopped"
    second = MemoryRecorder()
    train(config, second, resume=first.checkpoints[-1])
    whole, parts = joined(trained(config).records), joined([*first.records, *second.records])
    for layer, batches in whole.items():
        assert plain(parts[layer]) == plain(batches)


def test_missing_steps_are_named() -> None:
    records = trained(config_of()).records
    with pytest.raises(DataError, match=r"of step 3 are missing.*got step 6"):
        joined(records[:2] + records[3:])
    with pytest.raises(DataError, match=r"steps 1 to 15; got 16"):
        replay(joined(records)[1], momentum=0.5).after(16)


def test_statistics_that_were_not_recorded_are_asked_for() -> None:
    config = config_of()
    with pytest.raises(DataError, match=r"batch_norm1 were not recorded.*batch_statistics"):
        replayed(config, trained(config).checkpoints[-1], {}, (64,), momentum=0.5)


@given(
    momentum=st.floats(0, 1),
    steps=st.integers(1, 40),
    variance=st.sampled_from(["biased", "unbiased"]),
)
def test_the_filter_is_the_recursion(momentum: float, steps: int, variance: Any) -> None:
    generator = np.random.default_rng(steps)
    m = generator.integers(1, 9, steps)
    mean, var = generator.standard_normal((2, steps, 3))
    found = replay(
        BatchStatistics(1, 0, m.astype(np.uint32), mean, var),
        momentum=momentum,
        variance=variance,
        initial_variance=0.25,
    )
    running_mean, running_var = np.zeros(3), np.full(3, 0.25)
    for step in range(steps):
        bessel = m[step] / (m[step] - 1) if variance == "unbiased" and m[step] > 1 else 1.0
        running_mean = momentum * running_mean + (1 - momentum) * mean[step]
        running_var = momentum * running_var + (1 - momentum) * bessel * var[step]
        assert_allclose(found.after(step + 1)[0], running_mean, rtol=1e-10, atol=1e-12)
        assert_allclose(found.after(step + 1)[1], running_var, rtol=1e-10, atol=1e-12)


def test_the_lag_is_what_the_weights_of_the_batches_say() -> None:
    """A step's batch weighs (1 - momentum) momentum^age in the running mean."""
    momentum = 0.9
    ages = np.arange(2_000)
    weights = (1 - momentum) * momentum**ages
    lag = Lag(momentum)
    assert_allclose(lag.window, (weights * (ages + 1)).sum())
    assert_allclose(momentum**lag.half_life, 0.5)
    assert_allclose(lag.initial_weight(25), 1 - weights[:25].sum())
    assert (Lag(0).window, Lag(0).half_life, Lag(0).initial_weight(1)) == (1, 0, 0)
    assert (Lag(1).window, Lag(1).half_life, Lag(1).initial_weight(9)) == (inf, inf, 1)


def test_the_checkpoint_given_is_left_as_it_was() -> None:
    config = config_of()
    run = trained(config)
    checkpoint: Checkpoint = run.checkpoints[0]
    before = plain(checkpoint)
    replayed(config, checkpoint, joined(run.records), (64,), momentum=0.5)
    assert plain(checkpoint) == before
