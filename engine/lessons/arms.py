"""What a lesson compares: arms whose runs are queued and trained, and arms that answer at once."""

from __future__ import annotations

from math import isfinite
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import Discriminator, Field, StringConstraints, model_validator

from engine.analyses.surfaces import SURFACES
from engine.config import RunConfig
from engine.errors import RuleError
from engine.lessons.worked import WORKED
from engine.messages import Message
from engine.optimizers import OptimizerSpec
from engine.spec import Spec, hyper

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
ArmName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
"""Runs are called by it, too."""
Finite = Annotated[float, Field(allow_inf_nan=False)]


class Named(Spec):
    """What every arm has: a name, and the line of the figure that it lies on."""

    name: ArmName = hyper(description="What the arm is called.")
    line: str = hyper("", description="The line of the figure that it lies on.", max_length=300)


class Trained(Named):
    """Trained: an arm whose runs are queued and trained."""

    kind: Literal["trained"] = "trained"
    config: RunConfig = hyper(description="The run; each seed takes the place of its own.")


class Untrained(Named):
    """Untrained: an arm that is looked at before its first step, at once."""

    kind: Literal["untrained"] = "untrained"
    config: RunConfig = hyper(description="The run of which nothing is trained.")


class Brief(Named):
    """Brief: an arm whose first steps are trained at once."""

    kind: Literal["brief"] = "brief"
    config: RunConfig = hyper(description="The run of which so many steps are trained.")
    steps: int = hyper(description="Steps that are trained.", ge=1, le=200)


class Walk(Named):
    """Path: an arm that is an optimizer's path over a surface, walked at once."""

    kind: Literal["path"] = "path"
    surface: str = hyper(description="The surface, by its name.")
    optimizer: OptimizerSpec = hyper(description="What moves.")
    start: tuple[Finite, Finite] = hyper(description="Where the path of seed 0 begins.")
    spread: float = hyper(
        0.0, description="Standard deviation of the starts of other seeds around it.", ge=0, le=10
    )
    steps: int = hyper(description="Steps that it may take.", ge=1, le=5_000)
    uphill: bool = hyper(
        False, description="Whether each step is taken the other way: w - v in place of w + v."
    )

    @model_validator(mode="after")
    def _known(self) -> Self:
        if self.surface not in SURFACES:
            rule = Message("`surface` must be one of {choices}", choices=tuple(SURFACES))
            raise RuleError(rule.got(self.surface))
        return self


class Worked(Named):
    """Worked out: an arm that is a number, worked out at once."""

    kind: Literal["worked"] = "worked"
    of: str = hyper(description="What is worked out, by its name.")
    at: float = hyper(0.0, description="The number that it is worked out for.", ge=-1e6, le=1e6)

    @model_validator(mode="after")
    def _known(self) -> Self:
        if self.of not in WORKED:
            rule = Message("`of` must be one of {choices}", choices=tuple(WORKED))
            raise RuleError(rule.got(self.of))
        return self


AnyArm: TypeAlias = Trained | Untrained | Brief | Walk | Worked
Arm = Annotated[AnyArm, Discriminator("kind")]


def place_of(arm: AnyArm, field: str) -> float | None:
    """Where an arm lies on the axis of a hyperparameter, by its dotted name, or of the number that
    it is worked out for; None where it has no such number."""
    if isinstance(arm, Worked):
        return arm.at
    value = None if isinstance(arm, Walk) else arm.config.flat().get(field)
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        return None
    return float(value)


def name_parts(arm: AnyArm) -> tuple[str, ...]:
    """The parts of an arm's name, each of which is a text of its own: `with BN, 0.1` on the line
    `with BN` is that and a number."""
    start = f"{arm.line}, "
    if arm.line and arm.name.startswith(start):
        return arm.line, arm.name.removeprefix(start)
    return (arm.name,)
