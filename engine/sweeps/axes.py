"""What a sweep varies: one field of the configuration, by its dotted name, and its values."""

from __future__ import annotations

from math import exp, log
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field, JsonValue, model_validator

from engine.errors import RuleError
from engine.messages import Message
from engine.spec import Spec, hyper

DIGITS = 6  # significant ones of a drawn number: enough to tell runs apart, few enough to read


class Axis(Spec):
    """One field that a sweep varies."""

    name: str = hyper(
        description="Field to vary, by its dotted name, such as optimizer.lr or layers.0.units.",
        min_length=1,
        max_length=200,
    )

    def grid(self) -> list[Any]:
        """The values of a grid."""
        raise NotImplementedError

    def draw(self, rng: np.random.Generator) -> Any:
        """A value at random."""
        return self.at(rng.random())

    def at(self, share: float) -> Any:
        """The value that lies so far, in [0, 1), from the first to the last."""
        raise NotImplementedError


class Choices(Axis):
    """Choices: each of the values named."""

    kind: Literal["choices"] = "choices"
    values: tuple[JsonValue, ...] = hyper(
        description="The values: numbers, texts, or whole parts as JSON.",
        min_length=1,
        max_length=1000,
    )

    def grid(self) -> list[Any]:
        return list(self.values)

    def at(self, share: float) -> Any:
        return self.values[int(share * len(self.values))]


class Range(Axis):
    """Range: any number between two ends."""

    kind: Literal["range"] = "range"
    low: float = hyper(description="Smallest value.")
    high: float = hyper(description="Largest value.")
    log: bool = hyper(
        False, label="Logarithmic", description="Whether each power of ten counts the same."
    )
    integer: bool = hyper(False, label="Whole numbers", description="Whether to skip fractions.")
    points: int = hyper(
        5, description="Values of a grid, evenly spread from end to end.", ge=2, le=1000
    )

    @model_validator(mode="after")
    def _ordered(self) -> Range:
        if self.low >= self.high:
            rule = Message("must have `low` below `high`; got {low:g} and {high:g}")
            raise RuleError(rule.filled(low=self.low, high=self.high))
        if self.log and self.low <= 0:
            raise RuleError(Message("must have `low` above 0 where `log` is true").got(self.low))
        return self

    def grid(self) -> list[Any]:
        spread = np.geomspace if self.log else np.linspace
        values = [self.rounded(float(x)) for x in spread(self.low, self.high, self.points)]
        return list(dict.fromkeys(values))

    def at(self, share: float) -> Any:
        if self.log:
            return self.rounded(exp(log(self.low) + share * (log(self.high) - log(self.low))))
        return self.rounded(self.low + share * (self.high - self.low))

    def rounded(self, value: float) -> float | int:
        """A value as the configuration is to hold it."""
        return round(value) if self.integer else float(f"{value:.{DIGITS}g}")


AnyAxis = Annotated[Choices | Range, Field(discriminator="kind")]
