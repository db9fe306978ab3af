"""What a report says of a lesson: its question, what was predicted, its figure and its verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dashboard.views.activations.verdict import activations
from dashboard.views.charts.signals import side_by_side
from dashboard.views.lessons import figures
from dashboard.views.lessons.batch import steps_chart, steps_table
from dashboard.views.lessons.functions import functions
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
from dashboard.words.arms import arm_name
from dashboard.words.i18n import _
from db.records import CurvePoint
from engine.analyses.paths import Path
from engine.analyses.signals import LayerSignals
from engine.analyses.verdicts import Scores
from engine.lessons.arms import Untrained
from engine.lessons.figures import Batch, Curves, Functions, Grid, Outcomes, Panels, Paths
from engine.lessons.lesson import Lesson
from engine.lessons.scores import SCORES, LessonScore
from engine.lessons.worked import DRAWN
from engine.lessons.worked.steps import Steps, fixed_steps, four_steps


@dataclass(frozen=True)
class Answered:
    """A lesson with what its arms came to: scores by their names, among them the one that is
    judged; how many predicted each choice; of runs, the curves that its figure draws, and of each
    arm how often it diverged; of arms that answer at once, the signals and the paths that its
    figure draws."""

    lesson: Lesson
    scores: Mapping[LessonScore, Scores]
    predicted: Sequence[int]
    points: Sequence[CurvePoint] = ()
    diverged: Mapping[str, int] = field(default_factory=dict)
    classes: int | None = None
    signals: Mapping[str, Sequence[LayerSignals]] = field(default_factory=dict)
    paths: Mapping[str, Path] = field(default_factory=dict)


def lesson_sections(found: Answered, *, dark: bool) -> list[Section]:
    """The question and its verdict."""
    lesson, drawn = found.lesson, found.lesson.figure
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
        Section(
            _("Question"),
            " ".join(asked),
            tables=(_steps_table(drawn),) if isinstance(drawn, Batch) else (),
            figures=tuple(_figures(found, dark=dark)),
        ),
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
    if isinstance(drawn, Panels):
        return _panels(found, dark=dark)
    if isinstance(drawn, Functions):
        return _functions(found, drawn.of, dark=dark)
    if isinstance(drawn, Paths):
        return [Figure("lesson", title, figures.paths(lesson, found.paths, dark=dark), wide=True)]
    if isinstance(drawn, Batch):
        x = np.array(drawn.x)
        return [Figure("lesson", title, steps_chart(x, _steps(x), dark=dark), wide=True)]
    if isinstance(drawn, Outcomes):
        return _outcomes(found, drawn.scores, dark=dark)
    judged = found.scores[lesson.score]
    if not any(judged.values()):
        return []
    return [Figure("lesson", title, figures.over(lesson, judged, dark=dark), wide=True)]


def _outcomes(found: Answered, names: Sequence[LessonScore], *, dark: bool) -> list[Figure]:
    """A panel for each score that some arm has."""
    return [
        Figure(
            f"lesson-{name}",
            _(SCORES[name].label),
            figures.outcomes(found.lesson, name, found.scores[name], dark=dark),
            wide=True,
        )
        for name in names
        if any(found.scores[name].values())
    ]


def _panels(found: Answered, *, dark: bool) -> list[Figure]:
    """The activations of each arm's hidden layers."""
    return [
        Figure(
            f"lesson-{i}",
            arm_name(arm),
            side_by_side(
                [layer.activations for layer in activations(signals, arm.config.layers)],
                quantity=_("Activation a"),
                dark=dark,
            ),
        )
        for i, arm in enumerate(found.lesson.arms)
        if isinstance(arm, Untrained) and (signals := found.signals.get(arm.name))
    ]


def _functions(found: Answered, of: str, *, dark: bool) -> list[Figure]:
    """What is behind the arms' numbers, and the numbers."""
    panels = [
        Figure(f"lesson-{i}", _(panel.title), functions(panel, dark=dark))
        for i, panel in enumerate(DRAWN[of]())
    ]
    return [*panels, *_outcomes(found, (found.lesson.score,), dark=dark)]


def _steps(x: NDArray[np.float64]) -> Steps:
    """As the lesson's page begins: gamma 1 and beta 0."""
    return four_steps(x, gamma=1.0, beta=0.0)


def _steps_table(figure: Batch) -> Block:
    """The batch that the lesson begins with, step by step."""
    x = np.array(figure.x)
    alone = np.array([_steps(x[i : i + 1]).y[0] for i in range(len(x))])
    fixed = fixed_steps(x, 1.0, 1.0, gamma=1.0, beta=0.0)
    table = steps_table(x, _steps(x), alone, fixed)
    return Block(_("The steps of each sample"), table.astype(str))
