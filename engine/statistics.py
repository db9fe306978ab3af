"""Per-layer statistics of the very step that happened, from the caches its passes left behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.backend import Array
from engine.histogram import Counter
from engine.layers.activation import Activation
from engine.layers.base import Layer
from engine.layers.batch_norm import BatchNormLayer
from engine.loops import REORDERED, columns, elements, loop_beside, rows
from engine.network import Network
from engine.records import BatchNormState, Histogram, LayerStatistics, Quantity
from engine.transfer import Transfer

Host = list[NDArray[np.float64]]
FLAT = 0.05
"""An output is saturated where the slope is below this share of the activation's largest."""
FORWARD, BACKWARD, SHARES, NORMS = slice(0, 2), slice(2, 4), slice(4, 6), slice(6, 9)
"""Where a layer's numbers are: mean and standard deviation of outputs and of gradients, saturated
and dead share, norms of gradient, parameters and update."""


class Inside(NamedTuple):
    """What the layers of a network did in one step."""

    layers: tuple[LayerStatistics, ...] = ()
    histograms: tuple[Histogram, ...] = ()
    batch_norms: tuple[BatchNormState, ...] = ()


class Measurement:
    """Measures a network's steps: each first on the device, then on the host.

    measurement = Measurement(network, histograms=True)
    measurement.before_update()
    read = measurement.queue(transfer, step)    after the update
    inside = read(transfer.fetch())
    """

    def __init__(self, network: Network, *, histograms: bool) -> None:
        self.network, self.wants_histograms = network, histograms
        self._w_before = network.xp.empty_like(network.w)
        self._numbers = network.xp.zeros((len(network.layers), NORMS.stop))

    def before_update(self) -> None:
        """Remember the parameters: how far the update moves them is measured after it."""
        self._w_before[...] = self.network.w

    def queue(self, transfer: Transfer, step: int) -> Callable[[Host], Inside]:
        """Queue what is measured; the answer reads it back."""
        counter = Counter(self.network.xp, 3 * len(self.network.layers), self.network.dtype)
        names = [
            name for i in range(len(self.network.layers)) for name in self._measure(i, counter)
        ]
        layers = self._layers(transfer, step)
        histograms = _histograms(transfer, step, names, counter)
        batch_norms = self._batch_norms(transfer, step)
        return lambda host: Inside(
            tuple(layers(host)), tuple(histograms(host)), tuple(batch_norms(host))
        )

    def _measure(self, i: int, counter: Counter) -> Iterator[tuple[int, Quantity]]:
        """Fill a layer's row of numbers, and count its distributions, whose names it gives: one
        after the other, while the arrays are at hand."""
        network, layer, numbers = self.network, self.network.layers[i], self._numbers[i]
        for values, place in ((network.outputs[i], FORWARD), (network.douts[i], BACKWARD)):
            _moments(values.reshape(-1), numbers[place], 0.0, float(values.size))
        slope = layer.slope()
        if slope is not None:
            units = slope.reshape(
                -1, slope.shape[-1]
            )  # a feature map is one: it shares its weights
            _shares(units, numbers[SHARES], FLAT * layer.spec.largest_slope)
        if layer.parameters:
            place = network.places[i]
            w_before, w = self._w_before[place], network.w[place]
            _norms(network.dw[place], w_before, w, numbers[NORMS], 0.0)
        if self.wants_histograms:
            for quantity, values in self._distributions(i):
                counter.add(values)
                yield i, quantity

    def _distributions(self, i: int) -> Iterator[tuple[Quantity, Array]]:
        layer = self.network.layers[i]
        yield "activation", self.network.outputs[i]
        yield "gradient", self.network.douts[i]
        if layer.spec.weight:
            yield "weight", layer.parameters[layer.spec.weight]

    def _layers(self, transfer: Transfer, step: int) -> Callable[[Host], Iterator[LayerStatistics]]:
        key = transfer.add(self._numbers)
        return lambda host: (
            _statistics(step, i, layer, numbers)
            for i, (layer, numbers) in enumerate(
                zip(self.network.layers, host[key].tolist(), strict=True)
            )
        )

    def _batch_norms(
        self, transfer: Transfer, step: int
    ) -> Callable[[Host], Iterator[BatchNormState]]:
        keys = {}
        for i, layer in enumerate(self.network.layers):
            if isinstance(layer, BatchNormLayer):
                arrays = {**layer.parameters, **layer.buffers}
                arrays |= {"batch_mean": layer.batch_mean, "batch_var": layer.batch_var}
                keys[i] = {name: transfer.add(array) for name, array in arrays.items()}
        return lambda host: (
            BatchNormState(step, i, **{name: host[key] for name, key in of_layer.items()})
            for i, of_layer in keys.items()
        )


