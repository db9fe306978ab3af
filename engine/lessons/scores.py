"""By what the arms of a lesson are judged.

A run that diverged counts with the score of a network that knows nothing: the accuracy 1/K and the
cross-entropy ln K of K classes. So it is counted and not dropped, and no comparison hangs on how
far a number ran away. Where there is no such score (a gap, numbers to predict) it has none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite, log
from typing import Literal, Protocol

ArmKind = Literal["trained", "untrained", "brief", "path", "worked"]
LessonScore = Literal[
    "val_accuracy",
    "train_accuracy",
    "gap",
    "mean_loss",
    "val_loss",
    "loss_gap",
    "strength",
    "gradient",
    "saturated",
    "steps_to_goal",
    "dead_share",
    "accuracy_soon",
    "drift",
    "drift_before",
    "share",
    "accuracy",
    "off_tangent",
    "decades_lost",
    "variance",
    "digits",
    "room",
    "error",
]


@dataclass(frozen=True, slots=True)
class ScoreInfo:
    """A score: what it is called, what it is of, and how it is read. Of two, the `higher` is
    better, or the lower."""

    label: str
    of: ArmKind
    higher: bool
    share: bool = False


SCORES: Mapping[LessonScore, ScoreInfo] = {
    "val_accuracy": ScoreInfo("Validation accuracy", "trained", higher=True, share=True),
    "train_accuracy": ScoreInfo("Training accuracy", "trained", higher=True, share=True),
    "gap": ScoreInfo("Generalization gap", "trained", higher=False, share=True),
    "mean_loss": ScoreInfo("Mean loss over training", "trained", higher=False),
    "val_loss": ScoreInfo("Validation loss", "trained", higher=False),
    "loss_gap": ScoreInfo("Generalization gap in loss", "trained", higher=False),
    "strength": ScoreInfo("Change of the activations (decades)", "untrained", higher=False),
    "gradient": ScoreInfo("Change of the gradient (decades)", "untrained", higher=False),
    "saturated": ScoreInfo("Saturated share", "untrained", higher=False, share=True),
    "steps_to_goal": ScoreInfo("Steps to the goal", "path", higher=False),
    "dead_share": ScoreInfo("Dead share", "brief", higher=False, share=True),
    "accuracy_soon": ScoreInfo("Validation accuracy so soon", "brief", higher=True, share=True),
    "drift": ScoreInfo("Drift of what the activations receive", "brief", higher=False),
    "drift_before": ScoreInfo("Drift of the sums before normalization", "brief", higher=False),
    "share": ScoreInfo("Share", "worked", higher=True, share=True),
    "accuracy": ScoreInfo("Accuracy", "worked", higher=True, share=True),
    "off_tangent": ScoreInfo("Farthest from the tangent", "worked", higher=False, share=True),
    "decades_lost": ScoreInfo("Powers of ten lost", "worked", higher=False),
    "variance": ScoreInfo("Variance", "worked", higher=True),
    "digits": ScoreInfo("Digits that agree", "worked", higher=True),
    "room": ScoreInfo("Room left to the other values", "worked", higher=True, share=True),
    "error": ScoreInfo("Error to the truth", "worked", higher=False),
}


class Evaluated(Protocol):
    """What is known of a run at its last evaluation."""

    @property
    def val_accuracy(self) -> float | None: ...
    @property
    def val_loss(self) -> float | None: ...
    @property
    def train_accuracy(self) -> float | None: ...
    @property
    def train_loss(self) -> float | None: ...
    @property
    def mean_loss(self) -> float | None: ...
    @property
    def gap(self) -> float | None: ...
    @property
    def loss_gap(self) -> float | None: ...


def score_of(
    score: LessonScore, last: Evaluated | None, *, diverged: bool, classes: int | None
) -> float | None:
    """The score of a run that has ended; None where it has none."""
    value = None if diverged or last is None else getattr(last, score)
    if value is not None and isfinite(value):
        return float(value)
    return knowing_nothing(score, classes) if diverged else None


def knowing_nothing(score: LessonScore, classes: int | None) -> float | None:
    """The score of a network that gives each of so many classes the same probability."""
    if classes is None:
        return None
    if score in ("val_accuracy", "train_accuracy"):
        return 1 / classes
    return log(classes) if score in ("val_loss", "mean_loss") else None
