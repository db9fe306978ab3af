"""A statistic of the layers of several runs or groups, on common scales."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import altair as alt
import numpy as np
import pandas as pd

from dashboard.reads.columns import Columns, of_frame
from dashboard.views.charts.layer_maps import (
    layer_map,
    map_domain,
    scale_strip,
    spans_widely,
)
from dashboard.views.charts.layers import (
    layer_lines,
    of_statistic,
    statistic_scale,
    statistic_value,
)
from dashboard.views.charts.lines import common_domain, line_chart, own_divergence
from dashboard.views.charts.written import WrittenChart
from dashboard.views.compare.align import aligned
from dashboard.views.compare.arms import Arm, divergences_of, lines_of, sound
from dashboard.views.compare.spread import across_runs
from db.records import Run
from engine.architecture import layer_names
from engine.layer_statistics import Statistic


@dataclass(frozen=True, slots=True)
class Shared:
    """What all panels have in common: the statistic, its axis and its colours, the last step, the
    layers' names."""

    info: Statistic
    log: bool
    domain: tuple[float, float] | None
    colors: tuple[float, float]
    last_step: int
    names: Sequence[str]


def gather(
    arms: Sequence[Arm], statistics: Mapping[int, Columns], info: Statistic, *, log: bool
) -> tuple[dict[int, pd.DataFrame], Shared | None]:
    """From the statistics of each run, by its number: the rows of each arm by its place, means over
    its runs, and what their charts share."""
    names = aligned([layer_names(run.config.layers) for arm in arms for run in arm.runs])
    by_run = {
        run.id: _rows(run, statistics[run.id], info, names)
        for arm in arms
        for run in arm.runs
        if run.id in statistics
    }
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
    colors = map_domain(values, info, log=log)
    return rows, Shared(info, log, domain, colors, last_step, names)


def usual_log(arms: Sequence[Arm], statistics: Mapping[int, Columns], info: Statistic) -> bool:
    """Whether one scale for the values of all runs is best a logarithmic one."""
    runs = [run for run in sound(arms) if run.id in statistics]
    values = [statistics[run.id][info.name] for run in runs]
    shown = [own[own != None].astype(float) for own in values]  # noqa: E711 - of each value
    return info.log or (bool(shown) and spans_widely(np.concatenate(shown)))


def arm_map(arm: Arm, rows: pd.DataFrame, shared: Shared, *, dark: bool) -> alt.LayerChart:
    """One arm: one row per layer, in colours that all arms share."""
    own = arm.runs[0].diverged_step if not arm.grouped else None
    return layer_map(
        rows,
        shared.info,
        names=shared.names,
        log=shared.log,
        divergences=own_divergence(own, dark=dark),
        last_step=shared.last_step,
        domain=shared.colors,
        dark=dark,
    )


def colors_of(shared: Shared, *, dark: bool) -> alt.LayerChart:
    """What the colours of all maps mean."""
    return scale_strip(shared.info, shared.colors, log=shared.log, dark=dark)


def arm_panel(arm: Arm, rows: pd.DataFrame, shared: Shared, *, dark: bool) -> WrittenChart:
    """One arm: one line per layer."""
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


def layer_panels(
    arms: Sequence[Arm],
    rows: Mapping[int, pd.DataFrame],
    shared: Shared,
    layers: Sequence[str],
    *,
    dark: bool,
) -> dict[str, WrittenChart]:
    """A chart for each of some layers: a line for each arm."""
    together = _by_line(arms, rows)
    return {
        name: line_chart(
            of_frame(together[together["name"] == name]),
            lines=lines_of(arms, dark=dark),
            value=statistic_value(shared.info, log=shared.log, domain=shared.domain),
            legend=None,
            divergences=divergences_of(arms, dark=dark),
            last_step=shared.last_step,
            height=200,
            bare=True,
        )
        for name in layers
    }


def present_layers(rows: Mapping[int, pd.DataFrame], shared: Shared) -> list[str]:
    """The names of the layers that have the statistic in some arm."""
    present = {name for frame in rows.values() for name in frame["line"]}
    return [name for name in shared.names if name in present]


def _by_line(arms: Sequence[Arm], rows: Mapping[int, pd.DataFrame]) -> pd.DataFrame:
    """The rows of all arms: `name` is the layer's, `line` the arm's."""
    drawn = [(arm, rows[arm.place]) for arm in arms if arm.place in rows]
    return pd.concat(
        [own.assign(name=own["line"], line=arm.line(dark=False).name) for arm, own in drawn]
    )


def _rows(run: Run, statistics: Columns, info: Statistic, names: Sequence[str]) -> pd.DataFrame:
    """A run's rows, its layers counted as they are aligned."""
    own = layer_names(run.config.layers)
    rows = of_statistic(statistics, info, names=own, steps_per_epoch=run.steps_per_epoch)
    return rows.assign(layer=rows["line"].map({name: i for i, name in enumerate(names)}))
