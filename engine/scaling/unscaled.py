"""Inputs as they are."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.scaling.base import Affine
from engine.spec import Spec


class Unscaled(Spec):
    """Unscaled: inputs as they are stored."""

    kind: Literal["none"] = "none"

    def fit(self, x: NDArray[Any], *, alike: bool = True) -> Affine:
        return Affine(np.float64(0.0), np.float64(1.0))  # type: ignore[arg-type]
