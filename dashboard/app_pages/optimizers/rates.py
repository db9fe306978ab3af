"""The learning rates that paths begin with: such that each optimizer shows what it is known for."""

from __future__ import annotations

from engine.optimizers import OptimizerSpec
from engine.spec import Spec, family

OPTIMIZERS: dict[str, type[Spec]] = {spec.kind_name(): spec for spec in family(OptimizerSpec)}

FIRST = ("sgd", "momentum", "adagrad", "adam")
"""The textbook's four."""

HIGHEST = 1000.0

BY_GRADIENT = {
    "valley": 0.95,
    "beale": 0.01,
    "rosenbrock": 0.001,
    "himmelblau": 0.01,
    "saddle": 0.05,
}
"""Plain gradient descent's: what is stable on a surface depends on how steep it is."""

_SHARES = {"adagrad": 0.075, "rmsprop": 0.005}


def suggested(kind: str, *, by_gradient: float, width: float) -> float:
    """The textbook's rates on the long valley, scaled to the others: by plain gradient descent's
    where a step is as long as the gradient, else by the width of the window."""
    if kind == "sgd":
        return by_gradient
    if kind in ("momentum", "nesterov"):
        return max(1e-6, float(f"{by_gradient / 9.5:.1g}"))
    if kind == "adadelta":
        return 1.0
    return float(f"{_SHARES.get(kind, 0.015) * width:.2g}")
