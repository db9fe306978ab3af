"""The rectified linear unit (Nair and Hinton, ICML 2010): no saturation above, silence below."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from engine.backend import Array
from engine.layers.activation import Elementwise
from engine.loops import elements, loop


class ReLU(Elementwise):
    """ReLU: θ(z) = max(z, 0)."""

    kind: Literal["relu"] = "relu"

    def theta(self, xp: Any, z: Array, out: Array) -> None:
        _relu(out, z, 0.0)

    def slope(self, xp: Any, z: Array, a: Array, out: Array) -> None:
        _step(out, z, 0.0)

    def pull(self, xp: Any, z: Array, a: Array, dout: Array, out: Array) -> None:
        _pull(out, z, dout, 0.0)


@loop
def _relu(a: Array, z: Array, zero: float) -> None:
    for i in elements(a):
        a[i] = np.maximum(z[i], zero)


@loop
def _step(slope: Array, z: Array, zero: float) -> None:
    for i in elements(slope):
        slope[i] = z[i] > zero


@loop
def _pull(dz: Array, z: Array, dout: Array, zero: float) -> None:
    for i in elements(dz):
        dz[i] = dout[i] * (z[i] > zero)
