"""Two interleaved half circles, as in scikit-learn."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.datasets.generated import Planar


class Moons(Planar):
    """Moons: two interleaved half circles."""

    kind: Literal["moons"] = "moons"

    def generate(self, generator: np.random.Generator) -> tuple[NDArray[np.float64], NDArray[Any]]:
        t = np.arange(self.samples) % 2
        angle = generator.uniform(0, np.pi, self.samples)
        upper = np.stack([np.cos(angle), np.sin(angle)], axis=1)
        lower = np.stack([1 - np.cos(angle), 0.5 - np.sin(angle)], axis=1)
        return self.jitter(np.where(t[:, None] == 0, upper, lower), generator), t
