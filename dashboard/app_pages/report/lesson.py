"""The lesson that a report is on, where its link names one."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.reads.lessons import (
    classes_of,
    diverged_of,
    get_class,
    get_lesson,
    lesson_curves,
    lesson_runs,
    predicted_counts,
    scores_of,
)
from dashboard.state.address import get
from dashboard.state.lesson_link import CLASS, LESSON
from dashboard.views.report.of_lesson import Answered
from db.records import Run
from engine.lessons.figures import Outcomes, OverEpochs
from engine.lessons.scores import LessonScore


def answered(runs: Sequence[Run]) -> Answered | None:
    """What the lesson's runs came to: those of its class, or of whoever launched these alone. None
    where the link names no lesson, or none of these runs answers it."""
    lesson = get_lesson(get(LESSON)) if get(LESSON) else None
    group = get_class(get(CLASS)) if get(CLASS) else None
    if lesson is None or lesson.instant:
        return None
    person, class_key = runs[0].owner, group.key if group else None
    shown = {run.id for run in runs}
    own = [r for r in lesson_runs(lesson, person, class_key) if r.run.id in shown]
    if not own:
        return None
    drawn = lesson.figure.scores if isinstance(lesson.figure, Outcomes) else ()
    names: tuple[LessonScore, ...] = (lesson.score, *drawn)
    curved = isinstance(lesson.figure, OverEpochs)
    return Answered(
        lesson=lesson,
        scores={name: scores_of(lesson, own, name) for name in names},
        points=lesson_curves(lesson, person, class_key) if curved else (),
        diverged=diverged_of(lesson, own),
        classes=classes_of(lesson),
        predicted=predicted_counts(lesson, person, class_key),
    )
