"""Gradients by central differences, to hold backward passes to."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.testing import assert_allclose

STEP = 1e-6


def numeric_gradient(f: Callable[[], float], x: np.ndarray) -> np.ndarray:
    """df/dx, element by element, of a function that reads x where it lies."""
    gradient = np.empty_like(x)
    for i in np.ndindex(x.shape):
        kept = x[i]
        x[i] = kept + STEP
        above = f()
        x[i] = kept - STEP
        below = f()
        x[i] = kept
        gradient[i] = (above - below) / (2 * STEP)
    return gradient


def assert_gradient(analytic: np.ndarray, f: Callable[[], float], x: np.ndarray) -> None:
    """The error of central differences is below 1e-8 here; a wrong term is far above 1e-6."""
    assert_allclose(analytic, numeric_gradient(f, x), rtol=1e-6, atol=1e-7)
