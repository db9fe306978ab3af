"""The lesson that a report is on, where its link names one."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.reads.lessons import (
    classes_of,
    diverged_of,
    get_class,
    get_lesson,
    instant,
    lesson_curves,
    lesson_paths,
    lesson_runs,
    predicted_counts,
    predictions,
    scores_of,
    signals,
)
from dashboard.state.address import get
from dashboard.state.lesson_link import CLASS, LESSON
from dashboard.state.owner import current_owner
from dashboard.views.report.of_lesson import Answered
from db.records import Run
from engine.lessons.arms import Untrained
from engine.lessons.figures import Outcomes, OverEpochs, Panels, Paths
from engine.lessons.lesson import Lesson
from engine.lessons.scores import LessonScore


def answered(runs: Sequence[Run]) -> Answered | None:
    """What the lesson's runs came to: those of its class, or of whoever launched these alone. None
    where the link names no lesson, or none of these runs answers it."""
    lesson = get_lesson(get(LESSON)) if get(LESSON) else None
    group = get_class(get(CLASS)) if get(CLASS) else None
    if lesson is None or lesson.instant:  # those stand alone
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


def at_once() -> Lesson | None:
    """The lesson that the link names, where nothing is trained for it."""
    lesson = get_lesson(get(LESSON)) if get(LESSON) else None
    return lesson if lesson is not None and lesson.instant else None


def asked_lesson() -> dict[str, object]:
    """What the link says of the lesson and its class, for a link to its page."""
    return {choice.name: get(choice) for choice in (LESSON, CLASS) if get(choice)}


def answered_at_once(lesson: Lesson) -> Answered | None:
    """What such a lesson comes to; None where the reader has predicted nothing yet."""
    group = get_class(get(CLASS)) if get(CLASS) else None
    person, class_key = current_owner(), group.key if group else None
    everyone = predictions(lesson.key, person, class_key, lesson)
    if not any(each.person == person for each in everyone):
        return None
    drawn = lesson.figure.scores if isinstance(lesson.figure, Outcomes) else ()
    paneled = isinstance(lesson.figure, Panels)
    untrained = [arm for arm in lesson.arms if isinstance(arm, Untrained) and paneled]
    return Answered(
        lesson=lesson,
        scores={name: instant(lesson, name) for name in dict.fromkeys((lesson.score, *drawn))},
        predicted=predicted_counts(lesson, person, class_key),
        signals={arm.name: signals(arm) for arm in untrained},
        paths=lesson_paths(lesson) if isinstance(lesson.figure, Paths) else {},
    )
