"""Sums over a layer's arrays are the same for whole arrays and in compiled loops."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.testing import assert_allclose, assert_array_equal

from engine.backend import to_host
from engine.loops import compiled
from engine.sums import FEW, moments_of, norms_of, spread_of
from tests.engine.strict_xp import STRICT

OUTPUTS = st.sampled_from([32, 64]).flatmap(
    lambda width: hnp.arrays(
        {32: np.float32, 64: np.float64}[width],
        hnp.array_shapes(min_dims=2, max_dims=4, max_side=12),
        elements=st.floats(width=width),
    )
)


@given(out=OUTPUTS)
@example(out=np.random.default_rng(1).standard_normal((100, 300)).astype(np.float32))
@example(out=np.random.default_rng(2).standard_normal((100, 5, 5, 16)) + 1000)
@example(out=np.zeros((9, 7), np.float32))
def test_units_are_as_far_apart_to_the_last_bit_whatever_sums_them(out: np.ndarray) -> None:
    found = []
    for wanted in (False, True):
        with np.errstate(all="ignore"), compiled(wanted):  # as in a training step
            found.append(spread_of(out))
    assert_array_equal(*found)
    assert found[0].dtype == found[1].dtype == out.dtype


@pytest.mark.parametrize("wanted", [False, True])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_spread_of_units_is_their_deviation_over_their_root_mean_square(
    wanted: bool, dtype: str
) -> None:
    out = np.random.default_rng(3).standard_normal((20, 4, 50)) + 3
    units = out[:FEW].reshape(-1, 50)
    expected = np.sqrt(units.var(axis=1).mean() / (units**2).mean())
    with compiled(wanted):
        assert spread_of(out.astype(dtype)) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("wanted", [False, True])
def test_units_that_do_the_same_have_no_spread_at_all(wanted: bool) -> None:
    """Also where a mean of them would be rounded."""
    out = np.repeat(np.random.default_rng(4).standard_normal((8, 1)), 77, axis=1)
    with compiled(wanted):
        assert spread_of(out.astype(np.float32)) == 0
        assert spread_of(np.zeros((3, 5))) == 0


FAR = [("float32", 10.0**e) for e in (-40, -25, 20, 30, 37)]
FAR += [("float64", 10.0**e) for e in (-200, 160, 300)]


@pytest.mark.parametrize(("dtype", "size"), FAR)
@pytest.mark.parametrize("backend", ["numpy", "numba", "device"])
def test_values_whose_squares_overflow_or_vanish_are_summed(
    dtype: str, size: float, backend: str
) -> None:
    generator = np.random.default_rng(5)
    x, g = (size * (3 + generator.standard_normal(4000))).astype(dtype), np.ones(4000, dtype)
    exact = x.astype(np.float64) / size
    xp = STRICT if backend == "device" else np
    moments, norms = xp.asarray(np.zeros(2)), xp.asarray(np.zeros(3))
    with compiled(backend == "numba"), np.errstate(all="ignore"):
        moments_of(xp.asarray(x), moments)
        norms_of(xp.asarray(x), xp.asarray(g), xp.asarray(g + x), norms)
        spread = to_host(spread_of(xp.asarray(x.reshape(40, 100))))
    assert_allclose(to_host(moments) / size, [exact.mean(), exact.std()], rtol=1e-5)
    assert_allclose(to_host(norms)[0] / size, np.linalg.norm(exact), rtol=1e-5)
    assert_allclose(to_host(norms)[1], np.sqrt(4000), rtol=1e-6)
    units = exact.reshape(40, 100)[:FEW]
    assert_allclose(spread, np.sqrt(units.var(axis=1).mean() / (units**2).mean()), rtol=1e-4)


@pytest.mark.parametrize("wanted", [False, True])
def test_values_around_a_thousand_have_their_own_deviation(wanted: bool) -> None:
    x = (1000 + np.random.default_rng(6).standard_normal(500_000)).astype(np.float32)
    moments = np.zeros(2)
    with compiled(wanted):
        moments_of(x, moments)
        assert_allclose(moments, [x.mean(dtype=float), x.std(dtype=float)], rtol=1e-6)
        moments_of(np.full(500_000, 0.1, np.float32), moments)
    assert_allclose(moments, [np.float32(0.1), 0], atol=1e-9)
