"""Inputs of mean zero and variance one."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.scaling.base import Affine, Scaling, nonzero


class ZScore(Scaling):
    """Z-score: (x - mean) / std."""

    kind: Literal["z_score"] = "z_score"

    def fit(self, x: NDArray[Any]) -> Affine:
        mean = np.asarray(x.mean(axis=self.axis(), dtype=np.float64))
        return Affine(mean, nonzero(np.asarray(x.std(axis=self.axis(), dtype=np.float64))))
