"""Input scaling: fitted on the training samples alone, finite whatever they are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.testing import assert_allclose

from engine.samples import load_samples
from engine.scaling import MeanNormalization, MinMax, ScalingSpec, Unscaled, ZScore
from engine.spec import family
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
