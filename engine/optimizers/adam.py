"""Adam: adaptive moments (Kingma and Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015).

The moments start at zero and are corrected for it. Algorithm 1 corrects both moments, so epsilon is
added to the corrected sqrt(v̂) (PyTorch). The paper's faster form at the end of section 2 folds both
corrections into the step size, so its epsilon is added to the raw sqrt(v) (Keras, the textbooks).
"""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt
from typing import ClassVar, Literal

import numpy as np

from engine.backend import Array
from engine.loops import elements, loop
from engine.optimizers.base import Optimizer
from engine.spec import hyper


@loop
def adam(
    w: Array, g: Array, m: Array, v: Array, beta1: float, beta2: float, step: float, epsilon: float
) -> None:
    for i in elements(w):
        m[i] = beta1 * m[i] + g[i]
        v[i] = beta2 * v[i] + g[i] * g[i]
        w[i] -= step * m[i] / (np.sqrt(v[i]) + epsilon)


class Moments(Optimizer):
    """What Adam and its descendants share: running sums m ← β₁ m + g and v ← β₂ v + g².

    The means are (1 - β₁) m and (1 - β₂) v; the factors stand in `step` and `root`.
    """

    slots: ClassVar[tuple[str, ...]] = ("m", "v")

    lr: float = hyper(
        0.001,
        label="Learning rate",
        description="About how far a parameter moves in a step.",
        symbol="η",
        log=True,
        gt=0,
        allow_inf_nan=False,
    )
    beta1: float = hyper(
        0.9,
        label="First moment decay",
        description="Share of the mean gradient m that is kept.",
        symbol="β₁",
        ge=0,
        lt=1,
    )
    beta2: float = hyper(
        0.999,
        label="Second moment decay",
        description="Share of the mean square v that is kept.",
        symbol="β₂",
        ge=0,
        lt=1,
    )
    epsilon: float = hyper(
        1e-8, description="Keeps the division finite.", symbol="ε", log=True, gt=0, le=1
    )
    bias_correction: Literal["moments", "step"] = hyper(
        "moments",
        description="Where ε stands: beside the corrected sqrt(v̂) (`moments`: Algorithm 1, PyTorch)"
        " or the raw sqrt(v) (`step`: Keras, textbooks).",
    )

    def numbers(self, t: int, eta: float) -> tuple[float, float, float, float]:
        """β₁, β₂, the step and ε as a loop takes them."""
        return self.beta1, self.beta2, self.step(t, eta), self.inner_epsilon(t)

    def step(self, t: int, eta: float) -> float:
        """What m / sqrt(v) is multiplied with for η m̂ / sqrt(v̂)."""
        return eta * (1 - self.beta1) / (1 - self.beta1**t) / self.root(t)

    def root(self, t: int) -> float:
        """sqrt(v̂) / sqrt(v)."""
        return sqrt((1 - self.beta2) / (1 - self.beta2**t))

    def inner_epsilon(self, t: int) -> float:
        """ε as it is added to sqrt(v)."""
        raw = sqrt(1 - self.beta2)
        return self.epsilon / (self.root(t) if self.bias_correction == "moments" else raw)


class Adam(Moments):
    """Adam: w ← w - η m̂ / (sqrt(v̂) + ε)."""

    kind: Literal["adam"] = "adam"

    def update(self, w: Array, g: Array, slots: Mapping[str, Array], *, t: int, eta: float) -> None:
        adam(w, g, slots["m"], slots["v"], *self.numbers(t, eta))
