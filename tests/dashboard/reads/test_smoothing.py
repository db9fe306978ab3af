"""Smoothing and the clock: nothing is shifted, nothing made up."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.reads.smoothing import smoothed

UNEVEN = [*range(1, 20), *range(20, 400, 20)]
"""Dense at first, then sparse: how runs are recorded."""


def test_a_peak_stays_at_its_step_and_a_line_stays_a_line() -> None:
    steps = np.arange(101)
    peak = smoothed(steps, np.exp(-((steps - 40) ** 2) / 50), half_life=8)
    assert peak.argmax() == 40
    inside = smoothed(UNEVEN, UNEVEN, half_life=3)[8:-8]
    assert inside == pytest.approx(np.array(UNEVEN[8:-8]), abs=4)


def test_what_was_recorded_densely_weighs_no_more() -> None:
    """Twenty early values must not outweigh what came in the steps after them."""
    values = [10.0] * 19 + [0.0] * 19
    assert smoothed(UNEVEN, values, half_life=20)[20] < 4


def test_what_is_not_finite_stays_and_counts_for_nothing() -> None:
    found = smoothed([1, 2, 3, 4], [1.0, math.nan, math.inf, 1.0], half_life=2)
    assert found[[0, 3]].tolist() == [1, 1]
    assert math.isnan(found[1])
    assert found[2] == math.inf
    assert smoothed([], [], half_life=2).size == 0


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=50), st.floats(0.1, 1e4))
def test_a_mean_lies_between_its_values(values: list[float], half_life: float) -> None:
    found = smoothed(np.arange(len(values)), values, half_life=half_life)
    slack = 1e-6 * max(1.0, *map(abs, values))
    assert min(values) - slack <= found.min()
    assert found.max() <= max(values) + slack
