"""Every read of the dashboard, cached: pages ask here and never hold a connection.

The caches are shared by all sessions, so each is bounded, and short-lived where runs still change.
What the Store returns is frozen, so everybody is handed the same value: `cache_resource`, where
`cache_data` would unpickle two hundred runs for a list of their names. Nobody changes an
array in place either.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

import streamlit as st

from dashboard.reads.columns import Columns, metric_columns, statistic_columns
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


@st.cache_resource(ttl=LIVE, max_entries=200, show_spinner=False)
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


@st.cache_resource(ttl=5 * LIVE, max_entries=1, show_spinner=False)
def recent_runs() -> tuple[Run, ...]:
    """The newest runs, for lists to choose from; the Runs page finds every other one."""
    return get_store().runs.find(limit=RECENT).runs


@st.cache_resource(ttl=10 * LIVE, max_entries=100, show_spinner=False)
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


@st.cache_resource(ttl=LIVE, max_entries=10, show_spinner=False)
def tag_names() -> list[str]:
    """Every tag that is on a run."""
    return get_store().tags.names()


@st.cache_resource(ttl=LIVE, max_entries=500, show_spinner=False)
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


@st.cache_resource(ttl=LIVE, max_entries=100, show_spinner=False)
def get_sweep(sweep_id: int) -> Sweep | None:
    """A sweep, or None where there is none of that number."""
    return get_store().sweeps.get(sweep_id)


@st.cache_resource(ttl=LIVE, max_entries=100, show_spinner=False)
def sweep_run_ids(sweep_id: int) -> tuple[int, ...]:
    """The runs of a sweep, point by point."""
    trials = get_store().sweeps.trials(sweep_id)
    return tuple(run_id for trial in trials for run_id in trial.run_ids)


@st.cache_resource(ttl=LIVE, max_entries=50, show_spinner=False)
def sweeps(*, limit: int = 10, offset: int = 0) -> Sequence[Sweep]:
    """Sweeps, the newest first."""
    return get_store().sweeps.list(limit=limit, offset=offset)


@st.cache_resource(ttl=LIVE, max_entries=1, show_spinner=False)
def sweep_count() -> int:
    """How many sweeps there are."""
    return get_store().sweeps.count()


def best_point(sweep: Sweep) -> Trial | None:
    """The point of a sweep with the best mean so far; it changes only when a run has ended."""
    return _best_point(sweep.id, sweep.ended_runs, sweep)


@st.cache_resource(max_entries=500, show_spinner=False)
def _best_point(sweep_id: int, ended_runs: int, _sweep: Sweep) -> Trial | None:
    found = _sweep.ranked(get_store().sweeps.trials(sweep_id)) if ended_runs else []
    return found[0] if found and found[0].mean is not None else None


@st.cache_resource(ttl=LIVE, max_entries=200, show_spinner=False)
def sparklines(run_ids: tuple[int, ...]) -> dict[int, list[float]]:
    """The loss of each run in a few points."""
    return get_store().runs.sparklines(run_ids)


@st.cache_resource(ttl=LIVE, max_entries=10, show_spinner=False)
def owners() -> list[str]:
    """Who has launched runs."""
    return get_store().runs.owners()


@st.cache_resource(max_entries=300, show_spinner=False)
def ended_metrics(run_id: int) -> Columns:
    """All losses and accuracies of a run that has ended."""
    return metrics_after(run_id, -1)


@st.cache_resource(max_entries=100, show_spinner=False)
def ended_layers(run_id: int) -> Columns:
    """All layer statistics of a run that has ended."""
    return layers_after(run_id, -1)


def metrics_after(run_id: int, step: int) -> Columns:
    """The losses and accuracies of a run after a step."""
    return metric_columns(get_store().history.metrics([run_id], after_step=step)[run_id])


def layers_after(run_id: int, step: int) -> Columns:
    """The layer statistics of a run after a step."""
    return statistic_columns(get_store().history.layers(run_id, after_step=step))


@st.cache_resource(ttl=2 * LIVE, max_entries=200, show_spinner=False)
def histogram_steps(run_id: int) -> list[int]:
    """The steps at which a run's distributions were recorded."""
    return get_store().history.histogram_steps(run_id)


@st.cache_resource(max_entries=300, show_spinner=False)
def histograms(
    run_id: int, quantity: Quantity, *, steps: tuple[int, ...] = (), layer: int | None = None
) -> list[Histogram]:
    """Distributions of a run at recorded steps, which never change; of one layer where named."""
    return get_store().history.histograms(
        run_id, quantity=quantity, steps=steps, layers=None if layer is None else [layer]
    )


@st.cache_resource(ttl=LIVE, max_entries=200, show_spinner=False)
def events(run_id: int) -> list[Event]:
    """What happened to a run."""
    return get_store().runs.events(run_id)


@st.cache_resource(ttl=LIVE, max_entries=200, show_spinner=False)
def log_lines(run_id: int) -> list[LogLine]:
    """What the newest attempts of a run printed and logged."""
    return get_store().logs.lines(run_id)


@st.cache_resource(ttl=LIVE, max_entries=200, show_spinner=False)
def get_note(run_id: int) -> Note | None:
    """What was written about a run."""
    return get_store().notes.get(run_id)


@st.cache_resource(ttl=2 * LIVE, max_entries=200, show_spinner=False)
def checkpoints(run_id: int) -> list[CheckpointInfo]:
    """The checkpoints that a run keeps, the oldest first."""
    return sorted(get_store().checkpoints.list(run_id), key=lambda info: info.step)


@st.cache_resource(max_entries=40, show_spinner=False)
def inspection(checkpoint: CheckpointInfo, _config: RunConfig) -> BatchNormInspection:
    """A run's Batch Normalization at a checkpoint; neither changes once it is kept."""
    return inspect_batch_norm(_config, get_store().checkpoints.load(checkpoint.id))


@st.cache_resource(max_entries=200, show_spinner=False)
def last_batch(run_id: int, layer: int, step: int) -> BatchNormState | None:
    """A BN layer's last batch at a recorded step."""
    return next(iter(get_store().history.batch_norms(run_id, layer=layer, steps=[step])), None)


@st.cache_resource(max_entries=30, show_spinner=False)
def batch_norm_path(run_id: int, layer: int, upto: int) -> list[BatchNormState]:
    """A BN layer at every recorded step up to one, which is over."""
    states = get_store().history.batch_norms(run_id, layer=layer)
    return [state for state in states if state.step <= upto]


@st.cache_resource(ttl=60, max_entries=100, show_spinner=False)
def dataset_info(dataset: AnyDataset) -> DatasetInfo:
    """Shapes and sizes of a data set; raises DataError where it cannot be read."""
    return dataset.info()


@st.cache_resource(ttl=2 * LIVE, max_entries=2, show_spinner=False)
def queue_state() -> QueueState:
    """The queue as a whole: whether it is held, and whether a dispatcher serves it."""
    return get_store().queue.state()


def queue_depth() -> dict[Status, int]:
    """How many runs wait and how many are under way."""
    return get_store().queue.depth()
