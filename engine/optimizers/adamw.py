"""AdamW (Loshchilov and Hutter, "Decoupled Weight Decay Regularization", ICLR 2019): the weights
shrink by themselves, beside Adam's step instead of through its moments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from engine.backend import Array
from engine.optimizers.adam import Moments, adam
from engine.spec import hyper


class AdamW(Moments):
    """AdamW: w ← w - η λ w - η m̂ / (sqrt(v̂) + ε)."""

    kind: Literal["adamw"] = "adamw"
    weight_decay: float = hyper(
        0.01,
        label="Weight decay",
        description="Share of every parameter lost a step, times the learning rate: 0.01 (PyTorch)"
        " or 0.004 (Keras).",
        symbol="λ",
        log=True,
        ge=0,
        le=1,
    )

    def update(self, w: Array, g: Array, slots: Mapping[str, Array], *, t: int, eta: float) -> None:
        w *= 1 - eta * self.weight_decay
        moments = slots["m"], slots["v"]
        adam(w, g, *moments, eta, *self.shares(), *self.corrections(t), self.added(t))
