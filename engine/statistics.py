"""Per-layer statistics of the very step that happened, from the caches its passes left behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import accumulate, repeat
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.backend import Array
from engine.histogram import Counter
from engine.layers.batch_norm import BatchNormLayer
from engine.network import Network
from engine.records import BatchNormState, Histogram, LayerStatistics, Quantity
from engine.sums import flat_shares, moments_of, norms_of
from engine.tape import Call, Tape
from engine.transfer import Transfer

Host = list[NDArray[np.float64]]
FLAT = 0.05
"""An output is saturated where the slope is below this share of the activation's largest."""
FORWARD, BACKWARD, SHARES, NORMS = slice(0, 2), slice(2, 4), slice(4, 6), slice(6, 9)
"""Where a layer's numbers are: mean and standard deviation of outputs and of gradients, saturated
and dead share, norms of gradient, parameters and update."""
STATE = 6
"""Vectors that a BN layer holds: two parameters, two running statistics, two of the batch."""
SIGNALS: dict[Quantity, slice] = {"activation": FORWARD, "gradient": BACKWARD}


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
        layers = self.network.layers
        self._tape.begin()
        for i in range(len(layers)):
            self._measure_parameters(i)  # first, while they are in the cache
        gathered = self._gather()
        self._where, self._quantities, arrays = zip(*gathered, strict=True)
        for i, quantity, values in gathered:
            if place := SIGNALS.get(quantity):
                moments = self._numbers[i, place]
                self._tape.do(moments_of, values.reshape(-1), moments)
        self._activations = {i for i in range(len(layers)) if self._measure_slope(i)}
        if self.wants_histograms:
            self._counter = Counter(self.network.xp, arrays, self._tape)
        self._states = self._copy_states()
        self._measured = self.network.tape.calls

    def _gather(self) -> list[tuple[int, Quantity, Array]]:
        """The arrays to measure, without gaps: a copy where one has any, which the tape renews."""
        gathered: list[tuple[int, Quantity, Array]] = []
        for i, layer in enumerate(self.network.layers):
            gathered.append((i, "activation", self._dense(self.network.outputs[i])))
            gathered.append((i, "gradient", self._dense(self.network.douts[i])))
            if layer.spec.weight:
                gathered.append((i, "weight", layer.parameters[layer.spec.weight]))
        return gathered

    def _dense(self, values: Array) -> Array:
        if values.flags.c_contiguous:
            return values
        copy = self.network.xp.empty(values.shape, values.dtype)
        self._tape.do(self.network.xp.copyto, copy, values)
        return copy

    def _measure_slope(self, i: int) -> bool:
        """Measure how flat an activation is; False where the layer is none."""
        layer = self.network.layers[i]
        slope = layer.slope(self._tape)
        if slope is None:
            return False
        units = slope.reshape(-1, slope.shape[-1])  # a feature map is one: it shares its weights
        bound = FLAT * layer.spec.largest_slope
        self._tape.do(flat_shares, units, self._numbers[i, SHARES], bound)
        return True

    def _measure_parameters(self, i: int) -> None:
        if not self.network.layers[i].parameters:
            return
        place = self.network.places[i]
        vectors = (v[place] for v in (self.network.dw, self._w_before, self.network.w))
        self._tape.do(norms_of, *vectors, self._numbers[i, NORMS])

    def _copy_states(self) -> dict[int, Array]:
        """What each BN layer holds, a row a field of its record; one call copies them all."""
        arrays: list[Array] = []
        channels: dict[int, int] = {}
        for i, layer in enumerate(self.network.layers):
            if isinstance(layer, BatchNormLayer):
                arrays += [*layer.parameters.values(), *layer.buffers.values()]
                arrays += [layer.batch_mean, layer.batch_var]
                channels[i] = layer.channels
        if not arrays:
            return {}
        flat = self.network.xp.empty(sum(map(len, arrays)), self.network.dtype)
        self._tape.do(partial(self.network.xp.concatenate, out=flat), arrays)
        ends = accumulate(STATE * c for c in channels.values())
        return {
            i: flat[end - STATE * c : end].reshape(STATE, c)
            for (i, c), end in zip(channels.items(), ends, strict=True)
        }

    def _queue_layers(
        self, transfer: Transfer, step: int
    ) -> Callable[[Host], Iterator[LayerStatistics]]:
        key, activations = transfer.add(self._numbers), self._activations
        return lambda host: (
            _statistics(step, i, numbers, i in activations, bool(self.network.layers[i].parameters))
            for i, numbers in enumerate(host[key].tolist())
        )

    def _queue_histograms(
        self, transfer: Transfer, step: int
    ) -> Callable[[Host], Iterator[Histogram]]:
        if not self.wants_histograms:
            return lambda host: iter(())
        ends, counts = (transfer.add(each) for each in (self._counter.ends, self._counter.counts))
        layers, quantities = self._where, self._quantities
        return lambda host: map(
            Histogram,
            repeat(step),
            layers,
            quantities,
            *host[ends].T.tolist(),
            host[counts].astype(np.uint32),
        )


def _statistics(
    step: int, layer: int, numbers: Sequence[float], is_activation: bool, learns: bool
) -> LayerStatistics:
    """A row of numbers as a record."""
    mean, std, _, gradient_std, *shares, gradient_norm, weight_norm, update_norm = numbers
    ratio = update_norm / weight_norm if weight_norm else None
    norms = (gradient_norm, weight_norm, ratio) if learns else (None, None, None)
    saturated, dead = shares if is_activation else (None, None)
    return LayerStatistics(step, layer, mean, std, saturated, dead, gradient_std, *norms)
