"""Nadam (Dozat, "Incorporating Nesterov Momentum into Adam", ICLR 2016 workshop).

Momentum follows the schedule μ_t = β₁ (1 - 0.96^(ψ t) / 2), so bias is corrected with the product
of all μ so far.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from math import log
from typing import Any, Literal

import numpy as np

from engine.backend import Array
from engine.loops import elements, loop
from engine.optimizers.adam import Moments
from engine.spec import hyper


@loop
def _nadam(
    w: Array,
    g: Array,
    m: Array,
    v: Array,
    beta1: float,
    new1: float,
    beta2: float,
    new2: float,
    of_g: float,
    of_m: float,
    of_root: float,
    epsilon: float,
) -> None:
    for i in elements(w):
        m[i] = beta1 * m[i] + new1 * g[i]
        v[i] = beta2 * v[i] + new2 * g[i] * g[i]
        root_v_hat = of_root * np.sqrt(v[i])
        w[i] -= (of_g * g[i] + of_m * m[i]) / (root_v_hat + epsilon)


class Nadam(Moments):
    """Nadam: Adam that looks ahead along its momentum."""

    kind: Literal["nadam"] = "nadam"

    momentum_decay: float = hyper(
        0.004,
        label="Momentum schedule",
        description="How fast momentum rises to β₁: 0.004 (the paper, PyTorch) or 1 (Keras).",
        symbol="ψ",
        log=True,
        ge=0,
        le=1,
    )

    def update(self, w: Array, g: Array, slots: Mapping[str, Array], *, t: int, eta: float) -> None:
        mu, mu_next = (float(_mu(self.beta1, self.momentum_decay, i)) for i in (t, t + 1))
        product = _product(self.beta1, self.momentum_decay, t)
        of_g = eta * (1 - mu) / (1 - product)
        of_m = eta * mu_next / (1 - product * mu_next)
        _, of_root = self.corrections(t)
        moments = slots["m"], slots["v"]
        _nadam(w, g, *moments, *self.shares(), of_g, of_m, of_root, self.added(t))


def _mu(beta1: float, psi: float, t: Any) -> Any:
    return beta1 * (1 - 0.5 * 0.96 ** (t * psi))


@lru_cache(maxsize=8)
def _product(beta1: float, psi: float, t: int) -> float:
    """μ₁ μ₂ ... μ_t, which is zero to float64 once β₁ᵗ is."""
    if beta1 == 0 or t * log(beta1) < -50:
        return 0.0
    return float(np.prod(_mu(beta1, psi, np.arange(1, t + 1))))
