"""Spiral arms around one centre, one per class: hard for a shallow network."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.datasets.generated import Planar
from engine.layers.base import Shape
from engine.spec import hyper


class Spirals(Planar):
    """Spirals: arms around one centre, one per class."""

    kind: Literal["spirals"] = "spirals"
    noise: float = hyper(
        0.02, description="Standard deviation of what is added to each point.", ge=0, le=10
    )
    classes: int = hyper(3, description="Number of arms.", ge=2, le=20)
    turns: float = hyper(0.75, description="How often an arm winds around the centre.", gt=0, le=10)

    def draws(self) -> tuple[Shape, int]:
        return (2,), self.classes

    def generate(self, generator: np.random.Generator) -> tuple[NDArray[np.float64], NDArray[Any]]:
        t = np.arange(self.samples) % self.classes
        radius = generator.uniform(0, 1, self.samples)
        angle = 2 * np.pi * (self.turns * radius + t / self.classes)
        points = radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
        return self.jitter(points, generator), t
