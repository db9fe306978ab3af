"""The learning rates that paths begin with: such that each surface shows what it is known for."""

from __future__ import annotations

from collections.abc import Mapping

from engine.optimizers import Optimizer, OptimizerSpec
from engine.spec import family

OPTIMIZERS: dict[str, type[Optimizer]] = {
    spec.kind_name(): spec  # type: ignore[misc]
    for spec in family(OptimizerSpec)
}

FIRST = ("sgd", "momentum", "adagrad", "adam")
"""The textbook's four."""

HIGHEST = 1000.0

STEPS = {"rosenbrock": 200}
"""How long paths are where sixty steps show too little."""

_GRADIENT = ("sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adadelta")


def _rates(*rates: float, others: float) -> Mapping[str, float]:
    """Rates of the optimizers above, in their order, and one for Adam and its descendants."""
    return dict.fromkeys(OPTIMIZERS, others) | dict(zip(_GRADIENT, rates, strict=True))


_RATES: dict[str, Mapping[str, float]] = {
    # The figure of the textbooks: SGD zigzags, momentum swings, AdaGrad runs straight.
    "valley": _rates(0.95, 0.1, 0.1, 1.5, 0.3, 10, others=0.3),
    # What follows each coordinate's own gradients crosses the plateau; SGD is still on its way.
    "beale": _rates(0.01, 0.002, 0.002, 0.7, 0.1, 20, others=0.3),
    # Along the floor of the valley the velocity adds up.
    "rosenbrock": _rates(0.001, 0.0005, 0.0005, 0.5, 0.02, 20, others=0.2),
    "himmelblau": _rates(0.01, 0.001, 0.002, 0.5, 0.05, 5, others=0.2),
    # One rate for all: what divides by the size of the gradients leaves first, SGD last.
    "saddle": dict.fromkeys(OPTIMIZERS, 0.05),
}

_SHARES = {"adagrad": 0.075, "rmsprop": 0.005}


def textbook_rate(kind: str, surface: str) -> float:
    """What an optimizer begins with on a textbook's surface."""
    return float(_RATES[surface][kind])


def suggested(kind: str, *, by_gradient: float, width: float) -> float:
    """The textbook's rates on the long valley, scaled to any ground: by plain gradient descent's
    where a step is as long as the gradient, else by the width of the window."""
    if kind == "sgd":
        return by_gradient
    if kind in ("momentum", "nesterov"):
        return max(1e-6, float(f"{by_gradient / 9.5:.1g}"))
    if kind == "adadelta":
        return 1.0
    return float(f"{_SHARES.get(kind, 0.015) * width:.2g}")
