"""Batch Normalization's backward pass as a product of matrices, beside finite differences.

For one channel with x̂ = (x - μ)/s, s = sqrt(σ² + ε), both μ and σ² depend on every sample, so

    ∂y/∂x = (γ/s) (I - 1 1ᵀ/m - x̂ x̂ᵀ/m)        (m, m), symmetric
    dx = ∂y/∂xᵀ dy

Whoever holds μ and σ² fixed is left with γ/s dy, which is another gradient. Each is held against
central finite differences of Σ dy · y in float64: how many digits agree, -log10 of the largest
difference as a share of the largest derivative.
"""

from __future__ import annotations

from functools import lru_cache
from math import log10

import numpy as np
from numpy.typing import NDArray

from engine.layers import BatchNorm
from engine.lessons.worked.steps import EPSILON, four_steps
from engine.network import Network
from engine.randomness import Use, stream

Values = NDArray[np.float64]
M = 8
GAMMA, BETA = 1.5, 0.3
STEP = 1e-5


def matrices(at: float, seed: int) -> float:
    """Digits in which the product of matrices agrees."""
    x, dy = _batch(seed)
    steps = four_steps(x, gamma=GAMMA, beta=BETA)
    s = np.sqrt(steps.var + EPSILON)
    xhat = steps.normalized[:, None]
    jacobian = GAMMA / s * (np.eye(M) - np.ones((M, M)) / M - xhat @ xhat.T / M)
    return _digits(jacobian.T @ dy, seed)


def layer(at: float, seed: int) -> float:
    """Digits in which the backward pass of layerlab's own layer agrees."""
    x, dy = _batch(seed)
    network = Network([BatchNorm()], (1,), xp=np, dtype="float64", input_gradient=True)
    parameters = network.layers[0].parameters
    parameters["gamma"][...], parameters["beta"][...] = GAMMA, BETA
    network.forward(x[:, None], "training")
    network.backward(dy[:, None])
    dx = network.passed.dx
    assert dx is not None
    return _digits(dx.ravel(), seed)


def fixed(at: float, seed: int) -> float:
    """Digits in which the gradient agrees where μ and σ² are held fixed."""
    x, dy = _batch(seed)
    return _digits(GAMMA / np.sqrt(x.var() + EPSILON) * dy, seed)


def _batch(seed: int) -> tuple[Values, Values]:
    """Values x (m,) and the gradient dy (m,) that comes back to y."""
    x, dy = stream(seed, Use.ANALYSIS).standard_normal((2, M))
    return x, dy


@lru_cache(maxsize=64)
def _numerical(seed: int) -> Values:
    """Central differences of Σ dy y over each x."""
    x, dy = _batch(seed)

    def loss(moved: Values) -> float:
        return float(dy @ four_steps(moved, gamma=GAMMA, beta=BETA).y)

    return np.array([(loss(x + e) - loss(x - e)) / (2 * STEP) for e in STEP * np.eye(M)])


def _digits(dx: Values, seed: int) -> float:
    numerical = _numerical(seed)
    difference = np.abs(dx - numerical).max() / np.abs(numerical).max()
    return -log10(max(float(difference), 1e-16))
