"""A dispatcher of one's own, and runs that go through it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil
from sqlalchemy import text

from db.records import Run, Status
from db.store import Store
from engine.config import RunConfig
from engine.sweeps.axes import Choices
from engine.sweeps.config import SweepConfig
from engine.sweeps.samplers import Grid
from runner.job import EndingKind, Job
from runner.supervisor import Child

_POLL = 0.02
_LEASE = 600.0


@contextmanager
def dispatcher(
    store: Store, folder: str, *, workers: int = 1, variables: Mapping[str, str] | None = None
) -> Iterator[psutil.Popen]:
    """`layerlab dispatch`, with the settings that it has by itself; ready to train."""
    environment = os.environ | {
        "LAYERLAB_DATABASE_URL": store.url,
        "LAYERLAB_LOG_DIR": folder,
        "LAYERLAB_WORKERS": str(workers),
        **(variables or {}),
    }
    command = [sys.executable, "-m", "runner.cli", "dispatch"]
    process = psutil.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


def finish(store: Store, config: RunConfig, runs: int) -> list[int]:
    """Launch a configuration with so many seeds, and wait for their ends; all must be done."""
    rate = Choices(name="optimizer.lr", values=(config.optimizer.lr,))
    return sweep(store, SweepConfig(base=config, axes=(rate,), sampler=Grid(), seeds=runs))


def sweep(store: Store, config: SweepConfig) -> list[int]:
    """Launch a sweep and wait for its end; all of its runs must be done."""
    sweep_id = store.sweeps.enqueue(config, owner="benchmark").id
    while not (state := store.sweeps.get(sweep_id)) or not state.ended:
        time.sleep(_POLL)
    assert state.counts[Status.DONE] == state.runs, state.counts
    return [run_id for trial in store.sweeps.trials(sweep_id) for run_id in trial.run_ids]


def trained(store: Store, config: RunConfig) -> Run:
    """One run, once it is done."""
    run_id = store.queue.enqueue(config, owner="benchmark").id
    while not (run := store.runs.get(run_id)) or not run.status.ended:
        time.sleep(_POLL)
    assert run.status is Status.DONE, run.error
    return run


def made_by(store: Store, child: Child, config: RunConfig) -> None:
    """One run, by a child of our own."""
    run_id = store.queue.enqueue(config, owner="benchmark").id
    claim = store.queue.claim(lease=_LEASE)
    assert claim is not None
    assert claim.run_id == run_id
    (made,) = child.make(Job(run_id, claim.attempt, store.url, _LEASE))
    assert made.ending.kind is EndingKind.ENDED, made.ending.detail


def first_record(store: Store, config: RunConfig) -> float:
    """Seconds from the launch to the first record, and waits for the run's end."""
    begun = time.perf_counter()
    run_id = store.queue.enqueue(config, owner="benchmark").id
    while not store.history.metrics([run_id])[run_id]:
        time.sleep(_POLL)
    seconds = time.perf_counter() - begun
    while not (run := store.runs.get(run_id)) or not run.status.ended:
        time.sleep(_POLL)
    return seconds


def megabytes(store: Store) -> float:
    """How much the database takes, what is free in it left out."""
    with store.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            size = "SELECT pg_database_size(current_database())"
            return float(connection.scalar(text(size))) / 1e6
        pages = connection.scalar(text("PRAGMA page_count"))
        free = connection.scalar(text("PRAGMA freelist_count"))
        return float((pages - free) * connection.scalar(text("PRAGMA page_size"))) / 1e6


def folder_of(path: str, name: str) -> str:
    """A folder that is there."""
    folder = Path(path) / name
    folder.mkdir(exist_ok=True)
    return str(folder)
