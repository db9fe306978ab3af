"""How a score depends on what varies between runs: maps of two hyperparameters, and all of them
side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from dashboard.reads.differences import differences, telling
from dashboard.views.charts.outcomes import Cell, outcome_map
from dashboard.views.charts.parallel import Dimension, Scored, parallel_chart
from dashboard.views.compare.scores import Score, mean_score
from dashboard.views.run.name import run_name
from dashboard.words.i18n import _
from dashboard.words.parameters import title, value_text
from db.records import Run, Status

DIMENSIONS = 8
"""Axes that stand side by side."""


VALUES = 30
"""Columns or rows of a map."""


PANELS = 9


NONE = "-"


USUAL = (
    ("optimizer.lr", "batch_size", "epochs"),
    ("stack.init.kind", "dense.init.kind", "stack.init", "stack.hidden", "stack.position"),
    ("optimizer.kind", "stack.activation.kind", "stack.position"),
)
"""What the map shows at first, where it varies: along, up and as panels."""


@dataclass(frozen=True, slots=True)
class Varied:
    """A hyperparameter that runs differ in: each run's value, and in words."""

    path: str
    values: Sequence[Any]
    texts: Sequence[str]

    @property
    def ordered(self) -> list[str]:
        """Each value once in words: numbers by size, others as they come."""
        pairs = dict(zip(self.texts, self.values, strict=True))
        numbers = all(
            isinstance(v, int | float) and not isinstance(v, bool) for v in pairs.values()
        )
        if numbers:
            return sorted(pairs, key=pairs.__getitem__)
        return list(pairs)


Axes = tuple[Varied, Varied, Varied | None]
"""Along, up, and a map for each value of the third."""


@dataclass(frozen=True, slots=True)
class Panel:
    """One map: what it is of, the runs of its cells by their places in words, the chart."""

    title: str
    cells: Mapping[tuple[str, str], Sequence[Run]]
    chart: alt.LayerChart


def varied(runs: Sequence[Run]) -> list[Varied]:
    """What the runs differ in, but for the seed."""
    found = telling(differences([run.config for run in runs]))
    return [
        Varied(d.path, d.values, [value_text(d.path, value) for value in d.values]) for d in found
    ]


def parallel(runs: Sequence[Run], found: Sequence[Varied], score: Score, *, dark: bool) -> Any:
    """The chart of all runs."""
    shown = found[:DIMENSIONS]
    dimensions = [Dimension(_last(v.path), v.values, v.texts) for v in shown]
    scored = Scored(_(score.label), [score.of(run) for run in runs], score.higher, score.format)
    return parallel_chart([run_name(run) for run in runs], dimensions, scored, dark=dark)


def _last(path: str) -> str:
    """The last words of a path, in which it differs from its neighbours."""
    words = title(path).split(" · ")
    return words[-1]


def usual_axes(paths: Sequence[str]) -> tuple[str, str, str]:
    """The learning rate along, the initialization up, a map for each optimizer, as far as they
    vary; else what comes first."""
    chosen: list[str] = []
    for wished in USUAL[:2]:
        free = [path for path in paths if path not in chosen]
        chosen.append(next((path for path in wished if path in free), free[0]))
    free = [path for path in paths if path not in chosen]
    return chosen[0], chosen[1], next((path for path in USUAL[2] if path in free), NONE)


def axes_of(found: Sequence[Varied]) -> Axes:
    """The usual axes of what varies, which is two things at least."""
    paths = {varied.path: varied for varied in found}
    along, up, by = usual_axes(list(paths))
    return paths[along], paths[up], paths.get(by)


def map_panels(runs: Sequence[Run], score: Score, axes: Axes, *, dark: bool) -> list[Panel]:
    """The maps, one for each value of the third hyperparameter, on common axes and colours."""
    along, up, by = axes
    gathered = cells_of(runs, along, up, by)
    scores = [s for group in gathered.values() if (s := mean_score(group, score)) is not None]
    domain = (min(scores), max(scores)) if scores else (0.0, 1.0)
    xs, ys = along.ordered[:VALUES], up.ordered[:VALUES]
    panels = []
    for panel in by.ordered[:PANELS] if by else [""]:
        own = {(x, y): group for (x, y, of), group in gathered.items() if of == panel}
        chart = outcome_map(
            [
                Cell(x, y, mean_score(group, score), len(group), _diverged(group))
                for (x, y), group in own.items()
                if x in xs and y in ys
            ],
            xs=xs,
            ys=ys,
            titles=(_last(along.path), _last(up.path), _(score.label)),
            domain=domain,
            higher=score.higher,
            share=score.share,
            dark=dark,
        )
        panels.append(Panel(panel, own, chart))
    return panels


def cells_of(
    runs: Sequence[Run], along: Varied, up: Varied, by: Varied | None
) -> Mapping[tuple[str, str, str], list[Run]]:
    """The runs of each cell, by its place in words: along, up, and the panel."""
    cells: dict[tuple[str, str, str], list[Run]] = {}
    for i, run in enumerate(runs):
        place = (along.texts[i], up.texts[i], by.texts[i] if by else "")
        cells.setdefault(place, []).append(run)
    return cells


def _diverged(runs: Sequence[Run]) -> int:
    return sum(run.status is Status.DIVERGED for run in runs)
