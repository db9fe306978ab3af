"""Standard normal noise of a given shape with random labels: nothing to learn, only to remember.

What textbooks feed an untrained network to watch its activations.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from engine.datasets.generated import Generated
from engine.layers.base import Shape
from engine.spec import hyper


class Noise(Generated):
    """Noise: standard normal samples of a given shape, labels at random."""

    kind: Literal["noise"] = "noise"
    shape: tuple[Annotated[int, Field(ge=1, le=4_096)], ...] = hyper(
        (100,), description="Shape of a sample: 100, or 28, 28, 1.", min_length=1, max_length=3
    )
    classes: int = hyper(10, description="Number of labels.", ge=2, le=1_000)

    def draws(self) -> tuple[Shape, int]:
        return self.shape, self.classes

    def generate(self, generator: np.random.Generator) -> tuple[NDArray[np.float64], NDArray[Any]]:
        x = generator.standard_normal((self.samples, *self.shape))
        return x, generator.integers(0, self.classes, self.samples)
