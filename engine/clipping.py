"""Gradient clipping: by value, element by element, or by the norm of the whole gradient (Pascanu,
Mikolov and Bengio, "On the difficulty of training recurrent neural networks", ICML 2013)."""

from __future__ import annotations

from typing import Any

from engine.backend import Array
from engine.spec import Spec, hyper


class Clipping(Spec):
    """Gradient clipping: g ← min(1, c/|g|) g, or each element to ±c."""

    norm: float | None = hyper(
        None,
        label="Clip norm",
        description="Largest L2 norm of the whole gradient; empty leaves it.",
        log=True,
        gt=0,
        le=1e9,
    )
    value: float | None = hyper(
        None,
        label="Clip value",
        description="Largest magnitude of an element of the gradient; empty leaves it.",
        log=True,
        gt=0,
        le=1e9,
    )

    def clipped(self, xp: Any, g: Array) -> Array:
        """The gradient within both bounds; g itself where neither is set."""
        if self.value is not None:
            g = xp.clip(g, -self.value, self.value)
        if self.norm is not None:
            g = g * (self.norm / xp.maximum(xp.sqrt(xp.dot(g, g)), self.norm))
        return g
