"""Inside the layers of a run: one statistic of every layer, over steps."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard.app_pages.run.choices import DRAWN, KINDS
from dashboard.app_pages.run.health import explain_bounds, tell_health
from dashboard.app_pages.run.nothing import nothing_recorded
from dashboard.reads import live
from dashboard.reads import store as data
from dashboard.reads.columns import length
from dashboard.state.address import choose
from dashboard.views.charts.layer_maps import layer_map, spans_widely
from dashboard.views.charts.layers import INFO, layer_lines, of_statistic
from dashboard.views.charts.lines import own_divergence
from dashboard.views.run.health import first_told, healthy_text, unhealthy_spans
from dashboard.widgets.drawing import draw
from dashboard.widgets.shell import guarded
from dashboard.widgets.statistic_choice import STATISTIC, choose_log, choose_statistic
from dashboard.widgets.theme import is_dark
from dashboard.words.i18n import _
from db.records import Run, Status
from engine.analyses.health import (
    Recorded,
    diagnose,
    healthy_range,
    recorded,
)
from engine.architecture import layer_names
from engine.layer_statistics import Statistic


def layers(run: Run) -> None:
    """What is unhealthy in words, then a chosen statistic of chosen layers over the steps."""
    with guarded():
        now = data.get_run(run.id) or run
        statistics = live.layers(now)
        if not length(statistics):
            nothing_recorded(now)
            return
        names = layer_names(now.config.layers)
        history = recorded(statistics, list(INFO))
        findings = diagnose(history, now.config.layers)
        tell_health(now, findings)
        info = choose_statistic(first_told(findings) or STATISTIC.usual)
        with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
            view = choose_view()
            kinds = choose_kinds(now)
            rows = of_statistic(statistics, info, names=names, steps_per_epoch=now.steps_per_epoch)
            log = _choose_log(now, info, rows)
            explain_bounds()
        shown = {i for i, layer in enumerate(now.config.layers) if layer.kind_name() in kinds}
        _draw(now, info, rows[rows["layer"].isin(shown)], names, history, view, log=log)


def choose_view() -> str:
    """Lines or a map."""
    words = {"map": _("Heat map"), "lines": _("Lines")}
    return choose(st.segmented_control, _("View"), DRAWN, words, required=True)


def _choose_log(run: Run, info: Statistic, rows: pd.DataFrame) -> bool:
    """At first where the statistic asks for it or its values span much, and where a run that
    diverged would flatten everything before its end."""
    diverged = run.status is Status.DIVERGED
    return choose_log(info, info.log or diverged or spans_widely(rows["value"]))


def choose_kinds(run: Run) -> set[str]:
    """Which kinds of layers are shown; all of them where none is chosen."""
    kinds = {layer.kind_name(): _(layer.title()) for layer in run.config.layers}
    chosen = choose(
        st.pills,
        _("Layers"),
        KINDS,
        kinds,
        selection_mode="multi",
        help=_("Shows only layers of these kinds; with none chosen, all."),
    )
    return set(chosen or kinds)


def _draw(
    run: Run,
    info: Statistic,
    rows: pd.DataFrame,
    names: Sequence[str],
    history: Recorded,
    view: str,
    *,
    log: bool,
) -> None:
    if rows.empty:
        st.caption(_("This statistic does not apply to these layers."))
        return
    alt = _("{statistic} of every layer over steps").format(statistic=_(info.label))
    divergences = own_divergence(run.diverged_step, dark=is_dark())
    healthy = healthy_text(info.name)
    if view == "map":
        chart = layer_map(
            rows,
            info,
            names=names,
            log=log,
            divergences=divergences,
            last_step=run.final_step,
            unhealthy=unhealthy_spans(info, history, run, names),
            dark=is_dark(),
        )
        draw(chart, key="layer_map", alt=alt)
        if healthy:
            st.caption(_("{range} What lies outside is framed.").format(range=healthy))
        return
    lines = layer_lines(
        rows,
        info,
        names=names,
        log=log,
        divergences=divergences,
        last_step=run.final_step,
        unhealthy=healthy_range(info.name, history, run.config.layers),
        steps=history.steps.tolist(),
        dark=is_dark(),
    )
    draw(lines, key="layer_lines", alt=alt)
    if healthy:
        st.caption(_("{range} What lies outside is shaded.").format(range=healthy))
    st.caption(_("Click a layer in the legend to single it out; click beside it to show all."))
