"""Inputs of mean zero and variance one."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.scaling.base import Affine, Scaling, nonzero


class ZScore(Scaling):
    """Z-score: (x - mean) / std."""

    kind: Literal["z_score"] = "z_score"

    def fit(self, x: NDArray[Any], *, alike: bool = True) -> Affine:
        axis = self.axis(alike)
        mean = np.asarray(x.mean(axis=axis, dtype=np.float64))
        std = np.asarray(x.std(axis=axis, dtype=np.float64))
        constant = x.min(axis=axis) == x.max(axis=axis)  # its std is rounding, and rarely zero
        return Affine(mean, nonzero(np.where(constant, 0.0, std)))
