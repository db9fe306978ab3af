"""Orthogonal initialization: every singular value of W is the gain.

Saxe, McClelland and Ganguli, "Exact solutions to the nonlinear dynamics of learning in deep linear
neural networks" (ICLR 2014).
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.initializers.base import Initializer
from engine.spec import hyper


class Orthogonal(Initializer):
    """Orthogonal: WᵀW = gain² I."""

    kind: Literal["orthogonal"] = "orthogonal"
    gain: float = hyper(1.0, description="Every singular value; sqrt(2) suits ReLU.", gt=0, le=100)

    def weights(self, z: NDArray[np.float64], fan_in: int, fan_out: int) -> NDArray[np.float64]:
        return self.gain * orthogonal(z)


def orthogonal(z: NDArray[np.float64]) -> NDArray[np.float64]:
    """The orthogonal factor of a normal matrix, uniform over them (Mezzadri 2007): the signs of R's
    diagonal make the decomposition unique. Axes before the last count as one."""
    matrix = z.reshape(-1, z.shape[-1])
    tall = matrix if matrix.shape[0] >= matrix.shape[1] else matrix.T
    q, r = np.linalg.qr(tall)
    q = q * np.sign(np.diag(r))
    return (q if tall is matrix else q.T).reshape(z.shape)
