"""The batch statistics of every step, kept on the device until the next record takes them along."""

from __future__ import annotations

from collections.abc import Callable
from math import prod

import numpy as np
from numpy.typing import NDArray

from engine.layers import BatchNorm
from engine.network import Network
from engine.records import BatchStatistics
from engine.transfer import Transfer

Host = list[NDArray[np.float64]]


class BatchLog:
    """One row per step, with every BN layer's batch means and variances side by side.

    log = BatchLog(network, most)       steps between two records, at most
    log.note(samples)                   after each training pass
    read = log.queue(transfer, step)    when a record is due: empties the log
    read(transfer.fetch())
    """

    def __init__(self, network: Network, most: int) -> None:
        self.network = network
        self._layers = {
            index: layer
            for index, layer in enumerate(network.layers)
            if isinstance(layer.spec, BatchNorm)
        }
        shapes = [network.info[index].output_shape for index in self._layers]
        self._positions = np.array([prod(shape[:-1]) for shape in shapes], np.uint32)
        self._arrays = [y for x in self._layers.values() for y in x.batch.values()]
        self._rows = network.xp.empty((most, 2 * sum(shape[-1] for shape in shapes)), network.dtype)
        self._samples: list[int] = []

    def __len__(self) -> int:
        """Steps noted and not yet taken."""
        return len(self._samples)

    def note(self, samples: int) -> None:
        """Keep what the BN layers have just normalized with."""
        if self._layers:
            self.network.xp.concatenate(self._arrays, out=self._rows[len(self)])
            self._samples.append(samples)

    def queue(self, transfer: Transfer, step: int) -> Callable[[Host], tuple[BatchStatistics, ...]]:
        """Queue all that was noted up to this step; the answer reads back one record per layer."""
        steps = len(self)
        if not steps:
            return lambda host: ()
        key, first = transfer.add(self._rows[:steps]), step + 1 - steps
        counts = np.array(self._samples, np.uint32)[:, None] * self._positions
        self._samples = []
        return lambda host: self._read(first, counts, host[key].astype(self.network.dtype))

    def _read(
        self, first: int, counts: NDArray[np.uint32], rows: NDArray[np.floating]
    ) -> tuple[BatchStatistics, ...]:
        records, start = [], 0
        for place, (index, layer) in enumerate(self._layers.items()):
            channels = len(layer.batch["mean"])
            mean, var = np.split(rows[:, start : start + 2 * channels], 2, axis=1)
            records.append(BatchStatistics(first, index, counts[:, place], mean, var))
            start += 2 * channels
        return tuple(records)
