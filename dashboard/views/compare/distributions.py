"""Distributions inside several runs or groups at one step: side by side, or over one another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import altair as alt

from dashboard.reads.downsample import nearest
from dashboard.views.charts.histograms import common_range, quantity_names, ridges
from dashboard.views.charts.overlaid import overlaid
from dashboard.views.compare.align import aligned
from dashboard.views.compare.arms import Arm, lines_of
from dashboard.views.compare.pooling import pooled
from dashboard.words.i18n import _, integer
from db.records import Run
from engine.architecture import layer_names
from engine.records import Histogram, Quantity


@dataclass(frozen=True, slots=True)
class Distributions:
    """One quantity in every layer of several arms: the layers' names, aligned, and by its place
    each arm's histograms, those of its runs counted together."""

    quantity: Quantity
    names: Sequence[str]
    by_place: Mapping[int, Sequence[Histogram]]

    @property
    def layers(self) -> list[int]:
        """The places of the layers that some arm has recorded."""
        return sorted({h.layer for own in self.by_place.values() for h in own})


def distributions_of(
    arms: Sequence[Arm], quantity: Quantity, histograms: Mapping[int, Sequence[Histogram]]
) -> Distributions:
    """From the histograms of each run, by its number."""
    names = aligned([layer_names(run.config.layers) for arm in arms for run in arm.runs])
    by_place = {
        arm.place: pooled(
            [h for run in arm.runs for h in _placed(run, histograms.get(run.id, ()), names)]
        )
        for arm in arms
    }
    return Distributions(quantity, names, by_place)


def ridges_of(
    arms: Sequence[Arm], found: Distributions, *, dark: bool
) -> dict[int, alt.LayerChart]:
    """A chart for each arm that has recorded any, by its place, on common axes."""
    domain = common_range([h for own in found.by_place.values() for h in own])
    return {
        arm.place: ridges(
            found.by_place[arm.place],
            found.quantity,
            names=found.names,
            layers=found.layers,
            domain=domain,
            dark=dark,
        )
        for arm in arms
        if found.by_place[arm.place]
    }


def overlaid_outlines(
    arms: Sequence[Arm], found: Distributions, layer: str, *, dark: bool
) -> alt.LayerChart:
    """One layer: an outline for each arm."""
    place = found.names.index(layer)
    shown = {
        arm.line(dark=False).name: histogram
        for arm in arms
        for histogram in found.by_place[arm.place]
        if histogram.layer == place
    }
    title = quantity_names()[found.quantity]
    return overlaid(shown, lines=lines_of(arms, dark=dark), title=title)


def shown_steps(arm: Arm, steps: Mapping[int, Sequence[int]], chosen: int) -> str:
    """At which recorded steps an arm's runs are drawn."""
    shown = {nearest(steps[run.id], chosen) for run in arm.runs if run.id in steps}
    ends = [integer(step) for step in sorted({min(shown), max(shown)})]
    return _("step {step}").format(step="–".join(ends))


def _placed(run: Run, own: Sequence[Histogram], names: Sequence[str]) -> list[Histogram]:
    """A run's histograms, its layers counted as they are aligned."""
    layers = layer_names(run.config.layers)
    return [replace(h, layer=names.index(layers[h.layer])) for h in own]
