"""What an initializer is: a map from standard normal draws to weights.

Every initializer scales the same draws z ~ N(0, 1), so two runs with one seed differ in scale and
shape of the distribution only, never by the luck of the draw.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.backend import special
from engine.spec import Spec, hyper

Distribution = Literal["normal", "uniform", "truncated"]
Fan = Literal["in", "out", "average"]


class Initializer(Spec):
    """An initializer."""

    @abstractmethod
    def weights(self, z: NDArray[np.float64], fan_in: int, fan_out: int) -> NDArray[np.float64]:
        """Weights of z's shape from standard normal draws z."""


class VarianceScaling(Initializer):
    """Weights of variance gain / fan, normal or uniform."""

    distribution: Distribution = hyper(
        "normal",
        description="Shape of the distribution; all have the same variance. Keras's own `normal`"
        " variants are truncated.",
    )

    @property
    @abstractmethod
    def gain(self) -> float:
        """What the activation makes of a variance: 1 for linear and tanh, 2 for ReLU."""

    def std(self, fan_in: int, fan_out: int) -> float:
        """sqrt(gain / fan)."""
        fan: Any = self.fan  # type: ignore[attr-defined]
        n = {"in": fan_in, "out": fan_out, "average": (fan_in + fan_out) / 2}[fan]
        return float(np.sqrt(self.gain / n))

    def weights(self, z: NDArray[np.float64], fan_in: int, fan_out: int) -> NDArray[np.float64]:
        return self.std(fan_in, fan_out) * _UNIT[self.distribution](z)


def uniform(z: NDArray[np.float64]) -> NDArray[np.float64]:
    """z ~ N(0, 1) mapped, quantile to quantile, to the uniform of variance one on ±sqrt(3)."""
    mapped: NDArray[np.float64] = np.sqrt(3.0) * (2.0 * special(z).ndtr(z) - 1.0)
    return mapped


def truncated(z: NDArray[np.float64], *, cut: float = 2.0) -> NDArray[np.float64]:
    """z ~ N(0, 1) mapped, quantile to quantile, to the standard normal cut off at ±cut."""
    ndtr, ndtri = special(z).ndtr, special(z).ndtri
    below = ndtr(-cut)
    mapped: NDArray[np.float64] = ndtri(below + ndtr(z) * (1.0 - 2.0 * below))
    return mapped


TRUNCATED_STD = 0.8796256610342398
"""Standard deviation of the standard normal cut off at ±2."""

_UNIT: dict[str, Callable[[NDArray[np.float64]], NDArray[np.float64]]] = {
    "normal": lambda z: z,
    "uniform": uniform,
    "truncated": lambda z: truncated(z) / TRUNCATED_STD,
}
