"""Functions that an exported NumPy script brings along where its layers need them, as they stand
here. They may use NumPy (`np`) and one another, and nothing else."""

from __future__ import annotations

from typing import Any

import numpy as np


def erf(x: Any) -> Any:
    """The error function, element by element."""
    import math

    return np.vectorize(math.erf, otypes=[x.dtype])(x)
