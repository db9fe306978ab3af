"""He initialization.

ReLU halves the second moment of a symmetric signal, so Var(W) = 2/fan keeps it: He, Zhang, Ren and
Sun, "Delving Deep into Rectifiers" (ICCV 2015), equations 10 (fan-in) and 14 (fan-out).
"""

from __future__ import annotations

from typing import Literal

from engine.initializers.base import Fan, VarianceScaling
from engine.spec import hyper


class He(VarianceScaling):
    """He: Var(W) = 2/fan, for ReLU."""

    kind: Literal["he"] = "he"
    fan: Fan = hyper("in", description="`in` keeps the forward variance, `out` the backward one.")

    @property
    def gain(self) -> float:
        return 2.0
