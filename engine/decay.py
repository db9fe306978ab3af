"""Weight decay: a pull of the parameters towards zero.

L1 and L2 enter the gradient, as the gradient of λ₁ Σ|w| and of λ₂/2 Σ w² (the textbooks; PyTorch's
`weight_decay`; Keras's `L2(l)` is λ₂ = 2 l). Decoupled decay shrinks the weights beside the step
(Loshchilov and Hutter, ICLR 2019), so that an adaptive optimizer does not rescale it. The recorded
loss is that of the data alone.
"""

from __future__ import annotations

from typing import Any, Literal

from engine.backend import Array
from engine.spec import Spec, hyper

_STRENGTH: dict[str, Any] = {"log": True, "ge": 0, "le": 10}


class Decay(Spec):
    """Weight decay: g ← g + λ₁ sign(w) + λ₂ w; w ← (1 - η λ) w."""

    l1: float = hyper(
        0.0,
        label="L1",
        description="Strength of the pull of constant size.",
        symbol="λ₁",
        **_STRENGTH,
    )
    l2: float = hyper(
        0.0,
        label="L2",
        description="Strength of the pull in proportion to the weight, through the gradient.",
        symbol="λ₂",
        **_STRENGTH,
    )
    decoupled: float = hyper(
        0.0,
        label="Decoupled",
        description="Share of the weight lost a step, times η, beside the gradient.",
        symbol="λ",
        **_STRENGTH,
    )
    on: Literal["weights", "all"] = hyper(
        "weights",
        label="Decays",
        description="W alone (textbooks, Keras) or every parameter, b, γ and β too (PyTorch).",
    )

    @property
    def any(self) -> bool:
        return bool(self.l1 or self.l2 or self.decoupled)

    def pulled(self, xp: Any, w: Array, g: Array) -> Array:
        """g + λ₁ sign(w) + λ₂ w."""
        if self.l1:
            g = g + self.l1 * xp.sign(w)
        return g + self.l2 * w if self.l2 else g

    def shrink(self, w: Array, eta: float) -> None:
        """w ← (1 - η λ) w."""
        if self.decoupled:
            w *= 1 - eta * self.decoupled
