"""A statistic of the layers of several runs or groups, as small charts on common scales."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from dashboard.app_pages.compare.curves import partly_read
from dashboard.app_pages.compare.health import tell_health
from dashboard.app_pages.run.health import healthy_text
from dashboard.app_pages.run.layers import INFO, choose_log, choose_statistic, steps_per_epoch
from dashboard.reads import live
from dashboard.reads.columns import of_frame
from dashboard.state.kept import choose, keep, restore
from dashboard.views.charts.layers import (
    layer_lines,
    of_statistic,
    statistic_scale,
    statistic_value,
)
from dashboard.views.charts.lines import common_domain, line_chart, own_divergence
from dashboard.views.charts.written import WrittenChart
from dashboard.views.compare.align import aligned
from dashboard.views.compare.arms import Arm, divergences_of, first_of_each, lines_of, sound
from dashboard.views.compare.spread import across_runs
from dashboard.widgets.drawing import draw
from dashboard.widgets.panels import side_by_side
from dashboard.widgets.shell import guarded
from dashboard.widgets.theme import is_dark
from dashboard.words.i18n import _, integer
from dashboard.words.text import plain
from db.records import Run
from engine.architecture import layer_names
from engine.records import StatisticInfo

PANELS = 24
"""Panels a page has room for."""

READ = 60
"""Runs whose statistics are read for one picture."""


@dataclass(frozen=True, slots=True)
class Shared:
    """What all panels have in common: the statistic, its axis, the last step, the layers' names."""

    info: StatisticInfo
    log: bool
    domain: tuple[float, float] | None
    last_step: int
    names: Sequence[str]


def layers(arms: Sequence[Arm]) -> None:
    """What is unhealthy in words; then a statistic, a small chart an arm or a layer."""
    with guarded():
        health = st.container()
        restore("stat", "compared_statistic", INFO, "activation_std")
        info = choose_statistic("compared_statistic")
        keep("stat", info.name, "activation_std")
        with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
            panels = _choose_panels(grouped=arms[0].grouped)
            log = choose_log(info, info.log)
        if healthy := healthy_text(info.name):
            st.caption(healthy)
        drawn, some = first_of_each(arms, READ)
        with health:
            tell_health(drawn)
        rows, shared = gather(drawn, info, log=log)
        if shared is None:
            st.caption(_("Nothing of this statistic has been recorded yet."))
            return
        if panels == "runs":
            _by_arm(drawn, rows, shared)
        else:
            _by_layer(drawn, rows, shared)
        if some:
            partly_read(arms, drawn)


def gather(
    arms: Sequence[Arm], info: StatisticInfo, *, log: bool
) -> tuple[dict[int, pd.DataFrame], Shared | None]:
    """The rows of each arm by its place, means over its runs, and what their charts share."""
    names = aligned([layer_names(run.config.layers) for arm in arms for run in arm.runs])
    by_run = {run.id: _rows(run, info, names) for arm in arms for run in arm.runs}
    recorded = {run_id: frame for run_id, frame in by_run.items() if not frame.empty}
    if not recorded:
        return {}, None
    rows = {}
    for arm in arms:
        frames = [recorded[run.id] for run in arm.runs if run.id in recorded]
        if len(frames) > 1:
            means = across_runs(frames, by=("step", "layer"))
            rows[arm.place] = means.assign(line=means["layer"].map(dict(enumerate(names))))
        elif frames:
            rows[arm.place] = frames[0]
    steady = [recorded[run.id]["value"] for run in sound(arms) if run.id in recorded]
    values = pd.concat(steady or [frame["value"] for frame in recorded.values()])
    domain = common_domain(values, statistic_scale(info, log=log))
    last_step = max(int(frame["step"].max()) for frame in recorded.values())
    return rows, Shared(info, log, domain, last_step, names)


def arm_panel(arm: Arm, rows: pd.DataFrame, shared: Shared, *, dark: bool) -> WrittenChart:
    """One arm: a line a layer."""
    own = arm.runs[0].diverged_step if not arm.grouped else None
    return layer_lines(
        rows.drop(columns=["low", "high", "n"], errors="ignore"),
        shared.info,
        names=shared.names,
        log=shared.log,
        legend=False,
        domain=shared.domain,
        divergences=own_divergence(own, dark=dark),
        last_step=shared.last_step,
        height=240,
        bare=True,
        dark=dark,
    )


def _choose_panels(*, grouped: bool) -> str:
    words = {
        "runs": _("A chart a group") if grouped else _("A chart a run"),
        "layers": _("A chart a layer"),
    }
    return choose(
        st.segmented_control,
        _("Panels"),
        words,
        name="panels",
        usual="runs",
        key="compared_panels",
        required=True,
        label_visibility="collapsed",
    )


def _rows(run: Run, info: StatisticInfo, names: Sequence[str]) -> pd.DataFrame:
    """A run's rows, its layers counted as they are aligned."""
    own = layer_names(run.config.layers)
    rows = of_statistic(live.layers(run), info, names=own, steps_per_epoch=steps_per_epoch(run))
    return rows.assign(layer=rows["line"].map({name: i for i, name in enumerate(names)}))


def _by_arm(arms: Sequence[Arm], rows: dict[int, pd.DataFrame], shared: Shared) -> None:
    st.caption(_("A line a layer, from cold at the inputs to warm at the outputs."))
    grid = side_by_side(len(arms))
    for arm in arms:
        with grid.cell():
            st.markdown(f"**{plain(arm.label)}**")
            if arm.place not in rows:
                st.caption(_("Nothing of this statistic has been recorded yet."))
                continue
            chart = arm_panel(arm, rows[arm.place], shared, dark=is_dark())
            alt_text = _("{statistic} of every layer over steps")
            draw(
                chart,
                key=f"compared_run_{arm.key}",
                alt=alt_text.format(statistic=_(shared.info.label)),
            )


def _by_layer(arms: Sequence[Arm], rows: dict[int, pd.DataFrame], shared: Shared) -> None:
    together = pd.concat(
        [
            rows[arm.place].assign(name=rows[arm.place]["line"], line=arm.line(dark=is_dark()).name)
            for arm in arms
            if arm.place in rows
        ]
    )
    shown = [name for name in shared.names if name in set(together["name"])]
    if len(shown) > PANELS:
        text = _("The first {shown} of {all} layers are shown.")
        st.caption(text.format(shown=integer(PANELS), all=integer(len(shown))))
    grid = side_by_side(min(len(shown), PANELS))
    for name in shown[:PANELS]:
        with grid.cell():
            st.markdown(f"**{plain(name)}**")
            chart = line_chart(
                of_frame(together[together["name"] == name]),
                lines=lines_of(arms, dark=is_dark()),
                value=statistic_value(shared.info, log=shared.log, domain=shared.domain),
                legend=None,
                divergences=divergences_of(arms, dark=is_dark()),
                last_step=shared.last_step,
                height=200,
                bare=True,
            )
            alt_text = _("{statistic} of {layer} in each run").format(
                statistic=_(shared.info.label), layer=name
            )
            draw(chart, key=f"compared_layer_{name}", alt=alt_text)
