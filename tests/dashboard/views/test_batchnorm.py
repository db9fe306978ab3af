"""What the inspector of Batch Normalization says of real statistics."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dashboard.views.batchnorm.verdict import cost_text, scores_table, verdict_text, worst
from engine.analyses.inspection import BatchNormInspection, InspectedBatchNorm, inspect_batch_norm
from engine.records import MemoryRecorder
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
