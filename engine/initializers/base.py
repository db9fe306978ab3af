"""What an initializer is: a map from standard normal draws to weights.

Every initializer scales the same draws z ~ N(0, 1), so two runs with one seed differ in scale and
shape of the distribution only, never by the luck of the draw.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from engine.spec import Spec, hyper

Distribution = Literal["normal", "uniform"]
Fan = Literal["in", "out", "average"]


class Initializer(Spec):
    """An initializer."""

    @abstractmethod
    def weights(self, z: NDArray[np.float64], fan_in: int, fan_out: int) -> NDArray[np.float64]:
        """Weights of z's shape from standard normal draws z."""


class VarianceScaling(Initializer):
    """Weights of variance gain / fan, normal or uniform."""

    distribution: Distribution = hyper(
        "normal", description="Shape of the distribution; both have the same variance."
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
        unit = z if self.distribution == "normal" else uniform_from_normal(z)
        return self.std(fan_in, fan_out) * unit


def uniform_from_normal(z: NDArray[np.float64]) -> NDArray[np.float64]:
    """z ~ N(0, 1) mapped, quantile to quantile, to the uniform of variance one on ±sqrt(3)."""
    mapped: NDArray[np.float64] = np.sqrt(3.0) * (2.0 * ndtr(z) - 1.0)
    return mapped
