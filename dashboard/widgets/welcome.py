"""The laboratory before its first run: what there is to find here, one click away."""

from __future__ import annotations

import streamlit as st

from dashboard.reads.store import find_runs, get_store, writable
from dashboard.state.owner import current_owner
from dashboard.widgets.gallery import lesson_cards
from dashboard.widgets.links import go, open_run
from dashboard.widgets.shell import say_error
from dashboard.words.i18n import _
from engine.default import default_config
from engine.errors import LayerlabError
from engine.lessons.moving import OPTIMIZERS
from engine.lessons.normalizing import BATCH_NORM, LEARNING_RATE
from engine.lessons.weights import INIT

FIRST = BATCH_NORM
OTHERS = (INIT, LEARNING_RATE, OPTIMIZERS)


def welcome() -> None:
    """Say what a run is, and offer the first ones."""
    if not writable():
        st.info(_("There are no runs here."), icon=":material/inbox:")
        return
    with st.container(border=True):
        st.subheader(_("See what Batch Normalization changes, in a minute"))
        st.markdown(
            _(
                "A run trains one network and keeps what happened inside every layer: activations,"
                " gradients, weights and the statistics of Batch Normalization. The first"
                " lesson trains the same network on handwritten digits with and without Batch"
                " Normalization: predict what will come of it, run it, and read the verdict."
            ),
            width=760,
        )
        with st.container(horizontal=True):
            if st.button(
                _("Open the first lesson"),
                icon=":material/school:",
                type="primary",
                key="first_lesson",
            ):
                go("lessons", lesson=FIRST.key)
            if st.button(
                _("One run with the default settings"),
                icon=":material/play_arrow:",
                key="first_run",
            ):
                _launch()
            if st.button(
                _("Choose everything myself"), icon=":material/tune:", type="tertiary", key="choose"
            ):
                go("launch")
    st.subheader(_("Other questions to begin with"))
    lesson_cards(OTHERS, columns=3)


def _launch() -> None:
    """Queue a run with the default settings, and open its page."""
    try:
        run = get_store().queue.enqueue(
            default_config(), owner=current_owner(), name=_("First run")
        )
    except LayerlabError as error:
        say_error(error)
        return
    find_runs.clear()
    open_run(run.id)
