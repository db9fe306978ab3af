"""What is unhealthy inside a network, from the statistics that its training recorded.

A rule gives a statistic the range in which it is healthy, for the layers it speaks of; a finding is
an unbroken stretch of recorded steps outside. The bounds are rules of thumb, wide enough that what
lies outside is worth a look:

- **Signals** σ of the sums z, and of dL/dz, should keep their strength from layer to layer, since
  what changes by a factor in each does so exponentially with depth (Glorot and Bengio, AISTATS
  2010; He et al., ICCV 2015). Unhealthy: `RANGE` times weaker or stronger than in the first such
  layer (forward) or in the last (backward). Before training, when only the initialization speaks,
  `INITIAL_RANGE` is enough to be called unhealthy: training moves strengths apart by itself.
- **Saturated**: an activation that levels off on both sides learns only where it does not (Glorot
  and Bengio). Unhealthy: more than `MOST_SATURATED` of its outputs.
- **Dead**: a unit that is off for every sample gets no gradient and may stay so (Lu et al., "Dying
  ReLU and Initialization", 2019). Unhealthy: more than `MOST_DEAD` of a layer's units.
- **Alike**: units that begin equal get equal gradients and stay equal (Goodfellow, Bengio and
  Courville, "Deep Learning", 2016, section 8.4). Unhealthy: a spread below `LEAST_SPREAD`.
- **Updates** of about 0.001 of the parameters' norm are usual (Karpathy, CS231n). Unhealthy: more
  than `LARGEST_UPDATE`, a hundred times as much.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.layers import Conv2D, Dense, LayerSpec
from engine.layers.activation import Saturating

RANGE = 100.0
INITIAL_RANGE = 10.0
MOST_SATURATED = 0.25
MOST_DEAD = 0.25
LARGEST_UPDATE = 0.1
LEAST_SPREAD = 1e-3
LASTING = 3
"""Recorded steps in a row that make a stretch worth telling; of fewer recorded steps, all."""

Kind = Literal[
    "vanishing",
    "exploding",
    "vanishing_gradient",
    "exploding_gradient",
    "saturated",
    "dead",
    "alike",
    "large_updates",
    "not_finite",
]
Values = NDArray[np.float64]
Layers = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Recorded:
    """Steps (S,), and by statistic the values (S, L) and to which layers (L,) it applies."""

    steps: NDArray[np.int64]
    values: Mapping[str, Values]
    applies: Mapping[str, Layers]


@dataclass(frozen=True, slots=True, eq=False)
class Range:
    """Between which values (S,) a statistic is healthy, in which layers (L,), and what it is called
    when it is below or above."""

    low: Values
    high: Values
    layers: Layers
    below: Kind | None
    above: Kind | None


@dataclass(frozen=True, slots=True)
class Finding:
    """A layer that was unhealthy at each recorded step from `since` to `until`, where the statistic
    was `value`; `lasts` where that is the last recorded step."""

    kind: Kind
    statistic: str
    layer: int
    since: int
    until: int
    value: float
    lasts: bool


def recorded(columns: Mapping[str, ArrayLike], statistics: Sequence[str]) -> Recorded:
    """From columns `step`, `layer` and the statistics, one row per step and layer; None stands
    where a statistic does not apply."""
    steps, row = np.unique(np.asarray(columns["step"], np.int64), return_inverse=True)
    layer = np.asarray(columns["layer"], np.int64)
    shape = (len(steps), int(layer.max(initial=-1)) + 1)
    values, applies = {}, {}
    for name in statistics:
        column = np.asarray(columns[name], object)
        has = np.array([value is not None for value in column], bool)
        table = np.full(shape, np.nan)
        table[row[has], layer[has]] = column[has].astype(np.float64)
        values[name], applies[name] = table, np.zeros(shape[1], bool)
        applies[name][np.unique(layer[has])] = True
    return Recorded(steps, values, applies)


def healthy_range(statistic: str, history: Recorded, layers: Sequence[LayerSpec]) -> Range | None:
    """The rule for a statistic; None where there is none, or no layer that it speaks of."""
    rule = _RULES.get(statistic)
    if rule is None or not len(history.steps):
        return None
    found = rule(history, layers)
    return found if found.layers.any() else None


def diagnose(history: Recorded, layers: Sequence[LayerSpec]) -> tuple[Finding, ...]:
    """What is unhealthy, in the order in which it began: of each layer and statistic, the longest
    stretch, the later of two as long."""
    lasting = min(LASTING, len(history.steps))
    found = []
    for statistic in history.values:
        for kind, cells in outside(statistic, history, layers).items():
            found += _stretches(kind, statistic, cells, history, lasting=lasting)
    found += _broken(history)
    return tuple(sorted(found, key=lambda f: (f.since, f.kind, f.layer)))


def outside(
    statistic: str, history: Recorded, layers: Sequence[LayerSpec]
) -> dict[Kind, NDArray[np.bool_]]:
    """At which steps and in which layers (S, L) a statistic is unhealthy, and how."""
    span = healthy_range(statistic, history, layers)
    if span is None:
        return {}
    values = np.where(np.isfinite(history.values[statistic]), history.values[statistic], np.nan)
    found: dict[Kind, NDArray[np.bool_]] = {}
    if span.above:
        found[span.above] = (values > span.high[:, None]) & span.layers
    if span.below:
        found[span.below] = (values < span.low[:, None]) & span.layers
    return found


def _broken(history: Recorded) -> list[Finding]:
    """Where any statistic of a layer is no longer finite: of each layer one finding."""
    found: dict[int, Finding] = {}
    for name, values in history.values.items():
        cells = ~np.isfinite(values) & history.applies[name]
        for finding in _stretches("not_finite", name, cells, history, lasting=1):
            first = found.setdefault(finding.layer, finding)
            if finding.since < first.since:
                found[finding.layer] = finding
    return list(found.values())


def _stretches(
    kind: Kind, statistic: str, cells: NDArray[np.bool_], history: Recorded, *, lasting: int
) -> list[Finding]:
    """The longest stretch of each layer, where it is long enough."""
    found = []
    for layer in np.flatnonzero(cells.any(axis=0)):
        begins, ends = stretches(cells[:, layer])
        longest = len(begins) - 1 - int(np.argmax((ends - begins)[::-1]))
        first, last = int(begins[longest]), int(ends[longest]) - 1
        if last - first + 1 >= lasting:
            found.append(
                Finding(
                    kind,
                    statistic,
                    int(layer),
                    since=int(history.steps[first]),
                    until=int(history.steps[last]),
                    value=float(history.values[statistic][last, layer]),
                    lasts=last == len(history.steps) - 1,
                )
            )
    return found


def stretches(held: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Where each unbroken stretch of True begins, and the place after its end."""
    changes = np.flatnonzero(np.diff(np.concatenate([[False], held, [False]]).astype(np.int8)))
    return changes[::2], changes[1::2]


