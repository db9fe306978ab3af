"""Why running statistics miss the population's: the gap, taken apart into causes that add up to it.

With k the momentum, b_j the statistic of the batch j steps before a checkpoint and w its weights,

    running = (1 - k) Σ kʲ b_j + kᵗ · initial

differs from the population's statistic in what each step from the one to the other changes:

    running     the batches as they were seen, by weights that moved        } lag
    the same batches again, in the same order, by the weights w             } dropout
    the same without dropout                                                } short batches
    the same, batches weighing by their samples                             } start, and chance
    the mean over batches of m samples by the weights w                     } estimator
    the same, each variance divided by m - 1                                } batching
    population  all samples together

A run's batches follow from its seed, so all of this is computed again, not estimated. The causes
add up to the gap by construction.

A last batch of r < m samples takes the share 1 - k of the average as every other does, although it
says less; a batch of one has no variance at all. By its samples it would take (1 - k) r/m.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from functools import partial
from math import ceil, log

import numpy as np
from numpy.typing import NDArray

from engine.analyses.population import (
    BatchAverages,
    Moments,
    batch_averages,
    last_batch,
    population_statistics,
)
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
    short_batches: Channels  # an epoch's last batch, of fewer samples, weighs as much as others
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


@dataclass(frozen=True, slots=True, eq=False)
class _Averages:
    """A layer's running statistics as the run left them, and as its own batches leave them by the
    weights of its end: with dropout, without, and with each batch weighing by its samples (of which
    the value before the first step has no part)."""

    running: _Statistics
    again: _Statistics
    undropped: _Statistics
    weighed: _Statistics | None  # None where no batch is shorter than others


def gap_causes(config: RunConfig, checkpoint: Checkpoint) -> dict[int, GapCauses]:
    """The causes of the gaps of every BN layer at a checkpoint, by the layer's index.

    Raises DataError where the data or the checkpoint cannot be read.
    """
    samples = load_samples(config, checkpoint.data)

    def network() -> Network:
        return trained_network(config, checkpoint, samples.x_train.shape[1:])

    running = _running(network())
    population = population_statistics(network(), samples.x_train)
    averages = batch_averages(network(), samples.x_train, batch_size=config.batch_size)
    again = partial(_again, network, config, checkpoint.step, samples, averages)
    dropped, undropped = again(dropout=True), again(dropout=False)
    short = config.batches(len(samples.x_train)).short
    weighed = _weighed(network(), config, checkpoint.step, samples, averages) if short else {}
    found = {}
    for i in population:
        spec = config.layers[i]
        assert isinstance(spec, BatchNorm)
        held = _Averages(running[i], dropped[i], undropped[i], weighed.get(i))
        mean, var = _taken_apart(spec, checkpoint.step, held, averages[i], population[i])
        found[i] = GapCauses(i, mean, var)
    return found


def _taken_apart(
    spec: BatchNorm, step: int, held: _Averages, averages: BatchAverages, population: Moments
) -> Iterator[Causes]:
    """The mean's causes, then the variance's."""
    kept = spec.momentum**step
    rows = (
        ("mean", 0.0, averages.mean, averages.mean, population.mean),
        ("var", spec.initial_variance, _own(spec, averages), averages.unbiased_var, population.var),
    )
    for name, initial, expected, unbiased, exact in rows:
        running, again, undropped = (
            getattr(each, name) for each in (held.running, held.again, held.undropped)
        )
        start = kept * (initial - expected)
        weighed = getattr(held.weighed, name) if held.weighed else undropped - start
        yield Causes(
            lag=running - again,
            dropout=again - undropped,
            short_batches=undropped - start - weighed,
            start=start,
            chance=weighed - expected,
            estimator=expected - unbiased,
            batching=unbiased - exact,
        )


def _own(spec: BatchNorm, values: BatchAverages | Moments) -> Channels:
    """The variance estimate that the layer averages."""
    return values.var if spec.variance == "biased" else values.unbiased_var


def _running(network: Network) -> dict[int, _Statistics]:
    return {
        i: _Statistics(
            *(np.array(layer.buffers[f"running_{name}"], np.float64) for name in ("mean", "var"))
        )
        for i, layer in enumerate(network.layers)
        if isinstance(layer.spec, BatchNorm)
    }


def _again(
    build: Callable[[], Network],
    config: RunConfig,
    step: int,
    samples: Samples,
    averages: dict[int, BatchAverages],
    *,
    dropout: bool,
) -> dict[int, _Statistics]:
    """The running statistics had the run seen its own batches by the weights of its end."""
    network, window = build(), _window(config, step)
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


def _weighed(
    network: Network,
    config: RunConfig,
    step: int,
    samples: Samples,
    averages: dict[int, BatchAverages],
) -> dict[int, _Statistics]:
    """The same without dropout, had each batch weighed by its samples, and had the averages begun
    at what is expected of a batch."""
    specs = {i: s for i, s in enumerate(config.layers) if isinstance(s, BatchNorm)}
    found = {i: _Statistics(averages[i].mean, _own(spec, averages[i])) for i, spec in specs.items()}
    window = _window(config, step)
    for _done, batch in _batches(config, len(samples.x_train), step - window, step):
        network.forward(samples.x_train[batch], "training")
        for i, spec in specs.items():
            new = (1 - spec.momentum) * len(batch) / config.batch_size
            seen, held = last_batch(network.layers[i], network.outputs[i]), found[i]
            found[i] = _Statistics(
                held.mean + new * (seen.mean - held.mean),
                held.var + new * (_own(spec, seen) - held.var),
            )
    return found


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
    per_epoch, held = config.batches(samples).count, -1
    for step in range(first, end):
        epoch, place = divmod(step, per_epoch)
        if epoch != held:
            order = stream(config.seed, Use.SHUFFLING, epoch).permutation(samples)
            held = epoch
        start = place * config.batch_size
        yield step, order[start : start + config.batch_size]
