"""The definition of a sweep: a configuration, what varies in it, and how."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from engine.config import RunConfig
from engine.document import Document
from engine.errors import RuleError
from engine.messages import Message
from engine.overrides import with_values
from engine.spec import hyper
from engine.sweeps.axes import AnyAxis, Choices, Range
from engine.sweeps.pruning import AnyPruning, NoPruning
from engine.sweeps.samplers import AnySampler, Grid, Values

MOST_RUNS = 20_000

Objective = Literal["val_loss", "val_accuracy"]
"""What a run is scored by: its lowest validation loss, or its highest validation accuracy."""


class SweepConfig(Document):
    """Sweep: many runs that differ in a few fields, each point with several seeds."""

    base: RunConfig = hyper(description="What all runs of the sweep share.")
    axes: tuple[AnyAxis, ...] = hyper(description="What varies.", min_length=1, max_length=20)
    sampler: AnySampler = hyper(Grid(), description="Which points are tried.")
    seeds: int = hyper(
        1,
        label="Seeds per point",
        description="Runs of each point: the configuration's seed and those after it.",
        unit="runs",
        ge=1,
        le=1000,
    )
    objective: Objective = hyper("val_loss", description="Score that points are ranked by.")
    pruning: AnyPruning = hyper(
        NoPruning(), description="Which runs are given up before their end."
    )

    @model_validator(mode="after")
    def _whole(self) -> Self:
        names = [axis.name for axis in self.axes]
        if len(set(names)) < len(names):
            raise RuleError(Message("must vary each field once; got {names}", names=names))
        if "seed" in names:
            raise RuleError(Message("must not vary `seed` as an axis; set `seeds` instead"))
        if self.base.seed + self.seeds > 2**31:
            rule = Message("must keep seeds below 2147483648; got {seed} and on")
            raise RuleError(rule.filled(seed=self.base.seed))
        self.sampler.check(self.axes)
        runs = self.trials * self.seeds
        if runs > MOST_RUNS:
            rule = Message("must make at most {most:,} runs; got {runs:,}")
            raise RuleError(rule.filled(most=MOST_RUNS, runs=runs))
        return self

    @property
    def trials(self) -> int:
        """How many points there will be."""
        return self.sampler.count(self.axes)

    @property
    def minimizes(self) -> bool:
        return self.objective == "val_loss"

    def points(self) -> list[Values]:
        """The points that are known in advance: none where a model proposes them."""
        return self.sampler.points(self.axes)

    def ends(self) -> list[Values]:
        """Every value of the axes that can be known in advance, one at a time."""
        return [
            {axis.name: value}
            for axis in self.axes
            for value in (axis.values if isinstance(axis, Choices) else _ends(axis))
        ]

    def run(self, values: Values, replicate: int) -> RunConfig:
        """The configuration of one run of a point; raises ConfigError where it breaks a rule."""
        config = with_values(self.base, values)
        return config.model_copy(update={"seed": config.seed + replicate})


def _ends(axis: Range) -> tuple[float | int, ...]:
    grid = axis.grid()
    return grid[0], grid[-1]
