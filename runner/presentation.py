"""Runs on a terminal: as JSON for programs, as a sentence or a table for people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from math import isfinite
from typing import Any

from db.forecast import Forecast
from db.records import QueueState, Run, Scores, Status

SCORES = (
    *("train_loss", "train_accuracy", "train_r2"),
    *("val_loss", "val_accuracy", "val_r2"),
    *("loss", "accuracy"),
)


def outcome(run: Run) -> dict[str, Any]:
    """A run's end as one JSON object; what is absent, NaN or infinite is null, as JSON has it."""
    return {
        "id": run.id,
        "status": run.status.value,
        "last": _scores(run.last),
        "best": _scores(run.best),
        "baseline_loss": run.baseline_loss,
    }


def listing(run: Run) -> dict[str, Any]:
    """A run of a list as one JSON object."""
    times = {name: getattr(run, name) for name in ("created_at", "started_at", "ended_at")}
    return {
        **outcome(run),
        "name": run.name,
        "owner": run.owner,
        "step": run.step,
        "steps": run.steps,
        "attempt": run.attempt,
        "error": run.error,
        "tags": list(run.tags),
        "diverged_step": run.diverged_step,
        **{name: time.isoformat() if time else None for name, time in times.items()},
    }


def _scores(scores: Scores | None) -> dict[str, float | None]:
    values = {name: getattr(scores, name, None) for name in SCORES}
    return {name: v if v is not None and isfinite(v) else None for name, v in values.items()}


def launched(run: Run) -> str:
    """What a run that has just been launched will do."""
    text = f"run {run.id} is queued: "
    if run.parent_step is None:
        return f"{text}{run.steps:,} steps"
    left, origin = run.steps - run.parent_step, f"step {run.parent_step:,} of run {run.parent_id}"
    return f"{text}{left:,} steps from {origin}"


def sentence(run: Run) -> str:
    """What became of a run, in one or two lines."""
    if run.status is Status.FAILED:
        return f"run {run.id} failed: {run.error}"
    text = f"run {run.id} is {run.status.value}"
    if run.status is Status.DIVERGED:
        text += f": the loss was no longer finite at step {run.diverged_step:,}"
    if run.ended_early:
        text += (
            f": validation no longer improved, so it ended at step {run.step:,} of {run.steps:,}"
        )
    if run.last:
        text += f"\n  last: {_figures(run.last)}"
    if run.best:
        text += f"\n  best: {_figures(run.best)}"
    if run.baseline_loss is not None:
        text += f"\n  predicting the mean: val_loss {figure(run.baseline_loss)}"
    return text


def _figures(scores: Scores) -> str:
    known = {name: value for name in SCORES if (value := getattr(scores, name)) is not None}
    figures = [f"{name} {figure(v, percent='accuracy' in name)}" for name, v in known.items()]
    return f"{', '.join(figures)} (epoch {scores.epoch})"


def figure(value: float | None, *, percent: bool = False) -> str:
    """A score in few digits."""
    if value is None:
        return "-"
    return f"{value:.2%}" if percent and isfinite(value) else f"{value:.4g}"


def table(runs: Iterable[Run], *, width: int) -> Any:
    """A `rich` table of runs for a terminal of so many cells: number, status and scores are whole
    whatever its width, names are cut, and narrow ones leave out when and whose."""
    from rich.table import Table

    grid = Table(box=None, pad_edge=False, header_style="bold")
    columns = _columns(width)
    for title in columns:
        number = title not in ("name", "owner", "status", "created")
        grid.add_column(title, justify="right" if number else "left", no_wrap=title not in _TEXTS)
    for run in runs:
        cells = _cells(run)
        grid.add_row(*(cells[title] for title in columns))
    return grid


_TEXTS = ("name", "owner")


def _columns(width: int) -> list[str]:
    """The columns for which there is room: the name at least has what eight letters take."""
    least = {"id": 0, "name": 0, "owner": 90, "status": 0, "progress": 76, "loss": 66}
    rest = {"val_loss": 56, "val_acc": 0, "best": 0, "created": 110}
    return [title for title, cells in (least | rest).items() if width >= cells]


def names_table() -> Any:
    """A `rich` table of what a query may name."""
    from rich.table import Table

    from db.query.names import names

    grid = Table("name", "kind", "meaning", box=None, pad_edge=False, header_style="bold")
    for name in names().values():
        grid.add_row(name.name, name.kind, name.description)
    return grid


def _cells(run: Run) -> dict[str, Any]:
    """The cells of a run by their column. What people typed is data, whatever brackets it holds."""
    from rich.text import Text

    last, best = run.last, run.best
    return {
        "id": str(run.id),
        "name": Text(run.name or "-", no_wrap=True, overflow="ellipsis"),
        "owner": Text(run.owner, no_wrap=True, overflow="ellipsis"),
        "status": run.status.value,
        "progress": f"{run.progress:.0%}",
        "loss": figure(last.loss if last else None),
        "val_loss": figure(last.val_loss if last else None),
        "val_acc": figure(last.val_accuracy if last else None, percent=True),
        "best": figure(best.val_accuracy if best else None, percent=True),
        "created": local(run.created_at),
    }


def local(time: datetime) -> str:
    """A time as this machine's clock shows it."""
    return time.astimezone().strftime("%Y-%m-%d %H:%M")


def zone_text() -> str:
    """In which time zone times are shown and dates are read."""
    now = datetime.now().astimezone()
    return f"dates are those of this machine's time zone, {now:%Z} ({now:%z})"


def queue_object(
    state: QueueState, depth: Mapping[Status, int], forecast: Forecast
) -> dict[str, Any]:
    """The queue as one JSON object; the times to come are seconds from now."""
    return {
        "held": state.paused,
        "owner_limit": state.owner_limit,
        "slots": state.slots,
        "served": state.served,
        "seen_at": state.seen_at.isoformat() if state.seen_at else None,
        "runs": {status.value: count for status, count in depth.items()},
        "forecast": {
            run_id: {"begins": run.begins, "ends": run.ends}
            for run_id, run in forecast.runs.items()
        },
    }


def queue_text(state: QueueState, depth: Mapping[Status, int], forecast: Forecast) -> str:
    """The queue in three lines: whether it is open and served, what waits, and for how long."""
    held = "held: nothing begins until `layerlab queue release`" if state.paused else "open"
    served = "no dispatcher has served it yet; start one with `layerlab dispatch`"
    if state.served:
        served = f"a dispatcher serves it, {state.slots} at a time"
    elif state.seen_at:
        ago = duration(state.silence)
        served = f"no dispatcher serves it, the last was seen {ago} ago; `layerlab dispatch`"
    counts = ", ".join(f"{count:,} {status.value}" for status, count in depth.items() if count)
    left = "no forecast: none of these runs has been timed yet"
    if not depth[Status.QUEUED] + depth[Status.RUNNING]:
        left = "nothing waits"
    elif forecast.runs:
        left = f"about {duration(forecast.seconds)} of training until it is empty"
    return f"the queue is {held}; {served}\n{counts or 'no runs'}\n{left}"


def duration(seconds: float) -> str:
    """A time span in one unit."""
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(0, seconds):.0f} s"
