"""What the page shows, as its address says it: `?surface=beale&start=1,1.5&steps=60&paths=sgd:0.1`,
or `?id=3&checkpoint=7` for the loss of run 3.

The address is the page's only state, so that a copied link shows the same. What it says wrongly is
told, and the rest of it still holds.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from dashboard.app_pages.optimizers.ground import RUN, Ground
from dashboard.app_pages.optimizers.rates import FIRST, HIGHEST, OPTIMIZERS, suggested
from dashboard.words.i18n import _
from dashboard.words.text import plain
from dashboard.words.typed import shown_number
from engine.analyses.surfaces import SURFACES, Point, Surface

STEPS, MOST_STEPS = 60, 500
SHOWN = 40
"""Letters of an address that a message repeats."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Where the paths start, how long they are, and whose they are at which rate."""

    start: Point
    steps: int
    rates: Mapping[str, float]


def read_surface(asked: Mapping[str, str]) -> tuple[str, list[str]]:
    """The name of the surface that an address asks for, and what is wrong with it."""
    usual = RUN if "id" in asked else next(iter(SURFACES))
    name = asked.get("surface", usual)
    if name == RUN or name in SURFACES:
        return name, []
    message = _("The surface must be one of {names}; got {value}. The first is shown.")
    return next(iter(SURFACES)), [
        message.format(names=", ".join([*SURFACES, RUN]), value=_quoted(name))
    ]


def read(asked: Mapping[str, str], ground: Ground) -> tuple[Choice, list[str]]:
    """What an address asks for, and a sentence for each thing in it that cannot be."""
    problems: list[str] = []
    start = _start(asked.get("start"), ground.surface, problems)
    steps = _steps(asked.get("steps"), problems)
    return Choice(start, steps, _rates(asked.get("paths"), ground, problems)), problems


def suggestion(kind: str, ground: Ground) -> float:
    """The rate that an optimizer begins with."""
    left, right, _low, _high = ground.surface.window
    return suggested(kind, by_gradient=ground.rate, width=right - left)


def start_text(start: Point) -> str:
    """A start as the address holds it."""
    return ",".join(map(shown_number, start))


def rates_text(rates: Mapping[str, float]) -> str:
    """Optimizers and their learning rates as the address holds them."""
    return ",".join(f"{kind}:{shown_number(rate)}" for kind, rate in rates.items())


def _start(text: str | None, surface: Surface, problems: list[str]) -> Point:
    if text is None:
        return surface.start
    left, right, low, high = surface.window
    match [_number(word) for word in text.split(",")]:
        case [float(x), float(y)] if left <= x <= right and low <= y <= high:
            return x, y
    message = _(
        "The start must be two numbers on the chart, x from {left} to {right} and y from {low} to"
        " {high}; got {value}. The usual start is shown."
    )
    problems.append(message.format(left=left, right=right, low=low, high=high, value=_quoted(text)))
    return surface.start


def _steps(text: str | None, problems: list[str]) -> int:
    if text is None:
        return STEPS
    if text.isascii() and text.isdecimal() and len(text) < 9 and 1 <= int(text) <= MOST_STEPS:
        return int(text)
    message = _("The steps must be a whole number from 1 to {most}; got {value}. {n} are shown.")
    problems.append(message.format(most=MOST_STEPS, value=_quoted(text), n=STEPS))
    return STEPS


def _rates(text: str | None, ground: Ground, problems: list[str]) -> dict[str, float]:
    if text is None:
        return {kind: suggestion(kind, ground) for kind in FIRST}
    rates = {}
    for word in filter(None, text.split(",")):
        kind, _colon, rate_text = word.partition(":")
        rate = _number(rate_text)
        if kind in OPTIMIZERS and rate is not None and 0 < rate <= HIGHEST:
            rates[kind] = rate
        else:
            message = _(
                "A path must be an optimizer with a learning rate above 0 and at most {most}, such"
                " as `adam:0.1`; got {value}. It is left out."
            )
            problems.append(message.format(most=f"{HIGHEST:g}", value=_quoted(word)))
    return rates


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _quoted(text: str) -> str:
    return plain(text if len(text) <= SHOWN else text[:SHOWN] + "…")
