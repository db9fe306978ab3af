"""What the page's address says: `?surface=beale&start=1,1.5&steps=60&paths=sgd:0.1`, or
`?id=3&checkpoint=7` for the loss of run 3."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dashboard.app_pages.optimizers.ground import RUN, Ground
from dashboard.app_pages.optimizers.rates import FIRST, HIGHEST, OPTIMIZERS, suggested
from dashboard.state.choices import Choice, OneOf, Whole
from dashboard.words.i18n import _
from dashboard.words.typed import shown_number
from engine.analyses.surfaces import SURFACES, Point

Rates = Mapping[str, float]
"""Optimizers and their learning rates, in the order in which they were chosen."""


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
class Paths(Choice[Rates]):
    """Which optimizers walk, and how fast each: `sgd:0.1,adam:0.2`."""

    def read(self, text: str) -> Rates:
        rates = {}
        for word in filter(None, text.split(",")):
            kind, _colon, rate = word.partition(":")
            if kind not in OPTIMIZERS or not 0 < float(rate) <= HIGHEST:
                raise ValueError(text)
            rates[kind] = float(rate)
        return rates

    def write(self, value: Rates) -> str:
        return ",".join(f"{kind}:{shown_number(rate)}" for kind, rate in value.items()) or ","

    def rule(self) -> str:
        text = _("optimizers with learning rates above 0 and at most {most}, such as `adam:0.1`")
        return text.format(most=f"{HIGHEST:g}")


SURFACE = OneOf(
    "surface", next(iter(SURFACES)), ("start", "paths", "id", "checkpoint"), (*SURFACES, RUN)
)
START = Place("start", (0.0, 0.0))
STEPS = Whole("steps", 60, low=1, high=500)
PATHS = Paths("paths", {})


def start_on(ground: Ground) -> Place:
    """The start on this ground."""
    return Place(START.name, ground.surface.start, window=ground.surface.window)


def paths_on(ground: Ground) -> Paths:
    """The optimizers on this ground: at first the textbook's, at rates that suit it."""
    return PATHS.usually({kind: suggestion(kind, ground) for kind in FIRST})


def suggestion(kind: str, ground: Ground) -> float:
    """The rate that an optimizer begins with."""
    left, right, _low, _high = ground.surface.window
    return suggested(kind, by_gradient=ground.rate, width=right - left)


@dataclass(frozen=True, slots=True)
class Walk:
    """Where the paths start, how long they are, and whose they are at which rate."""

    start: Point
    steps: int
    rates: Rates
