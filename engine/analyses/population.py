"""The population statistics of every Batch Normalization layer, at fixed weights.

Inference should normalize with the mean and variance of each feature over the whole training set
(Ioffe and Szegedy 2015, section 3.1). Running averages only chase them, while the weights move.

`population_statistics` computes them exactly, one BN layer after the other from the input on: each
earlier BN layer already normalizes with its own population statistics, and the samples pass in
chunks whose moments are combined by Chan, Golub and LeVeque's pairwise formula ("Updating Formulae
and a Pairwise Algorithm for Computing Sample Variances", 1979), which loses no digits to
cancellation.

`batch_averages` goes the paper's own way (Algorithm 2, steps 8 to 10): averages of the statistics
of training mini-batches, where each earlier BN layer normalizes with the batch's own. The larger
the batches, the closer it comes; one batch of all the samples gives the exact statistics.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.backend import Array, to_host
from engine.evaluation import CHUNK
from engine.layers import BatchNorm, Layer
from engine.network import Network


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """Count, mean and sum of squared deviations of each channel: `var` divides by the count,
    `unbiased_var` by one less."""

    count: int
    mean: NDArray[np.float64]
    squares: NDArray[np.float64]

    @property
    def var(self) -> NDArray[np.float64]:
        return self.squares / self.count

    @property
    def unbiased_var(self) -> NDArray[np.float64]:
        return self.squares / max(self.count - 1, 1)

    @classmethod
    def of(cls, x: NDArray[Any]) -> Moments:
        """The moments of values (..., C), a channel each in the last axis."""
        flat = x.reshape(-1, x.shape[-1]).astype(np.float64)
        mean = flat.mean(axis=0)
        return cls(len(flat), mean, np.square(flat - mean).sum(axis=0))

    def merge(self, other: Moments) -> Moments:
        """The moments of both sets of values together."""
        count = self.count + other.count
        delta = other.mean - self.mean
        mean = self.mean + delta * (other.count / count)
        between = np.square(delta) * (self.count * other.count / count)
        return Moments(count, mean, self.squares + other.squares + between)


@dataclass(frozen=True, slots=True, eq=False)
class BatchAverages:
    """The statistics of several batches, averaged: counts of values, and sums over the batches of
    m μ_B and m σ²_B, one value per channel.

    `var` is E[σ²_B]. `unbiased_var` divides the same squares by Σ (m - 1): for batches of one size
    that is the paper's m/(m - 1) E[σ²_B], and for unequal ones still unbiased; a batch of one,
    which tells nothing of the variance, then counts for nothing.
    """

    count: int
    batches: int
    mean: NDArray[np.float64]
    squares: NDArray[np.float64]

    @property
    def var(self) -> NDArray[np.float64]:
        return self.squares / self.count

    @property
    def unbiased_var(self) -> NDArray[np.float64]:
        return self.squares / max(self.count - self.batches, 1)

    @classmethod
    def of(cls, batches: Iterable[Moments]) -> BatchAverages:
        """The averages over batches of equal size or not."""
        parts = list(batches)
        counts = np.array([part.count for part in parts], np.float64)
        means = np.array([part.mean for part in parts])
        squares = np.array([part.squares for part in parts])
        return cls(
            int(counts.sum()), len(parts), counts @ means / counts.sum(), squares.sum(axis=0)
        )


def combine(parts: Iterable[Moments]) -> Moments:
    """The moments of all parts together, of equal size or not."""
    first, *rest = parts
    for part in rest:
        first = first.merge(part)
    return first


def population_statistics(network: Network, x: Array, *, chunk: int = CHUNK) -> dict[int, Moments]:
    """The moments over all samples x of what each BN layer normalizes, by the layer's index.

    Leaves the population statistics in the network's running buffers: work on a network of one's
    own. The variance stored is the biased one, that of the samples themselves.
    """
    found: dict[int, Moments] = {}
    for index, layer in enumerate(network.layers):
        if not isinstance(layer.spec, BatchNorm):
            continue
        moments = combine(
            Moments.of(to_host(network.forward(x[start : start + chunk], "inference", upto=index)))
            for start in range(0, len(x), chunk)
        )
        layer.buffers["running_mean"][...] = network.xp.asarray(moments.mean)
        layer.buffers["running_var"][...] = network.xp.asarray(moments.var)
        found[index] = moments
    return found


def batch_averages(network: Network, x: Array, *, batch_size: int) -> dict[int, BatchAverages]:
    """What the paper's Algorithm 2 gives each BN layer, by the layer's index.

    The samples pass in training mode, in the order given, so the network's running statistics move:
    work on a network of one's own. The last batch may be smaller.
    """
    parts: dict[int, list[Moments]] = {}
    for start in range(0, len(x), batch_size):
        network.forward(x[start : start + batch_size], "training")
        for index, layer in enumerate(network.layers):
            if isinstance(layer.spec, BatchNorm):
                parts.setdefault(index, []).append(last_batch(layer, network.outputs[index]))
    return {index: BatchAverages.of(batches) for index, batches in parts.items()}


def last_batch(layer: Layer[BatchNorm], out: Array) -> Moments:
    """The moments that a BN layer has just normalized with."""
    mean, var = (to_host(layer.batch[name]).astype(np.float64) for name in ("mean", "var"))
    count = out.size // len(mean)
    return Moments(count, mean, var * count)
