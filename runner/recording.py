"""The recorder of a run that is kept: from the training loop to the database, by way of a thread.

The loop leaves its records in a list and goes on. The writer takes what has gathered, twice a
second at most, and writes it in order and in few transactions. Each of them also renews the run's
lease and brings back what the run is asked to do, or that it was given to another attempt. While
the database is away the writer asks again, until the lease has run out.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import groupby
from types import TracebackType
from typing import Self, TypeVar

from db.checkpoints import KEPT
from db.errors import AwayError, DatabaseError
from db.logs import LINES
from db.records import Heartbeat, Request, Run
from db.store import Store
from engine.records import Checkpoint, StepRecord
from runner.job import Job

PERIOD = 0.5  # seconds between two writes: how stale a live chart and how late a cancel may be
PAUSE = 0.2  # seconds before a database that is away is asked again
ROOM = 512  # items that may wait; with more of them the loop waits for the writer

T = TypeVar("T")
Write = Callable[[], Heartbeat]


class AttemptLostError(Exception):
    """The run is no longer this attempt's, or nothing can be written about it any more."""


class CutOffError(AttemptLostError):
    """The database was away for a whole lease."""


def insist(ask: Callable[[], T], *, lease: float, deadline: Callable[[], float]) -> T:
    """The database's answer, asked again while it is away, for a lease: AttemptLostError."""
    while True:
        try:
            return ask()
        except DatabaseError as error:
            if time.monotonic() >= deadline():
                kind = CutOffError if isinstance(error, AwayError) else AttemptLostError
                message = f"nothing could be written for {lease:g} s: {error}"
                raise kind(message.rstrip(".")) from error
        time.sleep(PAUSE)


class Clock:
    """How long a run has trained, over all its attempts; unknown until its row has been read."""

    def __init__(self) -> None:
        self._begun = time.monotonic()
        self._earlier: float | None = None
        self._limit: float | None = None

    def set(self, run: Run) -> None:
        self._earlier, self._limit = run.seconds, run.time_limit

    @property
    def seconds(self) -> float | None:
        if self._earlier is None:
            return None
        return self._earlier + time.monotonic() - self._begun

    @property
    def over(self) -> bool:
        """Whether the run's time limit is reached."""
        return self._limit is not None and (self.seconds or 0) >= self._limit


class StoreRecorder:
    """An `engine.records.Recorder` that keeps what it is given, for one attempt at a run."""

    def __init__(self, store: Store, job: Job, stop: threading.Event) -> None:
        self._store, self._job, self._stop = store, job, stop
        self.request: Request | None = None
        self.clock = Clock()
        self._kept = KEPT
        self._lines: deque[str] = deque(maxlen=LINES)
        self._lost: Exception | None = None
        self._lease_until = time.monotonic() + job.lease
        self._waiting: list[StepRecord | Write] = []
        self._closing = False
        self._changed = threading.Condition()
        self._writer = threading.Thread(target=self._run, name="writer", daemon=True)
        self._writer.start()

    def begin(self, run: Run) -> None:
        """Learn what of the run decides how it is recorded."""
        self.clock.set(run)
        self._kept = run.config.record.checkpoints_kept

    def record(self, record: StepRecord) -> None:
        self._put(record)

    def checkpoint(self, checkpoint: Checkpoint) -> None:
        self._put(partial(self._save, checkpoint))

    def log(self, line: str) -> None:
        """Keep a line of the run's log."""
        self._lines.append(line)

    def stop_requested(self) -> bool:
        asked = self.request is not None or self._stop.is_set()
        return asked or self._lost is not None or self.clock.over

    def put(self, write: Write) -> None:
        """Have something else written, after everything that was recorded before it."""
        self._put(write)

    def insist(self, ask: Callable[[], T]) -> T:
        """The database's answer, asked again until the lease has run out: AttemptLostError."""
        return insist(ask, lease=self._job.lease, deadline=lambda: self._lease_until)

    def close(self) -> None:
        """Wait until everything is written; raises what kept it from being so."""
        self._end()
        if self._lost:
            raise self._lost

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let go of the run: a writer left behind would go on renewing its lease."""
        with self._changed:
            self._waiting.clear()
        self._end()

    def _end(self) -> None:
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._writer.join()

    def _put(self, item: StepRecord | Write) -> None:
        with self._changed:
            self._changed.wait_for(lambda: len(self._waiting) < ROOM or self._lost is not None)
            self._waiting.append(item)
            if len(self._waiting) >= ROOM // 2:
                self._changed.notify_all()

    def _run(self) -> None:
        """The writer: everything in order, then an end."""
        try:
            while (items := self._take()) is not None:
                for write in self._writes(items):
                    self._heed(self.insist(write))
                self._write_lines()
            self._write_lines()
        except Exception as error:
            self._lost = error
            with self._changed:
                self._changed.notify_all()

    def _take(self) -> list[StepRecord | Write] | None:
        """What has gathered in a period, or None where nothing more will come."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._closing or len(self._waiting) >= ROOM // 2, timeout=PERIOD
            )
            items, self._waiting = self._waiting, []
            self._changed.notify_all()
            return None if self._closing and not items else items

    def _writes(self, items: Iterable[StepRecord | Write]) -> Iterator[Write]:
        """As few writes as keep the order: steps that follow one another are written together."""
        items = list(items)
        if not items:
            yield partial(self._append, [])  # a sign of life
        for are_steps, group in groupby(items, lambda item: isinstance(item, StepRecord)):
            if are_steps:
                yield partial(self._append, list(group))  # type: ignore[arg-type]
            else:
                yield from group  # type: ignore[misc]

    def _append(self, records: list[StepRecord]) -> Heartbeat:
        job = self._job
        return self._store.history.append(
            job.run_id, job.attempt, records, lease=job.lease, seconds=self.clock.seconds
        )

    def _save(self, checkpoint: Checkpoint) -> Heartbeat:
        job = self._job
        saved = self._store.checkpoints.save(job.run_id, job.attempt, checkpoint, kept=self._kept)
        return Heartbeat(alive=saved, request=self.request)

    def _write_lines(self) -> None:
        job = self._job
        lines = [self._lines.popleft() for _ in range(len(self._lines))]
        if lines:
            self.insist(lambda: self._store.logs.append(job.run_id, job.attempt, lines))

    def _heed(self, heartbeat: Heartbeat) -> None:
        if not heartbeat.alive:
            raise AttemptLostError("the run was given to another attempt")
        self._lease_until = time.monotonic() + self._job.lease
        self.request = heartbeat.request
