"""By what runs are judged, under the names that the query language has for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from statistics import fmean

from dashboard.views.charts.lines import NUMBER
from dashboard.words.i18n import msg, number, percent
from db.records import Run, Scores


@dataclass(frozen=True, slots=True)
class Score:
    """A number that a run came to; `higher` ones are better, or lower ones."""

    label: str
    read: Callable[[Scores], float | None]
    best: bool  # at the best evaluation, else at the last
    share: bool
    higher: bool

    def of(self, run: Run) -> float | None:
        """The run's score, where it has one that is finite."""
        scores = run.best if self.best else run.last
        value = self.read(scores) if scores else None
        return value if value is not None and isfinite(value) else None

    def text(self, value: float | None) -> str:
        return percent(value) if self.share else number(value)

    def signed(self, value: float) -> str:
        """A difference with its sign; of shares in percentage points."""
        sign = "+" if value > 0 else "−" if value < 0 else "±"
        return f"{sign}{number(abs(100 * value if self.share else value), 3)}"

    @property
    def format(self) -> str:
        """D3's format."""
        return ".1%" if self.share else NUMBER


SCORES: Mapping[str, Score] = {
    "best.val_accuracy": Score(
        msg("Best validation accuracy"), lambda s: s.val_accuracy, True, True, True
    ),
    "last.val_accuracy": Score(
        msg("Final validation accuracy"), lambda s: s.val_accuracy, False, True, True
    ),
    "last.train_accuracy": Score(
        msg("Final training accuracy"), lambda s: s.train_accuracy, False, True, True
    ),
    "last.gap": Score(msg("Generalization gap"), lambda s: s.gap, False, True, False),
    "last.accuracy": Score(
        msg("Final accuracy of the batches (training mode)"),
        lambda s: s.accuracy,
        False,
        True,
        True,
    ),
    "best.val_loss": Score(
        msg("Validation loss at the best"), lambda s: s.val_loss, True, False, False
    ),
    "last.val_loss": Score(msg("Final validation loss"), lambda s: s.val_loss, False, False, False),
    "best.val_r2": Score(
        msg("R² on validation at the best"), lambda s: s.val_r2, True, False, True
    ),
    "last.val_r2": Score(msg("Final R² on validation"), lambda s: s.val_r2, False, False, True),
    "last.train_r2": Score(
        msg("Final R² on training samples"), lambda s: s.train_r2, False, False, True
    ),
    "last.train_loss": Score(
        msg("Final training loss"), lambda s: s.train_loss, False, False, False
    ),
    "last.loss_gap": Score(
        msg("Generalization gap in loss"), lambda s: s.loss_gap, False, False, False
    ),
    "last.mean_loss": Score(
        msg("Mean loss over training"), lambda s: s.mean_loss, False, False, False
    ),
    "last.loss": Score(
        msg("Final loss of the batches (training mode)"), lambda s: s.loss, False, False, False
    ),
}


def mean_score(runs: Sequence[Run], score: Score) -> float | None:
    """The mean of the scores that are finite."""
    values = [value for run in runs if (value := score.of(run)) is not None]
    return fmean(values) if values else None


def fitting_scores(runs: Sequence[Run]) -> dict[str, Score]:
    """The scores that some of the runs have: no accuracies where none predicts labels."""
    found = {
        name: score
        for name, score in SCORES.items()
        if any(score.of(run) is not None for run in runs)
    }
    return found or dict(SCORES)
