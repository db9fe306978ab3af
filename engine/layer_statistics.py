"""What is recorded of a layer at a step: one declared function for each statistic.

    @statistic("Largest output", "Magnitude of the layer's largest output.", log=True)
    def largest_output(out: Array) -> Array:
        return abs(out).max()

Beside it a statistic needs a migration for its column (`layer_stat.largest_output`) and its texts
in the catalogues. Records, tables, files, frames, charts and the reference take it from here.

A function's arguments name what of the layer it is computed from. Either arrays on the device, from
which it computes one number there, at the cost of a pass through memory in each recorded step:

    out, dout       the outputs for the batch, and dL/d(out): (m, ...)
    slope           an activation's derivative at the batch, of the same shape
    w, dw, w_next   the parameters before the update, their gradient, and after the update: (P,)

or numbers on the host, which are summed in as few passes as there can be (engine/sums.py):

    out_mean, out_std, dout_mean, dout_std    mean and standard deviation of out and dout
    flat_share, dead_share                    shares of slopes, and of units, that are flat
    dw_norm, w_norm, update_norm              L2 norms of dw, w and w_next - w

A layer that lacks one of them, such as slope or w, has None. Numbers may be zero, infinite or NaN.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from inspect import signature

from engine.backend import Array
from engine.sums import spread_of

ARRAYS = ("out", "dout", "slope", "w", "dw", "w_next")
NUMBERS = {
    "out_mean": "out",
    "out_std": "out",
    "dout_mean": "dout",
    "dout_std": "dout",
    "flat_share": "slope",
    "dead_share": "slope",
    "dw_norm": "dw",
    "w_norm": "w",
    "update_norm": "w_next",
}
"""What is summed, in the order in which it is measured, and the array that it is of."""
FLAT = 0.05
"""An output is saturated where the slope is below this share of the activation's largest."""

Measure = Callable[..., Array | float | None]


@dataclass(frozen=True, slots=True)
class Statistic:
    """A per-layer statistic: how it is measured, named in charts and help texts, and drawn.

    `log`: at first on a logarithmic axis; `share`: between nothing and all; `signed`: on both sides
    of zero. `always`: it is in every row, which one cannot be that was added later.
    """

    name: str
    label: str
    description: str
    measure: Measure
    of: tuple[str, ...]
    log: bool
    share: bool
    signed: bool
    always: bool

    @property
    def on_device(self) -> bool:
        """Whether it is computed from arrays, where they are."""
        return self.of[0] in ARRAYS

    def applies(self, arrays: Collection[str]) -> bool:
        """Whether a layer that has such arrays has the statistic."""
        return all(NUMBERS.get(name, name) in arrays for name in self.of)


_declared: list[Statistic] = []


def statistic(
    label: str,
    description: str,
    *,
    log: bool = False,
    share: bool = False,
    signed: bool = False,
    always: bool = False,
) -> Callable[[Measure], Measure]:
    """Declare a per-layer statistic, as a `Statistic` says; raises TypeError for a function of
    anything but arrays or numbers."""

    def declare(measure: Measure) -> Measure:
        name, of = measure.__name__, tuple(signature(measure).parameters)
        if not of or not (set(of) <= set(ARRAYS) or set(of) <= set(NUMBERS)):
            raise TypeError(
                f"`{name}` must be a function of arrays ({', '.join(ARRAYS)})"
                f" or of numbers ({', '.join(NUMBERS)}); got {', '.join(of) or 'none'}"
            )
        _declared.append(
            Statistic(name, label, description, measure, of, log, share, signed, always)
        )
        return measure

    return declare


@statistic(
    "Activation mean",
    "Mean of the layer's outputs over the batch.",
    signed=True,
    always=True,
)
def activation_mean(out_mean: float) -> float:
    return out_mean


@statistic(
    "Activation standard deviation",
    "Standard deviation of the layer's outputs over the batch; it should neither die out nor"
    " grow from layer to layer.",
    always=True,
)
def activation_std(out_std: float) -> float:
    return out_std


@statistic(
    "Saturated or off",
    "Share of an activation's outputs whose slope is below 5% of its largest: saturated, or where"
    " it levels off on one side alone, as ReLU does, off.",
    share=True,
)
def saturated(flat_share: float) -> float:
    return flat_share


@statistic(
    "Dead share",
    "Share of an activation's units that are so for every sample of the batch.",
    share=True,
)
def dead(dead_share: float) -> float:
    return dead_share


@statistic(
    "Backward signal",
    "Standard deviation of dL/d(output) over the batch: the signal that reaches the layer.",
    log=True,
    always=True,
)
def gradient_std(dout_std: float) -> float:
    return dout_std


@statistic("Gradient norm", "L2 norm of the gradient of the layer's parameters.", log=True)
def gradient_norm(dw_norm: float) -> float:
    return dw_norm


@statistic("Weight norm", "L2 norm of the layer's parameters, before the update.", log=True)
def weight_norm(w_norm: float) -> float:
    return w_norm


@statistic(
    "Update-to-weight ratio",
    "L2 norm of the step's update over that of the parameters; about 0.001 is healthy.",
    log=True,
)
def update_ratio(update_norm: float, w_norm: float) -> float | None:
    return update_norm / w_norm if w_norm else None


@statistic(
    "Spread of the units",
    "How far apart the units of a layer with parameters are, for a few samples: their standard"
    " deviation relative to their root mean square. 0 where all of them do the same.",
    log=True,
)
def unit_spread(out: Array, w: Array) -> Array:
    return spread_of(out)


STATISTICS: tuple[Statistic, ...] = tuple(_declared)
