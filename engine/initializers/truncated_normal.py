"""Normal weights without tails: nothing beyond two standard deviations."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.initializers.base import Initializer, truncated
from engine.spec import hyper


class TruncatedNormal(Initializer):
    """Truncated normal: W ~ N(0, std²) within ±2 std."""

    kind: Literal["truncated_normal"] = "truncated_normal"
    std: float = hyper(
        0.01,
        label="Standard deviation",
        description="Standard deviation before the tails are cut, as in Keras and PyTorch.",
        symbol="σ",
        log=True,
        gt=0,
        le=100,
    )

    def weights(self, z: NDArray[np.float64], fan_in: int, fan_out: int) -> NDArray[np.float64]:
        return self.std * truncated(z)
