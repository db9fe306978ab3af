"""Distributions inside several runs or groups at one step: side by side, or over one another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import altair as alt
import numpy as np

from dashboard.reads.columns import Columns, length, rows
from dashboard.reads.downsample import nearest
from dashboard.views.charts.bins import shared_range
from dashboard.views.charts.histograms import quantity_names, ridges
from dashboard.views.charts.overlaid import overlaid
from dashboard.views.charts.shown_layers import Shown, filled_range, layers_of
from dashboard.views.compare.align import aligned
from dashboard.views.compare.arms import Arm, lines_of
from dashboard.views.compare.pooling import pooled
from dashboard.words.i18n import _, integer
from db.records import Run
from engine.architecture import layer_names
from engine.records import Quantity


@dataclass(frozen=True, slots=True)
class Distributions:
    """One quantity in layers of several arms: the layers' names, aligned, and by its place each
    arm's histograms, those of its runs counted together, and the range that they fill, where that
    is known."""

    quantity: Quantity
    names: Sequence[str]
    by_place: Mapping[int, Columns]
    filled: Mapping[int, tuple[float, float] | None]

    @property
    def layers(self) -> list[int]:
        """The places of the layers that some arm has recorded."""
        return sorted({place for own in self.by_place.values() for place in own["layer"].tolist()})


def distributions_of(
    arms: Sequence[Arm],
    quantity: Quantity,
    histograms: Mapping[int, Columns],
    shown: Shown,
) -> Distributions:
    """From the histograms of each run, by its number, in the layers that are to be shown."""
    names = aligned([layer_names(run.config.layers) for arm in arms for run in arm.runs])
    by_place = {
        arm.place: pooled(
            [
                _placed(run, histograms[run.id], names, shown)
                for run in arm.runs
                if run.id in histograms
            ]
        )
        for arm in arms
    }
    known = quantity == "activation"
    filled = {arm.place: _filled(arm, shown) if known else None for arm in arms}
    return Distributions(quantity, names, by_place, filled)


def _filled(arm: Arm, shown: Shown) -> tuple[float, float] | None:
    stacks = [run.config.layers for run in arm.runs]
    return filled_range([stack[i] for stack in stacks for i in layers_of(stack, shown)])


def ridges_of(
    arms: Sequence[Arm], found: Distributions, *, dark: bool
) -> dict[int, alt.LayerChart]:
    """A chart for each arm that has recorded any, by its place: on the axis that its values fill,
    or on one that is common to those whose values have no end."""
    endless = [place for place, filled in found.filled.items() if filled is None]
    common = shared_range(found.by_place[place] for place in endless)
    return {
        arm.place: ridges(
            found.by_place[arm.place],
            found.quantity,
            names=found.names,
            domain=found.filled[arm.place] or common,
            dark=dark,
        )
        for arm in arms
        if length(found.by_place[arm.place])
    }


def overlaid_outlines(
    arms: Sequence[Arm], found: Distributions, layer: str, *, dark: bool
) -> alt.LayerChart:
    """One layer: an outline for each arm."""
    place = found.names.index(layer)
    shown = {
        arm.line(dark=False).name: rows(own, own["layer"] == place)
        for arm in arms
        if place in (own := found.by_place[arm.place])["layer"]
    }
    title = quantity_names()[found.quantity]
    return overlaid(shown, lines=lines_of(arms, dark=dark), title=title)


def shown_steps(arm: Arm, steps: Mapping[int, Sequence[int]], chosen: int) -> str:
    """At which recorded steps an arm's runs are drawn."""
    shown = {nearest(steps[run.id], chosen) for run in arm.runs if run.id in steps}
    ends = [integer(step) for step in sorted({min(shown), max(shown)})]
    return _("step {step}").format(step="–".join(ends))


def _placed(run: Run, own: Columns, names: Sequence[str], shown: Shown) -> Columns:
    """A run's histograms that are shown, its layers counted as they are aligned."""
    aligned_at = np.array([names.index(name) for name in layer_names(run.config.layers)])
    found = rows(own, np.isin(own["layer"], layers_of(run.config.layers, shown)))
    return {**found, "layer": aligned_at[found["layer"]]}
