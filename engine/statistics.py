"""Per-layer statistics of the very step that happened, from the caches its passes left behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine import histogram
from engine.backend import Array
from engine.layers.base import Layer
from engine.layers.batch_norm import BatchNormLayer
from engine.network import Network
from engine.records import BatchNormState, Histogram, LayerStatistics, Quantity
from engine.transfer import Transfer

Host = list[NDArray[np.float64]]
FLAT = 0.05
"""An output is saturated where the slope is below this share of the activation's largest."""


class Measurement:
    """One step's statistics, first queued on the device, then read on the host.

    measurement = Measurement(network, transfer, step, w_before, histograms=True)
    host = transfer.fetch()
    measurement.layers(host)
    """

    def __init__(
        self, network: Network, transfer: Transfer, step: int, w_before: Array, *, histograms: bool
    ) -> None:
        self.network, self.transfer, self.step = network, transfer, step
        self._layers = [self._measure(i, w_before) for i in range(len(network.layers))]
        self._histograms = list(self._count()) if histograms else []
        self._batch_norms = [
            (i, self._copy(layer))
            for i, layer in enumerate(network.layers)
            if isinstance(layer, BatchNormLayer)
        ]

    def layers(self, host: Host) -> tuple[LayerStatistics, ...]:
        return tuple(read(host) for read in self._layers)

    def histograms(self, host: Host) -> tuple[Histogram, ...]:
        return tuple(read(host) for read in self._histograms)

    def batch_norms(self, host: Host) -> tuple[BatchNormState, ...]:
        return tuple(
            BatchNormState(self.step, i, **{name: host[key] for name, key in keys.items()})
            for i, keys in self._batch_norms
        )

    def _measure(self, i: int, w_before: Array) -> Callable[[Host], LayerStatistics]:
        """Queue one layer's statistics; the answer reads them back."""
        network, layer, add = self.network, self.network.layers[i], self.transfer.add
        keys = {"activation_mean": add(network.outputs[i].mean())}
        keys["activation_std"] = add(_std(network.xp, network.outputs[i]))
        keys["gradient_std"] = add(_std(network.xp, network.douts[i]))
        keys |= {name: add(value) for name, value in _saturation(layer).items()}
        if layer.parameters:
            place = network.places[i]
            w = w_before[place]
            norms = {
                "gradient_norm": _norm(network.xp, network.dw[place]),
                "weight_norm": _norm(network.xp, w),
                "update_norm": _norm(network.xp, network.w[place] - w),
            }
            keys |= {name: add(value) for name, value in norms.items()}
        return lambda host: _statistics(self.step, i, {k: float(host[v]) for k, v in keys.items()})

    def _count(self) -> Iterator[Callable[[Host], Histogram]]:
        """Queue every layer's histograms."""
        for i, layer in enumerate(self.network.layers):
            yield self._queue(i, "activation", self.network.outputs[i])
            yield self._queue(i, "gradient", self.network.douts[i])
            if layer.spec.weight:
                yield self._queue(i, "weight", layer.parameters[layer.spec.weight])

    def _queue(self, i: int, quantity: Quantity, values: Array) -> Callable[[Host], Histogram]:
        edges, counts = map(self.transfer.add, histogram.count(self.network.xp, values))
        return lambda host: Histogram(
            self.step,
            i,
            quantity,
            low=float(host[edges][0]),
            high=float(host[edges][1]),
            counts=host[counts].astype(np.uint32),
        )

    def _copy(self, layer: BatchNormLayer) -> dict[str, int]:
        arrays = {**layer.parameters, **layer.buffers}
        arrays |= {"batch_mean": layer.batch_mean, "batch_var": layer.batch_var}
        return {name: self.transfer.add(array) for name, array in arrays.items()}


def _statistics(step: int, layer: int, values: dict[str, float]) -> LayerStatistics:
    update = values.pop("update_norm", None)
    weight = values.get("weight_norm")
    ratio = None if update is None or not weight else update / weight
    absent = dict.fromkeys(("saturated", "dead", "gradient_norm", "weight_norm"))
    return LayerStatistics(step, layer, update_ratio=ratio, **{**absent, **values})  # type: ignore[arg-type]


def _saturation(layer: Layer[Any]) -> dict[str, Array]:
    slope = layer.slope()
    if slope is None:
        return {}
    flat = abs(slope) < FLAT * layer.spec.largest_slope  # (N, ...)
    units = flat.reshape(-1, flat.shape[-1])  # a feature map is one unit: its weights are shared
    return {"saturated": flat.mean(), "dead": units.all(axis=0).mean()}


def _std(xp: Any, values: Array) -> Array:
    centred = values - values.mean()
    return _norm(xp, centred) / values.size**0.5


def _norm(xp: Any, values: Array) -> Array:
    """L2 norm, as one product of the flat vector with itself."""
    flat = values.reshape(-1)
    return xp.sqrt(xp.dot(flat, flat))
