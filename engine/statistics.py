"""Per-layer statistics of the very step that happened, from the caches its passes left behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
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
from engine.tape import Call, Tape
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

    Where the network has only repeated its pass, so are the calls that measured it before.
    """

    def __init__(self, network: Network, *, histograms: bool) -> None:
        self.network, self.wants_histograms = network, histograms
        self._w_before = network.xp.empty_like(network.w)
        self._numbers = network.xp.zeros((len(network.layers), NORMS.stop))
        self._tape = Tape()
        self._measured: list[Call] = []

    def before_update(self) -> None:
        """Remember the parameters: how far the update moves them is measured after it."""
        self._w_before[...] = self.network.w

    def queue(self, transfer: Transfer, step: int) -> Callable[[Host], Inside]:
        """Queue what is measured; the answer reads it back."""
        if self._measured is self.network.tape.calls:
            self._tape.repeat()
        else:
            self._measure()
        layers = self._queue_layers(transfer, step)
        histograms = self._queue_histograms(transfer, step)
        states = {i: transfer.add(state) for i, state in self._states.items()}
        return lambda host: Inside(
            tuple(layers(host)),
            tuple(histograms(host)),
            tuple(BatchNormState(step, i, *host[key]) for i, key in states.items()),
        )

    def _measure(self) -> None:
        """Make the calls, and note them."""
        self._tape.begin()
        self._states: dict[int, Array] = {}
        for i, layer in enumerate(self.network.layers):
            self._measure_signals(i)
            self._measure_slope(i)
            if layer.parameters:
                self._measure_parameters(i)
            if isinstance(layer, BatchNormLayer):
                self._states[i] = self._copy_state(layer)
        if self.wants_histograms:
            self._names, values = zip(*self._distributions(), strict=True)
            self._counter = Counter(self.network.xp, values, self._tape)
        self._measured = self.network.tape.calls

    def _measure_signals(self, i: int) -> None:
        signals = (self.network.outputs[i], FORWARD), (self.network.douts[i], BACKWARD)
        for values, place in signals:
            moments = self._numbers[i, place]
            self._tape.do(_moments, values.reshape(-1), moments, 0.0, float(values.size))

    def _measure_slope(self, i: int) -> None:
        layer = self.network.layers[i]
        slope = layer.slope(self._tape)
        if slope is not None:
            units = slope.reshape(-1, slope.shape[-1])  # a feature map is one: it shares weights
            bound = FLAT * layer.spec.largest_slope
            self._tape.do(_shares, units, self._numbers[i, SHARES], bound)

    def _measure_parameters(self, i: int) -> None:
        place = self.network.places[i]
        vectors = (v[place] for v in (self.network.dw, self._w_before, self.network.w))
        self._tape.do(_norms, *vectors, self._numbers[i, NORMS], 0.0)

    def _copy_state(self, layer: BatchNormLayer) -> Array:
        """What a BN layer holds, in the order of its record."""
        arrays = [*layer.parameters.values(), *layer.buffers.values()]
        arrays += [layer.batch_mean, layer.batch_var]
        state = self.network.xp.empty((len(arrays), layer.channels), self.network.dtype)
        self._tape.do(partial(self.network.xp.concatenate, out=state.reshape(-1)), arrays)
        return state

    def _distributions(self) -> Iterator[tuple[tuple[int, Quantity], Array]]:
        for i, layer in enumerate(self.network.layers):
            yield (i, "activation"), self.network.outputs[i]
            yield (i, "gradient"), self.network.douts[i]
            if layer.spec.weight:
                yield (i, "weight"), layer.parameters[layer.spec.weight]

    def _queue_layers(
        self, transfer: Transfer, step: int
    ) -> Callable[[Host], Iterator[LayerStatistics]]:
        key = transfer.add(self._numbers)
        return lambda host: (
            _statistics(step, i, layer, numbers)
            for i, (layer, numbers) in enumerate(
                zip(self.network.layers, host[key].tolist(), strict=True)
            )
        )

    def _queue_histograms(
        self, transfer: Transfer, step: int
    ) -> Callable[[Host], Iterator[Histogram]]:
        if not self.wants_histograms:
            return lambda host: iter(())
        names = self._names
        ends, counts = (transfer.add(each) for each in (self._counter.ends, self._counter.counts))
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
