"""The batch statistics of every step, kept on the device until the next record takes them along."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from engine.backend import Array
from engine.layers.batch_norm import BatchNormLayer
from engine.network import Network
from engine.records import BatchStatistics
from engine.transfer import Transfer

Host = list[NDArray[np.float64]]


class BatchLog:
    """One row a step, with every BN layer's batch means and variances side by side.

    log.note(step)                      after each training pass
    read = log.queue(transfer)          when a record is due: empties the log
    read(transfer.fetch())
    """

    def __init__(self, network: Network) -> None:
        self.network = network
        self._layers = {
            index: layer
            for index, layer in enumerate(network.layers)
            if isinstance(layer, BatchNormLayer)
        }
        self._start_over()

    def _start_over(self) -> None:
        self._steps: list[int] = []
        self._counts: list[list[int]] = []
        self._rows: list[Array] = []

    def __len__(self) -> int:
        """Steps noted and not yet taken."""
        return len(self._steps)

    def note(self, step: int) -> None:
        """Keep what the BN layers have just normalized with."""
        if not self._layers:
            return
        self._steps.append(step)
        self._counts.append(
            [self.network.outputs[i].size // len(x.batch_mean) for i, x in self._layers.items()]
        )
        arrays = [array for x in self._layers.values() for array in (x.batch_mean, x.batch_var)]
        self._rows.append(self.network.xp.concatenate(arrays))

    def queue(self, transfer: Transfer) -> Callable[[Host], tuple[BatchStatistics, ...]]:
        """Queue all that was noted; the answer reads it back, a record a layer."""
        if not self._steps:
            return lambda host: ()
        key = transfer.add(self.network.xp.stack(self._rows))
        first, counts = self._steps[0], np.array(self._counts, np.uint32)
        self._start_over()
        return lambda host: self._read(first, counts, host[key].astype(self.network.dtype))

    def _read(
        self, first: int, counts: NDArray[np.uint32], rows: NDArray[np.floating]
    ) -> tuple[BatchStatistics, ...]:
        records, start = [], 0
        for place, (index, layer) in enumerate(self._layers.items()):
            channels = len(layer.batch_mean)
            mean, var = np.split(rows[:, start : start + 2 * channels], 2, axis=1)
            records.append(BatchStatistics(first, index, counts[:, place], mean, var))
            start += 2 * channels
        return tuple(records)
