"""Functions that an exported NumPy script brings along where its layers need them, as they stand
here. They may use NumPy (`np`) and one another, and nothing else."""

from __future__ import annotations

import numpy as np


def erf(x: np.ndarray) -> np.ndarray:
    """The error function, element by element."""
    import math

    values: np.ndarray = np.vectorize(math.erf, otypes=[x.dtype])(x)
    return values
