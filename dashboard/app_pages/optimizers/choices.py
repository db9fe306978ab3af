"""What the page's address says: `?surface=beale&start=1,1.5&paths=sgd:0.1,adam:0.2:beta1=0.5`, or
`?id=3&checkpoint=7` for the loss of run 3."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dashboard.app_pages.optimizers.ground import RUN, Ground
from dashboard.app_pages.optimizers.rates import FIRST, HIGHEST, OPTIMIZERS
from dashboard.app_pages.optimizers.rates import STEPS as STEPS_ON
from dashboard.state.choices import Choice, OneOf, Whole
from dashboard.words.i18n import _
from dashboard.words.typed import shown_number
from engine.analyses.surfaces import SURFACES, Point
from engine.optimizers import Optimizer

Walkers = Mapping[str, Optimizer]
"""Optimizers by their kinds, in the order in which they were chosen."""


@dataclass(frozen=True, eq=False)
class Place(Choice[Point]):
    """A point of the chart: `1,1.5`."""

    window: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)

    def read(self, text: str) -> Point:
        left, right, low, high = self.window
        x, y = map(float, text.split(","))
        if not (left <= x <= right and low <= y <= high):  # so NaN is none
            raise ValueError(text)
        return x, y

    def write(self, value: Point) -> str:
        return ",".join(map(shown_number, value))

    def rule(self) -> str:
        left, right, low, high = self.window
        text = _("two numbers on the chart, from {left} to {right} and from {low} to {high}")
        return text.format(left=left, right=right, low=low, high=high)


@dataclass(frozen=True, eq=False)
class Paths(Choice[Walkers]):
    """Which optimizers walk, how fast each, and what else of it is not as usual:
    `sgd:0.1,adam:0.2:beta1=0.8:bias_correction=step`."""

    def read(self, text: str) -> Walkers:
        return {
            kind: _optimizer(kind, *rest.split(":"))
            for kind, _colon, rest in (
                word.partition(":") for word in filter(None, text.split(","))
            )
        }

    def write(self, value: Walkers) -> str:
        return ",".join(map(_written, value.values())) or ","

    def rule(self) -> str:
        text = _("optimizers with learning rates above 0 and at most {most}, such as `adam:0.1`")
        return text.format(most=f"{HIGHEST:g}")


def _optimizer(kind: str, rate: str, *others: str) -> Optimizer:
    """The optimizer that a word of the address says; raises ValueError where it says none."""
    if kind not in OPTIMIZERS or not 0 < float(rate) <= HIGHEST:
        raise ValueError(kind)
    values = dict(other.split("=", 1) for other in others)
    return OPTIMIZERS[kind].model_validate({**values, "lr": float(rate)})


def _written(optimizer: Optimizer) -> str:
    spec = type(optimizer)
    kept = optimizer.model_dump(exclude={"kind", "lr"}, exclude_defaults=True)
    return ":".join(
        [
            spec.kind_name(),
            shown_number(optimizer.lr),
            *(f"{name}={_word(value)}" for name, value in kept.items()),
        ]
    )


def _word(value: object) -> str:
    if isinstance(value, bool):
        return str(int(value))
    return shown_number(value) if isinstance(value, float) else str(value)


SURFACE = OneOf(
    "surface",
    next(iter(SURFACES)),
    ("start", "steps", "paths", "id", "checkpoint"),
    (*SURFACES, RUN),
)
START = Place("start", (0.0, 0.0))
STEPS = Whole("steps", 60, low=1, high=500)
PATHS = Paths("paths", {})


def start_on(ground: Ground) -> Place:
    """The start on this ground."""
    return Place(START.name, ground.surface.start, window=ground.surface.window)


def steps_on(ground: Ground) -> Whole:
    """How many steps there are on this ground."""
    return STEPS.usually(STEPS_ON.get(ground.surface.name, STEPS.usual))


def paths_on(ground: Ground) -> Paths:
    """The optimizers on this ground: at first the textbook's, at rates that suit it."""
    return PATHS.usually({kind: beginner(kind, ground) for kind in FIRST})


def beginner(kind: str, ground: Ground) -> Optimizer:
    """An optimizer at the rate that it begins with here, and else as usual."""
    return OPTIMIZERS[kind](lr=ground.suggestion(kind))


@dataclass(frozen=True, slots=True)
class Walk:
    """Where the paths start, how long they are, and whose they are."""

    start: Point
    steps: int
    walkers: Walkers
