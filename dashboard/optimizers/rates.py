"""The learning rates that paths begin with: such that each optimizer shows what it is known for."""

from __future__ import annotations

from engine.analyses.surfaces import Surface
from engine.optimizers import OptimizerSpec
from engine.spec import Spec, family

OPTIMIZERS: dict[str, type[Spec]] = {spec.kind_name(): spec for spec in family(OptimizerSpec)}

FIRST = ("sgd", "momentum", "adagrad", "adam")
"""The textbook's four."""

HIGHEST = 1000.0

_BY_GRADIENT = {
    "valley": 0.95,
    "beale": 0.01,
    "rosenbrock": 0.001,
    "himmelblau": 0.01,
    "saddle": 0.05,
}
"""Plain gradient descent's: what is stable on a surface depends on how steep it is."""

_SHARES = {"adagrad": 0.075, "rmsprop": 0.005}


def suggested(kind: str, surface: Surface) -> float:
    """The textbook's rates on the long valley, scaled to the others: by the steepness where a step
    is as long as the gradient, else by the width of the window."""
    if kind == "sgd":
        return _BY_GRADIENT[surface.name]
    if kind in ("momentum", "nesterov"):
        return float(f"{_BY_GRADIENT[surface.name] / 9.5:.1g}")
    if kind == "adadelta":
        return 1.0
    width = surface.window[1] - surface.window[0]
    return float(f"{_SHARES.get(kind, 0.015) * width:.2g}")
