"""The list of all sweeps: how far each is, what it found so far, and what can be done with it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.app_pages.runs.choices import SELECTED
from dashboard.app_pages.runs.sweep_actions import sweep_bar
from dashboard.reads import store as data
from dashboard.reads.live import EVERY
from dashboard.state.address import get, link
from dashboard.views.runs.sweeps import sweeps_table
from dashboard.widgets.links import page_link, url
from dashboard.widgets.pagination import SIZE, choose_page, page_shown
from dashboard.widgets.queue import say_unserved
from dashboard.widgets.rows import rows
from dashboard.widgets.shell import guarded
from dashboard.words.i18n import _, integer, ngettext
from db.records import Status, Sweep


def sweeps_list() -> None:
    """A page of sweeps, the newest first; it refreshes itself while one of them goes on."""
    total = data.sweep_count()
    if not total:
        _none_yet()
        return
    page = page_shown(total)
    live = not all(sweep.ended for sweep in _read(page))
    st.fragment(run_every=EVERY if live else None)(_listed)(page, live=live)
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        st.caption(ngettext("{n} sweep", "{n} sweeps", total).format(n=integer(total)))
        choose_page(total)


def _read(page: int) -> Sequence[Sweep]:
    return data.sweeps(limit=SIZE, offset=(page - 1) * SIZE)


def _listed(page: int, *, live: bool) -> None:
    with guarded():
        found = _read(page)
        if live and all(sweep.ended for sweep in found):
            st.rerun()  # the last one has ended: the page stands still from now on
        say_unserved(live and bool(data.queue_depth()[Status.QUEUED]))
        chosen = get(SELECTED)
        sweep_bar(next((sweep for sweep in found if sweep.id in chosen), None))
        rows(
            sweeps_table(found, {sweep.id: data.best_point(sweep) for sweep in found}),
            key="sweeps_rows",
            alt=_("Sweeps with their states, how far they are and the best of what they found"),
            opens=lambda row: url("compare", link(sweep=row.id, tab="map")),
            selection=SELECTED,
            single=True,
        )


def _none_yet() -> None:
    text = _(
        "There are no sweeps yet. A sweep launches many runs that differ in the fields you name,"
        " and shows which values did best."
    )
    st.info(text, icon=":material/grid_on:")
    page_link("launch", _("Launch a sweep"), mode="sweep")
