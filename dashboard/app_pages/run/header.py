"""The head of a run's page: what it is called, how it stands, what can be done with it."""

from __future__ import annotations

import streamlit as st

from dashboard.app_pages.run.wishes import wishes
from dashboard.reads import store as data
from dashboard.views.run.summary import summary
from dashboard.views.status import status_badge
from dashboard.widgets.links import go, open_clone, report_button
from dashboard.words.i18n import _, integer, moment
from dashboard.words.text import plain
from db.records import Run


def header(run: Run) -> None:
    """Name and state with what can be done beside them; what the run is in one line, and facts."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title(plain(run.label), width="content")
        st.markdown(status_badge(run.status), width="content")
        st.space("stretch")
        _actions(run)
    st.markdown(plain(summary(run.config)))
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
    if (
        run.has_batch_norm
        and data.checkpoints(run.id)
        and st.button(
            _("BatchNorm"),
            icon=":material/equalizer:",
            help=_("What each channel is normalized with, in training and in inference."),
        )
    ):
        go("batchnorm", id=run.id)
    if st.button(
        _("Compare"), icon=":material/compare_arrows:", help=_("Compare with other runs.")
    ):
        go("compare", ids=run.id)
    report_button(ids=run.id)
    if not data.writable():
        return
    if st.button(
        _("Clone"), icon=":material/content_copy:", help=_("Fill the launch form from this run.")
    ):
        open_clone(run.id)
    wishes(run)
