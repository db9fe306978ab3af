"""layerlab computes what PyTorch and Keras compute: the values in `tests/golden/*.npz`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from pydantic import TypeAdapter

from engine.config import RunConfig
from engine.layers import AnyLayer
from engine.learning_rates import LearningRateSpec, Progress
from engine.loops import compiled
from engine.losses import LossSpec
from engine.optimizers import OptimizerSpec
from engine.records import MemoryRecorder
from engine.spec import family
from engine.training import Trainer, train
from tests.engine.build import one_layer
from tests.engine.idx_files import write_idx
from tests.golden.case import Case, read

WITHOUT_REFERENCE = {"dropout"}
"""Kinds that neither PyTorch nor Keras has, or that draw at random."""


@pytest.fixture(params=[False, True], ids=["arrays", "compiled"], autouse=True)
def _both_ways(request: pytest.FixtureRequest) -> Iterator[None]:
    """Loops are compiled, or work on whole arrays."""
    with compiled(request.param):
        yield


def golden(*families: str) -> Any:
    """Parametrize a test over the cases of these families."""
    cases = {name: case for kept in families for name, case in read(kept).items()}
    return pytest.mark.parametrize("case", cases.values(), ids=cases.keys())


def assert_matches(actual: np.ndarray, expected: np.ndarray) -> None:
    """Equal up to the rounding of the precision that the expected values were computed in."""
    rtol, atol = (1e-10, 1e-13) if expected.dtype == np.float64 else (1e-5, 2e-6)
    assert_allclose(actual, expected, rtol=rtol, atol=atol)


@golden("activations", "layers", "images")
@np.errstate(over="ignore")  # as in a network at work
def test_a_layer_computes_and_learns_as_elsewhere(case: Case) -> None:
    spec = TypeAdapter[Any](AnyLayer).validate_python(case.spec)
    layer = one_layer(spec, case["x"].shape[2:])
    for name, value in case.under("parameters").items():
        layer.parameters[name][...] = value
    for i, (x, dout) in enumerate(zip(case["x"], case["dout"], strict=True)):
        assert_matches(layer.forward(np.float64(x), "training"), case["y"][i])
        assert_matches(layer.backward(np.float64(dout)), case["dx"][i])
        for name, expected in case.under("gradients").items():
            assert_matches(layer.gradients[name], expected[i])
        for name, expected in case.under("buffers").items():
            assert_matches(layer.buffers[name], expected[i])
    assert_matches(layer.forward(np.float64(case["x"][0]), "inference"), case["y_inference"])


@golden("losses")
def test_a_loss_and_its_gradient_are_as_elsewhere(case: Case) -> None:
    loss = TypeAdapter[Any](LossSpec).validate_python(case.spec)
    total, hits, dz = loss.sum(np, case["z"], case["t"])
    assert_allclose(total / len(case["z"]), case["loss"], rtol=1e-13)
    assert_allclose(dz, case["dz"], rtol=1e-12, atol=1e-16)
    assert hits == case["hits"]


@golden("optimizers")
def test_an_optimizer_takes_the_same_hundred_steps_as_elsewhere(case: Case) -> None:
    rule = TypeAdapter[Any](OptimizerSpec).validate_python(case.spec)
    w = case["w0"].copy()
    slots = {name: np.full_like(w, rule.start(name)) for name in rule.slots}
    for t, g in enumerate(case["g"], start=1):
        rule.update(w, g.copy(), slots, t=t, eta=rule.lr)
        assert_allclose(w, case["w"][t - 1], rtol=1e-10, err_msg=f"step {t}")


@golden("learning_rates")
def test_a_learning_rate_follows_the_same_course_as_elsewhere(case: Case) -> None:
    schedule = TypeAdapter[Any](LearningRateSpec).validate_python(case.spec)
    factors = case["factors"]
    per_epoch = int(case["steps_per_epoch"])
    ours = [schedule.factor(Progress(i, len(factors), per_epoch)) for i in range(len(factors))]
    assert_allclose(ours, factors, rtol=1e-10, atol=1e-12)


@golden("trajectories")
def test_a_whole_run_follows_the_same_path_as_elsewhere(case: Case, data_directory: Path) -> None:
    folder = data_directory / "golden"
    for split, name in (("train", "train"), ("validation", "t10k")):
        write_idx(folder / f"{name}-images-idx2-double", case[f"x_{split}"])
        write_idx(folder / f"{name}-labels-idx1-ubyte", case[f"t_{split}"].astype(np.uint8))
    recorder = MemoryRecorder()
    train(RunConfig.parse(case.spec), recorder)

    def scores(split: Any, name: str = "loss") -> list[float]:
        return [getattr(metric, name) for metric in recorder.metrics(split)]

    end = recorder.checkpoints[-1]
    assert_allclose(scores("batch"), case["loss"], rtol=1e-10)
    assert_allclose(scores("batch", "accuracy"), case["accuracy"])
    assert_allclose(scores("train"), case["train_loss"], rtol=1e-10)
    assert_allclose(scores("validation"), case["validation_loss"], rtol=1e-10)
    assert_allclose(end.w, case["w"], rtol=1e-10, atol=1e-12)
    assert_allclose(end.buffers, case["buffers"], rtol=1e-10)


@golden("weighted")
def test_samples_count_as_elsewhere_and_numbers_are_scored_so(
    case: Case, data_directory: Path
) -> None:
    given = ("x_train", "y_train", "x_test", "y_test", "weights_train")
    arrays = {name: case[name] for name in given if name in case.arrays}
    np.savez(data_directory / "golden.npz", allow_pickle=False, **arrays)
    config, recorder = RunConfig.parse(case.spec), MemoryRecorder()
    trainer = Trainer(config)
    trainer.run(recorder)
    batches, validation = recorder.metrics("batch"), recorder.metrics("validation")
    assert_allclose([each.loss for each in batches], case["loss"], rtol=1e-10)
    assert_allclose(trainer.network.w, case["w"], rtol=1e-10, atol=1e-12)
    if "r2" in case.arrays:
        assert_allclose([each.r2 for each in validation], case["r2"], rtol=1e-10)
        expected = case["validation_loss"]
        assert_allclose([each.loss for each in validation], expected, rtol=1e-10)
        assert_allclose(trainer.baseline_loss, case["baseline"], rtol=1e-10)


@pytest.mark.parametrize(
    ("union", "families"),
    [
        (AnyLayer, ("activations", "layers", "images")),
        (LossSpec, ("losses",)),
        (OptimizerSpec, ("optimizers",)),
        (LearningRateSpec, ("learning_rates",)),
    ],
    ids=["layers", "losses", "optimizers", "learning rates"],
)
def test_every_kind_has_a_golden_case(union: Any, families: tuple[str, ...]) -> None:
    kinds = {spec.kind_name() for spec in family(union)}
    checked = {case.spec["kind"] for kept in families for case in read(kept).values()}
    assert kinds - WITHOUT_REFERENCE == checked - WITHOUT_REFERENCE
