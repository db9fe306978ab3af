"""What other momenta would have given: how far the running statistics would have been from the
population's, and what inference would have scored with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from engine.analyses.population import population_statistics
from engine.analyses.replay import replayed
from engine.config import RunConfig
from engine.evaluation import evaluate
from engine.layers import BatchNorm
from engine.model import trained_network
from engine.records import BatchStatistics, Checkpoint
from engine.samples import load_samples

MOMENTA = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.97, 0.99, 0.995, 0.999)


@dataclass(frozen=True, slots=True)
class MomentumOutcome:
    """With one momentum in every BN layer: by layer, the root mean square over the channels of the
    mean's gap in standard deviations and of the variance's as a share of the population's; and the
    scores on the validation samples, None where there are none."""

    momentum: float
    mean_gap: Mapping[int, float]
    var_gap: Mapping[int, float]
    loss: float | None
    accuracy: float | None


def other_momenta(
    config: RunConfig,
    checkpoint: Checkpoint,
    batches: Mapping[int, BatchStatistics],
    *,
    momenta: Iterable[float] = MOMENTA,
) -> tuple[MomentumOutcome, ...]:
    """Each momentum's outcome at a checkpoint, from the statistics of every batch up to it.

    Raises DataError where the data cannot be read or batches are missing.
    """
    samples = load_samples(config, checkpoint.data)
    shape = samples.x_train.shape[1:]
    exact = population_statistics(trained_network(config, checkpoint, shape), samples.x_train)
    x, t = samples.split("validation")
    outcomes = []
    for momentum in momenta:
        network = trained_network(
            config, replayed(config, checkpoint, batches, shape, momentum=momentum), shape
        )
        mean_gap, var_gap = {}, {}
        for i, population in exact.items():
            spec, running = config.layers[i], network.layers[i].buffers
            assert isinstance(spec, BatchNorm)
            scale = population.var + spec.epsilon
            mean_gap[i] = _rms((running["running_mean"] - population.mean) / np.sqrt(scale))
            var_gap[i] = _rms((running["running_var"] - population.var) / scale)
        scores = evaluate(network, config.loss, x, t) if len(x) else None
        outcomes.append(
            MomentumOutcome(
                momentum,
                mean_gap,
                var_gap,
                scores.loss * samples.loss_unit if scores else None,
                scores.accuracy if scores else None,
            )
        )
    return tuple(outcomes)


def _rms(values: np.ndarray) -> float:
    return float(np.sqrt(np.square(values).mean()))
