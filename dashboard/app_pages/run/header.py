"""The head of a run's page: what it is called, how it stands, what can be done with it."""

from __future__ import annotations

import streamlit as st

from dashboard.reads import store as data
from dashboard.state.links import open_clone, page_address, report_button
from dashboard.state.owner import current_owner
from dashboard.views.status import status_badge
from dashboard.words.i18n import _, integer, moment
from dashboard.words.text import plain
from db.records import Run


def header(run: Run) -> None:
    """Name, state and facts on the left; what can be done on the right."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title(plain(run.label), width="content")
        st.markdown(status_badge(run.status), width="content")
        st.space("stretch")
        _actions(run)
    facts = [
        _("Run {id}").format(id=run.id),
        _("launched by {owner}").format(owner=plain(run.owner)),
        moment(run.created_at),
        _("{n} parameters").format(n=integer(run.parameters)),
    ]
    if run.worker:
        facts.append(_("trained on {worker}").format(worker=plain(run.worker)))
    st.caption(" · ".join(facts))


def _actions(run: Run) -> None:
    if run.has_batch_norm and st.button(
        _("BatchNorm"),
        icon=":material/equalizer:",
        help=_("What each channel is normalized with, in training and in inference."),
    ):
        st.switch_page("app_pages/batchnorm/batchnorm.py", query_params=page_address(id=run.id))
    if st.button(_("Compare"), icon=":material/compare_arrows:", help=_("Hold against others.")):
        st.switch_page("app_pages/compare/compare.py", query_params=page_address(ids=run.id))
    report_button(ids=run.id)
    if st.button(
        _("Clone"), icon=":material/content_copy:", help=_("Fill the launch form from this run.")
    ):
        open_clone(run.id)
    if not run.status.ended and st.button(
        _("Cancel"),
        icon=":material/stop_circle:",
        disabled=run.cancel_requested,
        help=_("End this run; what it has recorded stays."),
    ):
        _confirm_cancel(run)


def _confirm_cancel(run: Run) -> None:
    @st.dialog(_("Cancel this run?"))
    def confirm() -> None:
        st.write(
            _("{run} stops at its next step. What it has recorded stays.").format(
                run=plain(run.label)
            )
        )
        with st.container(horizontal=True, horizontal_alignment="right"):
            if st.button(_("Keep it going")):
                st.rerun()
            if st.button(_("Cancel the run"), type="primary", on_click=_cancel, args=(run.id,)):
                st.rerun()

    confirm()


def _cancel(run_id: int) -> None:
    data.get_store().queue.cancel(run_id, by=current_owner())
    data.get_runs.clear()
