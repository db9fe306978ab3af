"""The BatchNorm page: which channel is furthest off, what it costs, and what to do without BN."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dashboard.views.batchnorm.verdict import cost_text, scores_table, verdict_text, worst
from db.store import Store
from engine.analyses.inspection import BatchNormInspection, InspectedBatchNorm, inspect_batch_norm
from engine.records import MemoryRecorder
from engine.training import train
from tests.dashboard.conftest import Demo, OpenPage, small


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


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_a_run_with_batch_norm_is_inspected(
    demo_database: Demo, open_page: OpenPage, lang: str
) -> None:
    at = open_page(demo_database.url, "batchnorm", id=demo_database.done, lang=lang)
    assert not at.exception
    assert len(at.get("vega_lite_chart")) == 5, "gaps; dots and agreement of mean and variance"
    channels = at.dataframe[-1].value
    assert len(channels) == 20
    assert channels["mean_gap"].is_monotonic_decreasing
    assert channels["batch_mean"].notna().all(), "the engine records at a checkpoint's step"


def test_checkpoint_and_layer_come_from_the_address(
    demo_database: Demo, open_page: OpenPage
) -> None:
    store = Store.open(demo_database.url)
    try:
        kept = store.checkpoints.list(demo_database.done)
    finally:
        store.close()
    first = kept[0]
    at = open_page(
        demo_database.url, "batchnorm", id=demo_database.done, checkpoint=first.id, layer=4
    )
    assert at.session_state["checkpoint"] == first.id
    assert at.session_state["layer"] == 4
    at.select_slider[0].set_value(kept[-1].id).run()
    assert at.query_params["checkpoint"] in (str(kept[-1].id), [str(kept[-1].id)])
    assert at.session_state["layer"] == 4, "the layer stays where the checkpoint changes"


@pytest.mark.parametrize("asked", ["abc", "999999", "-1", "<script>"])
def test_an_unknown_checkpoint_or_layer_is_the_newest_or_the_worst(
    demo_database: Demo, open_page: OpenPage, asked: str
) -> None:
    at = open_page(
        demo_database.url, "batchnorm", id=demo_database.done, checkpoint=asked, layer=asked
    )
    assert not at.exception
    assert len(at.get("vega_lite_chart")) == 5


def test_a_run_without_batch_norm_hears_what_to_try(
    demo_database: Demo, open_page: OpenPage
) -> None:
    at = open_page(demo_database.url, "batchnorm", id=demo_database.plain)
    assert not at.exception
    assert "no Batch Normalization layer" in at.info[0].value
    assert "Clone this run" in [button.label for button in at.button]


@pytest.mark.parametrize("state", ["queued", "failed", "cancelled"])
def test_a_run_without_a_checkpoint_says_why(
    demo_database: Demo, open_page: OpenPage, state: str
) -> None:
    at = open_page(demo_database.url, "batchnorm", id=getattr(demo_database, state))
    assert not at.exception
    assert "checkpoint" in at.info[0].value


@pytest.mark.parametrize(
    ("tab", "charts"),
    [
        ("why", 3),
        ("momenta", 1),
        ("around", 5),
        ("modes", 3),
        ("paths", 5),
        ("folded", 3),
    ],
)
def test_every_part_of_the_inspector_is_drawn(
    demo_database: Demo, open_page: OpenPage, tab: str, charts: int
) -> None:
    at = open_page(demo_database.url, "batchnorm", id=demo_database.done)
    at.query_params["tab"] = tab
    at.run()
    assert not at.exception
    assert not at.error
    assert len(at.get("vega_lite_chart")) == charts, "the gaps, and the part's own"
