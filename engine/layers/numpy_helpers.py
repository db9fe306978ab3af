"""Functions that an exported NumPy script brings along where its layers need them, as they stand
here. They may use NumPy (`np`) and one another, and nothing else."""

from __future__ import annotations

import numpy as np


def erf(x: np.ndarray) -> np.ndarray:
    """The error function, element by element."""
    import math

    values: np.ndarray = np.vectorize(math.erf, otypes=[x.dtype])(x)
    return values


def windows(
    x: np.ndarray, size: int, stride: int, padding: tuple[tuple[int, int], ...], fill: float = 0
) -> np.ndarray:
    """Every window (N, H', W', C, size, size) of images x (N, H, W, C) that slides over rows and
    columns, padded before and after with `fill`."""
    x = np.pad(x, ((0, 0), *padding, (0, 0)), constant_values=fill)
    every = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(1, 2))
    return every[:, ::stride, ::stride]
