"""No activation: a stack of linear layers stays linear, however deep."""

from __future__ import annotations

from typing import Any, Literal

from engine.backend import Array
from engine.layers.activation import Elementwise


class Identity(Elementwise):
    """Identity: θ(z) = z."""

    kind: Literal["identity"] = "identity"

    def theta(self, xp: Any, z: Array, out: Array) -> None:
        out[...] = z

    def slope(self, xp: Any, z: Array, a: Array, out: Array) -> None:
        out[...] = 1
