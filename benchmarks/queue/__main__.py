"""`python -m benchmarks.queue`: a thousand trivial runs on one worker, then nothing to do.

The cost of a run is the time from its predecessor's end to its own, less what the same training
takes in a loop. All of it goes through the real thing: a database, a dispatcher, a Dask worker and
its child, each a process of its own.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # as a worker's child has it

import psutil
from threadpoolctl import threadpool_limits

from benchmarks.rows import Row, show, write
from db import schema
from db.records import Status
from db.store import Store
from engine.config import RunConfig
from engine.datasets import Digits
from engine.initializers import He
from engine.layers import ReLU
from engine.records import MemoryRecorder
from engine.stack import multilayer
from engine.sweeps.axes import Range
from engine.sweeps.config import SweepConfig
from engine.sweeps.samplers import Random
from engine.training import train

COST = 0.15  # seconds a run, at most
IDLE = 0.03  # of one processor, at most

TRIVIAL = RunConfig(
    dataset=Digits(train_samples=200),
    layers=multilayer([8], 10, activation=ReLU(), init=He()),
    epochs=1,
    backend="numpy",
)
RATES = Range(name="optimizer.lr", low=1e-4, high=1e-1, log=True)


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="layerlab-queue-") as folder:
        url = options.database or f"sqlite:///{folder}/runs.db"
        schema.upgrade(url)
        with Store.open(url) as store, _dispatcher(url, folder) as dispatcher:
            rows = [_busy(store, options.runs), _idle(dispatcher, options.seconds)]
    show(rows, unit="s")
    if options.json:
        write(rows, options.json, runs=options.runs, database=url.partition(":")[0])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.queue", description=__doc__)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=20, help="how long to look at idleness")
    parser.add_argument("--database", help="an empty database; by default a SQLite file")
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


def _busy(store: Store, runs: int) -> Row:
    """Seconds a run beyond its training."""
    _finish(store, 5)  # the child has imported what it needs
    begun = time.perf_counter()
    _finish(store, runs)
    each = (time.perf_counter() - begun) / runs
    return Row(f"{runs:,} trivial runs, each", "bar", each - _training(), COST, 1.0)


def _finish(store: Store, runs: int) -> None:
    """Launch runs and wait for their ends; all must be done."""
    config = SweepConfig(base=TRIVIAL, axes=(RATES,), sampler=Random(trials=runs))
    sweep_id = store.sweeps.enqueue(config, owner="benchmark").id
    while not (sweep := store.sweeps.get(sweep_id)) or not sweep.ended:
        time.sleep(0.2)
    assert sweep.counts[Status.DONE] == runs, sweep.counts


def _training(times: int = 50) -> float:
    """Seconds that the training itself takes."""
    with threadpool_limits(1):
        train(TRIVIAL, MemoryRecorder())
        begun = time.perf_counter()
        for _ in range(times):
            train(TRIVIAL, MemoryRecorder())
    return (time.perf_counter() - begun) / times


def _idle(dispatcher: psutil.Popen, seconds: float) -> Row:
    """Processor seconds a second of the dispatcher and all its processes, with nothing to do."""
    time.sleep(3)
    before = _processor_time(dispatcher)
    time.sleep(seconds)
    share = (_processor_time(dispatcher) - before) / seconds
    return Row("idle, each second", "bar", share, IDLE, 1.0)


def _processor_time(process: psutil.Popen) -> float:
    times = [each.cpu_times() for each in (process, *process.children(recursive=True))]
    return sum(time.user + time.system for time in times)


@contextmanager
def _dispatcher(url: str, folder: str) -> Iterator[psutil.Popen]:
    """`layerlab dispatch` with one worker, and the settings that it has by itself."""
    environment = os.environ | {
        "LAYERLAB_DATABASE_URL": url,
        "LAYERLAB_LOG_DIR": folder,
        "LAYERLAB_WORKERS": "1",
    }
    command = [sys.executable, "-m", "runner.cli", "dispatch"]
    process = psutil.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


if __name__ == "__main__":
    main()
