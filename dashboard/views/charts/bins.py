"""Histograms as columns, a row for each: `step`, `layer`, the ends `low` and `high`, and `counts`
with a column per bin."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from dashboard.reads.columns import Columns, rows
from engine.records import Histogram

TAIL = 0.001
"""Share of a histogram's values that may lie beyond either end of the common axis."""


def columns_of(histograms: Sequence[Histogram]) -> Columns:
    """Records, which have as many bins each, as columns."""
    return {
        "step": np.array([h.step for h in histograms], int),
        "layer": np.array([h.layer for h in histograms], int),
        "low": np.array([h.low for h in histograms], float),
        "high": np.array([h.high for h in histograms], float),
        "counts": np.array([h.counts for h in histograms]) if histograms else np.empty((0, 0)),
    }


def has_place(found: Columns) -> NDArray[np.bool_]:
    """Which have a place on an axis: finite ends."""
    return np.isfinite(found["low"]) & np.isfinite(found["high"])


def common_range(found: Columns) -> tuple[float, float] | None:
    """The axis that holds nearly all values of every histogram; None where there are none."""
    shown = rows(found, has_place(found))
    shown = rows(shown, shown["counts"].sum(axis=-1) > 0)
    if not len(shown["low"]):
        return None
    below = np.cumsum(shown["counts"], axis=1) / shown["counts"].sum(axis=1, keepdims=True)
    each, ends = np.arange(len(below)), edges(shown)
    low = float(ends[each, np.argmax(below > TAIL, axis=1)].min())
    high = float(ends[each, np.argmax(below >= 1 - TAIL, axis=1) + 1].max())
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def shared_range(parts: Iterable[Columns]) -> tuple[float, float] | None:
    """The axis that holds those of several, whose histograms may have as many bins each as they
    like."""
    ranges = [own for part in parts if (own := common_range(part))]
    return (min(low for low, _ in ranges), max(high for _, high in ranges)) if ranges else None


def edges(found: Columns) -> NDArray[np.float64]:
    """Where the bins of each end (N, B + 1)."""
    return np.linspace(found["low"], found["high"], found["counts"].shape[1] + 1, axis=1)


def bins(found: Columns) -> Columns:
    """The bins of each, `left`, `right` and `share` (N, B); a single value everywhere still has a
    width that shows."""
    low, high, counts = found["low"], found["high"], found["counts"]
    width = np.where(low == high, np.maximum(abs(low), 1.0) * 0.01, 0.0)
    ends = edges({**found, "low": low - width, "high": high + width})
    share = counts / np.maximum(1, counts.sum(axis=1, keepdims=True))
    return {"left": ends[:, :-1], "right": ends[:, 1:], "share": share}
