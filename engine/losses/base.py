"""What a loss is: over a batch of outputs and targets, its sum, the hits, and its gradient."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from engine.backend import Array
from engine.spec import Spec


class Loss(Spec):
    """A loss."""

    @abstractmethod
    def score(self, xp: Any, z: Array, t: Array, sums: Array, dz: Array) -> None:
        """For outputs z (N, K) and targets t, labels (N,) or numbers (N, K): the loss summed over
        the batch and the number of labels hit (0 for numbers) into `sums` (2,), and dL/dz of the
        mean loss into `dz` (N, K)."""

    def sum(self, xp: Any, z: Array, t: Array) -> tuple[Array, Array, Array]:
        """The same in arrays of its own: loss, hits and dz."""
        sums, dz = xp.empty(2, z.dtype), xp.empty_like(z)
        self.score(xp, z, t, sums, dz)
        return sums[0], sums[1], dz
