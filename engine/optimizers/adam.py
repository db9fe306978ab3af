"""Adam: adaptive moments (Kingma and Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015).

The moments start at zero and are corrected for it. Algorithm 1 corrects both moments, so epsilon is
added to the corrected sqrt(v̂) (PyTorch). The paper's faster form at the end of section 2 folds both
corrections into the step size, so its epsilon is added to the raw sqrt(v) (Keras, the textbooks).
"""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt
from typing import Any, ClassVar, Literal

from engine.backend import Array
from engine.optimizers.base import Optimizer
from engine.spec import hyper


class Moments(Optimizer):
    """What Adam and its descendants share: running sums m of g and v of g²."""

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

    def add(self, m: Array, v: Array, g: Array) -> None:
        """m ← β₁ m + g; v ← β₂ v + g².

        The means are (1 - β₁) m and (1 - β₂) v: `step` has these factors in its numbers, which
        saves two passes over all parameters, a quarter of an update's time.
        """
        m *= self.beta1
        m += g
        v *= self.beta2
        v += g * g

    def step(self, xp: Any, w: Array, m: Array, v: Array, *, t: int, eta: float) -> None:
        """w ← w - η m̂ / (sqrt(v̂) + ε), with m̂ = mean m and sqrt(v̂) = root sqrt(v)."""
        mean = (1 - self.beta1) / (1 - self.beta1**t)
        w -= eta * mean / self.root(t) * m / (xp.sqrt(v) + self.inner_epsilon(t))

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

    def update(
        self, xp: Any, w: Array, g: Array, slots: Mapping[str, Array], *, t: int, eta: float
    ) -> None:
        m, v = slots["m"], slots["v"]
        self.add(m, v, g)
        self.step(xp, w, m, v, t=t, eta=eta)
