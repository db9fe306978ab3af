"""RMSProp (Tieleman and Hinton, lecture 6.5 of Neural Networks for Machine Learning, 2012): AdaGrad
that forgets, so that its learning rate does not die."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from engine.backend import Array
from engine.optimizers.adagrad import root
from engine.optimizers.base import Optimizer
from engine.spec import hyper


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

    def update(
        self, xp: Any, w: Array, g: Array, slots: Mapping[str, Array], *, t: int, eta: float
    ) -> None:
        h = slots["h"]
        h += (1 - self.rho) * (g * g - h)
        w -= eta * g / root(xp, h, self.epsilon, self.epsilon_position)
