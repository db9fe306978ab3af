"""The networks that are timed, in words that every contestant understands."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

BATCH = 100
BATCHES = 60


@dataclass(frozen=True)
class Workload:
    """A network, its optimizer, and the bars its ratios must not exceed, by peer."""

    name: str
    network: Literal["dense", "convolution"]
    batch_norm: bool
    optimizer: Literal["adam", "sgd"]
    bars: dict[str, float] = field(default_factory=dict)

    @property
    def sample_shape(self) -> tuple[int, ...]:
        return (784,) if self.network == "dense" else (28, 28, 1)


WORKLOADS = (
    Workload(
        "784-100x4-10, BN, Adam",
        "dense",
        True,
        "adam",
        {"torch": 0.6, "jax": 0.8, "matrix products": 2.2},
    ),
    Workload("784-100x4-10, SGD", "dense", False, "sgd", {"torch": 0.6, "jax": 0.8}),
    Workload(
        "conv32-conv32-pool-dense, BN, Adam",
        "convolution",
        True,
        "adam",
        {"torch": 1.4, "jax": 0.5},
    ),
)
HIDDEN = 100
LAYERS = 4
CLASSES = 10
CHANNELS = 32


def samples(workload: Workload) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Random samples and labels: time does not depend on what is learned."""
    generator = np.random.default_rng(0)
    x = generator.standard_normal((BATCH * BATCHES, *workload.sample_shape)).astype(np.float32)
    return x, generator.integers(0, CLASSES, len(x))
