"""How each compared run is drawn: the same name, colour and dash in every chart."""

from __future__ import annotations

from collections.abc import Container, Sequence

from dashboard.charts.lines import Divergence, Line
from dashboard.i18n import _, integer
from dashboard.palette import run_color, run_dash
from db.records import Run, Status

LONGEST = 28
"""Letters of a name that a legend has room for."""


def run_name(run: Run) -> str:
    """A run's number, which no other has, and as much of its name as fits."""
    name = run.name if len(run.name) <= LONGEST else f"{run.name[: LONGEST - 1]}…"
    return f"#{run.id} {name}".strip()


def run_lines(runs: Sequence[Run], *, dark: bool) -> dict[int, Line]:
    """A line a run, by its id."""
    return {
        run.id: Line(run_name(run), run_color(run.id, dark=dark), dash=run_dash(run.id))
        for run in runs
    }


def run_divergences(runs: Sequence[Run], *, dark: bool) -> list[Divergence]:
    """Where each diverged run left the finite numbers."""
    text = _("#{id} diverged at step {step}")
    return [
        Divergence(
            run.diverged_step,
            text.format(id=run.id, step=integer(run.diverged_step)),
            run_color(run.id, dark=dark),
        )
        for run in runs
        if run.status is Status.DIVERGED and run.diverged_step is not None
    ]


def sound(runs: Sequence[Run], recorded: Container[int]) -> list[int]:
    """The recorded runs whose values set the common axis: those that did not diverge, if any did
    not. A diverged run leaves such an axis at the top rather than flattening all others."""
    shown = [run for run in runs if run.id in recorded]
    held = [run.id for run in shown if run.status is not Status.DIVERGED]
    return held or [run.id for run in shown]
