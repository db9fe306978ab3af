"""Uniform weights of a width that does not know the layer's."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.initializers.base import Initializer, uniform
from engine.spec import hyper


class Uniform(Initializer):
    """Uniform: W ~ U(-limit, limit)."""

    kind: Literal["uniform"] = "uniform"
    limit: float = hyper(0.05, description="Largest magnitude of a weight.", log=True, gt=0, le=100)

    def weights(self, z: NDArray[np.float64], fan_in: int, fan_out: int) -> NDArray[np.float64]:
        return uniform(z) * (self.limit / 3**0.5)
