"""Sweeps on a terminal: what one would come to, how it stands, and its points by their results."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from db.records import Status, Sweep, SweepPlan, Trial
from runner.presentation import duration, figure, local


def plan_text(plan: SweepPlan, slots: int, seeds: int) -> str:
    """How many runs, of how many steps, for how long."""
    each = f" ({plan.trials:,} points, {seeds} seeds each)" if seeds > 1 else ""
    runs = f"{plan.runs:,} runs{each}, {plan.steps:,} steps in all"
    if plan.seconds is None:
        return f"{runs}; no forecast: no run has been timed yet"
    return f"{runs}; about {duration(plan.seconds)} of training, {max(1, slots)} at a time"


def sweep_text(sweep: Sweep) -> str:
    """How a sweep stands, in two lines."""
    counts = ", ".join(f"{n:,} {status.value}" for status, n in sweep.counts.items() if n)
    state = "ended" if sweep.ended else sweep.state.value
    name = f" ({sweep.name})" if sweep.name else ""
    progress = f"{sweep.ended_runs:,} of {sweep.runs:,} runs have ended"
    return f"sweep {sweep.id}{name} of {sweep.owner} is {state}: {progress}\n{counts or 'no runs'}"


def sweep_object(sweep: Sweep) -> dict[str, Any]:
    """A sweep as one JSON object."""
    return {
        "id": sweep.id,
        "name": sweep.name,
        "owner": sweep.owner,
        "state": sweep.state.value,
        "ended": sweep.ended,
        "trials": sweep.config.trials,
        "seeds": sweep.config.seeds,
        "objective": sweep.config.objective,
        "runs": sweep.runs,
        "ended_runs": sweep.ended_runs,
        "counts": {status.value: n for status, n in sweep.counts.items()},
        "created_at": sweep.created_at.isoformat(),
    }


def results_object(sweep: Sweep, trials: Sequence[Trial]) -> dict[str, Any]:
    """A sweep with its points, the best first."""
    points = [
        {
            "trial": trial.number,
            "values": dict(trial.values),
            "n": len(trial.scores),
            "mean": trial.mean,
            "spread": trial.spread,
            "runs": list(trial.run_ids),
            "counts": {status.value: n for status, n in trial.counts.items() if n},
        }
        for trial in sweep.ranked(trials)
    ]
    return sweep_object(sweep) | {"results": points}


def results_table(sweep: Sweep, trials: Sequence[Trial]) -> Any:
    """A `rich` table of points: their values, and over seeds n, mean and spread of the score."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    names = [axis.name for axis in sweep.config.axes]
    percent = sweep.config.objective == "val_accuracy"
    for title in ("point", *names, "n", sweep.config.objective, "spread", "else"):
        table.add_column(title, justify="left" if title == "else" else "right")
    for trial in sweep.ranked(trials):
        others = [
            f"{n} {status.value}" for status, n in trial.counts.items() if n and status != "done"
        ]
        table.add_row(
            str(trial.number),
            *(_value(trial.values[name]) for name in names),
            str(len(trial.scores)),
            figure(trial.mean, percent=percent),
            figure(trial.spread, percent=percent),
            ", ".join(others) if trial.run_ids else "could never train",
        )
    return table


def sweeps_table(sweeps: Iterable[Sweep]) -> Any:
    """A `rich` table of sweeps."""
    from rich.table import Table

    titles = ("id", "name", "owner", "state", "created", "runs", "ended", "done")
    table = Table(*titles, box=None, pad_edge=False, header_style="bold")
    for sweep in sweeps:
        table.add_row(
            str(sweep.id),
            sweep.name or "-",
            sweep.owner,
            "ended" if sweep.ended else sweep.state.value,
            local(sweep.created_at),
            f"{sweep.runs:,}",
            f"{sweep.progress:.0%}",
            f"{sweep.counts[Status.DONE]:,}",
        )
    return table


def _value(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
