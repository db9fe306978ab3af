"""Nesterov's accelerated gradient (Nesterov, 1983): the gradient at the point that the velocity is
about to reach, written at the point where the weights are kept (Bengio, Boulanger-Lewandowski and
Pascanu, "Advances in optimizing recurrent networks", 2013).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from engine.backend import Array
from engine.optimizers.momentum import Velocity


class Nesterov(Velocity):
    """Nesterov: v ← μ v - η g; w ← w + μ v - η g."""

    kind: Literal["nesterov"] = "nesterov"

    def update(
        self, xp: Any, w: Array, g: Array, slots: Mapping[str, Array], *, t: int, eta: float
    ) -> None:
        v = slots["v"]
        v *= self.momentum
        if self.velocity == "scaled":
            v -= eta * g
            w += self.momentum * v - eta * g
        else:
            v += g
            w -= eta * (g + self.momentum * v)
