"""The one figure of a lesson: what it draws, and of which arms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Discriminator, model_validator

from engine.errors import RuleError
from engine.lessons.arms import Finite, Line
from engine.lessons.scores import ArmKind, LessonScore
from engine.lessons.worked import DRAWN
from engine.messages import Message
from engine.spec import Spec, hyper

CurveScore = Literal["loss", "accuracy"]
CurveSplit = Literal["train", "validation"]


class OverEpochs(Spec):
    """What every figure of curves has: which score they are of, and on which samples."""

    score: CurveScore = hyper(description="What is drawn.")
    split: CurveSplit = hyper("validation", description="Of which samples.")


class Curves(OverEpochs):
    """Curves: a score of each arm over the epochs, with its interval over seeds."""

    kind: Literal["curves"] = "curves"


class Outcomes(Spec):
    """Outcomes: what each arm's runs came to, a dot for each seed beside the mean."""

    kind: Literal["outcomes"] = "outcomes"
    scores: tuple[LessonScore, ...] = hyper(
        description="The scores drawn, the judged one first.", min_length=1, max_length=3
    )


class Over(Spec):
    """Over a number: the judged score over a hyperparameter that differs between the arms."""

    kind: Literal["over"] = "over"
    field: str = hyper(description="The hyperparameter, by its dotted name.", max_length=200)
    label: Line = hyper(description="What it is called on the axis.")


class Panels(Spec):
    """Panels: the histogram of every hidden layer's activations, a panel for each arm."""

    kind: Literal["panels"] = "panels"
    columns: int = hyper(4, description="Panels side by side.", ge=1, le=6)


class Paths(Spec):
    """Paths: the way of each arm over the surface."""

    kind: Literal["paths"] = "paths"


class Functions(Spec):
    """Functions: what is behind the arms' numbers, and below it what each arm comes to."""

    kind: Literal["functions"] = "functions"
    of: str = hyper(description="What is drawn, by its name.")

    @model_validator(mode="after")
    def _known(self) -> Self:
        if self.of not in DRAWN:
            rule = Message("`of` must be one of {choices}", choices=tuple(DRAWN))
            raise RuleError(rule.got(self.of))
        return self


class Batch(Spec):
    """Batch: one batch of one unit, normalized step by step with values that can be changed."""

    kind: Literal["batch"] = "batch"
    x: tuple[Finite, ...] = hyper(
        description="The values to begin with.", min_length=2, max_length=20
    )


class Grid(OverEpochs):
    """Grid: a panel for each value of a hyperparameter, with the curves of its arms."""

    kind: Literal["grid"] = "grid"
    field: str = hyper(description="The hyperparameter, by its dotted name.", max_length=200)
    label: Line = hyper(description="What it is called above the panels.")
    columns: int = hyper(4, description="Panels side by side.", ge=1, le=6)


Figure = Annotated[
    Curves | Outcomes | Over | Panels | Paths | Functions | Batch | Grid, Discriminator("kind")
]
FIGURES: Mapping[str, tuple[ArmKind, ...]] = {
    "curves": ("trained",),
    "grid": ("trained",),
    "outcomes": ("trained", "untrained", "brief", "path", "worked"),
    "over": ("trained", "worked"),
    "panels": ("untrained",),
    "paths": ("path",),
    "functions": ("worked",),
    "batch": ("worked",),
}
"""Of which arms each can be drawn."""
