"""What an optimizer is: an equation over the flat parameter vector and its slots.

An optimizer holds no state. The slots it names (velocities, moments) are flat vectors as long as
the parameters, which the trainer keeps and checkpoints.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import ClassVar

from engine.backend import Array
from engine.spec import Spec, hyper


class Optimizer(Spec):
    """An optimizer."""

    slots: ClassVar[tuple[str, ...]] = ()

    lr: float = hyper(
        0.01,
        label="Learning rate",
        description="How far a step goes along the gradient.",
        symbol="η",
        log=True,
        gt=0,
        allow_inf_nan=False,
    )

    def start(self, slot: str) -> float:
        """What a slot holds before the first step."""
        return 0.0

    @abstractmethod
    def update(self, w: Array, g: Array, slots: Mapping[str, Array], *, t: int, eta: float) -> None:
        """Move parameters w in place by gradient g at step t = 1, 2, ... with learning rate eta."""
