"""What a figure of functions draws."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """One function or one set of points: its name, x (N,) and y (N,), and whether it is drawn as
    points."""

    name: str
    x: Values
    y: Values
    points: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """Functions on common axes: what stands above them, below the X axis and at the Y axis."""

    title: str
    x: str
    lines: tuple[Drawn, ...]
    y: str = ""
