"""The rectified linear unit (Nair and Hinton, ICML 2010): no saturation above, silence below."""

from __future__ import annotations

from typing import Any, Literal

from engine.backend import Array
from engine.layers.activation import Elementwise


class ReLU(Elementwise):
    """ReLU: θ(z) = max(z, 0)."""

    kind: Literal["relu"] = "relu"

    def theta(self, xp: Any, z: Array, out: Array) -> None:
        out[...] = 0
        xp.maximum(z, out, out=out)  # of two arrays: three times as fast as of one and a number

    def slope(self, xp: Any, z: Array, a: Array, out: Array) -> None:
        xp.greater(z, 0, out=out)
