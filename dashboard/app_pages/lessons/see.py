"""A lesson's one figure on the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard.app_pages.lessons.batch import batch
from dashboard.app_pages.lessons.choices import Place
from dashboard.reads.lessons import (
    instant,
    lesson_curves,
    lesson_paths,
    scores_of,
    signals,
)
from dashboard.views.activations.verdict import activations
from dashboard.views.charts.signals import side_by_side
from dashboard.views.lessons import figures
from dashboard.views.lessons.functions import functions
from dashboard.views.lessons.grid import grid_panels
from dashboard.views.lessons.samples import samples_of
from dashboard.widgets.drawing import draw
from dashboard.widgets.theme import is_dark
from dashboard.words.arms import arm_name
from dashboard.words.i18n import _, number
from dashboard.words.text import plain
from db.records import CurvePoint, LessonRun
from engine.analyses.verdicts import Scores
from engine.lessons.arms import Untrained
from engine.lessons.figures import Batch, Curves, Functions, Grid, Outcomes, Over, Panels
from engine.lessons.lesson import Lesson
from engine.lessons.scores import SCORES, LessonScore
from engine.lessons.worked import DRAWN

KEY = "lesson_figure"
PANEL = 150


def trained_figure(lesson: Lesson, place: Place, runs: list[LessonRun]) -> None:
    """What the runs so far show."""
    title, dark = _(lesson.name), is_dark()
    if isinstance(lesson.figure, Curves):
        points = lesson_curves(lesson, place.person, place.class_key)
        draw(figures.curves(lesson, points, dark=dark), key=KEY, alt=title)
        st.caption(_("Means over the seeds, with the 95 % interval of each as a band."))
    elif isinstance(lesson.figure, Outcomes):
        _outcomes(lesson, {name: scores_of(lesson, runs, name) for name in lesson.figure.scores})
    elif isinstance(lesson.figure, Grid):
        _grid(lesson, lesson.figure, lesson_curves(lesson, place.person, place.class_key))
    else:
        _over(lesson, scores_of(lesson, runs, lesson.score))


def _over(lesson: Lesson, scores: Scores) -> None:
    if any(scores.values()):
        draw(figures.over(lesson, scores, dark=is_dark()), key=KEY, alt=_(lesson.name))
        st.caption(_("Means; a bar is the 95 % interval of each."))


def _grid(lesson: Lesson, figure: Grid, points: Sequence[CurvePoint]) -> None:
    """A panel for each value of a hyperparameter."""
    grid = st.grid(figure.columns, min_column_width=130)
    for i, panel in enumerate(grid_panels(lesson, points, dark=is_dark())):
        with grid.cell():
            st.caption(plain(panel.title))
            draw(panel.chart, key=f"{KEY} {i}", alt=f"{panel.title}: {panel.said}")
    score = SCORES["train_accuracy" if figure.score == "accuracy" else "mean_loss"].label
    text = _("{score} over the epochs, means over the seeds.")
    st.caption(text.format(score=_(score)))


def instant_figure(lesson: Lesson) -> None:
    """What arms show that need no training."""
    title, dark = _(lesson.name), is_dark()
    if isinstance(lesson.figure, Panels):
        _panels(lesson, lesson.figure.columns)
    elif isinstance(lesson.figure, Outcomes):
        _outcomes(lesson, {name: instant(lesson, name) for name in lesson.figure.scores})
    elif isinstance(lesson.figure, Functions):
        _functions(lesson, lesson.figure.of)
    elif isinstance(lesson.figure, Batch):
        batch(lesson.figure)
    elif isinstance(lesson.figure, Over):
        _over(lesson, instant(lesson, lesson.score))
    else:
        draw(figures.paths(lesson, lesson_paths(lesson), dark=dark), key=KEY, alt=title)


def _outcomes(lesson: Lesson, scores: Mapping[LessonScore, Scores]) -> None:
    """A panel for each score that some arm has."""
    for name, own in scores.items():
        if any(own.values()):
            chart = figures.outcomes(lesson, name, own, dark=is_dark())
            draw(chart, key=f"{KEY} {name}", alt=f"{_(lesson.name)}: {_(SCORES[name].label)}")
    st.caption(_(samples_of(lesson).dotted))


def _functions(lesson: Lesson, of: str) -> None:
    """What is behind the arms' numbers, and the numbers."""
    panels = DRAWN[of]()
    grid = st.grid(min(2, len(panels)), min_column_width=300)
    for i, panel in enumerate(panels):
        with grid.cell():
            st.markdown(f"**{plain(_(panel.title))}**")
            said = ", ".join(_(line.name) for line in panel.lines)
            chart = functions(panel, dark=is_dark())
            draw(chart, key=f"{KEY} {i}", alt=f"{_(panel.title)}: {said}")
    _outcomes(lesson, {lesson.score: instant(lesson, lesson.score)})


def _panels(lesson: Lesson, columns: int) -> None:
    """A panel for each arm: the histograms of its hidden layers on one axis."""
    grid = st.grid(columns, min_column_width=230)
    for i, arm in enumerate(lesson.arms):
        if not isinstance(arm, Untrained):
            continue
        hidden = activations(signals(arm), arm.config.layers)
        said = ", ".join(number(layer.std, 2) for layer in hidden)
        with grid.cell():
            st.markdown(f"**{plain(arm_name(arm))}**")
            draw(
                side_by_side(
                    [layer.activations for layer in hidden],
                    quantity=_("Activation a"),
                    height=PANEL,
                    dark=is_dark(),
                ),
                key=f"{KEY} {i}",
                alt=_("{arm}: standard deviations from layer to layer {stds}").format(
                    arm=arm_name(arm), stds=said
                ),
            )
