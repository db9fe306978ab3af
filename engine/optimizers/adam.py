"""Adam: adaptive moments (Kingma and Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015).

    m ← β₁ m + (1 - β₁) g         m̂ = m / (1 - β₁ᵗ)
    v ← β₂ v + (1 - β₂) g²        v̂ = v / (1 - β₂ᵗ)
    w ← w - η m̂ / (sqrt(v̂) + ε)

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
    w: Array,
    g: Array,
    m: Array,
    v: Array,
    eta: float,
    beta1: float,
    new1: float,
    beta2: float,
    new2: float,
    of_m: float,
    of_root: float,
    epsilon: float,
) -> None:
    """The paper's lines. Neither g² nor v̂ stands by itself: they would overflow before v does."""
    for i in elements(w):
        m[i] = beta1 * m[i] + new1 * g[i]
        v[i] = beta2 * v[i] + new2 * g[i] * g[i]
        m_hat = of_m * m[i]
        root_v_hat = of_root * np.sqrt(v[i])
        w[i] -= eta * m_hat / (root_v_hat + epsilon)


class Moments(Optimizer):
    """What Adam and its descendants share: the mean gradient m and the mean square v."""

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

    def shares(self) -> tuple[float, float, float, float]:
        """How much of m is kept and of g enters it, and the same of v and g²."""
        return self.beta1, 1 - self.beta1, self.beta2, 1 - self.beta2

    def corrections(self, t: int) -> tuple[float, float]:
        """m̂ over m, and sqrt(v̂) over sqrt(v)."""
        return 1 / (1 - self.beta1**t), 1 / sqrt(1 - self.beta2**t)

    def added(self, t: int) -> float:
        """What is added to sqrt(v̂): ε, or as much as makes it ε beside sqrt(v)."""
        beside_v_hat = self.bias_correction == "moments"
        return self.epsilon if beside_v_hat else self.epsilon / sqrt(1 - self.beta2**t)


class Adam(Moments):
    """Adam: w ← w - η m̂ / (sqrt(v̂) + ε)."""

    kind: Literal["adam"] = "adam"

    def update(self, w: Array, g: Array, slots: Mapping[str, Array], *, t: int, eta: float) -> None:
        moments = slots["m"], slots["v"]
        adam(w, g, *moments, eta, *self.shares(), *self.corrections(t), self.added(t))
