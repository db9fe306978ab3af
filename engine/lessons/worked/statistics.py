"""What Batch Normalization's statistics are worth: averaged in this way or that, and at inference.

Averages over many batches of m values from N(0, 1), whose variance is 1: a batch's own variance
falls short of it by (m - 1)/m on average, and the mean of its standard deviation by more, for the
root of a mean is no less than the mean of roots (Jensen).

At inference a network of two hidden layers of 50, trained on the digits for 75 steps of 100, is
normalized with the statistics of the batch that it is given, with the moving averages of training,
or with those of all training samples at once (Ioffe and Szegedy 2015, section 3.1).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from engine.analyses.population import population_statistics
from engine.config import RunConfig
from engine.evaluation import evaluate
from engine.initializers import He
from engine.layers import BatchNorm, Mode, ReLU
from engine.lessons.brief import advance, begun
from engine.optimizers import SGD
from engine.randomness import Use, stream
from engine.stack import multilayer
from engine.training import Trainer

BATCHES = 4_000
STEPS = 75
SHIFTED_BY = 1.0
"""What is added to every scaled input of a shifted distribution."""

Values = NDArray[np.float64]


def variance_averaged(at: float, seed: int) -> float:
    """The mean of the variances (1/m) of batches of `at`."""
    return float(_batches(at, seed).var(axis=1).mean())


def variance_corrected(at: float, seed: int) -> float:
    """The same times m/(m - 1)."""
    return float(_batches(at, seed).var(axis=1, ddof=1).mean())


def deviation_averaged(at: float, seed: int) -> float:
    """The mean of the standard deviations, squared."""
    return float(_batches(at, seed).std(axis=1).mean() ** 2)


def _batches(at: float, seed: int) -> Values:
    return stream(seed, Use.ANALYSIS).standard_normal((BATCHES, int(at)))


def accuracy_of_batches(at: float, seed: int) -> float:
    """Validation accuracy where each batch of `at` is normalized with its own statistics."""
    return _accuracy(seed, batch=int(at))


def accuracy_moving(at: float, seed: int) -> float:
    """Validation accuracy with the moving averages of training."""
    return _accuracy(seed)


def accuracy_population(at: float, seed: int) -> float:
    """Validation accuracy with the statistics of all training samples."""
    trainer = _trained(seed)
    running = trainer.network.buffers.copy()
    population_statistics(trainer.network, trainer.x)
    found = _accuracy(seed)
    trainer.network.buffers[...] = running
    return found


def shifted_of_batches(at: float, seed: int) -> float:
    """The accuracy of batches of `at` from a shifted distribution, by their own statistics."""
    return _accuracy(seed, batch=int(at), shift=SHIFTED_BY)


def shifted_moving(at: float, seed: int) -> float:
    """The accuracy on a shifted distribution with the moving averages of training."""
    return _accuracy(seed, shift=SHIFTED_BY)


def _accuracy(seed: int, *, batch: int = 0, shift: float = 0.0) -> float:
    """With a batch's own statistics, or with those that the network holds where there is none."""
    trainer = _trained(seed)
    running = trainer.network.buffers.copy()
    x, t = trainer.x_validation + np.asarray(shift, trainer.x.dtype), trainer.t_validation
    mode: Mode = "training" if batch else "inference"
    found = evaluate(
        trainer.evaluated, trainer.config.loss, x, t, mode=mode, batch_size=batch or len(x)
    )
    trainer.network.buffers[...] = running
    assert found.accuracy is not None
    return found.accuracy


@lru_cache(maxsize=16)
def _trained(seed: int) -> Trainer:
    layers = multilayer([50, 50], 10, activation=ReLU(), init=He(), batch_norm=BatchNorm())
    trainer = begun(RunConfig(layers=layers, optimizer=SGD(lr=0.1), seed=seed))
    advance(trainer, STEPS)
    return trainer
