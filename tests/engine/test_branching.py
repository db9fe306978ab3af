"""Going on from a checkpoint: more of the same, bit by bit, or with what may be changed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from engine.branching import branched
from engine.checkpoint import from_bytes, to_bytes
from engine.config import RecordSpec, RunConfig
from engine.early_stopping import EarlyStopping
from engine.errors import ConfigError
from engine.layers import BatchNorm, Dense, Dropout, ReLU, Tanh
from engine.optimizers import SGD, Adam, Momentum, OptimizerSpec
from engine.records import Checkpoint, MemoryRecorder
from engine.spec import family
from engine.training import train
from tests.engine.build import plain, tiny


def trained(config: RunConfig, start: Checkpoint | None = None) -> MemoryRecorder:
    recorder = MemoryRecorder()
    train(config, recorder, resume=start)
    return recorder


def changed(config: RunConfig, **values: Any) -> RunConfig:
    return config.model_copy(update=values)


@pytest.mark.parametrize("optimizer", family(OptimizerSpec))
def test_two_epochs_and_two_more_are_four(optimizer: type[Any]) -> None:
    layers = (Dense(units=9), BatchNorm(), ReLU(), Dropout(), Dense(units=10))
    four = tiny(layers=layers, optimizer=optimizer(), epochs=4, record=RecordSpec(every=3))
    two = changed(four, epochs=2)
    whole, half = trained(four), trained(two)
    start = from_bytes(to_bytes(branched(half.checkpoints[-1], two, four)), four.optimizer)
    rest = trained(four, start)
    assert plain(rest.records) == plain([r for r in whole.records if r.step > start.step])
    first, second = (
        replace(recorder.checkpoints[-1], best_validation=0.0) for recorder in (rest, whole)
    )
    assert plain(first) == plain(second)


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        (
            {"layers": (Dense(units=7), ReLU(), Dense(units=10))},
            r"`layers\[0\]` must keep the shapes",
        ),
        ({"layers": (Dense(units=10),)}, r"`layers"),
        ({"layers": (Dense(units=9), BatchNorm(), ReLU(), Dense(units=10))}, r"`layers\[1\]`"),
        ({"batch_size": 20}, "`batch_size` must keep the 5 steps of an epoch.*got 3"),
        ({"epochs": 2}, "`epochs` must be more than the 2 of the checkpoint; got 2"),
    ],
)
def test_what_does_not_fit_what_was_trained_is_refused(changes: dict[str, Any], rule: str) -> None:
    config = tiny(layers=(Dense(units=9), ReLU(), Dense(units=10)), epochs=2)
    checkpoint = trained(config).checkpoints[-1]
    with pytest.raises(ConfigError, match=rule):
        branched(checkpoint, config, changed(config, **({"epochs": 4} | changes)))


def test_whatever_leaves_the_shapes_may_change() -> None:
    config = tiny(layers=(Dense(units=9), ReLU(), Dense(units=10)), optimizer=SGD(), epochs=2)
    checkpoint = trained(config).checkpoints[-1]
    layers = (Dense(units=9), Tanh(), Dropout(), Dense(units=10))
    other = changed(config, layers=layers, optimizer=SGD(lr=0.5), seed=7, dtype="float64", epochs=3)
    recorder = trained(other, branched(checkpoint, config, other))
    assert recorder.checkpoints[-1].step == 15


@pytest.mark.parametrize("stripped", [False, True])
def test_an_optimizer_without_its_memory_begins_as_at_its_first_step(stripped: bool) -> None:
    """Else Adam would trust moments that it has hardly begun to gather, and leap."""
    config = tiny(optimizer=Adam() if stripped else Momentum(), epochs=2)
    checkpoint = trained(config).checkpoints[-1]
    if stripped:
        checkpoint = replace(checkpoint, slots={})
    other = changed(config, optimizer=Adam(lr=0.01), epochs=3)
    start = branched(checkpoint, config, other)
    assert set(start.slots) == set(Adam().slots)
    assert start.slots_begun_at == checkpoint.step
    every = changed(other, record=RecordSpec(every=1))
    after = trained(every, start)
    largest = max(layer.update_ratio or 0 for layer in after.records[0].layers)
    moved = trained(changed(every, epochs=3, optimizer=Adam(lr=0.01)), None).records[0]
    assert largest < 2 * max(layer.update_ratio or 0 for layer in moved.layers)


def test_patience_begins_anew_where_it_had_run_out_or_its_rule_changes() -> None:
    strict = EarlyStopping(patience=2)
    config = tiny(early_stopping=strict)
    last = trained(tiny()).checkpoints[-1]
    checkpoint = replace(last, best_monitored=0.25, epochs_without_improvement=2)
    more = changed(config, epochs=9)
    start = branched(checkpoint, config, more)
    assert (start.best_monitored, start.epochs_without_improvement) == (0.25, 0)
    patient = changed(more, early_stopping=EarlyStopping(patience=5))
    assert branched(checkpoint, config, patient).best_monitored == np.inf
