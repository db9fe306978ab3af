"""The passes of a training step: a batch's samples, forward, the loss, backward."""

from __future__ import annotations

from engine.backend import Array
from engine.loops import loop_beside
from engine.losses import Loss
from engine.network import Masks, Network, Pass
from engine.plan import Plan


class Passes:
    """Passes through a network over one batch of samples after another.

    Each leaves the gradients in the network and all else in arrays that the next one takes again.
    They are planned once for each size of a batch: an epoch's last may be smaller. `weights` (N,)
    say how often each sample counts in the loss: all of them once where there are none.
    """

    def __init__(
        self,
        network: Network,
        loss: Loss,
        x: Array,
        t: Array,
        batch_size: int,
        *,
        weights: Array | None = None,
    ) -> None:
        xp, outputs = network.xp, network.info[-1].output_shape
        self.network, self.loss = network, loss
        self.x, self.t, self.weights = x, t, weights
        self.counts = xp.ones(batch_size, network.dtype)
        self.targets = xp.empty((batch_size, *t.shape[1:]), t.dtype)
        self.dz = xp.empty((batch_size, *outputs), network.dtype)
        self.sums = xp.zeros(2, network.dtype)
        self._planned: dict[int, tuple[Pass, Plan]] = {}

    def over(self, order: Array, masks: Masks) -> Array:
        """The summed loss and the hits (2,) of the samples with these numbers, until the next."""
        size = len(order)
        if size not in self._planned:
            self._planned[size] = self._plan(size)
        passed, plan = self._planned[size]
        self.network.passed = passed
        _take(_rows(passed.x), _rows(self.x), order)
        _take(_rows(self.targets[:size]), _rows(self.t), order)
        if self.weights is not None:
            _take(_rows(self.counts[:size]), _rows(self.weights), order)
        passed.draw_from(masks)
        plan.run()
        return self.sums

    def _plan(self, size: int) -> tuple[Pass, Plan]:
        """Forward, the loss and backward for batches of one size."""
        network, dz, targets = self.network, self.dz[:size], self.targets[:size]
        passed = Pass(network, size, "training", drops=True)
        score_of = network.xp, passed.z, targets, self.counts[:size]
        passed.planner.do(self.loss.score, *score_of, self.sums, dz)
        score = passed.planner.finish()
        return passed, passed.forward + score + passed.plan_backward(dz)


def _rows(array: Array) -> Array:
    return array.reshape(len(array), -1)


def _taken(batch: Array, samples: Array, order: Array) -> None:
    batch[...] = samples[order]


@loop_beside(_taken)
def _take(batch: Array, samples: Array, order: Array) -> None:
    for i in range(len(order)):
        sample = order[i]
        for j in range(samples.shape[1]):
            batch[i, j] = samples[sample, j]
