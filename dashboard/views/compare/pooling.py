"""Histograms of several runs as one: the values of all of them, counted together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dashboard.reads.columns import Columns, rows, stacked
from dashboard.views.charts.bins import columns_of, has_place

Counts = NDArray[np.number]


def pooled(parts: Sequence[Columns]) -> Columns:
    """One histogram per layer, of those of several runs. Those whose ends are not finite have no
    place on an axis and are left out where others have one."""
    layers = sorted({layer for part in parts for layer in part["layer"].tolist()})
    bins = max((part["counts"].shape[-1] for part in parts), default=0)
    each = [[rows(part, part["layer"] == layer) for part in parts] for layer in layers]
    return stacked([_together(own, bins) for own in each]) if each else columns_of([])


def _together(parts: Sequence[Columns], bins: int) -> Columns:
    """The bins, as many as the finest has, go from the lowest end to the highest; within a bin,
    values are taken to lie evenly."""
    whole = [part for part in parts if len(part["layer"])]
    drawable = [part for part in whole if has_place(part).all()]
    first = (drawable or whole)[0]
    low = min((part["low"].min() for part in drawable), default=np.nan)
    high = max((part["high"].max() for part in drawable), default=np.nan)
    edges = np.linspace(low, high, bins + 1)
    counts = np.zeros(bins)
    for part in drawable:
        for own_low, own_high, own in zip(part["low"], part["high"], part["counts"], strict=True):
            counts += _rebinned(own_low, own_high, own, edges)
    place = {name: first[name][:1] for name in ("step", "layer")}
    ends = {"low": np.array([low]), "high": np.array([high])}
    return {**place, **ends, "counts": np.rint(counts).astype(np.uint32)[None]}


def _rebinned(
    low: float, high: float, counts: Counts, edges: NDArray[np.float64]
) -> NDArray[np.float64]:
    """A histogram's counts in other bins."""
    found = np.zeros(len(edges) - 1)
    if low == high:  # one value
        place = min(int(np.searchsorted(edges, low, side="right")) - 1, len(found) - 1)
        found[max(place, 0)] = counts.sum()
        return found
    own = np.linspace(low, high, len(counts) + 1)
    total = np.concatenate([[0], np.cumsum(counts, dtype=float)])
    return np.diff(np.interp(edges, own, total))
