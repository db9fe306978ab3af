"""Inputs between zero and one."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.scaling.base import Affine, Scaling, nonzero


class MinMax(Scaling):
    """Min-max: (x - min) / (max - min), between 0 and 1."""

    kind: Literal["min_max"] = "min_max"

    def fit(self, x: NDArray[Any], *, alike: bool = True) -> Affine:
        axis = self.axis(alike)
        low = np.asarray(x.min(axis=axis), np.float64)
        high = np.asarray(x.max(axis=axis), np.float64)
        return Affine(low, nonzero(high - low))
