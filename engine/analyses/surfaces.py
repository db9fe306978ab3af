"""Surfaces over two parameters, on which the path of an optimizer can be seen.

Each is known for one thing that is hard: a valley much steeper across than along, a curved valley,
plateaus, several minima, a saddle.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Point = tuple[float, float]
Values = NDArray[np.float64]


class Landscape(Protocol):
    """Anything with a value and a gradient over two parameters."""

    def value(self, x: float, y: float) -> float: ...

    def gradient(self, x: float, y: float) -> Point: ...


@dataclass(frozen=True, slots=True)
class Surface:
    """A function of x and y: what it is called, where it is worth looking at (x from and to, y from
    and to), where a path is worth starting, and where its minima are."""

    name: str
    title: str
    formula: str
    window: tuple[float, float, float, float]
    start: Point
    minima: tuple[Point, ...]
    f: Callable[[Any, Any], Any]
    df: Callable[[float, float], Point]

    def value(self, x: float, y: float) -> float:
        return float(self.f(x, y))

    def gradient(self, x: float, y: float) -> Point:
        dx, dy = self.df(x, y)
        return float(dx), float(dy)

    def grid(self, x: Values, y: Values) -> Values:
        """The values (len(y), len(x)) over a grid."""
        values: Values = self.f(x[None, :], y[:, None]) + np.zeros((len(y), len(x)))
        return values


def _beale(x: Any, y: Any) -> Any:
    return (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2


def _beale_gradient(x: float, y: float) -> Point:
    a, b, c = 1.5 - x + x * y, 2.25 - x + x * y**2, 2.625 - x + x * y**3
    dx = 2 * (a * (y - 1) + b * (y**2 - 1) + c * (y**3 - 1))
    dy = 2 * x * (a + 2 * b * y + 3 * c * y**2)
    return dx, dy


def _himmelblau_gradient(x: float, y: float) -> Point:
    a, b = x**2 + y - 11, x + y**2 - 7
    return 4 * x * a + 2 * b, 2 * a + 4 * y * b


SURFACES: dict[str, Surface] = {
    surface.name: surface
    for surface in (
        Surface(
            name="valley",
            title="Long valley",
            formula="x²/20 + y²",
            window=(-10, 10, -5, 5),
            start=(-7, 2),
            minima=((0, 0),),
            f=lambda x, y: x**2 / 20 + y**2,
            df=lambda x, y: (x / 10, 2 * y),
        ),
        Surface(
            name="beale",
            title="Beale",
            formula="(1.5 - x + xy)² + (2.25 - x + xy²)² + (2.625 - x + xy³)²",
            window=(-4.5, 4.5, -4.5, 4.5),
            start=(1, 1.5),
            minima=((3, 0.5),),
            f=_beale,
            df=_beale_gradient,
        ),
        Surface(
            name="rosenbrock",
            title="Rosenbrock",
            formula="(1 - x)² + 100 (y - x²)²",
            window=(-2, 2, -1, 3),
            start=(-1.2, 1),
            minima=((1, 1),),
            f=lambda x, y: (1 - x) ** 2 + 100 * (y - x**2) ** 2,
            df=lambda x, y: (-2 * (1 - x) - 400 * x * (y - x**2), 200 * (y - x**2)),
        ),
        Surface(
            name="himmelblau",
            title="Himmelblau",
            formula="(x² + y - 11)² + (x + y² - 7)²",
            window=(-5, 5, -5, 5),
            start=(-0.5, -1),
            minima=(
                (3, 2),
                (-2.8051180869527448, 3.1313125182505730),
                (-3.7793102533777469, -3.2831859912861694),
                (3.5844283403304917, -1.8481265269644034),
            ),
            f=lambda x, y: (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2,
            df=_himmelblau_gradient,
        ),
        Surface(
            name="saddle",
            title="Saddle",
            formula="x² - y²",
            window=(-2, 2, -2, 2),
            start=(-1.5, 0.001),
            minima=(),
            f=lambda x, y: x**2 - y**2,
            df=lambda x, y: (2 * x, -2 * y),
        ),
    )
}
