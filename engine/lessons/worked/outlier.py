"""What one outlier leaves to the other values, by the way in which they are scaled: how wide their
middle nine tenths still are, as a share of the width without it (engine.analyses.scalings)."""

from __future__ import annotations

import numpy as np

from engine.analyses.scalings import Way, scalings
from engine.lessons.worked.drawn import Drawn, Panel, Values
from engine.randomness import Use, stream
from engine.scaling import MeanNormalization, MinMax, ZScore

N = 300
FAR = 30.0


def min_max(at: float, seed: int) -> float:
    """Under min-max normalization, with an outlier at so many standard deviations."""
    return _room(MinMax, at, seed)


def mean(at: float, seed: int) -> float:
    """Under mean normalization."""
    return _room(MeanNormalization, at, seed)


def z_score(at: float, seed: int) -> float:
    """Under z-scores."""
    return _room(ZScore, at, seed)


def _room(way: Way, at: float, seed: int) -> float:
    values = _values(seed)
    with_it, without = (_of(way, values, far) for far in (at, 0.0))
    return with_it / without


def _of(way: Way, values: Values, outlier: float) -> float:
    return next(each.middle for each in scalings(values, outlier=outlier) if each.way is way)


def _values(seed: int) -> Values:
    return stream(seed, Use.ANALYSIS).standard_normal(N)


def drawn() -> tuple[Panel, ...]:
    """The values scaled with the outlier among them, by each way."""
    values = np.append(_values(0), FAR)
    column = values[:, None]
    names: dict[str, Way] = {"min-max": MinMax, "mean": MeanNormalization, "z-score": ZScore}
    lines = []
    for name, way in names.items():
        scaled = way().fit(column, alike=True)(column, np.float64).ravel()
        lines.append(Drawn(name, scaled, np.zeros(len(values)), points=True))
    return tuple(Panel(line.name, "scaled value", (line,)) for line in lines)
