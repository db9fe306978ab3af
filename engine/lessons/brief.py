"""Trainings so short that a lesson's page does not wait for them: a few steps by NumPy alone, with
nothing recorded, and what the network's layers hold then.

A run's own steps are these to the last bit of NumPy's arithmetic; loops that are compiled for it
may round otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import nan
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.config import RecordSpec, RunConfig
from engine.evaluation import evaluate
from engine.layers import Activation, Dense
from engine.samples import Samples
from engine.training import Trainer

Values = NDArray[np.float64]
Moments: TypeAlias = tuple[Values, Values]

QUIET = RecordSpec(
    every=1_000_000, dense=0, histograms=False, checkpoint_every=10_000, checkpoint_best=False
)
SEEN = 500
"""Training samples on which layers are looked at."""
LOOKS = 4
"""How often the drift of a layer's inputs is looked at."""


def begun(config: RunConfig, samples: Samples | None = None) -> Trainer:
    """A training that is about to begin."""
    quiet = config.model_copy(update={"backend": "numpy", "record": QUIET})
    return Trainer(quiet, samples=samples)


def advance(trainer: Trainer, steps: int) -> bool:
    """So many steps, as far as there are any; whether the numbers are still finite."""
    with np.errstate(all="ignore"):
        for _ in range(min(steps, trainer.plan.steps - trainer.step)):
            trainer.advance()
            if trainer.diverged_step is not None:
                return False
    return bool(np.isfinite(trainer.network.w).all())


def dead_share(config: RunConfig, steps: int) -> float:
    """The share of hidden units that give 0 for every sample after so many steps; all of them where
    the run diverged, for it never gives anything else again."""
    trainer, finite = _after(config, steps)
    if not finite:
        return 1.0
    hidden = [i for i, layer in enumerate(config.layers) if isinstance(layer, Activation)]
    outputs = [_looked(trainer, upto=i + 1) for i in hidden]
    return float(np.mean([(a == 0).all(axis=0).mean() for a in outputs]))


def val_accuracy(config: RunConfig, steps: int) -> float:
    """The validation accuracy after so many steps; that of guessing where the run diverged."""
    trainer, finite = _after(config, steps)
    return accuracy_of(trainer, finite=finite)


def accuracy_of(trainer: Trainer, *, finite: bool) -> float:
    """The validation accuracy of a training so far; that of guessing where it diverged."""
    if not finite:
        classes = trainer.data.info.classes
        return 1 / classes if classes else nan
    x, t = trainer.x_validation, trainer.t_validation
    accuracy = evaluate(trainer.evaluated, trainer.config.loss, x, t).accuracy
    return nan if accuracy is None else accuracy


@lru_cache(maxsize=32)
def _after(config: RunConfig, steps: int) -> tuple[Trainer, bool]:
    """A training after so many steps, and whether its numbers are still finite."""
    trainer = begun(config)
    return trainer, advance(trainer, steps)


@lru_cache(maxsize=64)
def drifts(config: RunConfig, steps: int) -> tuple[float, float]:
    """How far what activations receive moves in so many steps, and how far the weighted sums of the
    Dense layers do.

    At LOOKS moments each unit's mean μ and standard deviation σ over the samples are taken, in
    training mode. From one look to the next a unit drifts by sqrt((Δμ)² + (Δσ)²) / σ; the drift is
    the median over the units, the mean over looks and hidden layers.
    """
    received = [i for i, layer in enumerate(config.layers) if isinstance(layer, Activation)]
    dense = [i for i, layer in enumerate(config.layers) if isinstance(layer, Dense)]
    places = [*received, *(i + 1 for i in dense[: len(received)])]
    trainer = begun(config)
    before, moved = _moments(trainer, places), []
    for _ in range(LOOKS):
        if not advance(trainer, steps // LOOKS):
            return nan, nan
        after = _moments(trainer, places)
        moved.append([_drifted(old, new) for old, new in zip(before, after, strict=True)])
        before = after
    means = np.mean(moved, axis=0)
    half = len(received)
    return float(means[:half].mean()), float(means[half:].mean())


def _drifted(old: Moments, new: Moments) -> float:
    (old_mean, old_std), (mean, std) = old, new
    return float(np.median(np.hypot(mean - old_mean, std - old_std) / old_std))


def _moments(trainer: Trainer, places: Sequence[int]) -> list[Moments]:
    """The mean and the standard deviation of each unit of what comes before these layers."""
    trainer.evaluated.forward(trainer.x[:SEEN], "training")
    found = [np.asarray(trainer.evaluated.outputs[i - 1], np.float64) for i in places]
    return [(z.mean(axis=0), z.std(axis=0) + 1e-12) for z in found]


def _looked(trainer: Trainer, *, upto: int) -> Values:
    return np.asarray(trainer.evaluated.forward(trainer.x[:SEEN], "inference", upto=upto))
