"""What a scaling is: an affine map of the inputs, fitted on training data only."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.spec import Spec, hyper


@dataclass(frozen=True)
class Affine:
    """x ↦ (x - offset) / scale; both are scalars or have the shape of a sample."""

    offset: NDArray[np.float64]
    scale: NDArray[np.float64]

    def __call__(self, x: NDArray[Any], dtype: Any) -> NDArray[Any]:
        return ((x - self.offset) / self.scale).astype(dtype)


class Scaling(Spec):
    """A scaling of the inputs."""

    per: Literal["feature", "dataset"] = hyper(
        "dataset",
        label="Statistics per",
        description="Whether each feature has its own statistics or the whole data set has one.",
    )

    @abstractmethod
    def fit(self, x: NDArray[Any]) -> Affine:
        """The map for training samples x (N, ...). A constant feature is only shifted."""

    def axis(self) -> int | None:
        return 0 if self.per == "feature" else None


def nonzero(scale: NDArray[np.float64]) -> NDArray[np.float64]:
    """The scale, with 1 in place of 0: a constant feature cannot be stretched."""
    return np.where(scale == 0, 1.0, scale)
