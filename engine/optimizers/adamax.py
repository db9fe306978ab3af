"""AdaMax (Kingma and Ba, ICLR 2015, section 7.1): Adam with the largest recent gradient in place of
the root mean square."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from engine.backend import Array
from engine.optimizers.base import Optimizer
from engine.spec import hyper


class AdaMax(Optimizer):
    """AdaMax: u ← max(β₂ u, |g|); w ← w - η / (1 - β₁ᵗ) m / (u + ε)."""

    kind: Literal["adamax"] = "adamax"
    slots: ClassVar[tuple[str, ...]] = ("m", "u")

    lr: float = hyper(
        0.002,
        label="Learning rate",
        description="Learning rate.",
        symbol="η",
        log=True,
        gt=0,
        allow_inf_nan=False,
    )
    beta1: float = hyper(
        0.9,
        label="Kept share of m",
        description="Share of the mean gradient m that is kept.",
        symbol="β₁",
        ge=0,
        lt=1,
    )
    beta2: float = hyper(
        0.999,
        label="Kept share of u",
        description="Share of the largest gradient u that is kept.",
        symbol="β₂",
        ge=0,
        lt=1,
    )
    epsilon: float = hyper(
        1e-7, description="Keeps the division finite.", symbol="ε", log=True, gt=0, le=1
    )

    def update(
        self, xp: Any, w: Array, g: Array, slots: Mapping[str, Array], *, t: int, eta: float
    ) -> None:
        m, u = slots["m"], slots["u"]
        m *= self.beta1
        m += g  # the mean is (1 - β₁) m, as in Adam
        u *= self.beta2
        xp.maximum(u, abs(g), out=u)
        mean = (1 - self.beta1) / (1 - self.beta1**t)
        w -= eta * mean * m / (u + self.epsilon)
