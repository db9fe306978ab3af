"""What Batch Normalization really uses at inference, beside what it should.

From a run's configuration and one of its checkpoints: the running statistics of every BN layer, the
exact population statistics of the training samples, and what the difference costs in loss and
accuracy. Pure: passes forward only, on a network of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.analyses.population import Moments, population_statistics
from engine.config import RunConfig
from engine.evaluation import CHUNK, evaluate
from engine.layers import BatchNorm, Mode
from engine.model import trained_network
from engine.network import Network
from engine.records import Checkpoint
from engine.samples import Samples, load_samples

Statistics = Literal["inference", "training", "population"]
"""What normalizes: the running statistics, each batch's own, or the exact population's."""


@dataclass(frozen=True, slots=True, eq=False)
class InspectedBatchNorm:
    """One BN layer: arrays of one value per channel."""

    layer: int
    name: str
    momentum: float
    epsilon: float
    variance: Literal["biased", "unbiased"]
    gamma: NDArray[np.float64]
    beta: NDArray[np.float64]
    running_mean: NDArray[np.float64]
    running_var: NDArray[np.float64]
    population_mean: NDArray[np.float64]
    population_var: NDArray[np.float64]

    @property
    def mean_gap(self) -> NDArray[np.float64]:
        """|running mean - population mean| in population standard deviations."""
        return np.abs(self.running_mean - self.population_mean) / np.sqrt(
            self.population_var + self.epsilon
        )

    @property
    def var_ratio(self) -> NDArray[np.float64]:
        """(running variance + ε) / (population variance + ε): 1 where both scale alike."""
        return (self.running_var + self.epsilon) / (self.population_var + self.epsilon)


@dataclass(frozen=True, slots=True)
class ModeEvaluation:
    """Loss and accuracy on one split with one kind of statistics."""

    split: Literal["train", "validation"]
    mode: Statistics
    loss: float
    accuracy: float | None


@dataclass(frozen=True, slots=True)
class BatchNormInspection:
    """The BN layers of a run at a checkpoint, and the network's scores in each mode. `short_batch`
    is how many samples the last batch of an epoch holds where it is shorter than others, else
    0."""

    step: int
    samples: int
    batch_size: int
    short_batch: int
    layers: tuple[InspectedBatchNorm, ...]
    evaluations: tuple[ModeEvaluation, ...]


def inspect_batch_norm(
    config: RunConfig, checkpoint: Checkpoint, *, batch_size: int | None = None
) -> BatchNormInspection:
    """Inspect a run's BN layers at a checkpoint; training mode takes batches of `batch_size`.

    Raises DataError where the data or the checkpoint cannot be read.
    """
    samples = load_samples(config, checkpoint.data)
    batch_size = batch_size or config.batch_size
    evaluations = [
        *_evaluations("inference", config, _network(config, samples, checkpoint), samples, CHUNK),
        *_evaluations(
            "training", config, _network(config, samples, checkpoint), samples, batch_size
        ),
    ]
    network = _network(config, samples, checkpoint)
    population = population_statistics(network, samples.x_train)
    evaluations += _evaluations("population", config, network, samples, CHUNK)
    original = _network(config, samples, checkpoint)
    return BatchNormInspection(
        step=checkpoint.step,
        samples=len(samples.x_train),
        batch_size=batch_size,
        short_batch=config.batches(len(samples.x_train)).short,
        layers=tuple(_inspected(original, population)),
        evaluations=tuple(evaluations),
    )


def _network(config: RunConfig, samples: Samples, checkpoint: Checkpoint) -> Network:
    return trained_network(config, checkpoint, samples.x_train.shape[1:])


def _inspected(network: Network, population: dict[int, Moments]) -> Iterator[InspectedBatchNorm]:
    for index, moments in population.items():
        layer = network.layers[index]
        assert isinstance(layer.spec, BatchNorm)
        arrays = {
            name: np.asarray(array, np.float64)
            for name, array in {**layer.parameters, **layer.buffers}.items()
        }
        yield InspectedBatchNorm(
            layer=index,
            name=network.info[index].name,
            momentum=layer.spec.momentum,
            epsilon=layer.spec.epsilon,
            variance=layer.spec.variance,
            population_mean=moments.mean,
            population_var=moments.var,
            **arrays,
        )


def _evaluations(
    statistics: Statistics, config: RunConfig, network: Network, samples: Samples, batch_size: int
) -> Iterator[ModeEvaluation]:
    mode: Mode = "training" if statistics == "training" else "inference"
    for split in ("train", "validation"):
        x, t = samples.split(split)
        scores = evaluate(network, config.loss, x, t, mode=mode, batch_size=batch_size)
        loss = scores.loss * samples.loss_unit
        yield ModeEvaluation(split, statistics, loss, scores.accuracy)
