"""What data sets drawn at random share: how many samples, which draw, how much noise."""

from __future__ import annotations

from abc import abstractmethod
from math import ceil, prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.datasets.base import Dataset, DatasetInfo
from engine.datasets.holdout import HeldOut, hold_out
from engine.layers.base import Shape
from engine.memory import require
from engine.messages import Message
from engine.randomness import Use, stream
from engine.spec import hyper


class Generated(HeldOut):
    """A data set drawn at random, the same for every seed of a run."""

    samples: int = hyper(
        1_000,
        description="Samples drawn, validation included.",
        unit="samples",
        ge=20,
        le=1_000_000,
    )
    draw: int = hyper(
        0, description="Which draw: another number gives other samples.", ge=0, le=2**31 - 1
    )

    def info(self) -> DatasetInfo:
        """What will be drawn, without drawing it."""
        shape, classes = self.draws()
        held_out = ceil(self.samples * self.validation)
        train = self.samples - held_out
        return DatasetInfo(
            shape, classes, classes, min(train, self.train_samples or train), held_out
        )

    def load(self) -> Dataset:
        shape, classes = self.draws()
        drawn_and_shared_out = 2 * 8 * self.samples * prod(shape)
        require(drawn_and_shared_out, Message("the data set {name}", name=self.title()))
        x, t = self.generate(stream(self.draw, Use.DATA))
        return hold_out(x, t, self.validation, classes=classes).head(self.train_samples)

    @abstractmethod
    def draws(self) -> tuple[Shape, int]:
        """The shape of a sample and the number of classes."""

    @abstractmethod
    def generate(self, generator: np.random.Generator) -> tuple[NDArray[np.float64], NDArray[Any]]:
        """Samples and labels."""


class Planar(Generated):
    """Points of the plane."""

    noise: float = hyper(
        0.1, description="Standard deviation of what is added to each point.", ge=0, le=10
    )

    def draws(self) -> tuple[Shape, int]:
        return (2,), 2

    def jitter(
        self, points: NDArray[np.float64], generator: np.random.Generator
    ) -> NDArray[np.float64]:
        return points + self.noise * generator.standard_normal(points.shape)
