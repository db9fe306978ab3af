"""What the inspector of Batch Normalization says of real statistics."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dashboard.views.batchnorm.around import verdict_text as around_text
from dashboard.views.batchnorm.verdict import (
    cost_text,
    scores_table,
    signed_percent,
    verdict_text,
    worst,
)
from dashboard.views.batchnorm.why import cause_table
from dashboard.views.batchnorm.why import verdict_text as why_text
from engine.analyses.causes import gap_causes
from engine.analyses.inspection import BatchNormInspection, InspectedBatchNorm, inspect_batch_norm
from engine.analyses.normalization import normalization
from engine.initializers import He, Initializer, Normal
from engine.layers import Activation, BatchNorm, ReLU, Sigmoid, Tanh
from engine.optimizers import SGD
from engine.records import MemoryRecorder
from engine.stack import multilayer
from engine.training import train
from tests.dashboard.conftest import OpenPage, small


@pytest.fixture(scope="module")
def inspected() -> BatchNormInspection:
    config, recorder = small(), MemoryRecorder()
    train(config, recorder)
    return inspect_batch_norm(config, recorder.checkpoints[-1])


def off_by(layer: InspectedBatchNorm, channel: int, deviations: float) -> InspectedBatchNorm:
    """The layer with one running mean moved away from the population's."""
    mean = layer.population_mean.copy()
    mean[channel] += deviations * np.sqrt(layer.population_var[channel] + layer.epsilon)
    return replace(layer, running_mean=mean)


def test_the_verdict_names_the_channel_that_is_furthest_off(inspected: BatchNormInspection) -> None:
    first, second = inspected.layers
    moved = replace(inspected, layers=(off_by(first, 3, 0.5), off_by(second, 7, 2.5)))
    layer, channel = worst(moved)
    assert (layer.layer, channel) == (second.layer, 7)
    text = verdict_text(moved)
    assert "batch\\_norm2" in text
    assert "channel **7**" in text
    assert "2.5 standard deviations" in text


def test_the_verdict_says_by_how_much_the_running_variance_misses(
    inspected: BatchNormInspection,
) -> None:
    first, second = inspected.layers
    exact = second.population_var + second.epsilon
    variance = second.population_var.copy()
    variance[4] -= 0.75 * exact[4]
    moved = replace(
        inspected, layers=(off_by(first, 3, 0.5), replace(second, running_var=variance))
    )
    text = verdict_text(moved)
    assert "channel **4**: **75.0% too small**" in text


def test_a_channel_that_is_not_finite_is_the_worst(inspected: BatchNormInspection) -> None:
    first, second = inspected.layers
    mean = first.running_mean.copy()
    mean[5] = np.nan
    broken = replace(inspected, layers=(replace(first, running_mean=mean), second))
    layer, channel = worst(broken)
    assert (layer.layer, channel) == (first.layer, 5)
    assert "NaN" in verdict_text(broken)


def test_agreement_is_not_called_a_lag(inspected: BatchNormInspection) -> None:
    exact = replace(inspected, layers=tuple(off_by(x, 0, 0.0) for x in inspected.layers))
    assert "agree" in verdict_text(exact)


def test_the_cost_is_told_in_points(inspected: BatchNormInspection) -> None:
    accuracy = {"inference": 0.90, "population": 0.95, "training": 0.94}
    told = replace(
        inspected,
        evaluations=tuple(replace(e, accuracy=accuracy[e.mode]) for e in inspected.evaluations),
    )
    assert "5.0 points lost" in cost_text(told)
    assert scores_table(told).iloc[:, -1].round(6).tolist() == [90.0, 95.0, 94.0]


def test_the_cost_is_a_loss_where_numbers_are_predicted(
    regression_database: str, open_page: OpenPage
) -> None:
    at = open_page(regression_database, "batchnorm", id=1)
    assert not at.exception
    assert any("the loss is **" in m.value for m in at.markdown)
    at.query_params["tab"] = "modes"
    at.run()
    assert not at.exception
    costs = next(frame.value for frame in at.dataframe if "Normalized with" in frame.value)
    assert list(costs) == ["Normalized with", "Training loss", "Validation loss"]


def told_around(activation: Activation, init: Initializer) -> str:
    layers = multilayer([9, 6], 10, activation=activation, init=init, batch_norm=BatchNorm())  # type: ignore[arg-type]
    config, recorder = small(layers=layers), MemoryRecorder()
    train(config, recorder)
    checkpoint = recorder.checkpoints[-1]
    layer, *_ = inspect_batch_norm(config, checkpoint).layers
    return around_text(normalization(config, checkpoint, layer.layer), layer)


def test_a_rectifier_is_off_where_others_are_saturated() -> None:
    assert "ReLU would be off for" in told_around(ReLU(), He())
    assert "would saturate it" in told_around(Sigmoid(), Normal(std=5.0))


def test_where_nothing_is_lost_either_way_the_width_is_told() -> None:
    text = told_around(Tanh(), Normal(std=0.01))
    assert "0.0%" not in text
    assert "the middle 90 % of a channel spans" in text


def test_a_last_batch_of_one_is_named_with_its_remedy() -> None:
    config = small(batch_size=199, epochs=30, optimizer=SGD(lr=0.001))
    recorder = MemoryRecorder()
    assert config.batches(config.dataset.info().train_samples).short == 1
    train(config, recorder)
    checkpoint = recorder.checkpoints[-1]
    inspection = inspect_batch_norm(config, checkpoint)
    layer, *_ = inspection.layers
    text = why_text(gap_causes(config, checkpoint)[layer.layer], layer, inspection)
    assert "the largest cause is **Short last batch**" in text
    assert "a single sample, whose variance is 0" in cause_table(
        gap_causes(config, checkpoint)[layer.layer], layer, inspection
    )
    assert "`drop_last`" in text


def test_what_is_many_times_as_large_is_told_as_a_factor() -> None:
    """Nobody says 90438.2 % too large."""
    assert signed_percent(904.382) == "× 905"
    assert signed_percent(0.031) == "+3.1%"
    assert signed_percent(-0.4) == "−40.0%"
