"""Rental cars by age and distance, whose scales differ by a factor of ten thousand: which must go
to the workshop?

A car's wear is its age / 15 years + its distance / 300,000 km; it must go where the wear is above
1. Neither feature tells alone. A network of one hidden layer of 20 learns it by plain gradient
descent in so many steps, from the features as they are or scaled.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.config import RunConfig
from engine.datasets import Dataset, Noise
from engine.datasets.holdout import hold_out
from engine.initializers import He
from engine.layers import ReLU
from engine.lessons.brief import accuracy_of, advance, begun
from engine.lessons.worked.drawn import Drawn, Panel, Values
from engine.optimizers import SGD
from engine.randomness import Use, stream
from engine.samples import kept_of, scaled
from engine.scaling import MeanNormalization, MinMax, ScalingSpec, Unscaled, ZScore
from engine.stack import multilayer

CARS = 600
OLDEST, FARTHEST = 15.0, 300_000.0  # years, km
STEPS = 60


def unscaled(at: float, seed: int) -> float:
    """The validation accuracy from features as they are."""
    return _accuracy(Unscaled(), seed)


def min_max(at: float, seed: int) -> float:
    """From features between 0 and 1."""
    return _accuracy(MinMax(per="feature"), seed)


def mean(at: float, seed: int) -> float:
    """From features of mean 0 within a range of 1."""
    return _accuracy(MeanNormalization(per="feature"), seed)


def z_score(at: float, seed: int) -> float:
    """From features of mean 0 and variance 1."""
    return _accuracy(ZScore(per="feature"), seed)


def whole(at: float, seed: int) -> float:
    """From z-scores by one mean and one deviation for both features."""
    return _accuracy(ZScore(per="dataset"), seed)


def _accuracy(scaling: ScalingSpec, seed: int) -> float:
    layers = multilayer([20], 2, activation=ReLU(), init=He())
    config = RunConfig(
        dataset=Noise(shape=(2,), classes=2),  # its place is taken by the cars
        layers=layers,
        scaling=scaling,
        optimizer=SGD(lr=0.5),
        batch_size=50,
        seed=seed,
    )
    cars = rental_cars(seed)
    trainer = begun(config, scaled(cars, config, kept_of(cars, config)))
    return accuracy_of(trainer, finite=advance(trainer, STEPS))


def rental_cars(seed: int) -> Dataset:
    """Cars: years and kilometres, and whether they must go to the workshop (1)."""
    age, distance = stream(seed, Use.ANALYSIS).uniform(0, [[OLDEST], [FARTHEST]], (2, CARS))
    worn = age / OLDEST + distance / FARTHEST > 1
    return hold_out(np.stack([age, distance], axis=1), worn.astype(np.int64), 0.2, classes=2)


def drawn() -> tuple[Panel, ...]:
    """The cars before scaling and after it, those for the workshop apart."""
    cars = rental_cars(0)
    x, worn = cars.x_train, cars.t_train == 1
    ways: dict[str, ScalingSpec] = {
        "as they are": Unscaled(),
        "min-max": MinMax(per="feature"),
        "z-score": ZScore(per="feature"),
        "z-score, one for both": ZScore(per="dataset"),
    }
    return tuple(
        _panel(name, np.asarray(way.fit(x, alike=False)(x, np.float64)), worn)
        for name, way in ways.items()
    )


def _panel(name: str, x: Values, worn: NDArray[np.bool_]) -> Panel:
    kinds = (("goes on", ~worn), ("to the workshop", worn))
    lines = (Drawn(kind, x[these, 0], x[these, 1], points=True) for kind, these in kinds)
    return Panel(name, "age", tuple(lines), y="distance")
