"""Softplus (Dugas et al., NIPS 2000): a smooth rectifier whose slope is the logistic sigmoid."""

from __future__ import annotations

from typing import Any, Literal

from engine.backend import Array
from engine.layers.activation import Elementwise


class Softplus(Elementwise):
    """Softplus: θ(z) = log(1 + exp(z))."""

    kind: Literal["softplus"] = "softplus"

    def theta(self, xp: Any, z: Array, out: Array) -> None:
        # max(z, 0) + log(1 + exp(-|z|)) never overflows
        xp.abs(z, out=out)
        xp.negative(out, out=out)
        xp.exp(out, out=out)
        xp.log1p(out, out=out)
        out += xp.maximum(z, 0)

    def slope(self, xp: Any, z: Array, a: Array, out: Array) -> None:
        # 1 - exp(-a)
        xp.negative(a, out=out)
        xp.expm1(out, out=out)
        xp.negative(out, out=out)
