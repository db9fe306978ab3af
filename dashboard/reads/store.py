"""Every read of the dashboard, cached: pages ask here and never hold a connection.

The caches are shared by all sessions, so each is bounded, and short-lived where runs still change.
What the Store returns is frozen, so everybody is handed the same value (`st.cache_data` would
unpickle two hundred runs for a list of their names). Nobody changes an array in place either.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

import streamlit as st

from dashboard.reads.caching import cached
from dashboard.reads.columns import Columns
from db.address import default_url
from db.records import (
    CheckpointInfo,
    Event,
    GroupPage,
    LogLine,
    Note,
    QueueState,
    Run,
    RunPage,
    Shelf,
    Status,
    Sweep,
    Trial,
)
from db.store import Store
from engine.analyses.inspection import BatchNormInspection, inspect_batch_norm
from engine.config import RunConfig
from engine.datasets import AnyDataset, DatasetInfo
from engine.messages import Message
from engine.records import BatchNormState, Histogram, Quantity

RECENT = 200
"""Runs that a list to choose from holds."""

LIVE = 1.0  # seconds that something which still changes may be old


@st.cache_resource(show_spinner=False)
def get_store() -> Store:
    """The one Store of this process."""
    return Store.open(default_url())


def writable() -> bool:
    """Whether anything can be kept; else pages offer nothing that writes."""
    return get_store().writable


@cached(entries=200, seconds=LIVE)
def find_runs(
    *,
    text: str = "",
    statuses: Sequence[Status] = (),
    owner: str | None = None,
    shelf: Shelf = Shelf.ACTIVE,
    query: str = "",
    zone: tzinfo | None = None,
    sort: str = "created",
    descending: bool = True,
    limit: int = 50,
    offset: int = 0,
) -> RunPage:
    """One page of the list of runs."""
    return get_store().runs.find(
        text=text,
        statuses=statuses,
        owner=owner,
        shelf=shelf,
        query=query,
        zone=zone,
        sort=sort,
        descending=descending,
        limit=limit,
        offset=offset,
    )


@cached(entries=1, seconds=5 * LIVE)
def recent_runs() -> tuple[Run, ...]:
    """The newest runs, for lists to choose from; the Runs page finds every other one."""
    return get_store().runs.find(limit=RECENT).runs


@cached(entries=100, seconds=10 * LIVE)
def find_groups(
    by: str,
    *,
    text: str = "",
    statuses: Sequence[Status] = (),
    owner: str | None = None,
    shelf: Shelf = Shelf.ACTIVE,
    query: str = "",
    zone: tzinfo | None = None,
    sort: str = "newest",
    descending: bool = True,
    limit: int = 50,
    offset: int = 0,
) -> GroupPage:
    """One page of the groups of runs."""
    return get_store().runs.groups(
        by,
        text=text,
        statuses=statuses,
        owner=owner,
        shelf=shelf,
        query=query,
        zone=zone,
        sort=sort,
        descending=descending,
        limit=limit,
        offset=offset,
    )


@cached(entries=10, seconds=LIVE)
def tag_names() -> list[str]:
    """Every tag that is on a run."""
    return get_store().tags.names()


@cached(entries=500, seconds=LIVE)
def get_runs(run_ids: tuple[int, ...]) -> dict[int, Run]:
    """Runs by their numbers; those that do not exist are left out."""
    return get_store().runs.get_many(run_ids)


def forget_runs() -> None:
    """Read the runs and their lists anew from now on: something has changed them."""
    for read in (find_runs, find_groups, get_runs):
        read.clear()


def get_run(run_id: int) -> Run | None:
    """A run, or None where there is none of that number."""
    return get_runs((run_id,)).get(run_id)


@cached(entries=100, seconds=LIVE)
def get_sweep(sweep_id: int) -> Sweep | None:
    """A sweep, or None where there is none of that number."""
    return get_store().sweeps.get(sweep_id)


@cached(entries=100, seconds=LIVE)
def sweep_run_ids(sweep_id: int) -> tuple[int, ...]:
    """The runs of a sweep, point by point."""
    trials = get_store().sweeps.trials(sweep_id)
    return tuple(run_id for trial in trials for run_id in trial.run_ids)


@cached(entries=50, seconds=LIVE)
def sweeps(*, limit: int = 10, offset: int = 0) -> Sequence[Sweep]:
    """Sweeps, the newest first."""
    return get_store().sweeps.list(limit=limit, offset=offset)


@cached(entries=1, seconds=LIVE)
def sweep_count() -> int:
    """How many sweeps there are."""
    return get_store().sweeps.count()


def best_point(sweep: Sweep) -> Trial | None:
    """The point of a sweep with the best mean so far; it changes only when a run has ended."""
    return _best_point(sweep.id, sweep.ended_runs, sweep)


@cached(entries=500)
def _best_point(sweep_id: int, ended_runs: int, _sweep: Sweep) -> Trial | None:
    found = _sweep.ranked(get_store().sweeps.trials(sweep_id)) if ended_runs else []
    return found[0] if found and found[0].mean is not None else None


@cached(entries=200, seconds=LIVE)
def sparklines(run_ids: tuple[int, ...]) -> dict[int, list[float]]:
    """The loss of each run in a few points."""
    return get_store().runs.sparklines(run_ids)


@cached(entries=10, seconds=LIVE)
def owners() -> list[str]:
    """Who has launched runs."""
    return get_store().runs.owners()


@cached(entries=300)
def ended_metrics(run_id: int) -> Columns:
    """All losses and accuracies of a run that has ended."""
    return metrics_after(run_id, -1)


@cached(entries=100)
def ended_layers(run_id: int) -> Columns:
    """All layer statistics of a run that has ended."""
    return layers_after(run_id, -1)


def metrics_after(run_id: int, step: int) -> Columns:
    """The losses and accuracies of a run after a step."""
    return get_store().history.metric_columns(run_id, after_step=step)


def layers_after(run_id: int, step: int) -> Columns:
    """The layer statistics of a run after a step."""
    return get_store().history.layer_columns(run_id, after_step=step)


@cached(entries=200, seconds=2 * LIVE)
def histogram_steps(run_id: int) -> list[int]:
    """The steps at which a run's distributions were recorded."""
    return get_store().history.histogram_steps(run_id)


