"""Pooling against its definition, window by window, for any shape and option."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from engine.layers import AveragePool2D, MaxPool2D, Shape
from engine.layers.pool import Pool
from engine.layers.windows import Placement
from tests.engine.build import one_layer

pools = {
    "size": st.integers(1, 4),
    "stride": st.integers(1, 4),
    "padding": st.sampled_from(["valid", "same"]),
}
shapes = st.tuples(st.integers(4, 9), st.integers(4, 9), st.integers(1, 3))


def windows(placement: Placement) -> Iterator[tuple[int, int, slice, slice]]:
    """Each output's row and column, and the real cells of its window."""
    for i in range(placement.rows.outputs):
        for j in range(placement.columns.outputs):
            p = i * placement.rows.stride - placement.rows.before
            q = j * placement.columns.stride - placement.columns.before
            ends = p + placement.rows.size, q + placement.columns.size
            yield i, j, slice(max(p, 0), ends[0]), slice(max(q, 0), ends[1])


def passes(spec: Pool, x: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The outputs, the gradients that come back, and the gradients of the inputs."""
    layer = one_layer(spec, x.shape[1:])
    y = layer.forward(x, "training").copy()
    dout = np.random.default_rng(seed).standard_normal(y.shape)
    dx = layer.backward(dout)
    assert dx is not None
    return y, dout, dx


@settings(max_examples=50)
@given(spec=st.builds(MaxPool2D, **pools), shape=shapes, batch=st.integers(1, 3))
def test_the_largest_value_wins_and_gets_the_gradient(
    spec: MaxPool2D, shape: Shape, batch: int
) -> None:
    x = np.random.default_rng(batch).integers(-4, 3, (batch, *shape)).astype(float)  # many ties
    y, dout, dx = passes(spec, x, 0)
    expected = np.zeros_like(x)
    for i, j, rows, columns in windows(spec.placement(shape)):
        for n, c in np.ndindex(batch, shape[-1]):
            window = x[n, rows, columns, c]
            assert y[n, i, j, c] == window.max()
            first = np.unravel_index(window.argmax(), window.shape)  # row by row, as in PyTorch
            expected[n, rows, columns, c][first] += dout[n, i, j, c]
    assert_allclose(dx, expected, atol=1e-14)


@settings(max_examples=50)
@given(spec=st.builds(AveragePool2D, **pools), shape=shapes, batch=st.integers(1, 3))
def test_an_average_is_over_real_cells_alone(spec: AveragePool2D, shape: Shape, batch: int) -> None:
    x = np.random.default_rng(batch).standard_normal((batch, *shape))
    y, dout, dx = passes(spec, x, 0)
    expected = np.zeros_like(x)
    for i, j, rows, columns in windows(spec.placement(shape)):
        window = x[:, rows, columns]
        assert_allclose(y[:, i, j], window.mean(axis=(1, 2)), atol=1e-14)
        cells = window.shape[1] * window.shape[2]
        expected[:, rows, columns] += dout[:, i, j][:, None, None] / cells
    assert_allclose(dx, expected, atol=1e-14)


@pytest.mark.parametrize("spec", [MaxPool2D(), AveragePool2D()])
def test_a_missing_value_shows(spec: Pool) -> None:
    x = np.zeros((1, 4, 4, 1))
    x[0, 1, 1, 0] = np.nan
    y = one_layer(spec, (4, 4, 1)).forward(x, "training")
    assert_array_equal(np.isnan(y[0, :, :, 0]), [[True, False], [False, False]])


def test_padding_never_wins() -> None:
    spec = MaxPool2D(size=3, stride=1, padding="same")
    y = one_layer(spec, (2, 2, 1)).forward(np.full((1, 2, 2, 1), -7.0), "training")
    assert_array_equal(y, np.full((1, 2, 2, 1), -7.0))
