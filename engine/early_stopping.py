"""Early stopping: training ends once validation has not improved for a while (Prechelt, "Early
Stopping - But When?", 1998)."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import Literal

from engine.spec import Spec, hyper


@dataclass(frozen=True, slots=True)
class Patience:
    """The best score so far, lower is better, and how many epochs ago it was."""

    best_score: float = inf
    epochs_without_improvement: int = 0


class EarlyStopping(Spec):
    """Early stopping: ends training where validation no longer improves."""

    patience: int | None = hyper(
        None,
        description="Epochs without improvement before training ends; empty never ends it early.",
        unit="epochs",
        ge=1,
        le=100_000,
    )
    monitor: Literal["loss", "accuracy"] = hyper(
        "loss", description="Validation score that must improve."
    )
    min_delta: float = hyper(
        0.0, label="Least improvement", description="A smaller improvement is none.", ge=0, le=1e6
    )

    def after(self, patience: Patience, loss: float, accuracy: float | None) -> Patience:
        """Patience after one more epoch's validation scores."""
        score = loss if self.monitor == "loss" or accuracy is None else -accuracy
        if score < patience.best_score - self.min_delta:
            return Patience(score)
        return Patience(patience.best_score, patience.epochs_without_improvement + 1)

    def exhausted(self, patience: Patience) -> bool:
        waited = patience.epochs_without_improvement
        return self.patience is not None and waited >= self.patience
