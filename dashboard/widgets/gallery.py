"""The experiments as cards: their question, their runs, and one button that launches them all."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.reads.store import find_runs, get_store, writable
from dashboard.state.owner import current_owner
from dashboard.widgets.links import go, open_compare
from dashboard.words.experiments import EXPERIMENTS, Experiment
from dashboard.words.i18n import _, ngettext
from dashboard.words.text import plain


def choose_experiment() -> None:
    """All experiments in a dialog."""

    @st.dialog(_("Experiments"), width="large")
    def shown() -> None:
        st.caption(
            _("Each answers one question. Launch its runs together, or fill the form from one.")
        )
        experiment_cards(EXPERIMENTS, columns=2)

    shown()


def experiment_cards(shown: Sequence[Experiment], *, columns: int) -> None:
    """Cards of equal width, side by side."""
    grid = st.grid(columns, min_column_width=250)
    for found in shown:
        with grid.cell(), st.container(border=True, height="stretch", gap="small"):
            _card(found)


def _card(found: Experiment) -> None:
    st.markdown(f"**{plain(_(found.title))}**")
    st.caption(plain(_(found.question)))
    st.space("stretch")
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
        n = len(found.arms)
        text = ngettext("Launch {n} run", "Launch {n} runs", n).format(n=n)
        if writable() and st.button(
            text, icon=":material/rocket_launch:", key=f"launch_{found.key}"
        ):
            launch_experiment(found)
        arms = {i: _(arm.name) for i, arm in enumerate(found.arms)}
        chosen = st.menu_button(
            _("Fill the form"),
            list(arms),
            format_func=arms.__getitem__,
            key=f"fill_{found.key}",
            type="tertiary",
        )
        if chosen is not None:
            go("launch", experiment=f"{found.key}:{chosen}")


def launch_experiment(found: Experiment) -> None:
    """Queue every run of an experiment, and look at them side by side."""
    store = get_store()
    runs = [
        store.queue.enqueue(arm.config, owner=current_owner(), name=_(arm.name))
        for arm in found.arms
    ]
    run_ids = [run.id for run in runs]
    store.tags.add(run_ids, [found.key])
    find_runs.clear()
    open_compare(run_ids)
