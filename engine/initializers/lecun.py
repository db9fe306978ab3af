"""LeCun initialization.

Var(W) = 1/fan_in keeps the forward variance of a linear layer: LeCun, Bottou, Orr and Müller,
"Efficient BackProp" (1998), equation 16. SELU networks need it.
"""

from __future__ import annotations

from typing import Literal

from engine.initializers.base import Fan, VarianceScaling
from engine.spec import hyper


class LeCun(VarianceScaling):
    """LeCun: Var(W) = 1/fan_in, for SELU and tanh."""

    kind: Literal["lecun"] = "lecun"
    fan: Fan = hyper("in", description="`in` keeps the forward variance, `out` the backward one.")

    @property
    def gain(self) -> float:
        return 1.0