def _histograms(
    transfer: Transfer, step: int, names: Sequence[tuple[int, Quantity]], counter: Counter
) -> Callable[[Host], Iterator[Histogram]]:
    ends, counts = map(transfer.add, counter.counted())
    return lambda host: (
        Histogram(step, layer, quantity, low, high, counted)
        for (layer, quantity), (low, high), counted in zip(
            names, host[ends].tolist(), host[counts].astype(np.uint32), strict=True
        )
    )


def _statistics(step: int, i: int, layer: Layer[Any], numbers: Sequence[float]) -> LayerStatistics:
    """A row of numbers as a record."""
    mean, std, _, gradient_std, *shares, gradient_norm, weight_norm, update_norm = numbers
    ratio = update_norm / weight_norm if weight_norm else None
    norms = (gradient_norm, weight_norm, ratio) if layer.parameters else (None, None, None)
    saturated, dead = shares if isinstance(layer.spec, Activation) else (None, None)
    return LayerStatistics(step, i, mean, std, saturated, dead, gradient_std, *norms)


def _moments_arrays(x: Array, moments: Array, zero: float, m: float) -> None:
    mean = x.sum() / m
    apart = x - mean
    moments[0], moments[1] = mean, np.sqrt(apart.dot(apart) / m)  # a product sums fastest


@loop_beside(_moments_arrays, freedom=REORDERED)
def _moments(x: Array, moments: Array, zero: float, m: float) -> None:
    """Mean and standard deviation of all values together."""
    total = square = zero
    for i in elements(x):
        total += x[i]
    mean = total / m
    for i in elements(x):
        square += (x[i] - mean) * (x[i] - mean)
    moments[0], moments[1] = mean, np.sqrt(square / m)


def _shares_arrays(slope: Array, shares: Array, bound: float) -> None:
    flat = abs(slope) < bound
    shares[0] = flat.sum() / flat.size
    shares[1] = flat.all(axis=0).sum() / flat.shape[1]


@loop_beside(_shares_arrays)
def _shares(slope: Array, shares: Array, bound: float) -> None:
    """The shares of values (m, C) that are saturated, and of units that are for every sample."""
    times = np.zeros(slope.shape[1], np.int32)
    for i in rows(slope):
        for j in columns(slope):
            times[j] += abs(slope[i, j]) < bound
    saturated = dead = 0
    for j in elements(times):
        saturated += times[j]
        dead += times[j] == slope.shape[0]
    shares[0], shares[1] = saturated / slope.size, dead / slope.shape[1]


def _norms_arrays(g: Array, before: Array, after: Array, norms: Array, zero: float) -> None:
    for k, x in enumerate((g, before, after - before)):
        norms[k] = np.sqrt(x.dot(x))


@loop_beside(_norms_arrays, freedom=REORDERED)
def _norms(g: Array, before: Array, after: Array, norms: Array, zero: float) -> None:
    """L2 norms of a layer's gradient, its parameters and their update."""
    gradient = weight = update = zero
    for i in elements(g):
        gradient += g[i] * g[i]
        weight += before[i] * before[i]
        update += (after[i] - before[i]) * (after[i] - before[i])
    norms[0], norms[1], norms[2] = np.sqrt(gradient), np.sqrt(weight), np.sqrt(update)
