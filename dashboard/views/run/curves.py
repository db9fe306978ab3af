"""The axes of the learning curves of a run: steps, epochs, time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from dashboard.reads.clock import known, seconds_at
from dashboard.reads.columns import Columns
from dashboard.views.charts.lines import Divergence, other_axis, own_divergence
from dashboard.views.charts.written import Layer
from dashboard.words.i18n import _
from db.records import Event, Run, Status

Axis = Literal["step", "epoch", "time"]


def on_axis(
    run: Run, metrics: Columns, axis: Axis, events: Sequence[Event], *, dark: bool
) -> tuple[Columns, Layer | None, Sequence[Divergence]]:
    """The rows with their places on the axis, the axis, and where on it the run diverged. Its
    events tell the time."""
    step = run.diverged_step if run.diverged_step is not None else run.step
    divergences = own_divergence(step if run.status is Status.DIVERGED else None, dark=dark)
    if axis == "step":
        return metrics, None, divergences
    if axis == "epoch":
        epoch = run.steps_per_epoch
        at = metrics["step"] / epoch
        x = other_axis(_("Epoch"), run.final_step / epoch)
        moved = [step / epoch]
    else:
        clock = known(run, events)
        at = seconds_at(metrics["step"], *clock)
        x = other_axis(_("Training time (s)"), float(at.max()))
        moved = seconds_at([step], *clock).tolist()
    return {**metrics, "at": at}, x, [Divergence(moved[0], d.label, d.color) for d in divergences]
