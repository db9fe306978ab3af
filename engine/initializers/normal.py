"""Normal weights of a scale that does not know the layer's width."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.initializers.base import Initializer
from engine.spec import hyper


class Normal(Initializer):
    """Normal: W ~ N(0, std²)."""

    kind: Literal["normal"] = "normal"
    std: float = hyper(
        0.01,
        label="Standard deviation",
        description="Standard deviation of the weights.",
        symbol="σ",
        log=True,
        gt=0,
        le=100,
    )

    def weights(self, z: NDArray[np.float64], fan_in: int, fan_out: int) -> NDArray[np.float64]:
        return self.std * z
