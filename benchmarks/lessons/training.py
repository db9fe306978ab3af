"""One arm of a lesson with one seed, trained without a queue or a database."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from statistics import fmean

from db.records import Scores
from engine.config import RecordSpec, RunConfig
from engine.lessons.scores import LessonScore, score_of
from engine.records import MemoryRecorder
from engine.training import train

SPARSE = RecordSpec(
    every=1_000_000, dense=0, histograms=False, checkpoint_every=10_000, checkpoint_best=False
)
"""What is recorded changes nothing of what is trained."""


@dataclass(frozen=True)
class Trial:
    """What is to be trained, and what is asked of it."""

    arm: str
    config: RunConfig
    score: LessonScore


def score(trial: Trial) -> float | None:
    """What the run came to."""
    recorder = MemoryRecorder()
    outcome = train(trial.config.model_copy(update={"record": SPARSE}), recorder)
    classes = trial.config.dataset.info().classes
    diverged = outcome.status == "diverged"
    return score_of(trial.score, last(recorder), diverged=diverged, classes=classes)


def last(recorder: MemoryRecorder) -> Scores | None:
    """The last evaluation, as the database keeps it."""
    validation, sample = recorder.metrics("validation"), recorder.metrics("train_sample")
    epochs = recorder.metrics("train")
    if not validation or not epochs:
        return None
    losses = [metric.loss for metric in epochs]
    seen = sample[-1] if sample else None
    return Scores(
        step=validation[-1].step,
        epoch=validation[-1].epoch,
        loss=epochs[-1].loss,
        accuracy=epochs[-1].accuracy,
        val_loss=validation[-1].loss,
        val_accuracy=validation[-1].accuracy,
        train_loss=seen.loss if seen else None,
        train_accuracy=seen.accuracy if seen else None,
        mean_loss=fmean(losses) if all(map(isfinite, losses)) else None,
    )
