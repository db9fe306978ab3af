"""The Gaussian error linear unit (Hendrycks and Gimpel, 2016): z times the chance that a standard
normal draw lies below it."""

from __future__ import annotations

from math import pi
from typing import Any, Literal

from engine.backend import Array, special
from engine.layers.activation import Elementwise
from engine.spec import hyper

_C = (2 / pi) ** 0.5


class GELU(Elementwise):
    """GELU: θ(z) = z Φ(z)."""

    kind: Literal["gelu"] = "gelu"
    approximation: Literal["none", "tanh"] = hyper(
        "none", description="Φ itself (Keras, PyTorch) or the paper's tanh formula in its place."
    )

    @property
    def largest_slope(self) -> float:
        return 1.1289042756610046  # at z = sqrt(2)

    def theta(self, xp: Any, z: Array, out: Array) -> None:
        xp.multiply(z, self._phi(xp, z), out=out)

    def slope(self, xp: Any, z: Array, a: Array, out: Array) -> None:
        phi = self._phi(xp, z)
        if self.approximation == "none":
            # Φ(z) + z φ(z)
            out[...] = phi + z * xp.exp(-0.5 * z * z) / (2 * pi) ** 0.5
        else:
            # Φ + z dΦ/dz with Φ = (1 + tanh u)/2, so dΦ/dz = 2 Φ (1 - Φ) du/dz
            out[...] = phi + z * 2 * phi * (1 - phi) * _C * (1 + 3 * 0.044715 * z * z)

    def _phi(self, xp: Any, z: Array) -> Array:
        if self.approximation == "none":
            return special(xp).ndtr(z)
        return 0.5 * (1 + xp.tanh(_C * (z + 0.044715 * z * z * z)))
