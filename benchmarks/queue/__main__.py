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
from functools import partial
from pathlib import Path
from statistics import median

os.environ.setdefault("OMP_NUM_THREADS", "1")  # as a worker's child has it
os.environ["PYTHONWARNINGS"] = "ignore::UserWarning"  # scikit-learn's processes, of convergence

import psutil

from benchmarks.dashboard.client import Seen, User
from benchmarks.dashboard.server import serving
from benchmarks.queue.pressing import seconds_from_press
from benchmarks.queue.serving import (
    dispatcher,
    finish,
    first_record,
    folder_of,
    made_by,
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
from runner.settings import Settings
from runner.supervisor import Child

COST = 0.15  # seconds for a trivial run beyond its training, at most
IDLE = 0.03  # of one processor, at most
MORE = 0.03  # seconds for a default run beyond its training, at most
DENSE_BEFORE = 9.95  # megabytes of a run of DENSE by the code of 22 November 2026, on SQLite


_WORKERS = Settings.read({}).workers  # as many as there are by default


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
    parser.add_argument("--runs", type=int, default=300, help="trivial runs")
    parser.add_argument("--rounds", type=int, default=5, help="turns that contestants take")
    parser.add_argument("--seconds", type=float, default=15, help="how long to look at idleness")
    parser.add_argument("--only", default="", help="the parts whose names hold this text")
    parser.add_argument("--database", help="an empty database; by default a SQLite file")
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


Part = Callable[[Store], Iterator[Row]]


def _parts(options: argparse.Namespace, folder: str) -> dict[str, Part]:
    """The parts, in the order in which they are measured."""

    def first(store: Store) -> Iterator[Row]:
        """Before anything has been compiled, and again."""
        for workers in dict.fromkeys((_WORKERS, 1)):
            cache = {"NUMBA_CACHE_DIR": folder_of(folder, f"machine-code-{workers}")}
            with dispatcher(store, folder, workers=workers, variables=cache):
                runs = [trained(store, DEFAULT) for _ in range(2)]
            spent = [run.seconds for run in runs]
            name = "first run on a machine that has never compiled, over its second"
            name += f", {workers} worker{'s'[: workers > 1]}"
            yield Row(name, "bar", spent[0] - spent[1], 2.0, 1.0)

    def one_worker(store: Store) -> Iterator[Row]:
        with dispatcher(store, folder) as process:
            finish(store, DEFAULT, 3)  # the child has loaded what it needs
            alone(DEFAULT)
            yield from _default(store, options.rounds)
            yield _beside(store, "convolutions, 2 epochs of MNIST's shape", CONVOLUTIONS)
            yield _beside(store, "784-100x4-10, BN, Adam, 10 epochs of MNIST's shape", DENSE)
            yield _latency(store)
            with serving(store.url, Path(folder) / "dashboard.out") as server:
                seconds = seconds_from_press(server.address, times=5)
            yield Row(
                "from the press on Launch to the first record on the page", "bar", seconds, 0.7, 1
            )
            yield _idle(process, options.seconds)

    def allocator(store: Store) -> Iterator[Row]:
        """A child of a worker whose environment holds what Dask's nanny sets, without Dask."""
        os.environ["MALLOC_TRIM_THRESHOLD_"] = "65536"
        child = Child(compile_ahead=False)
        try:
            yield _beside(
                store,
                "convolutions in a child of a worker with Dask's memory setting",
                CONVOLUTIONS,
                run=lambda: made_by(store, child, CONVOLUTIONS),
            )
        finally:
            child.kill()

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

    parts = (first, one_worker, allocator, trivial, hundred, size, start)
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


def _beside(
    store: Store,
    name: str,
    config: RunConfig,
    rounds: int = 2,
    run: Callable[[], object] | None = None,
) -> Row:
    """A run through the queue, or as `run` has it, beside the same in this process."""
    ours, theirs = [], []
    run = run or partial(finish, store, config, 1)
    run()
    alone(config)
    for _ in range(rounds):
        theirs.append(alone(config))
        begun = time.perf_counter()
        run()
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
