"""The scaled exponential linear unit (Klambauer, Unterthiner, Mayr and Hochreiter,
"Self-Normalizing Neural Networks", NIPS 2017): scaled so that mean zero and variance one are a
fixed point of a layer with LeCun initialization."""

from __future__ import annotations

from typing import Any, Literal

from engine.backend import Array
from engine.layers.activation import Elementwise
from engine.layers.elu import elu, elu_slope

ALPHA = 1.6732632423543772848170429916717
LAMBDA = 1.0507009873554804934193349852946


class SELU(Elementwise):
    """SELU: θ(z) = λ z above zero, λ α (exp(z) - 1) below."""

    kind: Literal["selu"] = "selu"

    @property
    def largest_slope(self) -> float:
        return LAMBDA * ALPHA

    def theta(self, xp: Any, z: Array, out: Array) -> None:
        elu(xp, z, ALPHA, out)
        out *= LAMBDA

    def slope(self, xp: Any, z: Array, a: Array, out: Array) -> None:
        elu_slope(xp, z, a / LAMBDA, ALPHA, out)
        out *= LAMBDA
