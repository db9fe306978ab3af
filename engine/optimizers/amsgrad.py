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
    beta1: float,
    beta2: float,
    step: float,
    epsilon: float,
) -> None:
    for i in elements(w):
        m[i] = beta1 * m[i] + g[i]
        v[i] = beta2 * v[i] + g[i] * g[i]
        v_max[i] = np.maximum(v_max[i], v[i])
        w[i] -= step * m[i] / (np.sqrt(v_max[i]) + epsilon)


class AMSGrad(Moments):
    """AMSGrad: Adam with v_max ← max(v_max, v) in place of v."""

    kind: Literal["amsgrad"] = "amsgrad"
    slots: ClassVar[tuple[str, ...]] = ("m", "v", "v_max")

    def update(self, w: Array, g: Array, slots: Mapping[str, Array], *, t: int, eta: float) -> None:
        moments = slots["m"], slots["v"], slots["v_max"]
        _amsgrad(w, g, *moments, *self.numbers(t, eta))
