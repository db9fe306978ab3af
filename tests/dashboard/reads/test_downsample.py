"""A thinned line keeps its peaks, its ends and its failures; otherwise a reader would miss them."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dashboard.reads.columns import length
from dashboard.reads.downsample import kept, spread, thin

ANY = st.floats(allow_nan=True, allow_infinity=True, width=32)


def test_a_short_line_is_left_alone() -> None:
    assert kept([3.0, 1.0, 2.0]).tolist() == [0, 1, 2]


def test_a_spike_of_one_point_among_a_hundred_thousand_survives() -> None:
    y = np.zeros(100_000)
    y[54_321], y[12_345] = 9.0, -9.0
    chosen = kept(y)
    assert {54_321, 12_345} <= set(chosen.tolist())
    assert len(chosen) <= 2_100


def test_the_first_value_that_is_not_finite_survives() -> None:
    y = np.ones(10_000)
    y[7_001:] = np.nan
    assert 7_001 in kept(y)


@given(st.lists(ANY, min_size=1, max_size=400), st.integers(4, 50))
def test_extremes_ends_and_order_are_kept(values: list[float], limit: int) -> None:
    y = np.array(values)
    chosen = kept(y, limit)
    assert {0, len(y) - 1} <= set(chosen.tolist())
    assert (np.diff(chosen) > 0).all()
    finite = y[np.isfinite(y)]
    if len(finite):
        assert finite.min() in y[chosen]
        assert finite.max() in y[chosen]
    if len(finite) < len(y):
        assert not np.isfinite(y[chosen]).all()


def test_each_line_is_thinned_by_itself() -> None:
    step, line = np.tile(np.arange(5_000), 2), np.repeat(["a", "b"], 5_000)
    value = np.where(step == 77, np.where(line == "a", 5.0, -5.0), 0.0)
    thinned = thin({"step": step, "line": line, "value": value}, by="line", y="value", limit=200)
    assert length(thinned) < 900
    for name, peak in (("a", 5.0), ("b", -5.0)):
        own = thinned["line"] == name
        assert peak in thinned["value"][own]
        assert (np.diff(thinned["step"][own]) > 0).all()


def test_spread_keeps_both_ends() -> None:
    assert spread(range(10), 20) == list(range(10))
    shown = spread(list(range(0, 1000, 3)), 50)
    assert (shown[0], shown[-1], len(shown)) == (0, 999, 50)
