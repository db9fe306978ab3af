"""Stochastic gradient descent (Robbins and Monro, 1951)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from engine.backend import Array
from engine.loops import elements, loop
from engine.optimizers.base import Optimizer


@loop
def _sgd(w: Array, g: Array, eta: float) -> None:
    for i in elements(w):
        w[i] -= eta * g[i]


class SGD(Optimizer):
    """SGD: w ← w - η g."""

    kind: Literal["sgd"] = "sgd"

    def update(self, w: Array, g: Array, slots: Mapping[str, Array], *, t: int, eta: float) -> None:
        _sgd(w, g, eta)
