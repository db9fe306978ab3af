"""AdaGrad (Duchi, Hazan and Singer, JMLR 2011): a learning rate per parameter, which falls with the
squares of all the gradients it has seen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np

from engine.backend import Array
from engine.loops import elements, loop
from engine.optimizers.base import Optimizer
from engine.spec import hyper


@loop
def _adagrad(w: Array, g: Array, h: Array, eta: float, inside: float, outside: float) -> None:
    for i in elements(w):
        h[i] += g[i] * g[i]
        w[i] -= eta * g[i] / (np.sqrt(h[i] + inside) + outside)


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

    def update(self, w: Array, g: Array, slots: Mapping[str, Array], *, t: int, eta: float) -> None:
        inside, outside = places(self.epsilon, self.epsilon_position)
        _adagrad(w, g, slots["h"], eta, inside, outside)


def places(epsilon: float, position: Literal["outside", "inside"]) -> tuple[float, float]:
    """ε under the root and ε beside it: the two of sqrt(h + inside) + outside."""
    return (epsilon, 0.0) if position == "inside" else (0.0, epsilon)
