"""What a loss is: over a batch of outputs and targets, its sum, the hits, and its gradient."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from engine.backend import Array
from engine.spec import Spec


class Loss(Spec):
    """A loss."""

    @abstractmethod
    def sum(self, xp: Any, z: Array, t: Array) -> tuple[Array, Array, Array]:
        """For outputs z (N, K) and targets t, labels (N,) or numbers (N, K): the loss summed over
        the batch, the number of labels hit (0 for numbers) and dL/dz (N, K) of the mean loss."""
