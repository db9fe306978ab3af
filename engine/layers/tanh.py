"""The hyperbolic tangent: a sigmoid centred on zero with slope one there."""

from __future__ import annotations

from typing import Any, Literal

from engine.backend import Array
from engine.layers.activation import Activation


class Tanh(Activation):
    """Tanh: θ(z) = tanh(z)."""

    kind: Literal["tanh"] = "tanh"

    def theta(self, xp: Any, z: Array, out: Array) -> None:
        xp.tanh(z, out=out)

    def slope(self, xp: Any, z: Array, a: Array, out: Array) -> None:
        # 1 - a²
        xp.multiply(a, a, out=out)
        xp.subtract(1, out, out=out)
