"""Which places of a feature map (H, W, C) a dense layer right behind pooling sees.

With Flatten it multiplies all H W C values by its matrix. Without, Keras's Dense multiplies the
last axis alone (numpy.tensordot over C): each place by itself, with the same matrix, as a
convolution with a kernel of 1 x 1 does.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from engine.randomness import Use, stream

H, W, C, UNITS = 6, 6, 4, 3

Values = NDArray[np.float64]


def seen_flattened(at: float, seed: int) -> float:
    """The share of places that the first output depends on, with Flatten."""
    generator = stream(seed, Use.ANALYSIS)
    weights = generator.standard_normal((H * W * C, UNITS))
    x = generator.standard_normal((H, W, C))
    return _seen(x, lambda each: each.reshape(-1) @ weights)


def seen_last_axis(at: float, seed: int) -> float:
    """The share of places that the first output depends on, where the layer acts on the last
    axis."""
    generator = stream(seed, Use.ANALYSIS)
    weights = generator.standard_normal((C, UNITS))
    x = generator.standard_normal((H, W, C))
    return _seen(x, lambda each: np.tensordot(each, weights, axes=(2, 0)))


def _seen(x: Values, dense: Callable[[Values], Values]) -> float:
    """Move the values at each place in turn, and see whether the first output moves."""
    before, moved = dense(x).ravel()[0], 0
    for i, j in np.ndindex(H, W):
        other = x.copy()
        other[i, j] += 1.0
        moved += bool(dense(other).ravel()[0] != before)
    return moved / (H * W)
