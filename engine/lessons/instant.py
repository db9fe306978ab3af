"""What the arms of a lesson show at once, where nothing has to be queued: the signals of untrained
networks, the first steps of a training, the paths of optimizers over a surface, and what is worked
out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import hypot, log10

import numpy as np

from engine.analyses.normalization import flat_share
from engine.analyses.paths import Path, optimizer_path
from engine.analyses.signals import LayerSignals, untrained_signals
from engine.analyses.surfaces import SURFACES, Landscape, Point
from engine.config import RunConfig
from engine.layers import Activation, LayerSpec
from engine.lessons import brief
from engine.lessons.arms import Brief, Trained, Untrained, Walk, Worked
from engine.lessons.figures import Functions, Outcomes, Over
from engine.lessons.lesson import Lesson
from engine.lessons.scores import LessonScore
from engine.lessons.worked import WORKED
from engine.randomness import Use, stream

SEEDS = (0, 1, 2)
"""As many draws as a verdict needs;"""
MORE_SEEDS = (0, 1, 2, 3, 4)
"""of what is only worked out, which takes no time, a few more."""
NEAR = 0.1
"""A path has arrived this close to a minimum,"""
LEFT = 1.0
"""and has left a saddle this far down."""
DECADES = 16.0
"""More than this a signal has not changed: what died out altogether is beyond it."""


def shown_seeds(lesson: Lesson) -> Sequence[int]:
    """The seeds of which the page of a lesson that answers at once judges."""
    return MORE_SEEDS if lesson.kind == "worked" else SEEDS


def instant_scores(
    lesson: Lesson, seeds: Sequence[int] | None = None
) -> dict[str, dict[int, float]]:
    """The scores of a lesson's arms, by name and seed; of those alone that the claim compares where
    the figure draws no scores. Raises DataError where data cannot be read."""
    seeds = seeds or shown_seeds(lesson)
    compared = {name for each in lesson.comparisons for name in (each.arm, each.than)}
    drawn = isinstance(lesson.figure, Outcomes | Over | Functions)
    return {
        arm.name: {seed: _score(arm, lesson.score, seed) for seed in seeds}
        for arm in lesson.arms
        if not isinstance(arm, Trained) and (drawn or arm.name in compared)
    }


def _score(arm: Untrained | Brief | Walk | Worked, score: LessonScore, seed: int) -> float:
    if isinstance(arm, Walk):
        return float(steps_to_goal(walked(arm, seed), arm))
    if isinstance(arm, Worked):
        return WORKED[arm.of](arm.at, seed)
    config = arm.config.model_copy(update={"seed": seed})
    if isinstance(arm, Brief):
        return brief_score(score, config, arm.steps)
    return signal_score(score, untrained_signals(config), config.layers)


def brief_score(score: LessonScore, config: RunConfig, steps: int) -> float:
    """What a run scores after so few steps."""
    if score == "dead_share":
        return brief.dead_share(config, steps)
    if score == "accuracy_soon":
        return brief.val_accuracy(config, steps)
    received, before = brief.drifts(config, steps)
    return before if score == "drift_before" else received


def signal_score(
    score: LessonScore, signals: Sequence[LayerSignals], layers: Sequence[LayerSpec]
) -> float:
    """What an untrained network scores: over its hidden layers, how many powers of ten lie between
    the first and the last one's activations, or gradients by them; or the share of its activations
    that are saturated."""
    hidden = {i: layer for i, layer in enumerate(layers) if isinstance(layer, Activation)}
    first, last = signals[min(hidden)], signals[max(hidden)]
    if score == "strength":
        return _decades(last.std, first.std)
    if score == "gradient":
        return _decades(first.gradient_std, last.gradient_std)
    shares = [flat_share(signals[i - 1].activations, layer) for i, layer in hidden.items()]
    return float(np.mean(shares))


def _decades(one: float, other: float) -> float:
    if not (one > 0 and other > 0):
        return DECADES
    return min(abs(log10(one / other)), DECADES)


def start_of(arm: Walk, seed: int) -> Point:
    """Where a path begins: that of seed 0 where the lesson says, others around it."""
    if seed == 0:
        return arm.start
    dx, dy = arm.spread * stream(seed, Use.ANALYSIS).standard_normal(2)
    return arm.start[0] + float(dx), arm.start[1] + float(dy)


def walked(arm: Walk, seed: int = 0) -> Path:
    """The path of an arm."""
    surface: Landscape = SURFACES[arm.surface]
    if arm.uphill:
        surface = Upside(surface)
    path = optimizer_path(surface, arm.optimizer, start=start_of(arm, seed), steps=arm.steps)
    return replace(path, values=-path.values) if arm.uphill else path


@dataclass(frozen=True)
class Upside:
    """A surface upside down. Whoever writes w ← w - v behind v ← α v - η g walks on it: with
    u = -v that is u ← α u - η (-g), w ← w + u."""

    below: Landscape

    def value(self, x: float, y: float) -> float:
        return -self.below.value(x, y)

    def gradient(self, x: float, y: float) -> Point:
        dx, dy = self.below.gradient(x, y)
        return -dx, -dy


def steps_to_goal(path: Path, arm: Walk) -> int:
    """The steps until a path is near a minimum, or has left the saddle of a surface without one;
    all that it may take where it is not, or diverged."""
    minima = SURFACES[arm.surface].minima
    for step, (x, y) in enumerate(path.points):
        arrived = any(hypot(x - a, y - b) < NEAR for a, b in minima) if minima else abs(y) > LEFT
        if arrived:
            return step
    return arm.steps
