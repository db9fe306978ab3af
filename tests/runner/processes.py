"""Real processes for tests: dispatchers, runs to train, and what can be seen of them outside."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import psutil
from sqlalchemy import update
from threadpoolctl import threadpool_limits

from db.models import SPLITS, RunRow
from db.records import EventKind, Run, Status
from db.store import Store
from engine.config import RecordSpec, RunConfig
from engine.initializers import He
from engine.layers import BatchNorm, ReLU
from engine.records import MemoryRecorder, Metric
from engine.stack import multilayer
from engine.training import train
from tests.runner import gates
from tests.runner.gates import Gate

T = TypeVar("T")

LEASE, GRACE = 10.0, 8.0
PATIENCE = 240.0  # seconds to wait for what comes at once on a machine that has nothing else to do
LAYERLAB = [sys.executable, "-m", "runner.cli"]

CONFIG = RunConfig(
    layers=multilayer([16], 10, activation=ReLU(), init=He(), batch_norm=BatchNorm()),
    batch_size=50,
    epochs=100,
    record=RecordSpec(every=50, histograms=False, checkpoint_every=5),
    backend="numpy",
)
"""A run with 20 checkpoints. One that a test strikes waits at a gate until the test opens it."""

FIRST_CHECKPOINT = 5 * 29  # steps

SHORT = CONFIG.model_copy(update={"epochs": 3})


@cache
def curve_of(config: RunConfig) -> list[Metric]:
    """What a run leaves behind that nothing ever interrupts, as `history.metrics` orders it."""
    recorder = MemoryRecorder()
    with threadpool_limits(1):  # as in a child
        train(config, recorder)
    metrics = [metric for record in recorder.records for metric in record.metrics]
    return sorted(metrics, key=lambda metric: (metric.step, SPLITS.index(metric.split)))


def until(condition: Callable[[], T | None], *, seconds: float = PATIENCE) -> T:
    """What a condition comes to once it holds; fails where it never does."""
    deadline = time.monotonic() + seconds
    while not (held := condition()):
        assert time.monotonic() < deadline, "this never came true"
        time.sleep(0.03)
    return held


def environment(url: str, folder: Path, **more: str) -> dict[str, str]:
    """The environment of a layerlab process that is quick to notice things."""
    settings = {
        "LAYERLAB_DATABASE_URL": url,
        "LAYERLAB_LOG_DIR": str(folder / "logs"),
        "LAYERLAB_WORKERS": "2",
        "LAYERLAB_LEASE": str(LEASE),
        "LAYERLAB_GRACE": str(GRACE),
        "LAYERLAB_TICK": "0.3",  # a dispatcher that three tests share would take a tenth of a core
        # As on a machine so busy that a worker takes longer to start than Dask would wait for it.
        "DASK_DISTRIBUTED__DEPLOY__LOST_WORKER_TIMEOUT": "0.1s",
        "LAYERLAB_COMPILE_AHEAD": "no",  # hundreds of workers start: none of their runs needs it
    }
    inherited = {k: v for k, v in os.environ.items() if k != "DASK_SCHEDULER_ADDRESS"}
    settings["PYTHONPATH"] = os.pathsep.join(
        path for path in (str(gates.FOLDER), inherited.get("PYTHONPATH")) if path
    )
    return inherited | settings | more


@contextmanager
def running(command: list[str], env: Mapping[str, str], log: Path) -> Iterator[psutil.Popen]:
    """A process in a session of its own; at the end neither it nor a descendant is left."""
    with log.open("ab") as output:
        process = psutil.Popen(
            command,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    with ended(process):
        yield process


@contextmanager
def ended(process: psutil.Popen) -> Iterator[None]:
    """At the end neither the process nor a descendant is left."""
    try:
        yield
    finally:
        descendants = family(process.pid)
        with suppress(psutil.NoSuchProcess):
            process.terminate()
        with suppress(psutil.TimeoutExpired):
            process.wait(20)
        for left in [process, *descendants]:
            with suppress(psutil.NoSuchProcess):
                left.kill()
        psutil.wait_procs([process, *descendants], timeout=20)


@contextmanager
def dispatcher(url: str, folder: Path, **more: str) -> Iterator[psutil.Popen]:
    """`layerlab dispatch` on a database."""
    folder.mkdir(exist_ok=True)
    env = environment(url, folder, **more)
    with running([*LAYERLAB, "dispatch"], env, folder / "dispatcher.out") as process:
        yield process


def family(pid: int) -> list[psutil.Process]:
    """The descendants of a process."""
    try:
        return list(psutil.Process(pid).children(recursive=True))
    except psutil.NoSuchProcess:
        return []


def is_dead(pid: int) -> bool:
    """Whether a process is gone, and no zombie that a process of ours does not bury.

    One whose parent has died is the init process's to bury, which may take its time.
    """
    try:
        process = psutil.Process(pid)
        return bool(process.status() == psutil.STATUS_ZOMBIE and process.ppid() == 1)
    except psutil.NoSuchProcess:
        return True


def enqueue(
    store: Store, config: RunConfig = CONFIG, *held_by: Gate, name: str = "", **options: Any
) -> int:
    """Queue a run, which waits at gates where there are some."""
    name = ", ".join(map(str, held_by)) or name
    return store.queue.enqueue(config, owner="test", name=name, **options).id


def enqueue_endless(store: Store, **options: Any) -> int:
    """Queue a run that trains until something ends it."""
    return enqueue(store, CONFIG.model_copy(update={"epochs": 100_000}), gates.FAR, **options)


def get(store: Store, run_id: int) -> Run:
    run = store.runs.get(run_id)
    assert run is not None
    return run


def wait_for_end(store: Store, run_id: int, *, seconds: float = PATIENCE) -> Run:
    return until(lambda: r if (r := get(store, run_id)).status.ended else None, seconds=seconds)


def wait_for_child(store: Store, run_id: int, *, attempt: int = 1, step: int = 1) -> int:
    """The process that trains a run, once this attempt has come so far and has where to go on."""

    def training() -> int | None:
        run = get(store, run_id)
        assert not run.status.ended, f"the run was too short to be struck: {run}"
        there = run.attempt == attempt and run.worker and run.step >= step
        if step > FIRST_CHECKPOINT:  # which is kept within a second
            there = there and store.checkpoints.list(run_id)
        return int(str(run.worker).rsplit(":")[-1]) if there else None

    return until(training)


def let_lease_end(store: Store, run_id: int, moment: datetime) -> None:
    """Have a lease end when it would by a clock that has jumped."""
    held = update(RunRow).where(RunRow.id == run_id, RunRow.status == Status.RUNNING)
    with store.engine.begin() as connection:
        connection.execute(held.values(lease_until=moment))


def reasons(store: Store, run_id: int) -> list[str]:
    """Why attempts at a run were lost."""
    gone = (EventKind.LOST, EventKind.KILLED)
    return [str(e.data["reason"]) for e in store.runs.events(run_id) if e.kind in gone]


def assert_whole(store: Store, run_id: int, config: RunConfig = CONFIG) -> None:
    """The run is done and its curve, bit by bit and step by step, that of a run left in peace."""
    assert get(store, run_id).status is Status.DONE, get(store, run_id)
    assert store.history.metrics([run_id])[run_id] == curve_of(config)
