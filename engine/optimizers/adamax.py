"""AdaMax (Kingma and Ba, ICLR 2015, section 7.1): Adam with the largest recent gradient in place of
the root mean square."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np

from engine.backend import Array
from engine.loops import elements, loop
from engine.optimizers.base import Optimizer
from engine.spec import hyper


@loop
def _adamax(
    w: Array,
    g: Array,
    m: Array,
    u: Array,
    eta: float,
    beta1: float,
    new1: float,
    beta2: float,
    of_m: float,
    epsilon: float,
) -> None:
    for i in elements(w):
        m[i] = beta1 * m[i] + new1 * g[i]
        u[i] = np.maximum(beta2 * u[i], abs(g[i]))
        m_hat = of_m * m[i]
        w[i] -= eta * m_hat / (u[i] + epsilon)


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

    def update(self, w: Array, g: Array, slots: Mapping[str, Array], *, t: int, eta: float) -> None:
        beta1, beta2 = self.beta1, self.beta2
        of_m = 1 / (1 - beta1**t)
        _adamax(w, g, slots["m"], slots["u"], eta, beta1, 1 - beta1, beta2, of_m, self.epsilon)
