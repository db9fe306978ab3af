"""Input scaling: fitted on the training samples alone, finite whatever they are."""

from __future__ import annotations

import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.testing import assert_allclose

from engine.config import RunConfig
from engine.exports.numpy_script import to_numpy_script
from engine.exports.onnx_model import to_onnx
from engine.model import model_of
from engine.records import MemoryRecorder
from engine.samples import load_samples
from engine.scaling import MeanNormalization, MinMax, ScalingSpec, Unscaled, ZScore
from engine.scaling.base import PORTION
from engine.spec import family
from engine.training import train
from tests.engine.build import tiny

VARIANTS = [
    *(
        spec(per=per)
        for spec in (MinMax, ZScore, MeanNormalization)
        for per in ("feature", "dataset")
    ),
    Unscaled(),
]
every_scaling = pytest.mark.parametrize("scaling", VARIANTS, ids=str)
X = np.random.default_rng(1).normal(5, [1, 10, 100], (50, 3))


def test_every_scaling_is_checked() -> None:
    assert {type(scaling) for scaling in VARIANTS} == set(family(ScalingSpec))


@pytest.mark.parametrize("per", ["feature", "dataset"])
def test_min_max_ends_at_zero_and_one(per: Any) -> None:
    axis = 0 if per == "feature" else None
    scaled = MinMax(per=per).fit(X)(X, "float64")
    assert_allclose(scaled.min(axis=axis), 0, atol=1e-15)
    assert_allclose(scaled.max(axis=axis), 1)


@pytest.mark.parametrize("per", ["feature", "dataset"])
def test_z_score_has_mean_zero_and_deviation_one(per: Any) -> None:
    axis = 0 if per == "feature" else None
    scaled = ZScore(per=per).fit(X)(X, "float64")
    assert_allclose(scaled.mean(axis=axis), 0, atol=1e-14)
    assert_allclose(scaled.std(axis=axis), 1)


def test_unscaled_leaves_values_as_they_are() -> None:
    np.testing.assert_array_equal(Unscaled().fit(X)(X, "float64"), X)


@every_scaling
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_precision_asked_for_is_given(scaling: Any, dtype: str) -> None:
    whole = np.arange(12, dtype=np.uint8).reshape(4, 3)
    assert scaling.fit(whole)(whole, dtype).dtype == dtype