@cached(entries=300)
def histograms(
    run_id: int, quantity: Quantity, *, steps: tuple[int, ...] = (), layer: int | None = None
) -> list[Histogram]:
    """Distributions of a run at recorded steps, which never change; of one layer where named."""
    return get_store().history.histograms(
        run_id, quantity=quantity, steps=steps, layers=None if layer is None else [layer]
    )


@cached(entries=200, seconds=LIVE)
def events(run_id: int) -> list[Event]:
    """What happened to a run."""
    return get_store().runs.events(run_id)


@cached(entries=200, seconds=LIVE)
def why_ended(run_id: int) -> Message | None:
    """Why a run failed or was stopped."""
    return get_store().runs.why_ended(run_id)


@cached(entries=200, seconds=LIVE)
def log_lines(run_id: int) -> list[LogLine]:
    """What the newest attempts of a run printed and logged."""
    return get_store().logs.lines(run_id)


@cached(entries=200, seconds=LIVE)
def get_note(run_id: int) -> Note | None:
    """What was written about a run."""
    return get_store().notes.get(run_id)


@cached(entries=200, seconds=2 * LIVE)
def checkpoints(run_id: int) -> list[CheckpointInfo]:
    """The checkpoints that a run keeps, the oldest first."""
    return sorted(get_store().checkpoints.list(run_id), key=lambda info: info.step)


@cached(entries=40)
def inspection(checkpoint: CheckpointInfo, _config: RunConfig) -> BatchNormInspection:
    """A run's Batch Normalization at a checkpoint; neither changes once it is kept."""
    return inspect_batch_norm(_config, get_store().checkpoints.load(checkpoint.id))


@cached(entries=200)
def last_batch(run_id: int, layer: int, step: int) -> BatchNormState | None:
    """A BN layer's last batch at a recorded step."""
    return next(iter(get_store().history.batch_norms(run_id, layer=layer, steps=[step])), None)


@cached(entries=30)
def batch_norm_path(run_id: int, layer: int, upto: int) -> list[BatchNormState]:
    """A BN layer at every recorded step up to one, which is over."""
    states = get_store().history.batch_norms(run_id, layer=layer)
    return [state for state in states if state.step <= upto]


@cached(entries=100, seconds=60)
def dataset_info(dataset: AnyDataset) -> DatasetInfo:
    """Shapes and sizes of a data set; raises DataError where it cannot be read."""
    return dataset.info()


@cached(entries=2, seconds=2 * LIVE)
def queue_state() -> QueueState:
    """The queue as a whole: whether it is held, and whether a dispatcher serves it."""
    return get_store().queue.state()


def queue_depth() -> dict[Status, int]:
    """How many runs wait and how many are under way."""
    return get_store().queue.depth()