def _forward(history: Recorded, layers: Sequence[LayerSpec]) -> Range:
    return _signal(
        "activation_std", history, layers, beside=0, below="vanishing", above="exploding"
    )


def _backward(history: Recorded, layers: Sequence[LayerSpec]) -> Range:
    return _signal(
        "gradient_std",
        history,
        layers,
        beside=-1,
        below="vanishing_gradient",
        above="exploding_gradient",
    )


def _signal(
    statistic: str,
    history: Recorded,
    layers: Sequence[LayerSpec],
    *,
    beside: int,
    below: Kind,
    above: Kind,
) -> Range:
    """The layers with weights, beside the first or the last of them."""
    weighty = np.array([bool(layer.weight) for layer in layers], bool)
    if not weighty.any():
        nothing = np.full(len(history.steps), np.nan)
        return Range(nothing, nothing, weighty, below, above)
    beside = int(np.flatnonzero(weighty)[beside])
    strength = history.values[statistic][:, beside]
    return Range(strength / RANGE, strength * RANGE, weighty, below, above)


def _share(statistic: str, history: Recorded, layers: Layers, *, most: float, above: Kind) -> Range:
    steps = len(history.steps)
    applies = layers & history.applies[statistic]
    return Range(np.full(steps, -np.inf), np.full(steps, most), applies, None, above)


def _saturated(history: Recorded, layers: Sequence[LayerSpec]) -> Range:
    """An activation that is flat on one side only, as ReLU is, is meant to be there often."""
    levels_off = np.array([isinstance(layer, Saturating) for layer in layers], bool)
    return _share("saturated", history, levels_off, most=MOST_SATURATED, above="saturated")


def _dead(history: Recorded, layers: Sequence[LayerSpec]) -> Range:
    every = np.ones(len(layers), bool)
    return _share("dead", history, every, most=MOST_DEAD, above="dead")


def _updates(history: Recorded, layers: Sequence[LayerSpec]) -> Range:
    """Parameters that begin at zero have no norm to speak of: only layers with weights count."""
    weighty = np.array([bool(layer.weight) for layer in layers], bool)
    return _share("update_ratio", history, weighty, most=LARGEST_UPDATE, above="large_updates")


def _alike(history: Recorded, layers: Sequence[LayerSpec]) -> Range:
    """A hidden layer with weights, of more units than one."""
    sizes = [
        layer.units
        if isinstance(layer, Dense)
        else layer.filters
        if isinstance(layer, Conv2D)
        else 0
        for layer in layers
    ]
    hidden = np.array([size > 1 for size in sizes], bool) & history.applies["unit_spread"]
    hidden[-1] = False
    steps = len(history.steps)
    return Range(np.full(steps, LEAST_SPREAD), np.full(steps, np.inf), hidden, "alike", None)


_RULES: dict[str, Callable[[Recorded, Sequence[LayerSpec]], Range]] = {
    "activation_std": _forward,
    "gradient_std": _backward,
    "saturated": _saturated,
    "dead": _dead,
    "unit_spread": _alike,
    "update_ratio": _updates,
}
