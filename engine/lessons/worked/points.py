"""Eleven points near a line, and polynomials through them: a curve of degree ten meets every point
and misses what lies between them."""

from __future__ import annotations

import numpy as np

from engine.lessons.worked.drawn import Drawn, Panel, Values
from engine.randomness import Use, stream

NOISE = 0.02
"""Standard deviation of what the points are off the line by."""
X = np.linspace(0.0, 1.0, 11)
BETWEEN = np.linspace(0.0, 1.0, 201)


def truth(x: Values) -> Values:
    """The line on which the points would lie without noise."""
    line: Values = 0.2 + 0.6 * x
    return line


def polynomial(at: float, seed: int) -> float:
    """How far the polynomial of degree `at` is from the line: root mean square over 0 to 1."""
    fitted = _fitted(int(at), seed)(BETWEEN)
    return float(np.sqrt(np.square(fitted - truth(BETWEEN)).mean()))


def polynomial_on_points(at: float, seed: int) -> float:
    """How far it is from the points themselves."""
    return float(np.sqrt(np.square(_fitted(int(at), seed)(X) - _points(seed)).mean()))


def _points(seed: int) -> Values:
    noise: Values = NOISE * stream(seed, Use.ANALYSIS).standard_normal(len(X))
    return truth(X) + noise


def _fitted(degree: int, seed: int) -> np.polynomial.Polynomial:
    return np.polynomial.Polynomial.fit(X, _points(seed), degree)


def drawn() -> tuple[Panel, ...]:
    """The points, the line, and the curve through all of them."""
    lines = (
        Drawn("points", X, _points(0), points=True),
        Drawn("degree 1", BETWEEN, _fitted(1, 0)(BETWEEN)),
        Drawn("degree 10", BETWEEN, _fitted(10, 0)(BETWEEN)),
    )
    return (Panel("y(x)", "x", lines),)
