"""RMSProp (Tieleman and Hinton, lecture 6.5 of Neural Networks for Machine Learning, 2012): AdaGrad
that forgets, so that its learning rate does not die."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np

from engine.backend import Array
from engine.loops import elements, loop
from engine.optimizers.adagrad import places
from engine.optimizers.base import Optimizer
from engine.spec import hyper


@loop
def _rmsprop(
    w: Array, g: Array, h: Array, rho: float, new: float, eta: float, inside: float, outside: float
) -> None:
    for i in elements(w):
        h[i] = rho * h[i] + new * g[i] * g[i]
        w[i] -= eta * g[i] / (np.sqrt(h[i] + inside) + outside)


class RMSProp(Optimizer):
    """RMSProp: h ← ρ h + (1 - ρ) g²; w ← w - η g / (sqrt(h) + ε)."""

    kind: Literal["rmsprop"] = "rmsprop"
    slots: ClassVar[tuple[str, ...]] = ("h",)

    lr: float = hyper(
        0.001,
        label="Learning rate",
        description="Learning rate.",
        symbol="η",
        log=True,
        gt=0,
        allow_inf_nan=False,
    )
    rho: float = hyper(
        0.9,
        label="Kept share of h",
        description="Share of the mean square that is kept: 0.9 (Keras) or 0.99 (PyTorch).",
        symbol="ρ",
        ge=0,
        lt=1,
    )
    epsilon: float = hyper(
        1e-7, description="Keeps the division finite.", symbol="ε", log=True, gt=0, le=1
    )
    epsilon_position: Literal["outside", "inside"] = hyper(
        "outside",
        label="Place of ε",
        description="Beside the root (PyTorch, textbooks) or under it (Keras).",
    )

    def update(self, w: Array, g: Array, slots: Mapping[str, Array], *, t: int, eta: float) -> None:
        inside, outside = places(self.epsilon, self.epsilon_position)
        _rmsprop(w, g, slots["h"], self.rho, 1 - self.rho, eta, inside, outside)
