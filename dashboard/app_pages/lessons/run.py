"""The press that queues a lesson's arms, with what it comes to said first, and how far they are."""

from __future__ import annotations

import streamlit as st

from dashboard.app_pages.lessons.choices import Place
from dashboard.app_pages.lessons.scope import open_to
from dashboard.reads.lessons import forget_answers, lesson_runs
from dashboard.reads.store import find_runs, get_store, queue_depth, writable
from dashboard.widgets.queue import say_unserved
from dashboard.widgets.shell import changed
from dashboard.words.i18n import _, duration, integer, ngettext
from db.records import LessonRun, Status
from engine.analyses.verdicts import LEAST_SEEDS
from engine.lessons.lesson import Lesson


def run_arms(lesson: Lesson, place: Place) -> None:
    """What a press comes to, and the button."""
    if not writable() or not open_to(place):
        return
    taken = {each.seed for each in lesson_runs(lesson, place.person, place.class_key)}
    alone = place.group is None
    seeds = LEAST_SEEDS if alone and not taken else 1
    st.caption(_comes_to(lesson, seeds))
    label = ngettext("Run with {n} seed", "Run with {n} seeds", seeds)
    if taken:
        label = ngettext("Run with {n} more seed", "Run with {n} more seeds", seeds)
    pressed = st.button(
        label.format(n=seeds), key="run_arms", type="primary", icon=":material/rocket_launch:"
    )
    if pressed and changed(lambda: _take(lesson, place, seeds)):
        forget_answers()
        find_runs.clear()
        st.rerun()


def _take(lesson: Lesson, place: Place, seeds: int) -> None:
    get_store().lessons.take(lesson, owner=place.person, class_key=place.class_key, seeds=seeds)


def _comes_to(lesson: Lesson, seeds: int) -> str:
    """How many runs, and how long they take where it is known."""
    n = seeds * len(lesson.arms)
    runs = ngettext("{n} run", "{n} runs", n).format(n=integer(n))
    seconds = get_store().lessons.seconds(lesson, seeds=seeds)
    waiting = queue_depth()[Status.QUEUED]
    parts = [runs]
    if seconds is not None:
        parts.append(_("about {time} of training").format(time=duration(max(1.0, seconds))))
    if waiting:
        text = ngettext("{n} run waits before them", "{n} runs wait before them", waiting)
        parts.append(text.format(n=integer(waiting)))
    return " · ".join(parts)


def say_progress(runs: list[LessonRun]) -> None:
    """How many of the runs have ended, and why none begins where none does."""
    ended = sum(each.run.status.ended for each in runs)
    if not runs or ended == len(runs):
        return
    text = _("{ended} of {n} runs have ended").format(ended=integer(ended), n=integer(len(runs)))
    share = sum(1.0 if r.run.status.ended else r.run.progress for r in runs) / len(runs)
    st.progress(min(1.0, share), text=text)
    say_unserved(any(each.run.status is Status.QUEUED for each in runs))
