"""A statistic of the layers of several runs or groups, as small maps or charts on common scales."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard.app_pages.compare.choices import PANELS
from dashboard.app_pages.compare.curves import partly_read
from dashboard.app_pages.compare.health import tell_health
from dashboard.reads.compared import statistics_of
from dashboard.state.address import choose
from dashboard.views.compare.arms import Arm, first_of_each
from dashboard.views.compare.layers import (
    Shared,
    arm_map,
    arm_panel,
    colors_of,
    gather,
    layer_panels,
    present_layers,
    usual_log,
)
from dashboard.views.run.health import first_told, healthy_text
from dashboard.widgets.drawing import draw
from dashboard.widgets.panels import arms_beside, side_by_side
from dashboard.widgets.shell import guarded
from dashboard.widgets.statistic_choice import STATISTIC, choose_log, choose_statistic
from dashboard.widgets.theme import is_dark
from dashboard.words.i18n import _, integer
from dashboard.words.text import plain

MOST_PANELS = 24
"""How many panels a page has room for."""

READ = 60
"""Runs whose statistics are read for one picture."""


def layers(arms: Sequence[Arm]) -> None:
    """What is unhealthy in words; then a statistic, at first that of the first finding, as a map or
    a chart for each arm, or a chart for each layer."""
    with guarded():
        drawn, some = first_of_each(arms, READ)
        statistics = statistics_of([run for arm in drawn for run in arm.runs])
        info = choose_statistic(first_told(tell_health(drawn)) or STATISTIC.usual)
        with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
            panels = _choose_panels(grouped=arms[0].grouped)
            log = choose_log(info, usual_log(drawn, statistics, info))
        if healthy := healthy_text(info.name):
            st.caption(healthy)
        rows, shared = gather(drawn, statistics, info, log=log)
        if shared is None:
            st.caption(_nothing())
            return
        if panels == "maps":
            _maps(drawn, rows, shared)
        elif panels == "runs":
            _by_arm(drawn, rows, shared)
        else:
            _by_layer(drawn, rows, shared)
        if some:
            partly_read(arms, drawn)


def _choose_panels(*, grouped: bool) -> str:
    words = {
        "maps": _("Heat maps"),
        "runs": _("One chart per group") if grouped else _("One chart per run"),
        "layers": _("One chart per layer"),
    }
    return choose(
        st.segmented_control,
        _("Panels"),
        PANELS,
        words,
        required=True,
        label_visibility="collapsed",
    )


def _maps(arms: Sequence[Arm], rows: dict[int, pd.DataFrame], shared: Shared) -> None:
    text = _("One row per layer, the inputs at the top; each colour means the same in every map.")
    st.caption(text)
    said = _(shared.info.label)
    draw(colors_of(shared, dark=is_dark()), key="compared_colors", alt=said)
    alt_text = _("{statistic} of every layer over steps").format(statistic=said)

    def show(arm: Arm) -> None:
        chart = arm_map(arm, rows[arm.place], shared, dark=is_dark())
        draw(chart, key=f"compared_map_{arm.key}", alt=alt_text)

    arms_beside(arms, rows, _nothing(), show)


def _by_arm(arms: Sequence[Arm], rows: dict[int, pd.DataFrame], shared: Shared) -> None:
    st.caption(_("One line per layer, from cold at the inputs to warm at the outputs."))
    alt_text = _("{statistic} of every layer over steps").format(statistic=_(shared.info.label))

    def show(arm: Arm) -> None:
        chart = arm_panel(arm, rows[arm.place], shared, dark=is_dark())
        draw(chart, key=f"compared_run_{arm.key}", alt=alt_text)

    arms_beside(arms, rows, _nothing(), show)


def _nothing() -> str:
    return _("Nothing of this statistic has been recorded yet.")


def _by_layer(arms: Sequence[Arm], rows: dict[int, pd.DataFrame], shared: Shared) -> None:
    shown = present_layers(rows, shared)
    if len(shown) > MOST_PANELS:
        text = _("The first {shown} of {all} layers are shown.")
        st.caption(text.format(shown=integer(MOST_PANELS), all=integer(len(shown))))
    charts = layer_panels(arms, rows, shared, shown[:MOST_PANELS], dark=is_dark())
    grid = side_by_side(len(charts))
    for name, chart in charts.items():
        with grid.cell():
            st.markdown(f"**{plain(name)}**")
            alt_text = _("{statistic} of {layer} in each run").format(
                statistic=_(shared.info.label), layer=name
            )
            draw(chart, key=f"compared_layer_{name}", alt=alt_text)
