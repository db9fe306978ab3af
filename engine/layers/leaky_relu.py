"""The leaky rectifier (Maas, Hannun and Ng, ICML 2013): a little slope below zero, so that no unit
dies."""

from __future__ import annotations

from typing import Any, Literal

from engine.backend import Array
from engine.layers.activation import Elementwise
from engine.spec import hyper


class LeakyReLU(Elementwise):
    """Leaky ReLU: θ(z) = max(z, 0) + α min(z, 0)."""

    kind: Literal["leaky_relu"] = "leaky_relu"
    alpha: float = hyper(
        0.01,
        description="Slope below zero: 0.01 (the paper, PyTorch) or 0.3 (Keras).",
        label="Negative slope",
        symbol="α",
        ge=0,
        lt=1,
    )

    def theta(self, xp: Any, z: Array, out: Array) -> None:
        # for 0 ≤ α < 1 the larger of z and α z
        xp.multiply(z, self.alpha, out=out)
        xp.maximum(z, out, out=out)

    def slope(self, xp: Any, z: Array, a: Array, out: Array) -> None:
        xp.greater(z, 0, out=out)
        xp.maximum(out, self.alpha, out=out)
