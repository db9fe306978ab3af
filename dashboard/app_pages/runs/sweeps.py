"""The list of all sweeps: how far each is, what it found so far, and what can be done with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from dashboard.app_pages.runs.pages import SIZE, choose_page, page_shown
from dashboard.app_pages.runs.sweep_actions import sweep_bar
from dashboard.app_pages.runs.table import first_columns
from dashboard.reads import store as data
from dashboard.reads.live import EVERY
from dashboard.views.runs.sweeps import sweeps_frame
from dashboard.widgets.links import page_link
from dashboard.widgets.shell import guarded
from dashboard.words.i18n import _, integer, ngettext
from db.records import Sweep

SELECTED = "sweeps_selected"


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
        actions = st.container()
        ids = [sweep.id for sweep in found]
        held = st.session_state.get(SELECTED)
        rows = [ids.index(held)] if held in ids else []
        event = st.dataframe(
            sweeps_frame(found, {sweep.id: data.best_point(sweep) for sweep in found}),
            key=f"sweeps_table_{ids[0]}_{len(ids)}",
            hide_index=True,
            height="content",
            placeholder="–",
            column_config=_config(),
            on_select="rerun",
            selection_mode="single-row",
            selection_default={"selection": {"rows": rows}},
            alt=_("Sweeps with their states, how far they are and the best of what they found"),
        )
        chosen = next((found[row] for row in event.selection.rows if row < len(found)), None)
        st.session_state[SELECTED] = chosen.id if chosen else None
        with actions:
            sweep_bar(chosen)


def _config() -> dict[str, Any]:
    column = st.column_config
    return {
        **first_columns(),
        "ended": column.TextColumn(_("Runs ended"), width=90),
        "varies": column.TextColumn(_("What varies"), width=220),
        "best": column.TextColumn(
            _("Best"), help=_("The best mean over the seeds of a point"), width=95
        ),
        "at": column.TextColumn(_("Best at"), width=190),
        "owner": column.TextColumn(_("Owner"), width=90),
        "created": column.TextColumn(_("Created"), width=150),
    }


def _none_yet() -> None:
    text = _(
        "There are no sweeps yet. A sweep launches many runs that differ in the fields you name,"
        " and shows which values did best."
    )
    st.info(text, icon=":material/grid_on:")
    page_link("launch", _("Launch a sweep"), mode="sweep")
