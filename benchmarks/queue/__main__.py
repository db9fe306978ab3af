"""`python -m benchmarks.queue`: what a run costs beside its training, in seconds and in bytes.

All of it goes through the real thing: a database, a dispatcher, a Dask worker and its child, each a
process of its own, with the settings that they have by themselves. What trains alone takes turns
with what goes through the queue.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

os.environ.setdefault("OMP_NUM_THREADS", "1")  # as a worker's child has it
os.environ["PYTHONWARNINGS"] = "ignore::UserWarning"  # scikit-learn's processes, of convergence

import psutil

from benchmarks.dashboard.client import Seen, User
from benchmarks.queue.serving import (
    dispatcher,
    finish,
    first_record,
    folder_of,
    megabytes,
    sweep,
    trained,
)
from benchmarks.queue.workloads import (
    CONVOLUTIONS,
    DEFAULT,
    DENSE,
    SWEEP,
    TRIVIAL,
    alone,
    grid_search,
)
from benchmarks.rows import Row, show, write
from db import schema
from db.store import Store
from engine.config import RunConfig

COST = 0.15  # seconds for a trivial run beyond its training, at most
IDLE = 0.03  # of one processor, at most
MORE = 0.03  # seconds for a default run beyond its training, at most
DENSE_BEFORE = 26.0  # megabytes of a run of DENSE in November 2026, before histories were packed


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="layerlab-queue-") as folder:
        url = options.database or f"sqlite:///{folder}/runs.db"
        schema.upgrade(url)
        with Store.open(url) as store:
            rows = [
                row
                for name, measure in _parts(options, folder).items()
                if options.only in name
                for row in measure(store)
            ]
    show(rows, unit="s, MB")
    if options.json:
        write(rows, options.json, rounds=options.rounds, database=url.partition(":")[0])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.queue", description=__doc__)
    parser.add_argument("--runs", type=int, default=1000, help="trivial runs")
    parser.add_argument("--rounds", type=int, default=5, help="turns that contestants take")
    parser.add_argument("--seconds", type=float, default=20, help="how long to look at idleness")
    parser.add_argument("--only", default="", help="the parts whose names hold this text")
    parser.add_argument("--database", help="an empty database; by default a SQLite file")
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


Part = Callable[[Store], Iterator[Row]]


def _parts(options: argparse.Namespace, folder: str) -> dict[str, Part]:
    """The parts, in the order in which they are measured."""

    def first(store: Store) -> Iterator[Row]:
        """Before anything has been compiled, and again."""
        cache = {"NUMBA_CACHE_DIR": folder_of(folder, "machine-code")}
        with dispatcher(store, folder, variables=cache):
            runs = [trained(store, DEFAULT) for _ in range(2)]
        spent = [run.seconds for run in runs]
        name = "first run on a machine that has never compiled, over its second"
        yield Row(name, "bar", spent[0] - spent[1], 2.0, 1.0)

    def one_worker(store: Store) -> Iterator[Row]:
        with dispatcher(store, folder) as process:
            finish(store, DEFAULT, 3)  # the child has loaded what it needs
            alone(DEFAULT)
            yield from _default(store, options.rounds)
            yield _beside(store, "convolutions, 2 epochs of MNIST's shape", CONVOLUTIONS)
            yield _beside(store, "784-100x4-10, BN, Adam, 10 epochs of MNIST's shape", DENSE)
            yield _latency(store)
            yield _idle(process, options.seconds)

    def trivial(store: Store) -> Iterator[Row]:
        with dispatcher(store, folder):
            finish(store, TRIVIAL, 5)
            begun = time.perf_counter()
            finish(store, TRIVIAL, options.runs)
            each = (time.perf_counter() - begun) / options.runs - alone(TRIVIAL, 50)
        yield Row(
            f"{options.runs:,} trivial runs, each beyond its training", "bar", each, COST, 1.0
        )

    def hundred(store: Store) -> Iterator[Row]:
        with dispatcher(store, folder, workers=2):
            finish(store, DEFAULT, 4)
            begun = time.perf_counter()
            sweep(store, SWEEP)
            ours = time.perf_counter() - begun
        yield Row("100 runs of the default network", "GridSearchCV", ours, grid_search(), 0.5)

    def size(store: Store) -> Iterator[Row]:
        with dispatcher(store, folder):
            yield Row("bytes of a default run", "bar", _bytes(store, DEFAULT, 10), 1.5, 1.0)
            name = "bytes of 784-100x4-10, 10 epochs of MNIST's shape"
            yield Row(name, "before", _bytes(store, DENSE, 2), DENSE_BEFORE, 1 / 3)

    def start(store: Store) -> Iterator[Row]:
        seconds = median(_first_page(store, folder) for _ in range(3))
        yield Row("from `layerlab` to the first page", "bar", seconds, 3.0, 1.0)

    parts = (first, one_worker, trivial, hundred, size, start)
    return {part.__name__: part for part in parts}


def _default(store: Store, rounds: int, runs: int = 10) -> Iterator[Row]:
    ours, theirs = [], []
    for _ in range(rounds):
        theirs.append(alone(DEFAULT, runs))
        begun = time.perf_counter()
        finish(store, DEFAULT, runs)
        ours.append((time.perf_counter() - begun) / runs)
    name = "a default run through the queue"
    yield Row.of_rounds(name, "its training alone", ours, theirs, 1.25)
    more = median(a - b for a, b in zip(ours, theirs, strict=True))
    yield Row(f"{name}, beyond its training", "bar", more, MORE, 1.0)


def _beside(store: Store, name: str, config: RunConfig, rounds: int = 3) -> Row:
    """A run through the queue beside the same in this process."""
    ours, theirs = [], []
    finish(store, config, 1)
    alone(config)
    for _ in range(rounds):
        theirs.append(alone(config))
        begun = time.perf_counter()
        finish(store, config, 1)
        ours.append(time.perf_counter() - begun)
    return Row.of_rounds(name, "its training alone", ours, theirs, 1.1)


def _latency(store: Store, times: int = 7) -> Row:
    """A worker that has nothing else to do."""
    seconds = []
    for _ in range(times):
        time.sleep(1.3)
        seconds.append(first_record(store, DEFAULT))
    return Row("from the launch to the first record", "bar", median(seconds), 0.7, 1.0)


def _idle(process: psutil.Popen, seconds: float) -> Row:
    """Processor seconds per second of the dispatcher and all its processes, with nothing to do."""
    time.sleep(3)
    before = _processor_time(process)
    time.sleep(seconds)
    share = (_processor_time(process) - before) / seconds
    return Row("idle, each second", "bar", share, IDLE, 1.0)


def _processor_time(process: psutil.Popen) -> float:
    times = [each.cpu_times() for each in (process, *process.children(recursive=True))]
    return sum(time.user + time.system for time in times)


def _bytes(store: Store, config: RunConfig, runs: int) -> float:
    """Megabytes that a run leaves, once it has ended."""
    finish(store, config, 1)
    before = megabytes(store)
    finish(store, config, runs)
    return (megabytes(store) - before) / runs


def _first_page(store: Store, folder: str) -> float:
    """Seconds from the command to the first page that stands, files warm."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    variables = {"LAYERLAB_DATABASE_URL": store.url, "LAYERLAB_LOG_DIR": folder}
    command = [sys.executable, "-m", "runner.cli", "--no-browser", "--port", str(port)]
    begun = time.perf_counter()
    process = subprocess.Popen(command, env=os.environ | variables, stdout=subprocess.DEVNULL)
    try:
        while True:
            try:
                asyncio.run(User(f"http://127.0.0.1:{port}", Seen()).once(""))
                return time.perf_counter() - begun
            except OSError:
                time.sleep(0.05)
    finally:
        process.terminate()
        process.wait(30)


if __name__ == "__main__":
    main()
