"""What the ways of scaling do to the same values, and to one that lies far from the others.

Min-max normalization is bound by its extremes: a single outlier decides how little room is left for
all the others. Mean normalization shares its divisor. The z-score's standard deviation grows with
an outlier too, but less, for it is one of many (N values and one at k standard deviations leave the
others a deviation of about 1 / sqrt(1 + k^2 / N)).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.scaling import MeanNormalization, MinMax, Unscaled, ZScore

Way: TypeAlias = type[Unscaled] | type[MinMax] | type[MeanNormalization] | type[ZScore]

WAYS: tuple[Way, ...] = (Unscaled, MinMax, MeanNormalization, ZScore)
BINS = 40
_MIDDLE = (5.0, 95.0)  # percentiles


@dataclass(frozen=True, slots=True, eq=False)
class Scaled:
    """Values as one way scales them: counts (B,) between edges (B + 1,), their mean and standard
    deviation, their ends, and the width within which the middle nine tenths lie."""

    way: Way
    counts: NDArray[np.int64]
    edges: NDArray[np.float64]
    mean: float
    std: float
    low: float
    high: float
    middle: float


def scalings(values: NDArray[np.float64], *, outlier: float = 0.0) -> tuple[Scaled, ...]:
    """Each way, fitted on values (N,) that one scale is for. With an `outlier` there is one value
    more, so many standard deviations above the mean."""
    if outlier:
        values = np.append(values, values.mean() + outlier * (values.std() or 1.0))
    return tuple(_scaled(way, values) for way in WAYS)


def _scaled(way: Way, values: NDArray[np.float64]) -> Scaled:
    column = values.reshape(-1, 1)
    scaled = way().fit(column, alike=True)(column, np.float64).ravel()
    counts, edges = np.histogram(scaled, BINS)
    low, high = np.percentile(scaled, _MIDDLE)
    return Scaled(
        *(way, counts, edges, float(scaled.mean()), float(scaled.std())),
        *(float(scaled.min()), float(scaled.max()), float(high - low)),
    )
