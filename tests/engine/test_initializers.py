"""Initializers: the distributions they promise, and draws that runs with one seed share."""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import stats

from engine.initialization import initialize
from engine.initializers import (
    LSUV,
    Constant,
    He,
    Initializer,
    InitializerSpec,
    LeCun,
    Normal,
    Orthogonal,
    TruncatedNormal,
    Uniform,
    Xavier,
    Zeros,
)
from engine.layers import BatchNorm, Dense, ReLU, Tanh
from engine.randomness import Use, stream
from engine.spec import family
from tests.engine.build import network_of

FANS = [(784, 100), (100, 784), (300, 300), (2000, 20)]
EXPECTED_STD = [
    (He(), lambda fan_in, fan_out: sqrt(2 / fan_in)),
    (He(fan="out"), lambda fan_in, fan_out: sqrt(2 / fan_out)),
    (He(fan="average"), lambda fan_in, fan_out: sqrt(4 / (fan_in + fan_out))),
    (Xavier(), lambda fan_in, fan_out: sqrt(2 / (fan_in + fan_out))),
    (Xavier(fan="in"), lambda fan_in, fan_out: 1 / sqrt(fan_in)),
    (Xavier(fan="out"), lambda fan_in, fan_out: 1 / sqrt(fan_out)),
    (He(distribution="uniform"), lambda fan_in, fan_out: sqrt(2 / fan_in)),
    (
        Xavier(distribution="uniform"),
        lambda fan_in, fan_out: sqrt(2 / (fan_in + fan_out)),
    ),
    (LeCun(), lambda fan_in, fan_out: 1 / sqrt(fan_in)),
    (LeCun(distribution="truncated"), lambda fan_in, fan_out: 1 / sqrt(fan_in)),
    (Uniform(limit=0.3), lambda fan_in, fan_out: 0.3 / sqrt(3)),
    (TruncatedNormal(std=0.1), lambda fan_in, fan_out: 0.1 * stats.truncnorm.std(-2, 2)),
    (Orthogonal(gain=2), lambda fan_in, fan_out: 2 / sqrt(max(fan_in, fan_out))),
    (LSUV(), lambda fan_in, fan_out: 1 / sqrt(max(fan_in, fan_out))),
    (Normal(), lambda fan_in, fan_out: 0.01),
    (Normal(std=3), lambda fan_in, fan_out: 3.0),
    (Constant(value=0.25), lambda fan_in, fan_out: 0.0),
    (Zeros(), lambda fan_in, fan_out: 0.0),
]


def drawn(init: Initializer, fan_in: int, fan_out: int, seed: int = 0) -> np.ndarray:
    z = stream(seed, Use.INITIALIZATION, 0).standard_normal((fan_in, fan_out))
    before = z.copy()
    weights = init.weights(z, fan_in, fan_out)
    assert_array_equal(z, before)
    assert weights.shape == z.shape
    return weights


def test_every_initializer_is_checked() -> None:
    assert {type(init) for init, _ in EXPECTED_STD} == set(family(InitializerSpec))


@pytest.mark.parametrize(("init", "std_of"), EXPECTED_STD, ids=[str(i) for i, _ in EXPECTED_STD])
@pytest.mark.parametrize(("fan_in", "fan_out"), FANS)
def test_weights_have_the_promised_mean_and_deviation(
    init: Initializer, std_of: Any, fan_in: int, fan_out: int
) -> None:
    """Within five standard errors, for the one seed that is drawn here."""
    weights, std = drawn(init, fan_in, fan_out), std_of(fan_in, fan_out)
    n = weights.size
    if std == 0:
        assert_array_equal(weights, getattr(init, "value", 0.0))
    else:
        assert abs(weights.mean()) < 5 * std / sqrt(n)
        assert abs(weights.std() / std - 1) < 5 / sqrt(2 * n)


@pytest.mark.parametrize("init", [He(), Xavier(), Normal()])
def test_normal_weights_are_normal(init: Initializer) -> None:
    weights = drawn(init, 400, 50).ravel()
    assert stats.kstest(weights / weights.std(), "norm").pvalue > 0.01


