"""A thinned line keeps its peaks, its ends and its failures; otherwise a reader would miss them."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from dashboard.downsample import kept, spread, thin

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


def test_each_line_of_a_frame_is_thinned_by_itself() -> None:
    steps = np.tile(np.arange(5_000), 2)
    frame = pd.DataFrame({"step": steps, "line": ["a"] * 5_000 + ["b"] * 5_000, "value": 0.0})
    frame.loc[frame["step"] == 77, "value"] = [5.0, -5.0]
    thinned = thin(frame, by=["line"], y="value", limit=200)
    assert len(thinned) < 900
    assert thinned.loc[thinned["line"] == "a", "value"].max() == 5.0
    assert thinned.loc[thinned["line"] == "b", "value"].min() == -5.0
    assert thinned.groupby("line")["step"].is_monotonic_increasing.all()


def test_spread_keeps_both_ends() -> None:
    assert spread(range(10), 20) == list(range(10))
    shown = spread(list(range(0, 1000, 3)), 50)
    assert (shown[0], shown[-1], len(shown)) == (0, 999, 50)
