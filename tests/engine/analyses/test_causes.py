"""The causes of a gap: they add up to it, and each vanishes where there is no reason for it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from engine.analyses.causes import REACH, GapCauses, gap_causes
from engine.analyses.inspection import inspect_batch_norm
from engine.layers import BatchNorm, Dense, Dropout, ReLU
from engine.optimizers import SGD
from tests.engine.build import tiny, trained


def layers(batch_norm: BatchNorm, dropout: float | None = None) -> tuple[Any, ...]:
    dropped = () if dropout is None else (Dropout(dropout),)
    return (
        *(Dense(units=9, bias=False), batch_norm, ReLU(), *dropped),
        *(Dense(units=6, bias=False), batch_norm, ReLU(), Dense(units=10)),
    )


def causes(**changes: Any) -> list[GapCauses]:
    """Of a tiny run at its end, checked to add up to what the inspection finds."""
    config = tiny(dtype="float64", **changes)
    checkpoint = trained(config).checkpoints[-1]
    found = gap_causes(config, checkpoint)
    inspected = {layer.layer: layer for layer in inspect_batch_norm(config, checkpoint).layers}
    assert found.keys() == inspected.keys()
    for i, layer in inspected.items():
        assert_allclose(found[i].mean.gap, layer.running_mean - layer.population_mean, atol=1e-12)
        assert_allclose(found[i].var.gap, layer.running_var - layer.population_var, atol=1e-12)
    return list(found.values())


FROZEN = SGD(lr=1e-300)


@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.99, 1.0])
@pytest.mark.parametrize("variance", ["biased", "unbiased"])
def test_weights_that_stand_still_leave_no_lag(momentum: float, variance: Any) -> None:
    batch_norm = BatchNorm(momentum=momentum, variance=variance)
    for layer in causes(layers=layers(batch_norm), optimizer=FROZEN):
        assert_allclose(layer.mean.lag, 0, atol=REACH)
        assert_allclose(layer.var.lag, 0, atol=REACH)


def test_weights_that_move_leave_one() -> None:
    for layer in causes(layers=layers(BatchNorm(momentum=0.9))):
        assert np.abs(layer.mean.lag).max() > 1e-3


def test_a_momentum_of_one_keeps_what_it_started_with() -> None:
    first, *_ = causes(layers=layers(BatchNorm(momentum=1.0)), optimizer=FROZEN)
    assert_allclose(first.mean.start, first.mean.gap, atol=1e-12)
    assert_allclose(first.mean.chance, 0, atol=1e-12)


def test_the_start_weighs_momentum_to_the_power_of_the_steps() -> None:
    first, *_ = causes(layers=layers(BatchNorm(momentum=0.9)), optimizer=FROZEN)
    expected = -first.mean.start / 0.9**15  # of 15 steps; the mean starts at 0
    batches = first.mean.chance + first.mean.short_batches
    assert_allclose(first.mean.gap - first.mean.start, batches, atol=1e-12)
    assert np.abs(expected).max() > 0.1


def test_one_batch_of_all_samples_has_neither_chance_nor_company() -> None:
    for layer in causes(layers=layers(BatchNorm(momentum=0.5)), batch_size=47, optimizer=FROZEN):
        assert_allclose(layer.mean.chance, 0, atol=1e-12)
        assert_allclose(layer.mean.batching, 0, atol=1e-12)
        assert_allclose(layer.var.batching + layer.var.estimator, 0, atol=1e-12)


def test_only_the_biased_estimator_costs_one_part_in_m() -> None:
    biased, *_ = causes(layers=layers(BatchNorm()), batch_size=47, optimizer=FROZEN)
    assert np.all(biased.var.estimator <= 0)
    exact = biased.var.batching * 46  # σ²·47/46 - σ² = σ²/46
    assert_allclose(biased.var.estimator, -exact / 46)
    for layer in causes(layers=layers(BatchNorm(variance="unbiased"))):
        assert_allclose(layer.var.estimator, 0)


def test_a_last_batch_of_one_is_told_from_chance() -> None:
    """1,401 samples in batches of 100, in small: the last of 47 is alone, and its variance 0."""
    for layer in causes(layers=layers(BatchNorm(momentum=0.5)), batch_size=46, optimizer=FROZEN):
        gap, short = np.abs(layer.var.gap), np.abs(layer.var.short_batches)
        assert_allclose(layer.var.lag, 0, atol=1e-12)
        assert np.all(short > 0.8 * gap), "half of the variance went with the last batch"
    for layer in causes(
        layers=layers(BatchNorm(momentum=0.5)), batch_size=46, drop_last=True, optimizer=FROZEN
    ):
        assert_allclose(layer.var.short_batches, 0)
        assert_allclose(layer.mean.short_batches, 0)


def test_a_last_batch_that_is_hardly_shorter_hardly_counts() -> None:
    """Its weight is off by 1/24 of its own, whatever it holds."""
    whole, *_ = causes(layers=layers(BatchNorm(momentum=0.5)), batch_size=24, optimizer=FROZEN)
    assert np.abs(whole.mean.short_batches).max() < np.abs(whole.mean.chance).max() / 5


def test_dropout_is_told_from_lag() -> None:
    _first, second = causes(layers=layers(BatchNorm(), dropout=0.5), optimizer=FROZEN)
    assert_allclose(second.var.lag, 0, atol=1e-12)
    assert np.median(second.var.dropout) > 0, "what was dropped out varies more"
    for layer in causes(layers=layers(BatchNorm())):
        assert_allclose(layer.mean.dropout, 0)


def test_what_is_further_back_than_the_window_changes_next_to_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole, *_ = causes(layers=layers(BatchNorm(momentum=0.1)), epochs=4)
    monkeypatch.setattr("engine.analyses.causes.REACH", 1e-300)
    longer, *_ = causes(layers=layers(BatchNorm(momentum=0.1)), epochs=4)
    assert_allclose(whole.mean.lag, longer.mean.lag, atol=1e-3)
