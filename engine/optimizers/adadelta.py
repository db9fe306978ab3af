"""AdaDelta (Zeiler, 2012): the step has the units of the weights, from the mean square of the steps
before, so that it needs no learning rate (η = 1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from engine.backend import Array
from engine.optimizers.base import Optimizer
from engine.spec import hyper


class AdaDelta(Optimizer):
    """AdaDelta: Δw = -sqrt(s + ε) / sqrt(h + ε) g; w ← w + η Δw."""

    kind: Literal["adadelta"] = "adadelta"
    slots: ClassVar[tuple[str, ...]] = ("h", "s")

    lr: float = hyper(
        1.0,
        label="Learning rate",
        description="Learning rate; the paper has none, which is 1.",
        symbol="η",
        log=True,
        gt=0,
        allow_inf_nan=False,
    )
    rho: float = hyper(
        0.95,
        label="Kept share",
        description="Share of both mean squares that is kept: 0.95 (the paper, Keras) or 0.9"
        " (PyTorch).",
        symbol="ρ",
        ge=0,
        lt=1,
    )
    epsilon: float = hyper(1e-6, description="Starts the motion.", symbol="ε", log=True, gt=0, le=1)

    def update(
        self, xp: Any, w: Array, g: Array, slots: Mapping[str, Array], *, t: int, eta: float
    ) -> None:
        h, s = slots["h"], slots["s"]
        h += (1 - self.rho) * (g * g - h)
        dw = xp.sqrt(s + self.epsilon) / xp.sqrt(h + self.epsilon) * g
        s += (1 - self.rho) * (dw * dw - s)
        w -= eta * dw
