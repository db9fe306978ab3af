"""Inputs of mean zero within a range of one."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.scaling.base import Affine, Scaling, nonzero


class MeanNormalization(Scaling):
    """Mean normalization: (x - mean) / (max - min)."""

    kind: Literal["mean"] = "mean"

    def fit(self, x: NDArray[Any], *, alike: bool = True) -> Affine:
        axis = self.axis(alike)
        mean = np.asarray(x.mean(axis=axis, dtype=np.float64))
        low = np.asarray(x.min(axis=axis), np.float64)
        high = np.asarray(x.max(axis=axis), np.float64)
        return Affine(mean, nonzero(high - low))
