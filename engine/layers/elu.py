"""The exponential linear unit (Clevert, Unterthiner and Hochreiter, ICLR 2016)."""

from __future__ import annotations

from typing import Any, Literal

from engine.backend import Array
from engine.layers.activation import Elementwise
from engine.spec import hyper


class ELU(Elementwise):
    """ELU: θ(z) = z above zero, α (exp(z) - 1) below."""

    kind: Literal["elu"] = "elu"
    alpha: float = hyper(
        1.0, description="Where it levels off: -α.", label="Lower limit", symbol="α", gt=0, le=10
    )

    @property
    def largest_slope(self) -> float:
        return max(1.0, self.alpha)

    def theta(self, xp: Any, z: Array, out: Array) -> None:
        elu(xp, z, self.alpha, out)

    def slope(self, xp: Any, z: Array, a: Array, out: Array) -> None:
        elu_slope(xp, z, a, self.alpha, out)


def elu(xp: Any, z: Array, alpha: float, out: Array) -> None:
    """max(z, 0) + α (exp(min(z, 0)) - 1) into `out`."""
    xp.minimum(z, 0, out=out)
    xp.expm1(out, out=out)
    out *= alpha
    out += xp.maximum(z, 0)


def elu_slope(xp: Any, z: Array, a: Array, alpha: float, out: Array) -> None:
    """1 above zero, a + α below, into `out`."""
    out[...] = xp.where(z > 0, 1, a + alpha)
