"""All weights equal: like zeros, it leaves the units of a layer identical for ever."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.initializers.base import Initializer
from engine.spec import hyper


class Constant(Initializer):
    """Constant: every weight is the same number."""

    kind: Literal["constant"] = "constant"
    value: float = hyper(0.01, description="The number.", allow_inf_nan=False)

    def weights(self, z: NDArray[np.float64], fan_in: int, fan_out: int) -> NDArray[np.float64]:
        return np.full_like(z, self.value)
