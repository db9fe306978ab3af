"""The normal distribution over a sigmoid: how much of it lies near 0, and how straight the curve is
there.

A sigmoid's tangent at 0 is θ(0) + θ'(0) z. How far θ leaves it within |z| <= at, as a share of what
the tangent rises by, says how nearly linear the activation is there. tanh(z) = 2 σ(2z) - 1, so its
linear region is half as wide.
"""

from __future__ import annotations

import numpy as np

from engine.analyses.mean_field import apply
from engine.layers import Activation, Sigmoid, Tanh
from engine.lessons.worked.drawn import Drawn, Panel
from engine.randomness import Use, stream

DRAWS = 20_000


def within(at: float, seed: int) -> float:
    """The share of draws from N(0, 1) that lie within -at to at."""
    return float((np.abs(stream(seed, Use.ANALYSIS).standard_normal(DRAWS)) <= at).mean())


def off_tangent_sigmoid(at: float, seed: int) -> float:
    """How far the sigmoid leaves its tangent within |z| <= at."""
    return _off_tangent(Sigmoid(), at)


def off_tangent_tanh(at: float, seed: int) -> float:
    """How far tanh leaves its tangent within |z| <= at."""
    return _off_tangent(Tanh(), at)


def _off_tangent(activation: Activation, at: float) -> float:
    z = np.linspace(0, at, 201)
    a, slope = apply(activation, z)
    tangent = a[0] + slope[0] * z
    return float(np.abs(a - tangent).max() / (slope[0] * at))


def drawn() -> tuple[Panel, ...]:
    """The bell curve, and sigmoid and tanh beside their tangents."""
    z = np.linspace(-4, 4, 161)
    bell = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    panels = [Panel("N(0, 1)", "z", (Drawn("density", z, bell), *_bars()))]
    for name, activation in (("sigmoid", Sigmoid()), ("tanh", Tanh())):
        a, slope = apply(activation, z)
        middle = len(z) // 2
        tangent = a[middle] + slope[middle] * z
        near = np.abs(tangent - a[middle]) <= 1.2 * np.abs(a - a[middle]).max()
        lines = (Drawn(name, z, a), Drawn("tangent at 0", z[near], tangent[near]))
        panels.append(Panel(name, "z", lines))
    return tuple(panels)


def _bars() -> tuple[Drawn, ...]:
    """What lies within one and two standard deviations, as lines at the height of their ends."""
    found = []
    for at, name in ((1.0, "within 1: 68 %"), (2.0, "within 2: 95 %")):
        height = float(np.exp(-(at**2) / 2) / np.sqrt(2 * np.pi))
        found.append(Drawn(name, np.array([-at, at]), np.array([height, height])))
    return tuple(found)
