"""Histograms on the device: equal bins between the smallest and the largest finite value.

Sorting first makes NaN and infinities fall to the ends, asks the device for no answer in between,
and costs no more than binning. A step has a few dozen histograms of a few thousand values, where
calls cost more than values: so all are counted together, the shorter ones filled up with NaN.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.backend import Array

BINS = 40
SAMPLE = 4_096
"""About so many values are counted at most: rows at even distances, every unit in each."""


def count(xp: Any, arrays: Sequence[Array]) -> tuple[Array, Array]:
    """Of each of K arrays the edges (low, high) and the counts of its finite values, none where
    none is: (K, 2) and (K, BINS)."""
    samples = [_sample(array) for array in arrays]
    shape = len(samples), max(sample.size for sample in samples)
    values = xp.full(shape, xp.nan, dtype=samples[0].dtype)
    for k, sample in enumerate(samples):
        values[k, : sample.size].reshape(sample.shape)[...] = sample
    values.sort(axis=1)  # -inf, finite, inf, NaN
    return _count(xp, values)


def _count(xp: Any, values: Array) -> tuple[Array, Array]:
    """The same of sorted rows (K, n)."""
    rows, last = xp.arange(len(values))[:, None], values.shape[1] - 1
    finite = xp.asarray([xp.finfo(values.dtype).min, xp.inf], dtype=values.dtype)
    bounds = _below(xp, values, [finite] * len(values))
    first, end = bounds[:, :1], bounds[:, 1:]  # (K, 1)
    low, high = values[rows, xp.minimum(first, last)], values[rows, xp.maximum(end - 1, 0)]
    share = xp.arange(BINS, dtype=values.dtype) / BINS
    inner = _below(xp, values, low * (1 - share) + high * share)
    inner = xp.minimum(xp.maximum(inner, first), end)
    inner.sort(axis=1)  # rounding may disorder the edges
    return xp.hstack([low, high]), xp.diff(xp.hstack([inner, end]), axis=1)


def _below(xp: Any, rows: Array, bounds: Array | Sequence[Array]) -> Array:
    """How many values of each sorted row lie below each of its bounds."""
    return xp.stack([xp.searchsorted(rows[k], bounds[k], "left") for k in range(len(rows))])


def _sample(values: Array) -> Array:
    rows = values.reshape(len(values), -1)
    keep = max(1, SAMPLE // rows.shape[1])
    return rows[:: -(-len(rows) // keep)]
