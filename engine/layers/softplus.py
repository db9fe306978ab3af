"""Softplus (Dugas et al., NIPS 2000): a smooth rectifier whose slope is the logistic sigmoid."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from engine.layers.activation import Elements, Elementwise, elementwise


def theta(z: Any) -> Any:
    return np.log1p(np.exp(-np.abs(z))) + np.maximum(z, 0.0)  # so that nothing overflows


def slope(z: Any, a: Any) -> Any:
    return -np.expm1(-a)  # 1 - exp(-a)


ELEMENTS = elementwise(theta, slope, compiles=False)


class Softplus(Elementwise):
    """Softplus: θ(z) = log(1 + exp(z))."""

    kind: Literal["softplus"] = "softplus"

    @property
    def elements(self) -> Elements:
        return ELEMENTS
