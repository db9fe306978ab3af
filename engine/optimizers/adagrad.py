"""AdaGrad (Duchi, Hazan and Singer, JMLR 2011): a learning rate a parameter, which falls with the
squares of all the gradients it has seen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from engine.backend import Array
from engine.optimizers.base import Optimizer
from engine.spec import hyper


class AdaGrad(Optimizer):
    """AdaGrad: h ← h + g²; w ← w - η g / (sqrt(h) + ε)."""

    kind: Literal["adagrad"] = "adagrad"
    slots: ClassVar[tuple[str, ...]] = ("h",)

    initial_accumulator: float = hyper(
        0.0,
        label="Initial h",
        description="h before the first step: 0 (the paper, PyTorch) or 0.1 (Keras).",
        ge=0,
        le=100,
    )
    epsilon: float = hyper(
        1e-7, description="Keeps the division finite.", symbol="ε", log=True, gt=0, le=1
    )
    epsilon_position: Literal["outside", "inside"] = hyper(
        "outside",
        label="Place of ε",
        description="Beside the root (PyTorch, textbooks) or under it (Keras).",
    )

    def start(self, slot: str) -> float:
        return self.initial_accumulator

    def update(
        self, xp: Any, w: Array, g: Array, slots: Mapping[str, Array], *, t: int, eta: float
    ) -> None:
        h = slots["h"]
        h += g * g
        w -= eta * g / root(xp, h, self.epsilon, self.epsilon_position)


def root(xp: Any, h: Array, epsilon: float, position: str) -> Array:
    """sqrt(h) + ε, or sqrt(h + ε)."""
    return xp.sqrt(h) + epsilon if position == "outside" else xp.sqrt(h + epsilon)
