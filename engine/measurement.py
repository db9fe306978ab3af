"""What is measured of the very step that happened, from the caches its passes left behind: the
statistics of layers, their histograms and what Batch Normalization holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import accumulate, count, repeat
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.backend import Array
from engine.histogram import Counter
from engine.layer_statistics import FLAT, NUMBERS, STATISTICS, Measure
from engine.layers import BatchNorm
from engine.network import Network, Pass
from engine.records import BatchNormState, Histogram, LayerStatistics, Quantity
from engine.sums import flat_shares, moments_of, norms_of
from engine.transfer import Transfer

Host = list[NDArray[np.float64]]
FORWARD, BACKWARD, SHARES, NORMS = slice(0, 2), slice(2, 4), slice(4, 6), slice(6, 9)
"""Where a layer's NUMBERS are; those of statistics of arrays come after them."""
ON_DEVICE = tuple(each for each in STATISTICS if each.on_device)
COLUMNS = (*NUMBERS, *(each.name for each in ON_DEVICE))
READS = [
    ([COLUMNS.index(s.name)], float) if s.on_device else ([*map(COLUMNS.index, s.of)], s.measure)
    for s in STATISTICS
]
"""How each statistic comes from a layer's numbers: from which, and by what."""
STATE = 6
"""Vectors that a BN layer holds: two parameters, two running statistics, two of the batch."""
SIGNALS: dict[Quantity, tuple[str, slice]] = {
    "activation": ("out", FORWARD),
    "gradient": ("dout", BACKWARD),
}


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
        self.numbers = network.xp.zeros((len(network.layers), len(COLUMNS)))
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
        layers = range(len(self.network.layers))
        self._arrays: list[dict[str, Array]] = [{} for _ in layers]
        for i in layers:
            self._measure_parameters(i)  # first, while they are in the cache
        gathered = self._gather()
        self._where, self._quantities, arrays = zip(*gathered, strict=True)
        for i, quantity, values in gathered:
            if quantity in SIGNALS:
                self._measure_signal(i, values, *SIGNALS[quantity])
        for i in layers:
            self._measure_slope(i)
        for i in layers:
            self._measure_declared(i)
        self._applies = [[each.applies(held) for held in self._arrays] for each in STATISTICS]
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

    def _measure_parameters(self, i: int) -> None:
        if not self.network.layers[i].parameters:
            return
        place = self.network.places[i]
        vectors = [v[place] for v in (self.network.dw, self._w_before, self.network.w)]
        self._arrays[i] |= zip(("dw", "w", "w_next"), vectors, strict=True)
        self._do(norms_of, *vectors, self._numbers[i, NORMS])

    def _measure_signal(self, i: int, values: Array, name: str, place: slice) -> None:
        self._arrays[i][name] = values
        self._do(moments_of, values.reshape(-1), self._numbers[i, place])

    def _measure_slope(self, i: int) -> None:
        """Measure how flat a layer is that is an activation."""
        layer = self.passed.layers[i]
        slope = layer.slope()
        if slope is None:
            return
        self._arrays[i]["slope"] = slope
        units = slope.reshape(-1, slope.shape[-1])  # a feature map is one: it shares its weights
        bound = FLAT * layer.spec.largest_slope
        times = self.network.xp.empty(units.shape[1], np.int32)
        self._do(flat_shares, units, self._numbers[i, SHARES], times, bound)

    def _measure_declared(self, i: int) -> None:
        """Measure what is declared as a function of the layer's arrays."""
        arrays = self._arrays[i]
        for place, statistic in enumerate(ON_DEVICE, len(NUMBERS)):
            if statistic.applies(arrays):
                values = (arrays[name] for name in statistic.of)
                self._do(_leave, self._numbers[i, place : place + 1], statistic.measure, *values)

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
        key = transfer.add(self._numbers)
        return lambda host: map(LayerStatistics, repeat(step), count(), *self._columns(host[key]))

    def _columns(self, numbers: NDArray[np.float64]) -> Iterator[Iterable[float | None]]:
        """What is recorded, statistic by statistic, from the numbers of all layers."""
        columns = numbers.T.tolist()
        for (places, read), applies in zip(READS, self._applies, strict=True):
            values = map(read, *(columns[place] for place in places))
            yield [value if has else None for value, has in zip(values, applies, strict=True)]

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


def _leave(number: Array, measure: Measure, *arrays: Array) -> None:
    number[...] = measure(*arrays)
