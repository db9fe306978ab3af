"""Gradient clipping: by value, element by element, or by the norm of the whole gradient (Pascanu,
Mikolov and Bengio, "On the difficulty of training recurrent neural networks", ICML 2013)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any

from engine.backend import Array
from engine.spec import Spec, hyper
from engine.sums import scale_of


class Clipping(Spec):
    """Gradient clipping: g ← min(1, c/|g|) g, or each element to ±c."""

    norm: float | None = hyper(
        None,
        label="Clip norm",
        description="Largest L2 norm of the whole gradient, frozen layers left out; empty leaves"
        " it.",
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

    def clipped(self, xp: Any, g: Array, trained: Sequence[slice]) -> Array:
        """The gradient within both bounds; g itself where neither is set. `trained` are the places
        of the layers that are not frozen: their gradient is the one whose norm is bounded."""
        if self.value is not None:
            g = xp.clip(g, -self.value, self.value)
        if self.norm is not None and trained:
            scale = xp.maximum(reduce(xp.maximum, (scale_of(g[i]) for i in trained)), 1)
            g = g / scale  # its squares do not overflow
            square = sum(xp.dot(g[i], g[i]) for i in trained)
            g = g * (self.norm / xp.maximum(xp.sqrt(square), self.norm / scale))
        return g
