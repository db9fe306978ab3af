"""Layer-sequential unit variance (Mishkin and Matas, "All you need is a good init", ICLR 2016).

From an orthogonal start, each layer in turn is scaled until its outputs on real samples have
variance one, whatever the activations between the layers do.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.initializers.base import Initializer
from engine.initializers.orthogonal import orthogonal
from engine.spec import hyper


class LSUV(Initializer):
    """LSUV: orthogonal, then scaled until Var(z) = 1 on training samples."""

    kind: Literal["lsuv"] = "lsuv"
    tolerance: float = hyper(
        0.01, description="How far from one the variance may stay.", log=True, gt=0, le=1
    )
    trials: int = hyper(10, description="Most scalings of a layer.", ge=1, le=100)
    samples: int = hyper(
        1_000, description="Training samples to measure on.", unit="samples", ge=2, le=100_000
    )

    def weights(self, z: NDArray[np.float64], fan_in: int, fan_out: int) -> NDArray[np.float64]:
        return orthogonal(z)
