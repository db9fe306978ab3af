"""Histograms on the device: equal bins between the smallest and the largest finite value.

There are two ways of counting, for whole arrays and for compiled loops, which agree on every value:
both round the bins' edges to the values' precision, and ask how many values lie below each.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import Any

import numpy as np

from engine.backend import Array
from engine.loops import compiling, exact_loop
from engine.plan import Planner

BINS = 40
SAMPLE = 4_096
"""About so many values are counted at most: rows at even distances, every unit in each."""


class Counter:
    """Plans to count what K arrays of one precision hold.

    Its `ends` (K, 2) are the smallest and the largest finite value, NaN where there is none, its
    `counts` (K, BINS) the finite values in each bin.
    """

    def __init__(self, xp: Any, arrays: Sequence[Array], planner: Planner) -> None:
        self.xp, self.do = xp, planner.do
        dtype = arrays[0].dtype
        self.share = xp.arange(BINS, dtype=dtype) / BINS  # of the way from one end to the other
        self.rest = 1 - self.share
        self.ends = xp.empty((len(arrays), 2), dtype)
        self.counts = xp.empty((len(arrays), BINS), np.int32)
        if compiling():
            self._count_each(arrays)
        else:
            self._count_together([array[:: _distance(array)] for array in arrays])

    def _count_each(self, arrays: Sequence[Array]) -> None:
        """In loops, in a third of the time that sorting takes."""
        for ends, counts, array in zip(self.ends, self.counts, arrays, strict=True):
            distance = _distance(array)
            rows = array.reshape(len(array) if distance > 1 else 1, -1)
            self.do(_count, ends, counts, rows, distance, self.share, self.rest)

    def _count_together(self, samples: Sequence[Array]) -> None:
        """Sorting lets NaN and infinities fall to the ends, and asks the device for no answer in
        between. Calls cost more than values: so all are sorted together, the shorter ones filled up
        with NaN."""
        shape = len(samples), max(sample.size for sample in samples)
        values = self.xp.empty(shape, self.share.dtype)
        self.do(values.fill, np.nan)
        for k, sample in enumerate(samples):
            self.do(self.xp.copyto, values[k, : sample.size].reshape(sample.shape), sample)
        self.do(self._count_sorted, values)

    def _count_sorted(self, values: Array) -> None:
        values.sort(axis=1)  # -inf, finite, inf, NaN
        xp, rows, last = self.xp, self.xp.arange(len(values))[:, None], values.shape[1] - 1
        finite = xp.asarray([xp.finfo(values.dtype).min, xp.inf], dtype=values.dtype)
        bounds = _positions(xp, values, [finite] * len(values))
        first, end = bounds[:, :1], bounds[:, 1:]  # (K, 1)
        low, high = values[rows, xp.minimum(first, last)], values[rows, xp.maximum(end - 1, 0)]
        inner = _positions(xp, values, low * self.rest + high * self.share)
        below = xp.minimum(xp.maximum(xp.hstack([inner, end]), first), end)
        below.sort(axis=1)  # rounding may disorder the edges
        self.counts[...] = xp.diff(below, axis=1)
        self.ends[...] = xp.where(first < end, xp.hstack([low, high]), xp.nan)


def count(xp: Any, arrays: Sequence[Array]) -> tuple[Array, Array]:
    """The same once: ends and counts."""
    planner = Planner()
    counter = Counter(xp, arrays, planner)
    planner.finish().run()
    return counter.ends, counter.counts


def _distance(values: Array) -> int:
    """How far apart the rows are that are counted."""
    rows, size = len(values), int(values.size)
    return -(-rows // max(1, SAMPLE * rows // size))


def _positions(xp: Any, rows: Array, bounds: Array | Sequence[Array]) -> Array:
    """How many values of each sorted row lie below each of its bounds."""
    return xp.stack([xp.searchsorted(rows[k], bounds[k], "left") for k in range(len(rows))])


@exact_loop
def _count(
    ends: Array, counts: Array, rows: Array, distance: int, share: Array, rest: Array
) -> None:
    """SIMD compares a value with every edge in less time than it takes to look up its bin.

    Plain loops, since NumPy's functions take Numba longer to compile than all the rest, and arrays
    of its own, without which LLVM does not see that it can use SIMD."""
    width = rows.shape[1]
    values = np.empty(-(-rows.shape[0] // distance) * width, rows.dtype)
    low, high = np.empty(width, rows.dtype), np.empty(width, rows.dtype)
    for j in range(width):
        low[j], high[j] = inf, -inf
    n = 0
    for i in range(0, rows.shape[0], distance):
        for j in range(width):
            value = rows[i, j]
            finite = abs(value) < inf
            values[n + j] = value if finite else inf  # which lies below no edge
            if finite:
                low[j] = min(low[j], value)
                high[j] = max(high[j], value)
        n += width
    for j in range(1, width):
        low[0], high[0] = min(low[0], low[j]), max(high[0], high[j])
    ends[0], ends[1] = low[0], high[0]
    below = np.empty(BINS + 1, np.int32)  # that many values lie below each edge, and in all
    for k in range(0, BINS, 4):  # four edges each time that the values are read
        a = ends[0] * rest[k] + ends[1] * share[k]
        b = ends[0] * rest[k + 1] + ends[1] * share[k + 1]
        c = ends[0] * rest[k + 2] + ends[1] * share[k + 2]
        d = ends[0] * rest[k + 3] + ends[1] * share[k + 3]
        below_a = below_b = below_c = below_d = 0
        for value in values:
            below_a += value < a
            below_b += value < b
            below_c += value < c
            below_d += value < d
        below[k], below[k + 1], below[k + 2], below[k + 3] = below_a, below_b, below_c, below_d
    finite_values = 0
    for value in values:
        finite_values += value < inf
    below[0], below[BINS] = 0, finite_values
    for k in range(BINS):
        for j in range(k, -1, -1):  # rounding may disorder the edges
            if below[j] > below[j + 1]:
                below[j], below[j + 1] = below[j + 1], below[j]
            else:
                break
    for k in range(BINS):
        counts[k] = below[k + 1] - below[k]
    if not finite_values:
        ends[0] = ends[1] = np.nan
