"""AdaDelta (Zeiler, 2012): the step has the units of the weights, from the mean square of the steps
before, so that it needs no learning rate (η = 1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np

from engine.backend import Array
from engine.loops import elements, loop
from engine.optimizers.base import Optimizer
from engine.spec import hyper


@loop
def _adadelta(
    w: Array, g: Array, h: Array, s: Array, rho: float, new: float, eta: float, epsilon: float
) -> None:
    for i in elements(w):
        h[i] = rho * h[i] + new * g[i] * g[i]
        dw = np.sqrt(s[i] + epsilon) / np.sqrt(h[i] + epsilon) * g[i]
        s[i] = rho * s[i] + new * dw * dw
        w[i] -= eta * dw


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

    def update(self, w: Array, g: Array, slots: Mapping[str, Array], *, t: int, eta: float) -> None:
        _adadelta(w, g, slots["h"], slots["s"], self.rho, 1 - self.rho, eta, self.epsilon)
