"""What a scaling is: an affine map of the inputs, fitted on training data only."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from math import prod
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.spec import Spec, hyper

PORTION = 2**17
"""Values that are scaled at a time, whole samples of them: no more stand in double precision."""


@dataclass(frozen=True)
class Affine:
    """x ↦ (x - offset) / scale; both are scalars or have the shape of a sample."""

    offset: NDArray[np.float64]
    scale: NDArray[np.float64]

    def __call__(self, x: NDArray[Any], dtype: Any) -> NDArray[Any]:
        scaled = np.empty_like(x, dtype, subok=False)  # laid out as x is: sums keep their order
        rows = max(1, PORTION // max(1, prod(x.shape[1:])))
        with np.errstate(over="ignore"):  # what is infinite then is told by whoever asks
            for start in range(0, len(x), rows):
                portion = slice(start, start + rows)
                scaled[portion] = (x[portion] - self.offset) / self.scale
        return scaled

    def undone(self, z: NDArray[Any]) -> NDArray[Any]:
        """The inputs that are mapped to z, in its precision."""
        return (z * self.scale + self.offset).astype(z.dtype)


class Scaling(Spec):
    """A scaling of the inputs."""

    per: Literal["auto", "feature", "dataset"] = hyper(
        "auto",
        label="Statistics per",
        description="Whether each feature has its own statistics or the whole data set has one;"
        " auto: each feature of a table, all pixels of images together.",
    )

    @abstractmethod
    def fit(self, x: NDArray[Any], *, alike: bool = True) -> Affine:
        """The map for training samples x (N, ...), whose features are `alike` where one scale fits
        all of them. A constant feature is only shifted."""

    def axis(self, alike: bool) -> int | None:
        """The axis over which statistics are taken; None for all of them."""
        return 0 if self.per == "feature" or (self.per == "auto" and not alike) else None


def nonzero(scale: NDArray[np.float64]) -> NDArray[np.float64]:
    """The scale, with 1 in place of 0: a constant feature cannot be stretched."""
    return np.where(scale == 0, 1.0, scale)
