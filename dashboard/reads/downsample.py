"""Fewer points that draw the same picture.

A chart a thousand pixels wide cannot show a hundred thousand points, and a browser slows down
trying. Each bucket of consecutive points keeps its smallest and its largest value, so peaks and
valleys stay where they were, and its first value that is not finite, so no failure vanishes.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dashboard.reads.columns import Columns, length, rows

LIMIT = 2_000
"""Points per line beyond which it is thinned out."""


def kept(values: ArrayLike, limit: int = LIMIT) -> NDArray[np.intp]:
    """The places of at most about `limit` of the values, in order, both ends among them."""
    y = np.asarray(values, dtype=float)
    if len(y) <= limit:
        return np.arange(len(y))
    size = -(-2 * len(y) // limit)  # points a bucket, which keeps two of them
    starts = np.arange(0, len(y), size)
    padded = np.pad(y, (0, len(starts) * size - len(y)), constant_values=np.nan)
    buckets = padded.reshape(len(starts), size)
    finite = np.isfinite(buckets)
    lowest = starts + np.where(finite, buckets, np.inf).argmin(axis=1)
    highest = starts + np.where(finite, buckets, -np.inf).argmax(axis=1)
    broken = starts + (~finite).argmax(axis=1)
    broken = broken[~finite.all(axis=1, where=_inside(buckets.shape, len(y)))]
    chosen = np.unique(np.concatenate([[0], lowest, highest, broken, [len(y) - 1]]))
    return chosen[chosen < len(y)]


def thin(columns: Columns, *, by: str, y: str, limit: int = LIMIT) -> Columns:
    """Rows of lines, one per value of `by`, each with at most about `limit` points."""
    if length(columns) <= limit:
        return columns
    line, sizes = np.unique(columns[by], return_inverse=True, return_counts=True)[1:]
    places = np.split(line.argsort(kind="stable"), sizes.cumsum()[:-1])
    chosen = [place[kept(columns[y][place], limit)] for place in places]
    return rows(columns, np.sort(np.concatenate(chosen)))


def spread(steps: Sequence[int], limit: int) -> list[int]:
    """At most `limit` of the steps at even places among them, the first and the last included."""
    if len(steps) <= limit:
        return list(steps)
    places = np.linspace(0, len(steps) - 1, limit).round().astype(int)
    return [steps[i] for i in places]


def nearest(recorded: Sequence[int], asked: int) -> int:
    """The recorded step next to the one that was asked for."""
    return min(recorded, key=lambda step: abs(step - asked))


def _inside(shape: tuple[int, int], n: int) -> NDArray[np.bool_]:
    """Which cells of the padded buckets hold one of the n values."""
    return (np.arange(shape[0] * shape[1]) < n).reshape(shape)
