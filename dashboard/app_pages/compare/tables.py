"""What differs between arms, and what came of it, as two tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from dashboard.reads import store as data
from dashboard.views.compare.arms import Arm
from dashboard.views.compare.tables import differing, scores_table
from dashboard.views.run.name import run_name
from dashboard.widgets.links import run_link
from dashboard.widgets.queue import any_waits, say_unserved
from dashboard.widgets.shell import guarded
from dashboard.widgets.theme import is_dark
from dashboard.words.i18n import _, integer

FOLDED = 12
"""Arms of which the tables are shown at once."""


def what_differs(
    arms: Sequence[Arm], base: Arm | None = None, *, every: float | None = None
) -> None:
    """The scores of each arm in its own colour, and how far they are from a baseline's, looked at
    again `every` so many seconds; beneath them only the parameters that differ. Long tables are
    folded away: the pictures beneath them are what people came for."""
    if len(arms) <= FOLDED:
        _tables(arms, base, every)
        return
    with st.expander(_("Scores and differences of {n} lines").format(n=integer(len(arms)))):
        _tables(arms, base, every)


def _tables(arms: Sequence[Arm], base: Arm | None, every: float | None) -> None:
    st.fragment(run_every=every)(_standing)(arms, base)
    _links(arms)
    found = differing(arms)
    if found.empty:
        st.caption(_("These runs have the same configuration."))
        return
    st.dataframe(
        found,
        hide_index=True,
        height="content" if len(found) <= FOLDED else 400,
        column_config={_("What differs"): st.column_config.TextColumn(pinned=True)},
        alt=_("Hyperparameters in which these runs differ"),
    )


def _standing(arms: Sequence[Arm], base: Arm | None) -> None:
    """The scores as they stand now. Where a run has begun or ended, the whole page says so."""
    with guarded():
        drawn = {run.id: run for arm in arms for run in arm.runs}
        now = drawn | data.get_runs(tuple(drawn))
        if any(run.status is not drawn[run.id].status for run in now.values()):
            st.rerun()
        say_unserved(any_waits(now.values()))
        fresh = [replace(arm, runs=tuple(now[run.id] for run in arm.runs)) for arm in arms]
        _scores(fresh, next((arm for arm in fresh if base and arm.place == base.place), None))


def _links(arms: Sequence[Arm]) -> None:
    """The way to each run's own page."""
    alone = [arm.runs[0] for arm in arms if not arm.grouped][:FOLDED]
    if alone:
        with st.container(horizontal=True, gap="small"):
            for run in alone:
                run_link(run, icon=":material/monitoring:", label=run_name(run))


def _scores(arms: Sequence[Arm], base: Arm | None) -> None:
    table, columns = scores_table(arms, base)
    colors = [f"color: {arm.line(dark=is_dark()).color}; font-weight: 600" for arm in arms]
    styled = table.style.apply(lambda _column: colors, subset=["line", "run"])
    grouped = any(arm.grouped for arm in arms)
    st.dataframe(
        styled,
        hide_index=True,
        height="content" if len(arms) <= FOLDED else 450,
        column_config={
            name: st.column_config.TextColumn(
                label,
                width=52 if name == "line" else None,
                alignment="left" if name in ("line", "run", "status") else "right",
            )
            for name, label in columns.items()
        },
        alt=_("Scores of the compared runs"),
    )
    if grouped:
        st.caption(_("Mean ± standard deviation over the runs that have the score."))
