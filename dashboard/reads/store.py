"""Every read of the dashboard, cached, and the Store that pages change things by: they ask here and
never hold a connection.

The caches are shared by all sessions, so each is bounded, and short-lived where runs still change.
What the Store returns is frozen, so everybody is handed the same value (`st.cache_data` would
unpickle two hundred runs for a list of their names). Nobody changes an array in place either.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Unpack

from dashboard.reads.caching import cached
from dashboard.reads.columns import Columns, rows
from dashboard.reads.opened import shared_store
from dashboard.reads.signed_in import may_i, signed_in
from db.records import (
    CheckpointInfo,
    Event,
    GroupPage,
    LogLine,
    Note,
    QueueState,
    Run,
    RunPage,
    Search,
    Status,
    Sweep,
    SweepPlan,
    Trial,
)
from db.rights import Action
from db.store import Store
from engine.analyses.inspection import BatchNormInspection, inspect_batch_norm
from engine.config import RunConfig
from engine.datasets import AnyDataset, DatasetInfo
from engine.messages import Message
from engine.records import BatchNormState, Quantity
from engine.sweeps.config import SweepConfig
from engine.trained_on import TrainedOn

RECENT = 200
"""Runs that a list to choose from holds."""

LIVE = 1.0  # seconds that something which still changes may be old


def get_store() -> Store:
    """The Store as whoever is signed in to this session may use it. It is theirs alone: nothing
    that it gives is cached for others.

    Raises RightsError where they are let in no more.
    """
    person = signed_in()
    return shared_store() if person is None else shared_store().acting_as(person)


def writable() -> bool:
    """Whether the reader can keep anything; else pages offer nothing that writes."""
    return shared_store().writable and may_i(Action.LAUNCH)


@cached(entries=200, seconds=LIVE)
def find_runs(
    *,
    sort: str = "created",
    descending: bool = True,
    limit: int = 50,
    offset: int = 0,
    **asked: Unpack[Search],
) -> RunPage:
    """One page of the list of runs."""
    return shared_store().runs.find(
        sort=sort, descending=descending, limit=limit, offset=offset, **asked
    )


def found_ids(
    *, sort: str = "created", descending: bool = True, **asked: Unpack[Search]
) -> list[int]:
    """All runs that a search finds, at this moment."""
    return shared_store().runs.ids(sort=sort, descending=descending, **asked)


@cached(entries=1, seconds=5 * LIVE)
def recent_runs() -> tuple[Run, ...]:
    """The newest runs, for lists to choose from; the Runs page finds every other one."""
    return shared_store().runs.find(limit=RECENT).runs


@cached(entries=100, seconds=10 * LIVE)
def find_groups(
    by: str,
    *,
    sort: str = "newest",
    descending: bool = True,
    limit: int = 50,
    offset: int = 0,
    **asked: Unpack[Search],
) -> GroupPage:
    """One page of the groups of runs."""
    return shared_store().runs.groups(
        by, sort=sort, descending=descending, limit=limit, offset=offset, **asked
    )


@cached(entries=10, seconds=LIVE)
def tag_names() -> list[str]:
    """Every tag that is on a run."""
    return shared_store().tags.names()


@cached(entries=500, seconds=LIVE)
def get_runs(run_ids: tuple[int, ...]) -> dict[int, Run]:
    """Runs by their numbers; those that do not exist are left out."""
    return shared_store().runs.get_many(run_ids)


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
    return shared_store().sweeps.get(sweep_id)


@cached(entries=100, seconds=LIVE)
def sweep_run_ids(sweep_id: int) -> tuple[int, ...]:
    """The runs of a sweep, point by point."""
    trials = shared_store().sweeps.trials(sweep_id)
    return tuple(run_id for trial in trials for run_id in trial.run_ids)


@cached(entries=50, seconds=LIVE)
def sweeps(*, limit: int = 10, offset: int = 0) -> Sequence[Sweep]:
    """Sweeps, the newest first."""
    return shared_store().sweeps.list(limit=limit, offset=offset)


@cached(entries=1, seconds=LIVE)
def sweep_count() -> int:
    """How many sweeps there are."""
    return shared_store().sweeps.count()


@cached(entries=50, seconds=10 * LIVE)
def sweep_plan(definition: str) -> SweepPlan:
    """What a sweep would come to."""
    return shared_store().sweeps.plan(SweepConfig.parse_json(definition))


def best_point(sweep: Sweep) -> Trial | None:
    """The point of a sweep with the best mean so far; it changes only when a run has ended."""
    return _best_point(sweep.id, sweep.ended_runs, sweep)


@cached(entries=500)
def _best_point(sweep_id: int, ended_runs: int, _sweep: Sweep) -> Trial | None:
    found = _sweep.ranked(shared_store().sweeps.trials(sweep_id)) if ended_runs else []
    return found[0] if found and found[0].mean is not None else None


@cached(entries=200, seconds=LIVE)
def sparklines(run_ids: tuple[int, ...]) -> dict[int, list[float]]:
    """The loss of each run in a few points."""
    return shared_store().runs.sparklines(run_ids)


@cached(entries=10, seconds=LIVE)
def owners() -> list[str]:
    """Who has launched runs."""
    return shared_store().runs.owners()


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
    return shared_store().history.metric_columns(run_id, after_step=step)


def layers_after(run_id: int, step: int) -> Columns:
    """The layer statistics of a run after a step."""
    return shared_store().history.layer_columns(run_id, after_step=step)


@cached(entries=200, seconds=2 * LIVE)
def histogram_steps(run_id: int) -> list[int]:
    """The steps at which a run's distributions were recorded."""
    return shared_store().history.histogram_steps(run_id)


