"""Why running statistics miss the population's: the gap, taken apart into causes that add up to it.

With k the momentum, b_j the statistic of the batch j steps before a checkpoint and w its weights,

    running = (1 - k) Σ kʲ b_j + kᵗ · initial

differs from the population's statistic in what each step from the one to the other changes:

    running     the batches as they were seen, by weights that moved        } lag
    the same batches again, in the same order, by the weights w             } dropout
    the same without dropout                                                } start, and chance
    the mean over batches of m samples by the weights w                     } estimator
    the same, each variance divided by m - 1                                } batching
    population  all samples together

A run's batches follow from its seed, so all of this is computed again, not estimated. The causes
add up to the gap by construction.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import partial
from math import ceil, log

import numpy as np
from numpy.typing import NDArray

from engine.analyses.population import BatchAverages, Moments, batch_averages, population_statistics
from engine.config import RunConfig
from engine.layers import BatchNorm
from engine.model import trained_network
from engine.network import Network
from engine.randomness import Use, stream
from engine.records import Checkpoint
from engine.samples import Samples, load_samples

Channels = NDArray[np.float64]

REACH = 1e-5
"""Batches are passed again until those before them weigh less than this share."""

LONGEST = 2_000
"""Batches passed again at most: beyond, older ones count as the mean over batches."""


@dataclass(frozen=True, slots=True, eq=False)
class Causes:
    """Running less population, in the statistic's own unit: one value per channel. They add
    up."""

    lag: Channels  # the weights have moved since the batches were seen
    dropout: Channels  # training passes were dropped out, inference is not
    start: Channels  # the value before the first step still weighs kᵗ
    chance: Channels  # the batches in the window are not the average ones
    estimator: Channels  # variances divided by m are too small by 1/m
    batching: Channels  # within a batch values vary less, and earlier layers use the batch's own

    @property
    def gap(self) -> Channels:
        """Running less population."""
        total: Channels = sum(getattr(self, field.name) for field in fields(self))
        return total


@dataclass(frozen=True, slots=True)
class GapCauses:
    """The causes of one BN layer's gaps, of its mean and of its variance."""

    layer: int
    mean: Causes
    var: Causes


@dataclass(frozen=True, slots=True, eq=False)
class _Statistics:
    """The mean and the variance of one layer."""

    mean: Channels
    var: Channels


def gap_causes(config: RunConfig, checkpoint: Checkpoint) -> dict[int, GapCauses]:
    """The causes of the gaps of every BN layer at a checkpoint, by the layer's index.

    Raises DataError where the data or the checkpoint cannot be read.
    """
    samples = load_samples(config)

    def network() -> Network:
        return trained_network(config, checkpoint, samples.x_train.shape[1:])

    running = _running(network())
    population = population_statistics(network(), samples.x_train)
    averages = batch_averages(network(), samples.x_train, batch_size=config.batch_size)
    again = _again(network(), config, checkpoint.step, samples, averages, dropout=True)
    undropped = _again(network(), config, checkpoint.step, samples, averages, dropout=False)
    found = {}
    for i in population:
        spec = config.layers[i]
        assert isinstance(spec, BatchNorm)
        mean, var = _taken_apart(
            spec, checkpoint.step, running[i], again[i], undropped[i], averages[i], population[i]
        )
        found[i] = GapCauses(i, mean, var)
    return found


def _taken_apart(
    spec: BatchNorm,
    step: int,
    running: _Statistics,
    again: _Statistics,
    undropped: _Statistics,
    averages: BatchAverages,
    population: Moments,
) -> Iterator[Causes]:
    """The mean's causes, then the variance's."""
    kept = spec.momentum**step
    rows = (
        ("mean", 0.0, averages.mean, averages.mean, population.mean),
        ("var", spec.initial_variance, _own(spec, averages), averages.unbiased_var, population.var),
    )
    for name, initial, expected, unbiased, exact in rows:
        start = kept * (initial - expected)
        yield Causes(
            lag=getattr(running, name) - getattr(again, name),
            dropout=getattr(again, name) - getattr(undropped, name),
            start=start,
            chance=getattr(undropped, name) - expected - start,
            estimator=expected - unbiased,
            batching=unbiased - exact,
        )


def _own(spec: BatchNorm, averages: BatchAverages) -> Channels:
    """The variance estimate that the layer averages, over all batches."""
    return averages.var if spec.variance == "biased" else averages.unbiased_var


def _running(network: Network) -> dict[int, _Statistics]:
    return {
        i: _Statistics(
            *(np.array(layer.buffers[f"running_{name}"], np.float64) for name in ("mean", "var"))
        )
        for i, layer in enumerate(network.layers)
        if isinstance(layer.spec, BatchNorm)
    }


def _again(
    network: Network,
    config: RunConfig,
    step: int,
    samples: Samples,
    averages: dict[int, BatchAverages],
    *,
    dropout: bool,
) -> dict[int, _Statistics]:
    """The running statistics had the run seen its own batches by the weights of its end."""
    window = _window(config, step)
    for i, layer in enumerate(network.layers):
        if isinstance(layer.spec, BatchNorm):
            spec, before = layer.spec, layer.spec.momentum ** (step - window)
            starts = (
                ("running_mean", 0.0, averages[i].mean),
                ("running_var", spec.initial_variance, _own(spec, averages[i])),
            )
            for name, initial, expected in starts:
                layer.buffers[name][...] = expected + before * (initial - expected)
    for done, batch in _batches(config, len(samples.x_train), step - window, step):
        masks = partial(stream, config.seed, Use.DROPOUT, done) if dropout else None
        network.forward(samples.x_train[batch], "training", masks=masks)
    return _running(network)


def _window(config: RunConfig, step: int) -> int:
    """How many batches back a running statistic remembers."""
    momentum = max(layer.momentum for layer in config.layers if isinstance(layer, BatchNorm))
    if momentum == 1:
        return min(step, LONGEST)
    reach = ceil(log(REACH) / log(momentum)) if momentum else 1
    return min(step, reach, LONGEST)


def _batches(
    config: RunConfig, samples: int, first: int, end: int
) -> Iterator[tuple[int, NDArray[np.intp]]]:
    """A run's own batches, from step `first` on, counted from 0."""
    per_epoch, held = ceil(samples / config.batch_size), -1
    for step in range(first, end):
        epoch, place = divmod(step, per_epoch)
        if epoch != held:
            order = stream(config.seed, Use.SHUFFLING, epoch).permutation(samples)
            held = epoch
        start = place * config.batch_size
        yield step, order[start : start + config.batch_size]
