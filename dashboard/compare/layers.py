"""A statistic of the layers of several runs, as small charts on common scales."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from dashboard import live
from dashboard.charts.layers import (
    layer_lines,
    of_statistic,
    statistic_scale,
    statistic_value,
)
from dashboard.charts.lines import common_domain, line_chart, own_divergence
from dashboard.compare.align import aligned
from dashboard.compare.lines import run_divergences, run_lines, sound
from dashboard.i18n import _, integer
from dashboard.palette import is_dark
from dashboard.run.layers import choose_log, choose_statistic, steps_per_epoch
from dashboard.shell import guarded
from dashboard.text import plain
from db.records import Run
from engine.architecture import layer_names
from engine.records import StatisticInfo

PANELS = 24
"""Panels a page has room for."""


@dataclass(frozen=True, slots=True)
class Shared:
    """What all panels have in common: the statistic, its axis, the last step."""

    info: StatisticInfo
    log: bool
    domain: tuple[float, float] | None
    last_step: int


def layers(runs: Sequence[Run]) -> None:
    """Choose a statistic and what the small charts are: the runs or the layers."""
    with guarded():
        info = choose_statistic("compared_statistic")
        with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
            panels = _choose_panels()
            log = choose_log(info)
        names = aligned([layer_names(run.config.layers) for run in runs])
        rows = {run.id: _rows(run, info, names) for run in runs}
        recorded = {run_id: frame for run_id, frame in rows.items() if not frame.empty}
        if not recorded:
            st.caption(_("Nothing of this statistic has been recorded yet."))
            return
        shared = Shared(
            info,
            log,
            common_domain(
                pd.concat([recorded[run_id]["value"] for run_id in sound(runs, recorded)]),
                statistic_scale(info, log=log),
            ),
            max(int(frame["step"].max()) for frame in recorded.values()),
        )
        if panels == "runs":
            _by_run(runs, rows, names, shared)
        else:
            _by_layer(runs, recorded, names, shared)


def _choose_panels() -> str:
    words = {"runs": _("A chart a run"), "layers": _("A chart a layer")}
    panels = st.segmented_control(
        _("Panels"),
        list(words),
        format_func=words.__getitem__,
        default="runs",
        required=True,
        key="compared_panels",
        label_visibility="collapsed",
    )
    return panels or "runs"


def _rows(run: Run, info: StatisticInfo, names: Sequence[str]) -> pd.DataFrame:
    """A run's rows, its layers counted as they are aligned."""
    own = layer_names(run.config.layers)
    rows = of_statistic(live.layers(run), info, names=own, steps_per_epoch=steps_per_epoch(run))
    return rows.assign(layer=rows["line"].map({name: i for i, name in enumerate(names)}))


def _by_run(
    runs: Sequence[Run],
    rows: Mapping[int, pd.DataFrame],
    names: Sequence[str],
    shared: Shared,
) -> None:
    st.caption(_("A line a layer, from cold at the inputs to warm at the outputs."))
    cells = _grid(len(runs))
    for run in runs:
        with next(cells):
            _title(run)
            if rows[run.id].empty:
                st.caption(_("Nothing of this statistic has been recorded yet."))
                continue
            chart = layer_lines(
                rows[run.id],
                shared.info,
                names=names,
                log=shared.log,
                legend=False,
                domain=shared.domain,
                divergences=own_divergence(run.diverged_step, dark=is_dark()),
                last_step=shared.last_step,
                height=240,
                bare=True,
                dark=is_dark(),
            )
            alt = _("{statistic} of every layer over steps").format(statistic=_(shared.info.label))
            st.altair_chart(chart, key=f"compared_run_{run.id}", alt=alt)


def _by_layer(
    runs: Sequence[Run],
    rows: Mapping[int, pd.DataFrame],
    names: Sequence[str],
    shared: Shared,
) -> None:
    lines = run_lines(runs, dark=is_dark())
    together = pd.concat(
        [
            frame.assign(name=frame["line"], line=lines[run_id].name)
            for run_id, frame in rows.items()
        ]
    )
    shown = [name for name in names if name in set(together["name"])]
    if len(shown) > PANELS:
        text = _("The first {shown} of {all} layers are shown.")
        st.caption(text.format(shown=integer(PANELS), all=integer(len(shown))))
    cells = _grid(len(shown))
    divergences = run_divergences(runs, dark=is_dark())
    for name in shown[:PANELS]:
        with next(cells):
            st.markdown(f"**{plain(name)}**")
            chart = line_chart(
                together[together["name"] == name],
                lines=list(lines.values()),
                value=statistic_value(shared.info, log=shared.log, domain=shared.domain),
                legend=None,
                divergences=divergences,
                last_step=shared.last_step,
                height=200,
                bare=True,
            )
            alt = _("{statistic} of {layer} in each run").format(
                statistic=_(shared.info.label), layer=name
            )
            st.altair_chart(chart, key=f"compared_layer_{name}", alt=alt)


def _title(run: Run) -> None:
    st.markdown(f"**#{run.id}** {plain(run.name)}")


def _grid(n: int) -> Iterator[st.delta_generator.DeltaGenerator]:
    """Cells of equal width, at most three a row."""
    grid = st.grid(min(n, 3), min_column_width=260)
    while True:
        yield grid.cell()
