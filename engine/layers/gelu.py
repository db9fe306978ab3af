"""The Gaussian error linear unit (Hendrycks and Gimpel, 2016): z times the chance that a standard
normal draw lies below it."""

from __future__ import annotations

from math import pi
from typing import Any, ClassVar, Literal

import numpy as np

from engine.backend import special
from engine.initializers import He, Initializer
from engine.layers.activation import Elements, Elementwise, elementwise
from engine.layers.base import Shape
from engine.layers.numpy_helpers import erf
from engine.layers.written import Code, Site, code
from engine.spec import hyper

_C = (2 / pi) ** 0.5


def theta(z: Any) -> Any:
    return z * special(z).ndtr(z)


def slope(z: Any, a: Any) -> Any:
    # Φ(z) + z φ(z), where φ is the density whose integral Φ is
    return special(z).ndtr(z) + z * np.exp(-0.5 * z * z) / (2 * pi) ** 0.5


def tanh_theta(z: Any) -> Any:
    return z * _tanh_cdf(z)


def tanh_slope(z: Any, a: Any) -> Any:
    # with Φ = (1 + tanh u) / 2, dΦ/dz = 2 Φ (1 - Φ) du/dz
    cdf = _tanh_cdf(z)
    return cdf + z * 2 * cdf * (1 - cdf) * _C * (1 + 3 * 0.044715 * z * z)


def _tanh_cdf(z: Any) -> Any:
    return 0.5 * (1 + np.tanh(_C * (z + 0.044715 * z * z * z)))


ELEMENTS = elementwise(theta, slope, compiles=False)
TANH_ELEMENTS = elementwise(tanh_theta, tanh_slope, compiles=False)


class GELU(Elementwise):
    """GELU: θ(z) = z Φ(z)."""

    kind: Literal["gelu"] = "gelu"
    initializer: ClassVar[type[Initializer]] = He
    approximation: Literal["none", "tanh"] = hyper(
        "none", description="Φ itself (Keras, PyTorch) or the paper's tanh formula in its place."
    )

    @property
    def largest_slope(self) -> float:
        return 1.1289042756610046  # at z = sqrt(2)

    @property
    def elements(self) -> Elements:
        return ELEMENTS if self.approximation == "none" else TANH_ELEMENTS

    def as_numpy(self, name: str, shape: Shape) -> Code:
        if self.approximation == "none":
            return code("x = 0.5 * x * (1 + erf(x / 2**0.5))", helpers=(erf,))
        return code("x = 0.5 * x * (1 + np.tanh((2 / np.pi) ** 0.5 * (x + 0.044715 * x**3)))")

    def as_onnx(self, site: Site, x: str) -> str:
        return site.add("Gelu", x, approximate=self.approximation)
