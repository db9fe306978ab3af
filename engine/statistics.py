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
from engine.layers import BatchNorm
from engine.network import Network, Pass
from engine.records import BatchNormState, Histogram, LayerStatistics, Quantity
from engine.sums import flat_shares, moments_of, norms_of
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
    read = measurement.queue(passed, transfer, step)    after the update
    inside = read(transfer.fetch())

    What is measured of a pass is planned once, as the pass itself.
    """

    def __init__(self, network: Network, *, histograms: bool) -> None:
        self.network, self.histograms = network, histograms
        self.w_before = network.xp.empty_like(network.w)
        self.numbers = network.xp.zeros((len(network.layers), NORMS.stop))
        self._planned: dict[Pass, PassMeasurement] = {}

    def before_update(self) -> None:
        """Remember the parameters: how far the update moves them is measured after it."""
        self.w_before[...] = self.network.w

    def queue(self, passed: Pass, transfer: Transfer, step: int) -> Callable[[Host], Inside]:
        """Queue what is measured of the last step; the answer reads it back."""
        if passed not in self._planned:
            self._planned[passed] = PassMeasurement(self, passed)
        return self._planned[passed].queue(transfer, step)


class PassMeasurement:
    """What is measured of the passes over batches of one size."""

    def __init__(self, measurement: Measurement, passed: Pass) -> None:
        self.network, self.passed = measurement.network, passed
        self._w_before, self._numbers = measurement.w_before, measurement.numbers
        self._counter: Counter | None = None
        self._do = passed.planner.do
        self._plan_numbers(histograms=measurement.histograms)
        self._states = self._copy_states()
        self._plan = passed.planner.finish()

    def queue(self, transfer: Transfer, step: int) -> Callable[[Host], Inside]:
        self._plan.run()
        layers = self._queue_layers(transfer, step)
        histograms = self._queue_histograms(transfer, step)
        states = {i: transfer.add(state) for i, state in self._states.items()}
        return lambda host: Inside(
            tuple(layers(host)),
            tuple(histograms(host)),
            tuple(BatchNormState(step, i, *host[key]) for i, key in states.items()),
        )

    def _plan_numbers(self, *, histograms: bool) -> None:
        layers = self.network.layers
        for i in range(len(layers)):
            self._measure_parameters(i)  # first, while they are in the cache
        gathered = self._gather()
        self._where, self._quantities, arrays = zip(*gathered, strict=True)
        for i, quantity, values in gathered:
            if place := SIGNALS.get(quantity):
                self._do(moments_of, values.reshape(-1), self._numbers[i, place])
        self._activations = {i for i in range(len(layers)) if self._measure_slope(i)}
        if histograms:
            self._counter = Counter(self.network.xp, arrays, self.passed.planner)

    def _gather(self) -> list[tuple[int, Quantity, Array]]:
        """The arrays to measure, without gaps: a copy where one has any."""
        gathered: list[tuple[int, Quantity, Array]] = []
        for i, layer in enumerate(self.network.layers):
            gathered.append((i, "activation", self._dense(self.passed.outputs[i])))
            gathered.append((i, "gradient", self._dense(self.passed.douts[i])))
            if layer.spec.weight:
                gathered.append((i, "weight", layer.parameters[layer.spec.weight]))
        return gathered

    def _dense(self, values: Array) -> Array:
        if values.flags.c_contiguous:
            return values
        copy = self.network.xp.empty(values.shape, values.dtype)
        self._do(self.network.xp.copyto, copy, values)
        return copy

    def _measure_slope(self, i: int) -> bool:
        """Measure how flat an activation is; False where the layer is none."""
        layer = self.passed.layers[i]
        slope = layer.slope()
        if slope is None:
            return False
        units = slope.reshape(-1, slope.shape[-1])  # a feature map is one: it shares its weights
        bound = FLAT * layer.spec.largest_slope
        self._do(flat_shares, units, self._numbers[i, SHARES], bound)
        return True

    def _measure_parameters(self, i: int) -> None:
        if not self.network.layers[i].parameters:
            return
        place = self.network.places[i]
        vectors = (v[place] for v in (self.network.dw, self._w_before, self.network.w))
        self._do(norms_of, *vectors, self._numbers[i, NORMS])

    def _copy_states(self) -> dict[int, Array]:
        """What each BN layer holds, one row per field of its record; one call copies them all."""
        arrays: list[Array] = []
        channels: dict[int, int] = {}
        for i, layer in enumerate(self.network.layers):
            if isinstance(layer.spec, BatchNorm):
                held = layer.parameters, layer.buffers, layer.batch
                arrays += [array for each in held for array in each.values()]
                channels[i] = len(layer.batch["mean"])
        if not arrays:
            return {}
        flat = self.network.xp.empty(sum(map(len, arrays)), self.network.dtype)
        self._do(partial(self.network.xp.concatenate, out=flat), arrays)
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
        counter = self._counter
        if counter is None:
            return lambda host: iter(())
        ends, counts = (transfer.add(each) for each in (counter.ends, counter.counts))
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
