"""AMSGrad (Reddi, Kale and Kumar, "On the Convergence of Adam and Beyond", ICLR 2018): Adam whose
mean square never falls. Bias is corrected as in Adam, which the paper leaves out and PyTorch and
Keras keep."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np

from engine.backend import Array
from engine.loops import elements, loop
from engine.optimizers.adam import Moments


@loop
def _amsgrad(
    w: Array,
    g: Array,
    m: Array,
    v: Array,
    v_max: Array,
    eta: float,
    beta1: float,
    new1: float,
    beta2: float,
    new2: float,
    of_m: float,
    of_root: float,
    epsilon: float,
) -> None:
    for i in elements(w):
        m[i] = beta1 * m[i] + new1 * g[i]
        v[i] = beta2 * v[i] + new2 * g[i] * g[i]
        v_max[i] = np.maximum(v_max[i], v[i])
        m_hat = of_m * m[i]
        root_v_hat = of_root * np.sqrt(v_max[i])
        w[i] -= eta * m_hat / (root_v_hat + epsilon)


class AMSGrad(Moments):
    """AMSGrad: Adam with v_max ← max(v_max, v) in place of v."""

    kind: Literal["amsgrad"] = "amsgrad"
    slots: ClassVar[tuple[str, ...]] = ("m", "v", "v_max")

    def update(self, w: Array, g: Array, slots: Mapping[str, Array], *, t: int, eta: float) -> None:
        moments = slots["m"], slots["v"], slots["v_max"]
        _amsgrad(w, g, *moments, eta, *self.shares(), *self.corrections(t), self.added(t))
