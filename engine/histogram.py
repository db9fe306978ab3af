"""Histograms on the device: equal bins between the smallest and the largest finite value.

Sorting first makes NaN and infinities fall to the ends, asks the device for no answer in between,
and costs no more than binning.
"""

from __future__ import annotations

from typing import Any

from engine.backend import Array

BINS = 40
SAMPLE = 4_096
"""About so many values are counted at most: rows at even distances, every unit in each."""


def count(xp: Any, values: Array) -> tuple[Array, Array]:
    """The edges (low, high) and the counts (BINS,) of the finite values, none where none is."""
    values = xp.sort(_sample(values))  # -inf, finite, inf, NaN
    infinities = xp.asarray([-xp.inf, xp.inf], dtype=values.dtype)
    first, end = (
        xp.searchsorted(values, infinities[:1], "right"),
        xp.searchsorted(values, infinities[1:], "left"),
    )
    low = values[xp.minimum(first, len(values) - 1)]
    high = values[xp.maximum(end - 1, 0)]
    share = xp.arange(BINS, dtype=values.dtype) / BINS
    inner = xp.searchsorted(values, low * (1 - share) + high * share, "left")
    inner = xp.sort(xp.clip(inner, first, end))  # rounding and infinities may disorder the edges
    return xp.concatenate([low, high]), xp.diff(xp.concatenate([inner, end]))


def _sample(values: Array) -> Array:
    rows = values.reshape(len(values), -1)
    keep = max(1, SAMPLE // rows.shape[1])
    return rows[:: -(-len(rows) // keep)].reshape(-1)
