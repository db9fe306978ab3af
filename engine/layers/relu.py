"""The rectified linear unit (Nair and Hinton, ICML 2010): no saturation above zero, zero below."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from engine.layers.activation import Elements, Elementwise, elementwise
from engine.loops import part


@part
def theta(z: Any) -> Any:
    return np.maximum(z, 0.0)


@part
def slope(z: Any, a: Any) -> Any:
    return z > 0.0


ELEMENTS = elementwise(theta, slope)


class ReLU(Elementwise):
    """ReLU: θ(z) = max(z, 0)."""

    kind: Literal["relu"] = "relu"

    @property
    def elements(self) -> Elements:
        return ELEMENTS
