"""Activations and their slopes, and what so many layers leave of a gradient by the slope alone: the
largest slope to the power of their number."""

from __future__ import annotations

from math import log10

import numpy as np

from engine.analyses.mean_field import apply
from engine.layers import Activation, LeakyReLU, ReLU, Sigmoid, Tanh
from engine.lessons.worked.drawn import Drawn, Panel


def sigmoid(at: float, seed: int) -> float:
    """Powers of ten that so many layers of sigmoid take away at least."""
    return _lost(Sigmoid(), at)


def tanh(at: float, seed: int) -> float:
    """Powers of ten that so many layers of tanh take away at least."""
    return _lost(Tanh(), at)


def relu(at: float, seed: int) -> float:
    """Powers of ten that so many layers of ReLU take away at least."""
    return _lost(ReLU(), at)


def _lost(activation: Activation, layers: float) -> float:
    return abs(layers * log10(activation.largest_slope))


def drawn() -> tuple[Panel, ...]:
    """Each activation with its slope."""
    z = np.linspace(-4, 4, 161)
    panels = []
    for name, activation in (
        ("sigmoid", Sigmoid()),
        ("tanh", Tanh()),
        ("ReLU", ReLU()),
        ("LeakyReLU", LeakyReLU()),
    ):
        a, slope = apply(activation, z)
        panels.append(Panel(name, "z", (Drawn("θ(z)", z, a), Drawn("θ'(z)", z, slope))))
    return tuple(panels)
