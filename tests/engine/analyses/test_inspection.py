"""The Batch Normalization inspection agrees with training, evaluation and the exact population."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from engine.analyses.inspection import BatchNormInspection, inspect_batch_norm
from engine.analyses.population import population_statistics
from engine.evaluation import evaluate
from engine.initializers import He
from engine.layers import BatchNorm, Dense, ReLU
from engine.optimizers import SGD
from engine.records import MemoryRecorder
from engine.samples import load_samples
from engine.stack import multilayer
from tests.engine.build import network_of, plain, tiny, trained


def scores(inspection: BatchNormInspection) -> dict[tuple[str, str], tuple[float, float]]:
    return {(e.split, e.mode): (e.loss, e.accuracy) for e in inspection.evaluations}


CONFIG = tiny(dtype="float64")


@pytest.fixture(scope="module")
def recorder() -> MemoryRecorder:
    return trained(CONFIG)


@pytest.fixture(scope="module")
def inspection(recorder: MemoryRecorder) -> BatchNormInspection:
    return inspect_batch_norm(CONFIG, recorder.checkpoints[-1])


def test_inference_scores_are_those_training_recorded(
    recorder: MemoryRecorder, inspection: BatchNormInspection
) -> None:
    metric = recorder.metrics("validation")[-1]
    assert_allclose(scores(inspection)["validation", "inference"], (metric.loss, metric.accuracy))


def test_each_mode_scores_as_a_network_with_those_statistics(
    recorder: MemoryRecorder, inspection: BatchNormInspection
) -> None:
    samples = load_samples(CONFIG)
    expected = {}
    for mode in ("inference", "training", "population"):
        network = network_of(*CONFIG.layers, shape=(64,))
        network.load(recorder.checkpoints[-1])
        if mode == "population":
            population_statistics(network, samples.x_train)
        for split in ("train", "validation"):
            batches = "training" if mode == "training" else "inference"
            e = evaluate(network, CONFIG.loss, *samples.split(split), mode=batches, batch_size=10)
            expected[split, mode] = (e.loss, e.accuracy)
    found = scores(inspection)
    assert found.keys() == expected.keys()
    for key, value in expected.items():
        assert_allclose(found[key], value, rtol=1e-12)


def test_the_layers_are_the_checkpoints_own(
    recorder: MemoryRecorder, inspection: BatchNormInspection
) -> None:
    network = network_of(*CONFIG.layers, shape=(64,))
    network.load(recorder.checkpoints[-1])
    assert [(b.layer, b.name) for b in inspection.layers] == [
        (1, "batch_norm1"),
        (4, "batch_norm2"),
    ]
    for inspected in inspection.layers:
        layer = network.layers[inspected.layer]
        for name, array in {**layer.parameters, **layer.buffers}.items():
            assert_allclose(getattr(inspected, name), array, rtol=1e-15)
    assert inspection.step == 15
    assert inspection.samples == 47
    assert inspection.batch_size == 10


def test_the_checkpoint_is_left_as_it_was(recorder: MemoryRecorder) -> None:
    checkpoint = recorder.checkpoints[0]
    before = plain(checkpoint)
    inspect_batch_norm(CONFIG, checkpoint)
    assert plain(checkpoint) == before


def test_a_whole_training_set_as_one_batch_is_the_population(recorder: MemoryRecorder) -> None:
    whole = inspect_batch_norm(CONFIG, recorder.checkpoints[-1], batch_size=47)
    found = scores(whole)
    assert_allclose(found["train", "training"], found["train", "population"], rtol=1e-9)


def test_statistics_that_hardly_move_are_caught_up_with() -> None:
    """Full batches and weights that stand still: the running statistics reach the population's."""
    config = tiny(
        dtype="float64",
        batch_size=47,
        epochs=150,
        optimizer=SGD(lr=1e-12),
        layers=multilayer([6], 10, activation=ReLU(), init=He(), batch_norm=BatchNorm()),
        record={"checkpoint_every": 150},
    )
    (layer,) = inspect_batch_norm(config, trained(config).checkpoints[-1]).layers
    assert_allclose(layer.running_mean, layer.population_mean, rtol=1e-5, atol=1e-8)
    assert_allclose(layer.running_var, layer.population_var, rtol=1e-5)
    assert layer.mean_gap.max() < 1e-5
    assert_allclose(layer.var_ratio, 1, rtol=1e-5)


def test_statistics_that_lag_behind_are_seen_and_cost_something() -> None:
    slow = BatchNorm(momentum=1.0)  # never moves from its start
    layers = multilayer([6], 10, activation=ReLU(), init=He(), batch_norm=slow)
    config = tiny(layers=layers, epochs=10)
    inspection = inspect_batch_norm(config, trained(config).checkpoints[-1])
    assert np.abs(inspection.layers[0].var_ratio - 1).max() > 0.1
    found = scores(inspection)
    assert found["train", "population"][0] < found["train", "inference"][0]


def test_a_run_without_batch_normalization_has_scores_and_no_layers() -> None:
    config = tiny(layers=(Dense(units=10),), dtype="float64")
    inspection = inspect_batch_norm(config, trained(config).checkpoints[-1])
    assert inspection.layers == ()
    found = scores(inspection)
    for mode in ("training", "population"):
        assert_allclose(found["validation", mode], found["validation", "inference"], rtol=1e-12)