@every_scaling
@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("stored", ["u1", "f4", "f8"])
def test_scaling_in_portions_changes_no_bit(scaling: Any, order: Any, stored: str) -> None:
    """Nor how the samples lie in memory, which decides in what order they are summed."""
    drawn = np.random.default_rng(2).uniform(0, 250, (PORTION // 12 + 7, 3, 4))
    x = np.asarray(drawn, stored, order=order)
    affine = scaling.fit(x)
    expected = ((x - affine.offset) / affine.scale).astype("float32")
    found = affine(x, "float32")
    np.testing.assert_array_equal(found, expected)
    assert found.strides == expected.strides


def test_scaling_takes_little_memory_beside_the_samples() -> None:
    x = np.ones((400_000, 5), np.float32)
    affine = ZScore().fit(x)
    tracemalloc.start()
    scaled = affine(x, "float32")
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < scaled.nbytes + 4 * 8 * PORTION


@every_scaling
def test_only_training_samples_are_fitted(scaling: Any) -> None:
    """Otherwise validation would know of itself."""
    config = tiny(scaling=scaling, dtype="float64")
    data, samples = config.dataset.load(), load_samples(config)
    scale = scaling.fit(data.x_train)
    np.testing.assert_array_equal(samples.x_train, scale(data.x_train, "float64"))
    np.testing.assert_array_equal(samples.x_validation, scale(data.x_validation, "float64"))


@pytest.mark.parametrize("scaling", VARIANTS[:6], ids=str)
@pytest.mark.parametrize("value", [0.0, 0.1, -7.3, 1e6, 255])
def test_a_constant_feature_is_only_shifted(scaling: Any, value: float) -> None:
    """Dividing by its deviation, which is rounding, would blow a stray value up."""
    constant = np.full((1000, 2), value)
    stray = np.array([0.0, 0.5])
    scaled = scaling.fit(constant)(constant + stray, "float64")
    assert_allclose(scaled, np.broadcast_to(stray, (1000, 2)), atol=1e-9)


@every_scaling
@given(
    x=hnp.arrays(
        np.float64, hnp.array_shapes(min_dims=2, max_dims=2), elements=st.floats(-1e6, 1e6)
    )
)
def test_scaled_training_samples_are_finite_and_never_wild(scaling: Any, x: np.ndarray) -> None:
    scaled = scaling.fit(x)(x, "float64")
    assert np.isfinite(scaled).all()
    if isinstance(scaling, ZScore):
        assert np.abs(scaled).max() <= np.sqrt(x.size) + 1e-6
    if isinstance(scaling, MeanNormalization):
        assert np.abs(scaled).max() <= 1 + 1e-9
    if isinstance(scaling, MinMax):
        assert ((scaled >= 0) & (scaled <= 1)).all()


CARS = "year,mileage,price\n" + "".join(
    f"{2005 + i % 18},{(i * 7919) % 120_000},{500 + 20 * (i % 18) - (i * 7919) % 120_000 // 400}\n"
    for i in range(200)
)
REGRESSION: dict[str, Any] = {
    "dataset": {"kind": "csv"},
    "layers": [{"kind": "dense", "units": 16}, {"kind": "relu"}, {"kind": "dense", "units": 1}],
    "loss": {"kind": "mean_squared_error"},
    "optimizer": {"kind": "adam", "lr": 0.01},
    "batch_size": 20,
    "epochs": 80,
}


def test_an_untouched_table_is_learned_and_scored_in_its_own_unit(data_directory: Path) -> None:
    """Years and mileages under one scale, and prices as they are, would be learned by no default
    rate."""
    (data_directory / "data.csv").write_text(CARS)
    config = RunConfig.parse(REGRESSION)
    recorder = MemoryRecorder()
    train(config, recorder)
    data, model = config.dataset.load(), model_of(config, recorder.checkpoints[-1])
    error = np.square(model.predict(data.x_validation) - data.t_validation).mean()
    assert_allclose(recorder.metrics("validation")[-1].loss, error, rtol=1e-3)
    assert error < 0.05 * data.t_validation.var()
    raw = config.model_copy(update={"target_scaling": "none"})
    assert load_samples(raw).loss_unit == 1
    assert_allclose(load_samples(raw).t_train, data.t_train)


def test_an_exported_model_predicts_in_the_targets_unit(data_directory: Path) -> None:
    import onnxruntime

    (data_directory / "data.csv").write_text(CARS)
    config = RunConfig.parse(REGRESSION | {"epochs": 2})
    recorder = MemoryRecorder()
    train(config, recorder)
    x, model = config.dataset.load().x_validation, model_of(config, recorder.checkpoints[-1])
    session = onnxruntime.InferenceSession(to_onnx(model))
    (outputs,) = session.run(["outputs"], {"samples": x.astype(np.float64)})
    assert_allclose(outputs, model.predict(x), rtol=1e-3)
    script: dict[str, Any] = {"__name__": "script"}
    exec(to_numpy_script(model), script)
    assert_allclose(script["predict"](x), model.predict(x), rtol=1e-5)


def test_a_run_from_before_keeps_its_targets_as_they_were() -> None:
    config = RunConfig.parse(REGRESSION)
    old = config.model_dump(mode="json")
    del old["target_scaling"], old["drop_last"]
    assert RunConfig.parse(old).target_scaling == "none"
    assert config.target_scaling == "z_score"


def test_auto_scales_each_column_of_a_table_and_all_pixels_together() -> None:
    assert MinMax().fit(X, alike=False).scale.shape == (3,)
    assert MinMax().fit(X).scale.shape == ()
