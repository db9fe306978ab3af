"""Sums over a layer's arrays, each a pass or two through memory: moments, shares and norms.

A square overflows, or vanishes, long before its value does: 1e20 in single precision, 1e160 in
double. So values that lie so far from 1 are divided by the largest of them before they are squared.
"""

from __future__ import annotations

from math import inf
from typing import Any

import numpy as np

from engine.backend import Array
from engine.loops import EXACT, REORDERED, columns, count, elements, loop_beside, part, rows

LARGE, SMALL = 1e15, 1e-15
"""Between these, single precision holds the squares of values and sums of very many of them."""
SMALL_SQUARE = 1e-30


def scale_of(x: Array) -> Array:
    """What to divide values by before they are squared: 1, or the magnitude of the largest where
    that is far from 1."""
    largest = np.maximum(x.max(), -x.min())
    far = ((largest > LARGE) & (largest < inf)) | ((largest < SMALL) & (largest > 0))
    return np.where(far, largest, largest.dtype.type(1))


@part
def _scale_of(x: Array) -> Any:
    """The same in a compiled loop."""
    largest = 0.0
    for i in elements(x):
        largest = max(largest, abs(x[i]))
    if (largest > LARGE and largest < inf) or (largest < SMALL and largest > 0.0):
        return largest
    return 1.0


def _moments_of_arrays(x: Array, moments: Array) -> None:
    scale = scale_of(x)
    x = x / scale
    mean = x.sum() / count(x)
    apart = x - mean
    off = apart.sum() / count(x)
    off = np.where(off == off, off, off.dtype.type(0))  # an infinite mean stays what it is
    square = apart.dot(apart) / count(x)  # a product sums fastest
    moments[0], moments[1] = mean + off, np.sqrt(np.maximum(square - off * off, 0))
    moments *= scale


@loop_beside(_moments_of_arrays, freedom=REORDERED)
def moments_of(x: Array, moments: Array) -> None:
    """Mean and standard deviation of all values together; of those that are `off` the mean that a
    first sum gives, a second mends it (engine/layers/batch_norm.py)."""
    m = count(x)
    values, scale = x, 1.0
    for _ in range(2):
        total = off = square = 0.0
        for i in elements(values):
            total += values[i]
        mean = total / m
        for i in elements(values):
            apart = values[i] - mean
            off += apart
            square += apart * apart
        if SMALL_SQUARE < square / m < inf:
            break
        scale = _scale_of(x)
        values = x / scale
    off = off / m if off == off else 0.0
    moments[0], moments[1] = mean + off, np.sqrt(np.maximum(square / m - off * off, 0.0))
    moments *= scale


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
        scale = scale_of(x)
        x = x / scale
        norms[k] = np.sqrt(x.dot(x))
        norms[k] *= scale


@loop_beside(_norms_of_arrays, freedom=REORDERED)
def norms_of(g: Array, before: Array, after: Array, norms: Array) -> None:
    """L2 norms of a layer's gradient, its parameters and their update."""
    gradient = weight = update = 0.0
    for i in elements(g):
        gradient += g[i] * g[i]
        weight += before[i] * before[i]
        update += (after[i] - before[i]) * (after[i] - before[i])
    norms[0], norms[1], norms[2] = np.sqrt(gradient), np.sqrt(weight), np.sqrt(update)
    m = count(g)
    if not SMALL_SQUARE < gradient / m < inf:
        _far_norm(g, norms[0:1])
    if not SMALL_SQUARE < weight / m < inf:
        _far_norm(before, norms[1:2])
    if not SMALL_SQUARE < update / m < inf:
        _far_norm(after - before, norms[2:3])


@part
def _far_norm(x: Array, norm: Array) -> None:
    """The norm of a vector whose squares overflow or vanish."""
    scale = _scale_of(x)
    square = 0.0
    for i in elements(x):
        square += (x[i] / scale) * (x[i] / scale)
    norm[0] = np.sqrt(square)
    norm[0] *= scale


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
    units = units / scale_of(units)
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
    units = units / _scale_of(units.reshape(-1))
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
