"""Sums over a layer's arrays, each a pass or two through memory: moments, shares and norms."""

from __future__ import annotations

import numpy as np

from engine.backend import Array
from engine.loops import EXACT, REORDERED, columns, count, elements, loop_beside, rows


def _moments_of_arrays(x: Array, moments: Array) -> None:
    mean = x.sum() / count(x)
    apart = x - mean
    moments[0], moments[1] = mean, np.sqrt(apart.dot(apart) / count(x))  # a product sums fastest


@loop_beside(_moments_of_arrays, freedom=REORDERED)
def moments_of(x: Array, moments: Array) -> None:
    """Mean and standard deviation of all values together."""
    m = count(x)
    total = square = 0.0
    for i in elements(x):
        total += x[i]
    mean = total / m
    for i in elements(x):
        square += (x[i] - mean) * (x[i] - mean)
    moments[0], moments[1] = mean, np.sqrt(square / m)


def _flat_shares_arrays(slope: Array, shares: Array, times: Array, bound: float) -> None:
    flat = abs(slope) < bound
    shares[0] = flat.sum() / flat.size
    shares[1] = flat.all(axis=0).sum() / flat.shape[1]


@loop_beside(_flat_shares_arrays)
def flat_shares(slope: Array, shares: Array, times: Array, bound: float) -> None:
    """The shares of values (m, C) that are saturated, and of units that are for every sample;
    `times` (C,) is room to count in."""
    for j in elements(times):
        times[j] = 0
    for i in rows(slope):
        for j in columns(slope):
            times[j] += abs(slope[i, j]) < bound
    saturated = dead = 0
    for j in elements(times):
        saturated += times[j]
        dead += times[j] == slope.shape[0]
    shares[0], shares[1] = saturated / slope.size, dead / slope.shape[1]


def _norms_of_arrays(g: Array, before: Array, after: Array, norms: Array) -> None:
    for k, x in enumerate((g, before, after - before)):
        norms[k] = np.sqrt(x.dot(x))


@loop_beside(_norms_of_arrays, freedom=REORDERED)
def norms_of(g: Array, before: Array, after: Array, norms: Array) -> None:
    """L2 norms of a layer's gradient, its parameters and their update."""
    gradient = weight = update = 0.0
    for i in elements(g):
        gradient += g[i] * g[i]
        weight += before[i] * before[i]
        update += (after[i] - before[i]) * (after[i] - before[i])
    norms[0], norms[1], norms[2] = np.sqrt(gradient), np.sqrt(weight), np.sqrt(update)


FEW = 8
"""Samples that tell whether units are alike."""


def spread_of(out: Array) -> Array:
    """How far a layer's units lie apart, for its first samples: the standard deviation over the
    units (C) of outputs (m, ..., C), relative to their root mean square. 0 where all are equal."""
    units = out[:FEW].reshape(-1, out.shape[-1])
    spread = units[0, :1].copy()  # room for it
    _spread(units, spread, float(units.shape[1]))
    return spread[0]


def _spread_of_arrays(units: Array, spread: Array, width: float) -> None:
    apart = units - units[:, :1]
    apart = apart - _in_order(apart) / width
    square = _in_order((units * units).reshape(-1))
    spread[:] = np.sqrt(_in_order((apart * apart).reshape(-1)) / (square + (square == 0)))


def _in_order(values: Array) -> Array:
    """Sums along the last axis, taken one value after the other as a loop does."""
    return values.cumsum(axis=-1)[..., -1:]


@loop_beside(_spread_of_arrays, freedom=EXACT)
def _spread(units: Array, spread: Array, width: float) -> None:
    """The same to the last bit in either form: how far units (n, C) are from the first of them is
    exactly 0 where all are equal, which a mean that is rounded would not leave."""
    square = deviation = 0.0
    for i in rows(units):
        total = 0.0
        for j in columns(units):
            total += units[i, j] - units[i, 0]
        mean = total / width
        for j in columns(units):
            apart = units[i, j] - units[i, 0] - mean
            deviation += apart * apart
            square += units[i, j] * units[i, j]
    if square == 0:
        square = 1.0
    spread[0] = np.sqrt(deviation / square)
