"""A lesson of one's own, written in the browser from runs that were compared, or from a lesson."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from dashboard.app_pages.lessons.choices import Place
from dashboard.app_pages.lessons.write_figure import choose_figure
from dashboard.app_pages.lessons.write_judged import choose_judged
from dashboard.app_pages.lessons.write_texts import Pen, texts
from dashboard.reads.lessons import forget_lessons, is_mine
from dashboard.reads.signed_in import may_i
from dashboard.reads.store import get_store, writable
from dashboard.views.lessons.drafts import arms_of_runs
from dashboard.widgets.compared import asked_runs
from dashboard.widgets.links import go, page_link
from dashboard.widgets.shell import changed, enough, entitle, say_error
from dashboard.words.arms import arm_name
from dashboard.words.i18n import _, integer
from db.rights import Action
from db.words import link_key
from engine.errors import LayerlabError
from engine.lessons.arms import Trained
from engine.lessons.lesson import MOST_ARMS, Lesson

FEWEST = 2


DRAFTS = "lessons_written"
"""Where the session counts the lessons that it kept, so that the next one begins empty."""


@dataclass(frozen=True)
class Source:
    """What a lesson is written from: its arms, and the lesson that it changes, if any."""

    arms: Sequence[Trained]
    start: Lesson | None = None

    @property
    def draft(self) -> str:
        """What keeps the fields of this form apart from those of others; other runs leave it."""
        about = self.start.key if self.start else "runs"
        return f"write {st.session_state.get(DRAFTS, 0)} {about}"


def may_write() -> bool:
    """Whether the reader can write lessons here."""
    return writable() and may_i(Action.WRITE_LESSON)


def write_lesson(place: Place) -> None:
    """The form, from what is compared to what is judged."""
    title = _("Write a lesson")
    entitle(title)
    page_link("lessons", _("All lessons"), icon=":material/arrow_back:")
    st.title(title)
    if not may_write():
        st.info(_("You cannot write lessons here; everything can be looked at."))
        return
    source = _source(place)
    if source is None:
        return
    pen = Pen(source.draft, source.start)
    arms = _arms(source, pen)
    if len(arms) < FEWEST:
        st.info(_("A lesson compares at least two arms."))
        return
    st.subheader(_("Read and predict"))
    document: dict[str, Any] = texts(pen)
    st.subheader(_("See"))
    document |= choose_figure(arms, pen)
    st.subheader(_("Verdict"))
    document |= choose_judged(arms, pen)
    _keep(document, source, pen, place)


def _source(place: Place) -> Source | None:
    """The runs that the address names, or the lesson; a sentence where they make no arms."""
    if (start := place.lesson) is not None:
        arms = [arm for arm in start.arms if isinstance(arm, Trained)]
        if not arms:
            st.info(_("Only lessons whose arms are trained are written here."))
            return None
        return Source(arms, start)
    st.caption(
        _(
            "Every configuration among these runs can become an arm. Whoever answers the lesson"
            " trains the arms anew, with seeds of their own."
        )
    )
    runs = asked_runs(page="lessons", write=1)
    if len(runs) < FEWEST:
        enough()
    if any(run.parent_id is not None for run in runs):
        st.caption(_("Runs that go on from another's checkpoint are arms from their first step."))
    arms = arms_of_runs(runs)
    if len(arms) < FEWEST:
        st.info(
            _("These runs differ in their seeds alone; a lesson compares different configurations.")
        )
        return None
    return Source(arms)


def _arms(source: Source, pen: Pen) -> list[Trained]:
    """Those that the reader takes, as they call them."""
    st.subheader(_("What is compared"))
    names = {i: arm_name(arm) for i, arm in enumerate(source.arms)}
    if len(names) > FEWEST:
        chosen: Sequence[int] = st.multiselect(
            _("Arms"),
            list(names),
            default=list(names)[:MOST_ARMS],
            format_func=names.__getitem__,
            max_selections=MOST_ARMS,
            key=pen.name(f"arms {hash(tuple(source.arms))}"),
            persist_state="session",
        )
        if len(names) > MOST_ARMS:
            text = _("A lesson has at most {most} arms; of {n}, choose those that matter.")
            st.caption(text.format(most=MOST_ARMS, n=integer(len(names))))
    else:
        chosen = list(names)
    grid = st.grid(2, min_column_width=260)
    found = []
    for n, i in enumerate(sorted(chosen), start=1):
        with grid.cell():
            label = _("Name of arm {n}").format(n=integer(n))
            arm = source.arms[i]
            name = pen.line(f"arm {hash(arm.config)}", label, names[i], longest=200)
        found.append(arm.model_copy(update={"name": name}))
    return found


def _keep(document: Mapping[str, Any], source: Source, pen: Pen, place: Place) -> None:
    """Keep it, once everything is there that must be."""
    if pen.missing:
        st.caption(_("Still to fill in: {fields}.").format(fields=_(", ").join(pen.missing)))
    own = source.start if source.start and is_mine(source.start, place.person) else None
    pressed = st.button(
        _("Keep the lesson"), type="primary", key="write_keep", disabled=bool(pen.missing)
    )
    if not pressed:
        return
    key = own.key if own else link_key(str(document["name"]), otherwise="lesson")
    try:
        lesson = Lesson.parse({"key": key, **document})
    except LayerlabError as error:
        say_error(error)
        return
    if changed(lambda: get_store().lessons.write(lesson, owner=place.person)):
        forget_lessons()
        st.session_state[DRAFTS] = st.session_state.get(DRAFTS, 0) + 1
        go("lessons", **place.params(lesson.key))
