"""Smoothing that can be trusted: it follows steps, not points, and shifts nothing.

    s(t) = Σᵢ wᵢ yᵢ / Σᵢ wᵢ,   wᵢ = Δᵢ 2^(-|t - tᵢ| / h)

Each value is a mean of all others, a half as heavy for every h steps that they lie away, before or
after, and as heavy as the steps Δᵢ that they stand for. So a curve recorded densely at first and
sparsely later is smoothed alike all over, and peaks stay at their steps, where the usual running
average drags them behind. What is not finite counts for nothing and stays what it is.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def smoothed(steps: ArrayLike, values: ArrayLike, *, half_life: float) -> NDArray[np.float64]:
    """The values as their neighbours have them, at the same ascending steps."""
    t, y = np.asarray(steps, np.float64), np.asarray(values, np.float64)
    finite = np.isfinite(y)
    if half_life <= 0 or finite.sum() < 2:
        return y.copy()
    result = y.copy()
    result[finite] = _mean(t[finite], y[finite], half_life)
    return result


def _mean(t: NDArray[np.float64], y: NDArray[np.float64], half_life: float) -> NDArray[np.float64]:
    """Sums over what came before and what comes after, each in one pass."""
    between = np.diff(t)
    width = np.maximum((np.append(between, 0) + np.append(0, between)) / 2, 1e-9)
    decay = np.exp2(-between / half_life).tolist()
    total, weight = (
        _before(part, decay) + _before(part[::-1], decay[::-1])[::-1] - part  # itself is in both
        for part in (y * width, width)
    )
    mean: NDArray[np.float64] = total / weight
    return mean


def _before(values: NDArray[np.float64], decay: list[float]) -> NDArray[np.float64]:
    """The sum of each value and of those before it, decayed."""
    sums = [float(values[0])]
    for value, factor in zip(values[1:].tolist(), decay, strict=True):
        sums.append(sums[-1] * factor + value)
    return np.array(sums)
