"""Convolution against its definition, cell by cell, for any shape and option."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from engine.initializers import Orthogonal, Xavier
from engine.layers import Conv2D, Shape, winograd
from engine.layers.conv import Conv2DPass
from engine.layers.winograd import Winograd
from engine.loops import compiled
from tests.engine.build import OneLayer, one_layer


def directly(spec: Conv2D, x: np.ndarray, W: np.ndarray, b: np.ndarray, dz: np.ndarray) -> tuple:
    """z, dx, dW and db by the definition: a sum over every output and every cell of its window."""
    N, H, width, _ = x.shape
    rows, columns, _ = spec.output_shape(x.shape[1:])
    pads = [
        max((outputs - 1) * spec.stride + spec.kernel - inputs, 0) // 2
        if spec.padding == "same"
        else 0
        for outputs, inputs in ((rows, H), (columns, width))
    ]
    z, dx, dW = np.zeros_like(dz), np.zeros_like(x), np.zeros_like(W)
    cells = product(range(N), range(rows), range(columns), range(spec.kernel), range(spec.kernel))
    for n, i, j, u, v in cells:
        p, q = i * spec.stride + u - pads[0], j * spec.stride + v - pads[1]
        if 0 <= p < H and 0 <= q < width:
            z[n, i, j] += x[n, p, q] @ W[u, v]
            dx[n, p, q] += W[u, v] @ dz[n, i, j]
            dW[u, v] += np.outer(x[n, p, q], dz[n, i, j])
    return z + b, dx, dW, dz.sum(axis=(0, 1, 2))


def assert_passes_by_definition(spec: Conv2D, shape: Shape, batch: int, seed: int) -> OneLayer:
    generator = np.random.default_rng(seed)
    layer = one_layer(spec, shape)
    for parameter in layer.parameters.values():
        parameter[...] = generator.standard_normal(parameter.shape)
    x = generator.standard_normal((batch, *shape))
    dz = generator.standard_normal((batch, *spec.output_shape(shape)))
    z, dx, dW, db = directly(spec, x, layer.parameters["W"], layer.parameters["b"], dz)
    assert_allclose(layer.forward(x, "training"), z, rtol=1e-11, atol=1e-12)
    assert_allclose(layer.backward(dz), dx, rtol=1e-11, atol=1e-12)
    assert_allclose(layer.gradients["W"], dW, rtol=1e-11, atol=1e-12)
    assert_allclose(layer.gradients["b"], db, rtol=1e-11, atol=1e-12)
    return layer


@settings(max_examples=60)
@given(
    spec=st.builds(
        Conv2D,
        filters=st.integers(1, 3),
        kernel=st.integers(1, 5),
        stride=st.integers(1, 4),
        padding=st.sampled_from(["valid", "same"]),
    ),
    shape=st.tuples(st.integers(5, 8), st.integers(5, 8), st.integers(1, 3)),
    batch=st.integers(1, 4),
    seed=st.integers(0, 2**16),
)
def test_passes_are_those_of_the_definition(
    spec: Conv2D, shape: Shape, batch: int, seed: int
) -> None:
    assert_passes_by_definition(spec, shape, batch, seed)


@settings(max_examples=40)
@given(
    spec=st.builds(Conv2D, filters=st.integers(16, 18), padding=st.sampled_from(["valid", "same"])),
    shape=st.tuples(st.integers(3, 10), st.integers(3, 10), st.integers(16, 18)),
    batch=st.integers(1, 3),
    seed=st.integers(0, 2**16),
)
def test_passes_by_tiles_are_those_of_the_definition(
    spec: Conv2D, shape: Shape, batch: int, seed: int
) -> None:
    with compiled(True), pytest.MonkeyPatch.context() as patch:
        patch.setattr(winograd, "LEAST", 1)
        layer = assert_passes_by_definition(spec, shape, batch, seed)
    assert isinstance(layer.passed, Conv2DPass)
    assert isinstance(layer.passed.convolution, Winograd)


def test_tiles_lose_little_precision() -> None:
    x = np.random.default_rng(0).standard_normal((4, 28, 28, 32))
    outcomes = []
    for dtype in ("float64", "float32"):
        layer = one_layer(Conv2D(filters=32), x.shape[1:], dtype=dtype)
        with compiled(dtype == "float32"):
            z = layer.forward(x.astype(dtype), "training")
            outcomes.append([z, layer.backward(z), layer.gradients["W"]])
    for exact, found in zip(*outcomes, strict=True):
        assert np.abs(found - exact).max() < 2e-5 * np.abs(exact).max()


def test_without_bias_nothing_is_added() -> None:
    layer = one_layer(Conv2D(filters=2, bias=False), (4, 4, 1))
    assert layer.parameters.keys() == {"W"}
    assert not layer.forward(np.zeros((1, 4, 4, 1)), "training").any()


def test_a_first_layer_computes_no_input_gradient() -> None:
    layer = one_layer(Conv2D(filters=2), (4, 4, 1))
    layer.network.input_gradient = False
    assert layer.backward(layer.forward(np.ones((2, 4, 4, 1)), "training")) is None
    assert layer.gradients["b"].all()


@pytest.mark.parametrize("kernel", [1, 3])
def test_fans_count_the_cells_of_a_window(kernel: int) -> None:
    spec = Conv2D(filters=64, kernel=kernel, init=Xavier())
    W = one_layer(spec, (8, 8, 48)).parameters["W"]
    assert W.shape == (kernel, kernel, 48, 64)
    assert_allclose(W.var(), 2 / (kernel**2 * (48 + 64)), rtol=0.1)


def test_orthogonal_filters() -> None:
    W = one_layer(Conv2D(filters=5, init=Orthogonal()), (8, 8, 2)).parameters["W"].reshape(-1, 5)
    assert_allclose(W.T @ W / (W.T @ W)[0, 0], np.eye(5), atol=1e-12)


def test_a_network_in_single_precision_stays_in_it() -> None:
    layer = one_layer(Conv2D(filters=2, stride=2, padding="same"), (5, 5, 3), dtype="float32")
    x = np.random.default_rng(0).standard_normal((3, 5, 5, 3)).astype(np.float32)
    z = layer.forward(x, "training")
    dx = layer.backward(z)
    assert dx is not None
    assert {z.dtype, dx.dtype, layer.gradients["W"].dtype} == {np.dtype("float32")}
    assert_array_equal(layer.forward(x, "inference"), z)
