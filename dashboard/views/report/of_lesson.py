"""What a report says of a lesson: its question, what was predicted, its figure and its verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dashboard.views.lessons import figures
from dashboard.views.lessons.grid import grid_panels
from dashboard.views.lessons.told import (
    STATES,
    because,
    diverged_text,
    findings_table,
    judged_by,
    predicted_text,
)
from dashboard.views.report.document import Block, Figure, Section
from dashboard.words.i18n import _
from db.records import CurvePoint
from engine.analyses.verdicts import Scores
from engine.lessons.figures import Curves, Grid, Outcomes
from engine.lessons.lesson import Lesson
from engine.lessons.scores import SCORES, LessonScore


@dataclass(frozen=True)
class Answered:
    """A lesson with what its runs came to: scores by their names, among them the one that is
    judged; the curves that its figure draws; of each arm how often it diverged; and how many
    predicted each choice."""

    lesson: Lesson
    scores: Mapping[LessonScore, Scores]
    points: Sequence[CurvePoint]
    diverged: Mapping[str, int]
    classes: int | None
    predicted: Sequence[int]


def lesson_sections(found: Answered, *, dark: bool) -> list[Section]:
    """The question and its verdict."""
    lesson = found.lesson
    verdict = lesson.judge(found.scores[lesson.score])
    asked = [_(lesson.question), _(lesson.text)]
    if any(found.predicted):
        asked.append(
            _("Predicted: {choices}.").format(choices=predicted_text(lesson, found.predicted))
        )
    judged = [
        _("The claim: {claim}").format(claim=_(lesson.claim)),
        _("{verdict}.").format(verdict=_(STATES[verdict.state])),
        because(lesson, verdict),
        diverged_text(lesson, found.diverged, found.classes),
        judged_by(lesson),
    ]
    return [
        Section(_("Question"), " ".join(asked), figures=tuple(_figures(found, dark=dark))),
        Section(
            _("Verdict"),
            " ".join(filter(None, judged)),
            tables=(Block(_("The comparisons"), findings_table(lesson, verdict)),),
        ),
    ]


def _figures(found: Answered, *, dark: bool) -> list[Figure]:
    """The lesson's one figure, or its panels."""
    lesson, drawn = found.lesson, found.lesson.figure
    title = _(lesson.name)
    if isinstance(drawn, Curves):
        return [Figure("lesson", title, figures.curves(lesson, found.points, dark=dark), wide=True)]
    if isinstance(drawn, Grid):
        panels = grid_panels(lesson, found.points, dark=dark)
        return [Figure(f"lesson-{i}", each.title, each.chart) for i, each in enumerate(panels)]
    if isinstance(drawn, Outcomes):
        return [
            Figure(
                f"lesson-{name}",
                _(SCORES[name].label),
                figures.outcomes(lesson, name, found.scores[name], dark=dark),
                wide=True,
            )
            for name in drawn.scores
            if any(found.scores[name].values())
        ]
    judged = found.scores[lesson.score]
    if not any(judged.values()):
        return []
    return [Figure("lesson", title, figures.over(lesson, judged, dark=dark), wide=True)]
