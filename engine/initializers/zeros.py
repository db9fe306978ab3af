"""All weights zero: the symmetric start from which no hidden unit can differ from its neighbour."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.initializers.base import Initializer


class Zeros(Initializer):
    """Zeros: every weight is 0."""

    kind: Literal["zeros"] = "zeros"

    def weights(self, z: NDArray[np.float64], fan_in: int, fan_out: int) -> NDArray[np.float64]:
        return np.zeros_like(z)
