"""What can be done with a sweep as one: looked at, held, let go on, made larger, ended."""

from __future__ import annotations

import streamlit as st

from dashboard.app_pages.runs.put_away import refresh
from dashboard.reads import store as data
from dashboard.reads.signed_in import may_i, mine
from dashboard.state.owner import current_owner
from dashboard.widgets.links import go
from dashboard.widgets.shell import changed
from dashboard.words.i18n import _, integer, ngettext
from db.records import Sweep, SweepState
from db.rights import Action
from engine.sweeps.samplers import Grid


def sweep_bar(sweep: Sweep | None) -> None:
    """The buttons for the sweep selected; what does not fit its state is greyed out."""
    if sweep is None:
        st.caption(_("Select a sweep at the left edge of the table."))
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        if st.button(_("Results"), icon=":material/grid_on:"):
            go("compare", sweep=sweep.id, tab="map")
        if st.button(_("Its runs"), icon=":material/format_list_bulleted:"):
            go("runs", q=f"sweep = {sweep.id}")
        if data.writable() and may_i(Action.CANCEL, own=mine(sweep)):
            _change_bar(sweep, going=not sweep.ended and sweep.state is not SweepState.CANCELLED)


def _change_bar(sweep: Sweep, *, going: bool) -> None:
    """What changes the sweep selected."""
    paused = sweep.state is SweepState.PAUSED
    name, icon = (_("Resume"), "play_arrow") if paused else (_("Pause"), "pause")
    if st.button(name, icon=f":material/{icon}:", disabled=not going, key="sweep_pause"):
        _change("resume" if paused else "pause", sweep)
    _extend(sweep)
    _cancel(sweep, going=going)


def _change(change: str, sweep: Sweep) -> None:
    owner = current_owner()
    if changed(lambda: getattr(data.get_store().sweeps, change)(sweep.id, by=owner)):
        _refresh()


def _extend(sweep: Sweep) -> None:
    """More seeds per point, and more points where they are not a grid's."""
    fits = sweep.state is SweepState.ACTIVE
    with st.popover(_("Extend"), icon=":material/add:", disabled=not fits, key="sweep_extend"):
        if not fits:
            return
        config = sweep.config
        trials = None
        if not isinstance(config.sampler, Grid):
            trials = st.number_input(
                _("Points"), config.trials, value=config.trials, key=f"trials {sweep.id}"
            )
        seeds = st.number_input(
            _("Seeds per point"), config.seeds, value=config.seeds, key=f"seeds {sweep.id}"
        )
        more = (trials or config.trials) * seeds - config.trials * config.seeds
        text = ngettext("Add {n} run", "Add {n} runs", more).format(n=integer(more))
        pressed = st.button(text, type="primary", disabled=not more, key="sweep_extend_yes")
        if pressed and changed(
            lambda: data.get_store().sweeps.extend(sweep.id, trials=trials, seeds=seeds)
        ):
            _refresh()


def _cancel(sweep: Sweep, *, going: bool) -> None:
    with st.popover(_("Cancel"), icon=":material/cancel:", disabled=not going, key="sweep_cancel"):
        if going:
            n = sweep.runs - sweep.ended_runs
            st.markdown(_("What is recorded so far is kept; nothing more is tried."))
            text = ngettext("Cancel {n} run", "Cancel {n} runs", n).format(n=integer(n))
            if st.button(text, type="primary", key="sweep_cancel_yes"):
                _change("cancel", sweep)


def _refresh() -> None:
    """Show what was changed at once."""
    for read in (data.sweeps, data.get_sweep):
        read.clear()
    refresh()
