"""Histograms: whole counts between honest edges, whatever the values are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from engine.histogram import BINS, SAMPLE, count
from engine.loops import compiled

FLOATS = {32: np.float32, 64: np.float64}


def counted(values: np.ndarray) -> tuple[float, float, np.ndarray]:
    with np.errstate(all="ignore"):  # as in a training step
        ((low, high),), (counts,) = count(np, [values])
    return float(low), float(high), counts


def arrays(**options: Any) -> st.SearchStrategy[np.ndarray]:
    return st.sampled_from([32, 64]).flatmap(
        lambda width: hnp.arrays(
            FLOATS[width],
            hnp.array_shapes(max_dims=3, max_side=8),
            elements=st.floats(width=width, **options),
        )
    )


@given(values=arrays())
@example(values=np.full(7, 0.1))
@example(values=np.full(100, 0.3))
@example(values=np.array([np.inf, np.inf]))
@example(values=np.array([-np.inf, np.inf]))
@example(values=np.array([np.nan, np.nan], np.float32))
@example(values=np.array([-np.inf, 1.0, np.nan, 2.0, np.inf]))
@example(values=np.array([-3e38, 3e38], np.float32))
@example(values=np.array([1.7e308, -1.7e308, 0.0]))
@example(values=np.array([5e-324, 0.0]))
@example(values=np.nextafter(np.float32(1), np.float32(2)) * np.array([1, 1], np.float32))
def test_every_finite_value_is_counted_once_between_the_smallest_and_the_largest(
    values: np.ndarray,
) -> None:
    low, high, counts = counted(values)
    finite = values[np.isfinite(values)]
    assert counts.shape == (BINS,)
    assert counts.min() >= 0
    assert counts.sum() == finite.size
    if finite.size:
        assert (low, high) == (finite.min(), finite.max())
    else:
        assert np.isnan([low, high]).all()


@given(values=arrays())
@example(values=np.full(7, 0.1))
@example(values=np.array([-np.inf, np.inf]))
@example(values=np.array([np.nan, np.nan], np.float32))
@example(values=np.array([[-np.inf, 1.0], [np.nan, 2.0], [np.inf, 1.5]]))
@example(values=np.array([-3e38, 3e38, 0], np.float32))
@example(values=np.array([1.7e308, -1.7e308, 0.0]))
@example(values=np.array([5e-324, 0.0]))
@example(values=np.float32(1) + np.arange(8, dtype=np.float32) * np.finfo(np.float32).eps)
@example(values=np.linspace(0, 1, BINS + 1, dtype=np.float32))
@example(values=np.random.default_rng(5).standard_normal((784, 100)).astype(np.float32))
@example(values=np.random.default_rng(6).integers(-9, 9, (100, 100)) / 10)
@example(values=np.random.default_rng(7).standard_normal((3, 20_000)))
def test_compiled_loops_count_every_value_where_arrays_do(values: np.ndarray) -> None:
    before = values.copy()
    with np.errstate(all="ignore"):
        ends, counts = count(np, [values])
        with compiled(True):
            compiled_ends, compiled_counts = count(np, [values])
    np.testing.assert_array_equal(compiled_ends, ends)
    np.testing.assert_array_equal(compiled_counts, counts)
    np.testing.assert_array_equal(values, before)


@given(values=arrays(min_value=-1000, max_value=1000))
def test_the_counts_are_numpys_up_to_values_on_an_edge(values: np.ndarray) -> None:
    low, high, counts = counted(values)
    if high - low < 1e-3:
        return
    edges = np.linspace(low, high, BINS + 1)
    rounding = 4 * float(np.finfo(values.dtype).eps) * max(abs(low), abs(high))
    flat = values.ravel().astype(float)
    at_least = [(flat < edge - rounding).sum() for edge in edges[1:-1]]
    at_most = [(flat <= edge + rounding).sum() for edge in edges[1:-1]]
    below = np.cumsum(counts)[:-1]
    assert (at_least <= below).all()
    assert (below <= at_most).all()


def test_the_counts_are_numpys_where_no_value_is_on_an_edge() -> None:
    values = np.random.default_rng(1).standard_normal((32, 100))
    low, high, counts = counted(values)
    expected, _ = np.histogram(values, BINS, (low, high))
    np.testing.assert_array_equal(counts, expected)


@pytest.mark.parametrize("shape", [(10_000, 3), (70, 100), (5000,), (3, 20_000), (100, 8, 8, 4)])
def test_of_many_values_rows_at_even_distances_are_counted(shape: tuple[int, ...]) -> None:
    values = np.random.default_rng(2).standard_normal(shape)
    total = counted(values)[2].sum()
    row = values[0].size
    assert total % row == 0
    assert row <= total <= max(SAMPLE, row)
    assert total >= min(values.size, SAMPLE) / 2 - row


def test_the_values_are_left_in_their_order() -> None:
    values = np.random.default_rng(3).standard_normal(100)
    before = values.copy()
    counted(values)
    np.testing.assert_array_equal(values, before)


def test_arrays_counted_together_are_counted_as_if_alone() -> None:
    generator = np.random.default_rng(4)
    shapes = [(100, 100), (100, 10), (100, 100), (7,), (100, 10)]
    together = [generator.standard_normal(shape).astype(np.float32) for shape in shapes]
    together[2][3, 4], together[4][0, 0] = np.nan, -np.inf
    edges, counts = count(np, together)
    for k, values in enumerate(together):
        low, high, alone = counted(values)
        assert (*edges[k],) == (low, high)
        np.testing.assert_array_equal(counts[k], alone)
