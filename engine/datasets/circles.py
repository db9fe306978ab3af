"""A circle inside a circle, as in scikit-learn."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.datasets.generated import Planar
from engine.spec import hyper


class Circles(Planar):
    """Circles: one circle inside another."""

    kind: Literal["circles"] = "circles"
    inner: float = hyper(
        0.5, label="Inner radius", description="Radius of the inner circle.", gt=0, lt=1
    )

    def generate(self, generator: np.random.Generator) -> tuple[NDArray[np.float64], NDArray[Any]]:
        t = np.arange(self.samples) % 2
        angle = generator.uniform(0, 2 * np.pi, self.samples)
        radius = np.where(t == 0, 1.0, self.inner)
        points = radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
        return self.jitter(points, generator), t
