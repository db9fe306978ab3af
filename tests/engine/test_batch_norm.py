"""Batch Normalization: its equations, written out, and its running statistics."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from engine.backend import to_host
from engine.layers import BatchNorm
from engine.loops import compiled
from engine.network import Network
from tests.engine.build import one_layer
from tests.engine.strict_xp import STRICT

M, C = 9, 3
GENERATOR = np.random.default_rng(1)
X, DY = 4 * GENERATOR.standard_normal((M, C)) - 2, GENERATOR.standard_normal((M, C))


def layer_of(spec: BatchNorm) -> Any:
    layer = one_layer(spec, (C,))
    layer.parameters["gamma"][...] = [0.5, -1.5, 2.0]
    layer.parameters["beta"][...] = [1.0, 0.0, -3.0]
    return layer


def test_backward_is_the_transposed_jacobian_written_out() -> None:
    """J = γ/σ (I - 11ᵀ/m - x̂x̂ᵀ/m), channel by channel."""
    layer = layer_of(BatchNorm(epsilon=0.01))
    layer.forward(X, "training")
    dx = layer.backward(DY)
    sigma = np.sqrt(X.var(axis=0) + 0.01)
    x_hat = (X - X.mean(axis=0)) / sigma
    for c in range(C):
        ones, xc = np.ones((M, 1)), x_hat[:, c : c + 1]
        jacobian = (np.eye(M) - ones @ ones.T / M - xc @ xc.T / M) / sigma[c]
        jacobian *= layer.parameters["gamma"][c]
        assert_allclose(dx[:, c], jacobian.T @ DY[:, c], rtol=1e-10, atol=1e-14)
    assert_allclose(layer.gradients["gamma"], (DY * x_hat).sum(axis=0), rtol=1e-12)
    assert_allclose(layer.gradients["beta"], DY.sum(axis=0), rtol=1e-12)


def test_training_gives_each_channel_mean_beta_and_deviation_gamma() -> None:
    y = layer_of(BatchNorm(epsilon=1e-12)).forward(X, "training")
    assert_allclose(y.mean(axis=0), [1.0, 0.0, -3.0], atol=1e-12)
    assert_allclose(y.std(axis=0), [0.5, 1.5, 2.0], rtol=1e-9)


@pytest.mark.parametrize("variance", ["biased", "unbiased"])
@pytest.mark.parametrize("start", [0.0, 1.0])
def test_running_statistics_average_the_batches_in_the_stated_convention(
    variance: Any, start: float
) -> None:
    spec = BatchNorm(momentum=0.8, variance=variance, initial_variance=start)
    layer = one_layer(spec, (C,))
    mean, var = np.zeros(C), np.full(C, start)
    for i in range(5):
        x = (i + 1) * X[: M - i] + i
        layer.forward(x, "training")
        mean = 0.8 * mean + 0.2 * x.mean(axis=0)
        var = 0.8 * var + 0.2 * x.var(axis=0, ddof=variance == "unbiased")
        assert_allclose(layer.buffers["running_mean"], mean, rtol=1e-12)
        assert_allclose(layer.buffers["running_var"], var, rtol=1e-12)


@pytest.mark.parametrize(("momentum", "kept"), [(0.0, False), (1.0, True)])
def test_the_ends_of_momentum_keep_nothing_or_everything(momentum: float, kept: bool) -> None:
    layer = one_layer(BatchNorm(momentum=momentum), (C,))
    layer.forward(X, "training")
    expected = np.zeros(C) if kept else X.mean(axis=0)
    assert_allclose(layer.buffers["running_mean"], expected, rtol=1e-12)


def test_inference_uses_the_running_statistics_alone() -> None:
    layer = layer_of(BatchNorm(epsilon=0.1))
    layer.buffers["running_mean"][...] = [1, 2, 3]
    layer.buffers["running_var"][...] = [4, 0, 9]
    x_hat = (X - [1, 2, 3]) / np.sqrt(np.array([4, 0, 9]) + 0.1)
    assert_allclose(
        layer.forward(X, "inference"), [0.5, -1.5, 2.0] * x_hat + [1, 0, -3], rtol=1e-12
    )


@pytest.mark.parametrize("variance", ["biased", "unbiased"])
def test_a_batch_of_one_gives_beta_and_stays_finite(variance: Any) -> None:
    layer = layer_of(BatchNorm(variance=variance, momentum=0.9))
    assert_array_equal(layer.forward(X[:1], "training"), [[1.0, 0.0, -3.0]])
    assert_array_equal(layer.backward(DY[:1]), np.zeros((1, C)))
    assert_allclose(layer.buffers["running_var"], 0.9)


@pytest.mark.parametrize("xp", [np, STRICT], ids=["numpy", "device"])
@pytest.mark.parametrize("compiles", [False, True])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_batch_of_one_is_exactly_zero_before_gamma_and_beta(
    xp: Any, compiles: bool, dtype: str
) -> None:
    """Whatever its values are and however sums and products are rounded."""
    generator, channels = np.random.default_rng(3), 200
    network = Network([BatchNorm()], (channels,), xp=xp, dtype=dtype)
    gamma, beta = 5 * generator.standard_normal((2, channels)).astype(dtype)
    network.w[...] = xp.asarray(np.concatenate([gamma, beta]))
    x = (1e3 * generator.standard_normal((1, channels))).astype(dtype)
    with compiled(compiles and xp is np):
        y = to_host(network.forward(xp.asarray(x), "training"))
    assert_array_equal(y[0], beta)


def test_a_constant_feature_is_normalized_to_beta() -> None:
    x = X.copy()
    x[:, 1] = 7.0
    layer = layer_of(BatchNorm())
    assert_allclose(layer.forward(x, "training")[:, 1], 0.0, atol=1e-9)
    assert np.isfinite(layer.backward(DY)).all()


def test_a_feature_map_is_normalized_over_its_positions_too() -> None:
    x = np.random.default_rng(2).standard_normal((4, 5, 6, C))
    one_by_one = one_layer(BatchNorm(), (C,)).forward(x.reshape(-1, C), "training")
    maps = one_layer(BatchNorm(), (5, 6, C)).forward(x, "training")
    assert_allclose(maps.reshape(-1, C), one_by_one, rtol=1e-12)


YEARS = GENERATOR.integers(1990, 2020, (60_000, 1))
FAR_FROM_ZERO = {
    "one year in every row": np.full((60_000, 1), 2014.0),
    "years": YEARS,
    "seconds since 1970": GENERATOR.uniform(1.6e9, 1.7e9, (20_000, 2)),
    "feature maps around 10": 10 + GENERATOR.standard_normal((20, 28, 28, 32)),
    "a first row far from all others": np.concatenate([[[1e4]], YEARS]),
}


@pytest.mark.parametrize("name", FAR_FROM_ZERO)
@pytest.mark.parametrize("backend", ["numpy", "numba", "device"])
def test_mean_and_variance_are_accurate_however_far_from_zero(name: str, backend: str) -> None:
    """As accurate as float32 holds a mean and a variance; sums of the values as they are would give
    the one year of every row a deviation of half a year."""
    x = FAR_FROM_ZERO[name].astype(np.float32)
    xp = STRICT if backend == "device" else np
    network = Network([BatchNorm()], x.shape[1:], xp=xp, dtype="float32")
    with compiled(backend == "numba"):
        network.forward(xp.asarray(x), "training")
    exact = x.reshape(-1, x.shape[-1]).astype(np.float64)
    mean, var = (to_host(network.layers[0].batch[each]) for each in ("mean", "var"))
    nearest = np.spacing(np.abs(x).max())
    assert_allclose(mean, exact.mean(axis=0), rtol=0, atol=2 * nearest)
    assert_allclose(var, exact.var(axis=0), rtol=2e-5, atol=0)
