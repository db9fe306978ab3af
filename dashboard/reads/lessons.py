"""Lessons as pages ask for them: which there are, what people predicted and ran, what instant arms
show. A reader's own answers are few; a class's are read once for everybody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard.reads.caching import cached
from dashboard.reads.opened import shared_store
from dashboard.reads.store import LIVE, dataset_info
from db.records import (
    CurvePoint,
    LessonClass,
    LessonDone,
    LessonRun,
    Member,
    Prediction,
    Run,
    Status,
    WrittenLesson,
)
from engine.analyses.paths import Path
from engine.analyses.signals import LayerSignals, untrained_signals
from engine.analyses.verdicts import Scores
from engine.errors import ConfigError
from engine.lessons.arms import Trained, Untrained, Walk
from engine.lessons.figures import OverEpochs
from engine.lessons.instant import instant_scores, walked
from engine.lessons.lesson import Lesson
from engine.lessons.scores import SCORES, LessonScore, score_of


@cached(entries=50, seconds=10 * LIVE)
def get_lesson(key: str) -> Lesson | None:
    """The lesson of that key."""
    return shared_store().lessons.get(key)


def lessons_of(group: LessonClass) -> list[Lesson]:
    """The lessons of a class, but for those that this version cannot read."""
    return [found for key in group.lessons if (found := _readable(key)) is not None]


def _readable(key: str) -> Lesson | None:
    try:
        return get_lesson(key)
    except ConfigError:
        return None


@cached(entries=1, seconds=10 * LIVE)
def written_lessons() -> list[WrittenLesson]:
    """The lessons that people wrote."""
    return shared_store().lessons.written()


@cached(entries=50, seconds=10 * LIVE)
def get_class(key: str) -> LessonClass | None:
    """The class that a link names."""
    return shared_store().classes.get(key)


@cached(entries=200, seconds=LIVE)
def done(owner: str, class_key: str | None) -> Mapping[str, LessonDone]:
    """How far a scope is with each lesson."""
    return shared_store().lessons.done(owner=owner, class_key=class_key)


@cached(entries=50, seconds=LIVE)
def members(class_key: str) -> Mapping[str, Member]:
    """Who of a class did what, by their names."""
    return shared_store().lessons.members(class_key)


@cached(entries=200, seconds=LIVE)
def _runs(key: str, owner: str, class_key: str | None, _lesson: Lesson) -> list[LessonRun]:
    return shared_store().lessons.runs(_lesson, owner=owner, class_key=class_key)


def lesson_runs(lesson: Lesson, owner: str, class_key: str | None) -> list[LessonRun]:
    """The runs that answer a lesson, by arm and seed."""
    return _runs(lesson.key, "" if class_key else owner, class_key, lesson)


@cached(entries=200, seconds=LIVE)
def _curves(key: str, owner: str, class_key: str | None, _lesson: Lesson) -> list[CurvePoint]:
    figure = _lesson.figure
    assert isinstance(figure, OverEpochs)
    return shared_store().lessons.curves(
        _lesson, figure.score, figure.split, owner=owner, class_key=class_key
    )


def lesson_curves(lesson: Lesson, owner: str, class_key: str | None) -> list[CurvePoint]:
    """The curves that a lesson's figure shows."""
    return _curves(lesson.key, "" if class_key else owner, class_key, lesson)


@cached(entries=200, seconds=LIVE)
def predictions(key: str, person: str, class_key: str | None, _lesson: Lesson) -> list[Prediction]:
    """What the people of a scope expect of a lesson."""
    return shared_store().lessons.predictions(_lesson, person=person, class_key=class_key)


def predicted_counts(lesson: Lesson, person: str, class_key: str | None) -> list[int]:
    """How many of a scope predicted each choice."""
    everyone = predictions(lesson.key, person, class_key, lesson)
    return [sum(each.choice == i for each in everyone) for i in range(len(lesson.choices))]


def forget_answers() -> None:
    """Read anew from now on: somebody predicted or ran something."""
    for read in (done, _runs, _curves, predictions):
        read.clear()


def is_mine(lesson: Lesson, person: str) -> bool:
    """Whether somebody wrote a lesson."""
    return (lesson.key, person) in {(each.lesson.key, each.owner) for each in written_lessons()}


def forget_lessons() -> None:
    """Read anew from now on: somebody wrote a lesson."""
    for read in (get_lesson, written_lessons):
        read.clear()


def scores_of(lesson: Lesson, runs: list[LessonRun], score: LessonScore) -> Scores:
    """A score of the runs that have ended, by arm and seed."""
    found: dict[str, dict[int, float]] = {arm.name: {} for arm in lesson.arms}
    for each in runs:
        value = _score(each.run, score)
        if value is not None:
            found[lesson.arms[each.arm].name][each.seed] = value
    return found


def fitting(arms: Sequence[Trained]) -> list[LessonScore]:
    """The scores that all these arms can have: no accuracies where one predicts numbers."""
    labels = all(dataset_info(arm.config.dataset).classes is not None for arm in arms)
    return [
        name for name, info in SCORES.items() if info.of == "trained" and (labels or not info.share)
    ]


def _score(run: Run, score: LessonScore) -> float | None:
    if run.status not in (Status.DONE, Status.DIVERGED):
        return None
    diverged = run.status is Status.DIVERGED
    classes = dataset_info(run.config.dataset).classes if diverged else None
    return score_of(score, run.last, diverged=diverged, classes=classes)


def diverged_of(lesson: Lesson, runs: list[LessonRun]) -> dict[str, int]:
    """How often each arm diverged."""
    return {
        arm.name: sum(each.run.status is Status.DIVERGED for each in runs if each.arm == i)
        for i, arm in enumerate(lesson.arms)
    }


def classes_of(lesson: Lesson) -> int | None:
    """How many classes the arms tell apart; None where they predict numbers."""
    first = lesson.arms[0]
    return dataset_info(first.config.dataset).classes if isinstance(first, Trained) else None


@st.cache_resource(max_entries=60, show_spinner=False)
def _instant(key: str, score: LessonScore, _lesson: Lesson) -> Scores:
    return instant_scores(_lesson.model_copy(update={"score": score}))


def instant(lesson: Lesson, score: LessonScore) -> Scores:
    """A score of arms of which nothing is trained."""
    return _instant(lesson.arm_set(), score, lesson)


@st.cache_resource(max_entries=100, show_spinner=False)
def _signals(config: str, _arm: Untrained) -> tuple[LayerSignals, ...]:
    return untrained_signals(_arm.config)


def signals(arm: Untrained) -> tuple[LayerSignals, ...]:
    """What reaches each layer of an untrained arm."""
    return _signals(arm.config.to_json(), arm)


def lesson_paths(lesson: Lesson) -> dict[str, Path]:
    """The paths of arms that walk."""
    return {arm.name: walked(arm) for arm in lesson.arms if isinstance(arm, Walk)}
