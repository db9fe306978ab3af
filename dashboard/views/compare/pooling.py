"""Histograms of several runs as one: the values of all of them, counted together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from engine.records import Histogram


def pooled(histograms: Sequence[Histogram]) -> list[Histogram]:
    """One histogram a layer. Those whose ends are not finite have no place on an axis and are left
    out where others have one."""
    ordered = sorted(histograms, key=lambda h: h.layer)
    return [_together(list(group)) for _layer, group in groupby(ordered, key=lambda h: h.layer)]


def _together(histograms: Sequence[Histogram]) -> Histogram:
    """The bins are as many as the finest has, from the lowest end to the highest; within a bin,
    values are taken to lie evenly."""
    drawable = [h for h in histograms if np.isfinite([h.low, h.high]).all()]
    if len(drawable) < 2:
        return (drawable or list(histograms))[0]
    low, high = min(h.low for h in drawable), max(h.high for h in drawable)
    bins = max(len(h.counts) for h in drawable)
    edges = np.linspace(low, high, bins + 1)
    counts = sum((_rebinned(h, edges) for h in drawable), start=np.zeros(bins))
    rounded = np.rint(counts).astype(np.uint32)
    return replace(drawable[0], low=low, high=high, counts=rounded)


def _rebinned(histogram: Histogram, edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """A histogram's counts in other bins."""
    if histogram.low == histogram.high:  # one value
        place = min(int(np.searchsorted(edges, histogram.low, side="right")) - 1, len(edges) - 2)
        counts = np.zeros(len(edges) - 1)
        counts[max(place, 0)] = histogram.counts.sum()
        return counts
    own = np.linspace(histogram.low, histogram.high, len(histogram.counts) + 1)
    total = np.concatenate([[0], np.cumsum(histogram.counts, dtype=float)])
    return np.diff(np.interp(edges, own, total))
