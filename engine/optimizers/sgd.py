"""Stochastic gradient descent (Robbins and Monro, 1951)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from engine.backend import Array
from engine.optimizers.base import Optimizer


class SGD(Optimizer):
    """SGD: w ← w - η g."""

    kind: Literal["sgd"] = "sgd"

    def update(
        self, xp: Any, w: Array, g: Array, slots: Mapping[str, Array], *, t: int, eta: float
    ) -> None:
        w -= eta * g
