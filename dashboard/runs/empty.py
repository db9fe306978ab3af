"""The list of runs before the first run: what there is to do here, one click away."""

from __future__ import annotations

import streamlit as st

from dashboard.data import find_runs, get_store
from dashboard.i18n import _
from dashboard.links import open_run, page_address
from dashboard.owner import current_owner
from engine.default import default_config


def first_run() -> None:
    """Say what a run is, and offer one."""
    with st.container(border=True, width=640):
        st.subheader(_("No runs yet"))
        st.markdown(
            _(
                "A run trains one network and keeps what happened inside every layer: activations,"
                " gradients, weights and the statistics of Batch Normalization. Start with the"
                " default: four hidden layers of 100 units with ReLU, He initialization and Batch"
                " Normalization learn handwritten digits with Adam, in a few seconds."
            )
        )
        with st.container(horizontal=True):
            if st.button(
                _("Launch the default run"),
                icon=":material/rocket_launch:",
                type="primary",
                key="first_run",
            ):
                run = get_store().queue.enqueue(
                    default_config(), owner=current_owner(), name=_("First run")
                )
                find_runs.clear()
                open_run(run.id)
            if st.button(_("Choose everything myself"), icon=":material/tune:", key="choose"):
                st.switch_page("app_pages/launch.py", query_params=page_address())
    st.caption(
        _("Then clone it, change one thing, such as the initialization, and compare the two.")
    )
