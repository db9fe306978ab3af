"""One batch of one unit, normalized step by step (Ioffe and Szegedy 2015, Algorithm 1):

    μ = mean(x)   σ² = mean((x - μ)²)   x̂ = (x - μ) / sqrt(σ² + ε)   y = γ x̂ + β

and what inference makes of the same values with statistics that are fixed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.layers import BatchNorm
from engine.randomness import Use, stream

Values = NDArray[np.float64]
EPSILON = float(BatchNorm.model_fields["epsilon"].default)
BATCH = 100


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """The four steps of a batch x (m,): its mean and variance, x̂ (m,) and y (m,)."""

    mean: float
    var: float
    normalized: Values
    y: Values


def four_steps(x: Values, *, gamma: float, beta: float, epsilon: float = EPSILON) -> Steps:
    """Training's way: with the batch's own statistics."""
    return fixed_steps(x, float(x.mean()), float(x.var()), gamma=gamma, beta=beta, epsilon=epsilon)


def fixed_steps(
    x: Values, mean: float, var: float, *, gamma: float, beta: float, epsilon: float = EPSILON
) -> Steps:
    """Inference's way: with a mean and a variance that are given."""
    normalized: Values = (x - mean) / np.sqrt(var + epsilon)
    return Steps(mean, var, normalized, gamma * normalized + beta)


def normalized_variance(at: float, seed: int) -> float:
    """The variance of x̂ where the batch's values have the standard deviation `at`."""
    x = at * stream(seed, Use.ANALYSIS).standard_normal(BATCH)
    return float(four_steps(x, gamma=1.0, beta=0.0).normalized.var())
