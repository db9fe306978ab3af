"""The leaky rectifier (Maas, Hannun and Ng, ICML 2013): a little slope below zero, so that no unit
dies."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from engine.layers.activation import Elements, Elementwise, Numbers, elementwise
from engine.loops import part
from engine.spec import hyper


@part
def theta(z: Any, alpha: float) -> Any:
    return np.maximum(z, alpha * z)  # for 0 ≤ α < 1


@part
def slope(z: Any, a: Any, alpha: float) -> Any:
    return np.where(z > 0.0, 1.0, alpha)


ELEMENTS = elementwise(theta, slope)


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

    @property
    def numbers(self) -> Numbers:
        return (self.alpha,)

    @property
    def elements(self) -> Elements:
        return ELEMENTS
