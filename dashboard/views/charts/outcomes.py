"""What came of each combination of two hyperparameters: a cell a combination, its colour the mean
score, a cross where runs diverged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt
import pandas as pd

from dashboard.views.charts.colors import alarm, sequential
from dashboard.views.charts.lines import PADDING
from dashboard.words.i18n import _


@dataclass(frozen=True, slots=True)
class Cell:
    """The runs of one combination: their mean score, how many there are and how many diverged."""

    x: str
    y: str
    score: float | None
    runs: int
    diverged: int


def outcome_map(
    cells: Sequence[Cell],
    *,
    xs: Sequence[str],
    ys: Sequence[str],
    titles: tuple[str, str, str],
    domain: tuple[float, float],
    higher: bool,
    share: bool,
    dark: bool = False,
) -> alt.LayerChart:
    """The cells of one panel, on the axes and colours that all panels share. `titles` are those of
    both axes and of the score. A click on a cell selects it, as `cell`."""
    form = ".1%" if share else ".3~g"
    frame = pd.DataFrame(
        [(c.x, c.y, c.score, c.runs, c.diverged, _mark(c), _fill(c, domain)) for c in cells],
        columns=["x", "y", "score", "runs", "diverged", "mark", "depth"],
    ).astype({"score": float, "depth": float})
    palette = sequential(dark=dark)
    colors = alt.Scale(
        domain=list(domain),
        range=palette if higher else palette[::-1],
        interpolate="lab",
        clamp=True,
        nice=False,
    )
    click = alt.selection_point(name="cell", fields=["x", "y"], toggle=False, empty=False)
    base = alt.Chart(frame).encode(
        x=alt.X(
            "x:N",
            sort=list(xs),
            scale=alt.Scale(domain=list(xs)),
            title=titles[0],
            axis=alt.Axis(labelAngle=0, labelLimit=110),
        ),
        y=alt.Y(
            "y:N",
            sort=list(ys),
            scale=alt.Scale(domain=list(ys)),
            title=titles[1],
            axis=alt.Axis(labelLimit=150),
        ),
        tooltip=[
            alt.Tooltip("x:N", title=titles[0]),
            alt.Tooltip("y:N", title=titles[1]),
            alt.Tooltip("score:Q", title=titles[2], format=form),
            alt.Tooltip("runs:Q", title=_("Runs (N)"), format="d"),
            alt.Tooltip("diverged:Q", title=_("of them diverged"), format="d"),
        ],
    )
    rects = (
        base.mark_rect(cursor="pointer", cornerRadius=3, stroke="transparent", strokeWidth=3)
        .encode(color=alt.Color("score:Q", scale=colors, legend=None))
        .add_params(click)
    )
    ink = ("#10151C", "#F5F7FA") if dark else ("#FFFFFF", "#1B2028")
    first, second = ink if higher else ink[::-1]
    said = base.transform_filter(alt.datum.diverged == 0).mark_text(fontSize=12)
    values = said.encode(
        text=alt.Text("score:Q", format=form),
        color=alt.ColorValue(second, condition={"test": "datum.depth > 0.55", "value": first}),
    )
    crosses = (
        base.transform_filter(alt.datum.diverged > 0)
        .mark_text(fontSize=13, fontWeight="bold", color=alarm(dark=dark))
        .encode(text=alt.Text("mark:N"))
    )
    height = 40 * len(ys) + 90
    return alt.LayerChart(layer=[rects, values, crosses], height=height, padding=PADDING)


def _mark(cell: Cell) -> str:
    """A cross, and how many of how many diverged where not all of one did."""
    return "✕" if cell.diverged == cell.runs else f"✕ {cell.diverged}/{cell.runs}"


def _fill(cell: Cell, domain: tuple[float, float]) -> float:
    """How far along the colours a cell is."""
    low, high = domain
    return 0.0 if cell.score is None else (cell.score - low) / ((high - low) or 1.0)
