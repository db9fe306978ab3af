"""This project's side: the Store, as the runner and the pages use it."""

from __future__ import annotations

from pathlib import Path

from benchmarks.store.workload import BATCH, PAGE, VALUES, Question, config, record
from dashboard.reads.downsample import LIMIT, kept
from db.records import Run, RunPage, Status
from db.schema import upgrade
from db.store import Store

LEASE = 3600.0


def open_store(file: Path) -> Store:
    url = f"sqlite:///{file}"
    upgrade(url)
    return Store.open(url)


class Writes:
    """Each step is a write of `BATCH` recorded steps."""

    def __init__(self, file: Path) -> None:
        self.store, self.file, self.written = open_store(file), file, 0
        self.run = _running(self.store, 0)
        self._empty = self._size()

    def steps(self, count: int) -> None:
        for _ in range(count):
            start = self.written * BATCH
            records = [record(step) for step in range(start, start + BATCH)]
            self.store.history.append(self.run.id, self.run.attempt, records, lease=LEASE)
            self.written += 1

    def bytes_a_value(self) -> float:
        return (self._size() - self._empty) / (self.written * BATCH * VALUES)

    def _size(self) -> int:
        with self.store.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        return self.file.stat().st_size


class Pages:
    """Each step asks for one page of a list of runs."""

    def __init__(self, store: Store, question: Question, runs: int, *, rows: int = PAGE) -> None:
        self.store, self.question, self.rows = store, question, rows
        self.offset = question.offset(runs)

    def page(self) -> RunPage:
        return self.store.runs.find(
            query=self.question.query,
            sort=self.question.sort,
            limit=self.rows,
            offset=self.offset,
        )

    def steps(self, count: int) -> None:
        for _ in range(count):
            assert self.page().total


class Curves:
    """Each step reads the loss of every recorded step of some runs, as few points of each."""

    def __init__(self, store: Store, run_ids: list[int]) -> None:
        self.store, self.run_ids = store, run_ids

    def steps(self, count: int) -> None:
        for _ in range(count):
            found = self.store.history.metrics(self.run_ids, splits=["batch"])
            for metrics in found.values():
                assert len(kept([metric.loss for metric in metrics], LIMIT))


class Newer:
    """Each step reads what ten recorded steps of a live run added."""

    def __init__(self, store: Store, run_id: int, last: int) -> None:
        self.store, self.run_id, self.after = store, run_id, last - 10

    def steps(self, count: int) -> None:
        for _ in range(count):
            assert len(self.store.history.metrics([self.run_id], after_step=self.after)) == 1
            assert self.store.history.layers(self.run_id, after_step=self.after)


def fill(store: Store, runs: int, *, steps: int) -> list[Run]:
    """Runs that are done, each with so many recorded steps."""
    filled = []
    for number in range(runs):
        run = _running(store, number)
        first = number * steps  # each with values of its own
        records = [record(first + i, evaluated=i + 1 == steps) for i in range(steps)]
        for start in range(0, steps, 100):
            part = records[start : start + 100]
            store.history.append(run.id, run.attempt, part, lease=LEASE)
        store.queue.finish(run.id, run.attempt, Status.DONE, step=steps)
        filled.append(run)
    return filled


def _running(store: Store, number: int) -> Run:
    store.queue.enqueue(config(number), owner="benchmark", name=f"run {number}")
    claim = store.queue.claim(lease=LEASE)
    assert claim is not None
    run = store.runs.get(claim.run_id)
    assert run is not None
    return run
