"""The laboratory before its first run: what there is to find here, one click away."""

from __future__ import annotations

import streamlit as st

from dashboard.reads.store import find_runs, get_store, writable
from dashboard.state.owner import current_owner
from dashboard.widgets.gallery import experiment_cards, launch_experiment
from dashboard.widgets.links import go, open_run
from dashboard.words.experiments import EXPERIMENTS
from dashboard.words.i18n import _
from engine.default import default_config

FIRST = EXPERIMENTS[0]
OTHERS = EXPERIMENTS[1:4]


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
                " experiment trains the same network twice on handwritten digits, with and without"
                " Batch Normalization, and shows both side by side while they learn."
            ),
            width=760,
        )
        with st.container(horizontal=True):
            if st.button(
                _("Launch the first experiment"),
                icon=":material/rocket_launch:",
                type="primary",
                key="first_experiment",
            ):
                launch_experiment(FIRST)
            if st.button(
                _("One run with the default settings"),
                icon=":material/play_arrow:",
                key="first_run",
            ):
                run = get_store().queue.enqueue(
                    default_config(), owner=current_owner(), name=_("First run")
                )
                find_runs.clear()
                open_run(run.id)
            if st.button(
                _("Choose everything myself"), icon=":material/tune:", type="tertiary", key="choose"
            ):
                go("launch")
    st.subheader(_("Other questions to begin with"))
    experiment_cards(OTHERS, columns=3)