@cached(entries=300)
def histograms(
    run_id: int, quantity: Quantity, *, steps: tuple[int, ...] = (), layer: int | None = None
) -> Columns:
    """Distributions of a run at recorded steps, which never change; of one layer where named."""
    return shared_store().history.histogram_columns(
        run_id, quantity=quantity, steps=steps, layers=None if layer is None else [layer]
    )


@cached(entries=200, seconds=LIVE)
def events(run_id: int) -> list[Event]:
    """What happened to a run."""
    return shared_store().runs.events(run_id)


@cached(entries=200, seconds=LIVE)
def why_ended(run_id: int) -> Message | None:
    """Why a run failed or was stopped."""
    return shared_store().runs.why_ended(run_id)


@cached(entries=200, seconds=LIVE)
def log_lines(run_id: int) -> list[LogLine]:
    """What the newest attempts of a run printed and logged."""
    return shared_store().logs.lines(run_id)


@cached(entries=200, seconds=LIVE)
def get_note(run_id: int) -> Note | None:
    """What was written about a run."""
    return shared_store().notes.get(run_id)


@cached(entries=200, seconds=2 * LIVE)
def checkpoints(run_id: int) -> list[CheckpointInfo]:
    """The checkpoints that a run keeps, the oldest first."""
    return sorted(shared_store().checkpoints.list(run_id), key=lambda info: info.step)


@cached(entries=200, seconds=LIVE)
def trained_on(run_id: int) -> TrainedOn | None:
    """What a run trained on, as it is kept with it."""
    return shared_store().runs.trained_on(run_id)


@cached(entries=40)
def inspection(checkpoint: CheckpointInfo, _config: RunConfig) -> BatchNormInspection:
    """A run's Batch Normalization at a checkpoint; neither changes once it is kept."""
    return inspect_batch_norm(_config, shared_store().checkpoints.load(checkpoint.id))


@cached(entries=200)
def last_batch(run_id: int, layer: int, step: int) -> BatchNormState | None:
    """A BN layer's last batch at a recorded step."""
    return next(iter(shared_store().history.batch_norms(run_id, layer=layer, steps=[step])), None)


@cached(entries=30)
def batch_norm_path(run_id: int, layer: int, upto: int) -> Columns:
    """A BN layer at every recorded step up to one, which is over: a row per step, and in each row
    a value per channel."""
    states = shared_store().history.batch_norm_columns(run_id, layer)
    return rows(states, states["step"] <= upto)


def info_of_run(run: Run) -> DatasetInfo:
    """Shapes and sizes of what a run trained on: as kept with it, else as its data are now."""
    kept = trained_on(run.id)
    return kept.info if kept else dataset_info(run.config.dataset)


def dataset_info(dataset: AnyDataset) -> DatasetInfo:
    """Shapes and sizes of a data set, read once until its files change; raises DataError where it
    cannot be read."""
    return _dataset_info(dataset, versions(dataset))


@cached(entries=100)
def _dataset_info(dataset: AnyDataset, versions: tuple[object, ...]) -> DatasetInfo:
    """An answer for these versions of the files alone."""
    return dataset.info()


def versions(dataset: AnyDataset) -> tuple[object, ...]:
    """What changes where a data set's files do."""
    return tuple(map(_version, dataset.files()))


def _version(file: Path) -> tuple[str, int, int] | None:
    """What another content of a file changes, without reading it; None where there is none."""
    try:
        found = file.stat()
    except OSError:
        return None
    return str(file), found.st_mtime_ns, found.st_size


@cached(entries=2, seconds=2 * LIVE)
def queue_state() -> QueueState:
    """The queue as a whole: whether it is held, and whether a dispatcher serves it."""
    return shared_store().queue.state()


def queue_depth() -> dict[Status, int]:
    """How many runs wait and how many are under way."""
    return shared_store().queue.depth()
