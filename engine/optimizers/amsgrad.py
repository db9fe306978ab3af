"""AMSGrad (Reddi, Kale and Kumar, "On the Convergence of Adam and Beyond", ICLR 2018): Adam whose
mean square never falls. Bias is corrected as in Adam, which the paper leaves out and PyTorch and
Keras keep."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from engine.backend import Array
from engine.optimizers.adam import Moments


class AMSGrad(Moments):
    """AMSGrad: Adam with v_max ← max(v_max, v) in place of v."""

    kind: Literal["amsgrad"] = "amsgrad"
    slots: ClassVar[tuple[str, ...]] = ("m", "v", "v_max")

    def update(
        self, xp: Any, w: Array, g: Array, slots: Mapping[str, Array], *, t: int, eta: float
    ) -> None:
        m, v, v_max = slots["m"], slots["v"], slots["v_max"]
        self.add(m, v, g)
        xp.maximum(v_max, v, out=v_max)
        self.step(xp, w, m, v_max, t=t, eta=eta)
