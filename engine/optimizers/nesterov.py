"""Nesterov's accelerated gradient (Nesterov, 1983): the gradient at the point that the velocity is
about to reach, written at the point where the weights are kept (Bengio, Boulanger-Lewandowski and
Pascanu, "Advances in optimizing recurrent networks", 2013).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from engine.backend import Array
from engine.loops import elements, loop
from engine.optimizers.momentum import Velocity


@loop
def _nesterov(w: Array, g: Array, v: Array, mu: float, into_v: float, of_v: float) -> None:
    for i in elements(w):
        v[i] = mu * v[i] + into_v * g[i]
        w[i] += of_v * (mu * v[i] + into_v * g[i])


class Nesterov(Velocity):
    """Nesterov: v ← μ v - η g; w ← w + μ v - η g."""

    kind: Literal["nesterov"] = "nesterov"

    def update(self, w: Array, g: Array, slots: Mapping[str, Array], *, t: int, eta: float) -> None:
        into_v, of_v = self.shares(eta)
        _nesterov(w, g, slots["v"], self.momentum, into_v, of_v)