@pytest.mark.parametrize("init", [He(distribution="uniform"), Xavier(distribution="uniform")])
def test_uniform_weights_are_uniform_between_their_limits(init: Initializer) -> None:
    weights = drawn(init, 400, 400).ravel()
    limit = sqrt(3) * sqrt({"he": 2 / 400, "xavier": 2 / 800}[init.kind_name()])
    assert np.abs(weights).max() <= limit
    assert stats.kstest(weights, "uniform", (-limit, 2 * limit)).pvalue > 0.01


@pytest.mark.parametrize("shape", [(9, 5), (5, 9), (7, 7), (3, 3, 4, 6)])
def test_orthogonal_weights_have_one_singular_value(shape: tuple[int, ...]) -> None:
    weights = Orthogonal(gain=1.5).weights(np.random.default_rng(0).standard_normal(shape), 9, 5)
    assert_allclose(np.linalg.svd(weights.reshape(-1, shape[-1]), compute_uv=False), 1.5)


def test_truncated_weights_have_no_tails() -> None:
    weights = drawn(TruncatedNormal(std=0.5), 400, 400)
    assert np.abs(weights).max() <= 1.0
    assert stats.kstest(weights.ravel(), stats.truncnorm(-2, 2, scale=0.5).cdf).pvalue > 0.01


def test_lsuv_brings_every_layer_to_unit_variance_on_real_samples() -> None:
    dense = [Dense(units=50, init=LSUV(tolerance=1e-3)) for _ in range(3)]
    network = network_of(dense[0], Tanh(), BatchNorm(), dense[1], Tanh(), dense[2], shape=(20,))
    x = np.random.default_rng(1).normal(2, 5, (300, 20))
    initialize(network, 0, x)
    assert network.layers[2].buffers["running_mean"].max() == 0
    network.forward(x, "training")
    for index in (0, 3, 5):
        assert network.outputs[index].var() == pytest.approx(1, abs=1e-3)


def test_one_seed_draws_the_same_weights_whatever_scales_them() -> None:
    """What a comparison of initializers loses otherwise: pairs, instead of the luck of the draw."""
    he, xavier, normal = (drawn(init, 64, 100, seed=3) for init in (He(), Xavier(), Normal()))
    assert_allclose(he / xavier, sqrt(2 / 64) / sqrt(2 / 164), rtol=1e-12)
    assert_allclose(he / normal, sqrt(2 / 64) / 0.01, rtol=1e-12)
    uniform = drawn(He(distribution="uniform"), 64, 100, seed=3)
    assert_array_equal(np.argsort(uniform, axis=None), np.argsort(he, axis=None))
    assert not np.array_equal(he, drawn(He(), 64, 100, seed=4))


def test_batch_normalization_more_or_less_leaves_every_draw_as_it_was() -> None:
    dense = [Dense(units=7), Dense(units=7), Dense(units=3)]
    plain = network_of(dense[0], ReLU(), dense[1], ReLU(), dense[2], shape=(5,), seed=9)
    normed = network_of(
        *(BatchNorm(), dense[0], BatchNorm(), ReLU(), dense[1], ReLU(), BatchNorm(), dense[2]),
        shape=(5,),
        seed=9,
    )

    def weights(network: Any) -> list[np.ndarray]:
        return [layer.parameters["W"] for layer in network.layers if "W" in layer.parameters]

    for with_norm, without in zip(weights(normed), weights(plain), strict=True):
        assert_array_equal(with_norm, without)
    assert not np.array_equal(weights(plain)[0][:, :3], weights(plain)[1][:5, :3])


def test_single_precision_starts_from_the_double_precision_draw_rounded() -> None:
    single, double = (
        network_of(Dense(units=9), shape=(8,), dtype=d) for d in ("float32", "float64")
    )
    assert_array_equal(single.w, double.w.astype(np.float32))
