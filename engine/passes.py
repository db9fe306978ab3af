"""The passes of a training step: a batch's samples, forward, the loss, backward."""

from __future__ import annotations

from engine.backend import Array
from engine.loops import loop_beside
from engine.losses import Loss
from engine.network import Masks, Network
from engine.tape import Call


class Passes:
    """Passes through a network over one batch of samples after another.

    Each leaves the gradients in the network and all else in arrays that the next one takes again.
    So after a batch of the same size its calls are only repeated, unless something else has passed
    through the network since.
    """

    def __init__(self, network: Network, loss: Loss, x: Array, t: Array, batch_size: int) -> None:
        xp, outputs = network.xp, network.info[-1].output_shape
        self.network, self.loss = network, loss
        self.samples = x, t
        self.batch = tuple(xp.empty((batch_size, *all.shape[1:]), all.dtype) for all in (x, t))
        self.dz = xp.empty((batch_size, *outputs), network.dtype)
        self.sums = xp.empty(2, network.dtype)
        self._noted: list[Call] = []
        self._size = 0

    def over(self, order: Array, masks: Masks) -> Array:
        """The summed loss and the hits (2,) of the samples with these numbers, until the next."""
        size = len(order)
        x, t = (array[:size] for array in self.batch)
        for batch, samples in zip((x, t), self.samples, strict=True):
            _take(batch.reshape(size, -1), samples.reshape(len(samples), -1), order)
        if size == self._size and self.network.tape.calls is self._noted:
            self.network.repeat(masks)
        else:
            self._note(x, t, masks)
        return self.sums

    def _note(self, x: Array, t: Array, masks: Masks) -> None:
        network, dz = self.network, self.dz[: len(x)]
        z = network.forward(x, "training", masks=masks)
        network.tape.do(self.loss.score, network.xp, z, t, self.sums, dz)
        network.backward(dz)
        self._noted, self._size = network.tape.calls, len(x)


def _taken(batch: Array, samples: Array, order: Array) -> None:
    batch[...] = samples[order]


@loop_beside(_taken)
def _take(batch: Array, samples: Array, order: Array) -> None:
    for i in range(len(order)):
        sample = order[i]
        for j in range(samples.shape[1]):
            batch[i, j] = samples[sample, j]
