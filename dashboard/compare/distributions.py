"""Distributions inside several runs at one step, side by side on one axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from dashboard import data
from dashboard.charts.histograms import common_range, ridges
from dashboard.compare.align import aligned
from dashboard.i18n import _, integer
from dashboard.palette import is_dark
from dashboard.run.distributions import choose_quantity, choose_step
from dashboard.shell import guarded
from dashboard.text import plain
from db.records import Run
from engine.architecture import layer_names
from engine.records import Histogram, Quantity


def distributions(runs: Sequence[Run]) -> None:
    """Choose what is counted and a step; each run shows its recorded step nearest to it."""
    with guarded():
        steps = {run.id: data.histogram_steps(run.id) for run in runs}
        every = sorted({step for recorded in steps.values() for step in recorded})
        if not every:
            st.caption(_("None of these runs has recorded distributions."))
            return
        quantity = choose_quantity("compared_quantity")
        chosen = choose_step(every, "compared_step")
        nearest = {
            run_id: min(recorded, key=lambda step: abs(step - chosen))
            for run_id, recorded in steps.items()
            if recorded
        }
        _draw(runs, quantity, nearest)


def _draw(runs: Sequence[Run], quantity: Quantity, steps: dict[int, int]) -> None:
    names = aligned([layer_names(run.config.layers) for run in runs])
    places = {name: i for i, name in enumerate(names)}
    found = {
        run.id: _placed(run, data.histograms(run.id, quantity, steps=(steps[run.id],)), places)
        for run in runs
        if run.id in steps
    }
    together = [histogram for own in found.values() for histogram in own]
    domain, rows = common_range(together), sorted({h.layer for h in together})
    grid = st.grid(min(len(runs), 3), min_column_width=260)
    for run in runs:
        with grid.cell():
            st.markdown(f"**#{run.id}** {plain(run.name)}")
            if not found.get(run.id):
                st.caption(_("This run has recorded no such distributions."))
                continue
            at = _("step {step}").format(step=integer(steps[run.id]))
            st.caption(at)
            st.altair_chart(
                ridges(
                    found[run.id],
                    quantity,
                    names=names,
                    layers=rows,
                    domain=domain,
                    dark=is_dark(),
                ),
                key=f"compared_ridges_{run.id}",
                alt=_("Distribution in every layer of run {id}, {step}").format(id=run.id, step=at),
            )


def _placed(run: Run, histograms: Sequence[Histogram], places: dict[str, int]) -> list[Histogram]:
    """A run's histograms, its layers counted as they are aligned."""
    names = layer_names(run.config.layers)
    return [replace(h, layer=places[names[h.layer]]) for h in histograms]
