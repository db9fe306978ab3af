"""How a compared run is drawn: the same name, colour and dash in every chart."""

from __future__ import annotations

from dashboard.views.charts.lines import Line
from dashboard.views.palette import run_color, run_dash
from db.records import Run

LONGEST = 28
"""Letters of a name that a legend has room for."""


def run_name(run: Run) -> str:
    """A run's number, which no other has, and as much of its name as fits."""
    name = run.name if len(run.name) <= LONGEST else f"{run.name[: LONGEST - 1]}…"
    return f"#{run.id} {name}".strip()


def run_line(run: Run, *, dark: bool) -> Line:
    return Line(run_name(run), run_color(run.id, dark=dark), dash=run_dash(run.id))
