"""Adam: adaptive moments (Kingma and Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015).

The moments start at zero and are corrected for it. Algorithm 1 corrects both moments, so epsilon is
added to the corrected sqrt(v̂) (PyTorch). The paper's faster form at the end of section 2 folds both
corrections into the step size, so its epsilon is added to the raw sqrt(v) (Keras, the textbooks).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from engine.backend import Array
from engine.optimizers.base import Optimizer
from engine.spec import hyper


class Moments(Optimizer):
    """What Adam and its descendants share: running means m of g and v of g²."""

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

    def average(self, m: Array, v: Array, g: Array) -> None:
        """m ← β₁ m + (1 - β₁) g; v ← β₂ v + (1 - β₂) g²."""
        m += (1 - self.beta1) * (g - m)
        v += (1 - self.beta2) * (g * g - v)

    def step(self, xp: Any, w: Array, m: Array, v: Array, *, t: int, eta: float) -> None:
        """w ← w - η m̂ / (sqrt(v̂) + ε), with both corrections in the step size."""
        correction1, correction2 = 1 - self.beta1**t, 1 - self.beta2**t
        step = eta * correction2**0.5 / correction1
        # sqrt(v̂) + ε = (sqrt(v) + ε sqrt(1 - β₂ᵗ)) / sqrt(1 - β₂ᵗ)
        epsilon = self.epsilon * (correction2**0.5 if self.bias_correction == "moments" else 1)
        w -= step * m / (xp.sqrt(v) + epsilon)


class Adam(Moments):
    """Adam: w ← w - η m̂ / (sqrt(v̂) + ε)."""

    kind: Literal["adam"] = "adam"

    def update(
        self, xp: Any, w: Array, g: Array, slots: Mapping[str, Array], *, t: int, eta: float
    ) -> None:
        m, v = slots["m"], slots["v"]
        self.average(m, v, g)
        self.step(xp, w, m, v, t=t, eta=eta)
