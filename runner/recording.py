"""The recorder of a run that is kept: from the training loop to the database, by way of a thread.

The loop leaves its records in a list and goes on. The writer takes what has gathered, twice a
second at most, and writes it in order and in one transaction. Each of them also renews the run's
lease and brings back what the run is asked to do, or that it was given to another attempt. While
the database is away the writer asks again, until the lease has run out.

Checkpoints wait longer, so that to save them takes a fiftieth of a run's time at most: until then,
or until the interval is over that a killed run may lose, or until the end.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from types import TracebackType
from typing import Self, TypeVar

from db.checkpoints import Snapshot
from db.errors import AwayError, DatabaseError
from db.keeping import Keeping
from db.logs import LINES
from db.records import Heartbeat, Request, Run
from db.store import Store
from engine.errors import LayerlabError
from engine.messages import Message
from engine.records import Checkpoint, StepRecord
from runner.job import Job

PERIOD = 0.5  # seconds between two writes: how stale a live chart and how late a cancel may be
SOON = 0.15  # seconds until the first write, for somebody waits for the first of a curve
PAUSE = 0.2  # seconds before a database that is away is asked again
ROOM = 512  # items that may wait; with more of them the loop waits for the writer
UNSAVED = (
    1.0  # seconds of training before the first checkpoints are saved: many runs last no longer
)
COST = 50  # times as long as the last checkpoints took to save: when the next ones are
HELD = 64 * 2**20  # bytes of checkpoints that may wait

T = TypeVar("T")
Write = Callable[[], Heartbeat]


UNWRITTEN = Message("nothing could be written for {seconds:g} s: {why}")


@dataclass(frozen=True, slots=True)
class _End:
    """The last thing to be written: how the run ends, or is set aside."""

    write: Write
    ends: bool  # whether it is over: then less is kept of it


_Item = StepRecord | Snapshot | _End | Write


class AttemptLostError(LayerlabError):
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
                raise kind(UNWRITTEN.filled(seconds=lease, why=error.message)) from error
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
        self._keeping = Keeping()
        self._held: list[Snapshot] = []
        self._next_save = time.monotonic() + min(UNSAVED, self._interval)
        self._last_snapshot = time.monotonic()
        self._lines: deque[str] = deque(maxlen=LINES)
        self._lost: Exception | None = None
        self._lease_until = time.monotonic() + job.lease
        self._waiting: list[_Item] = []
        self._period = SOON
        self._closing = False
        self._changed = threading.Condition()
        self._writer = threading.Thread(target=self._run, name="writer", daemon=True)
        self._writer.start()

    def begin(self, run: Run) -> None:
        """Learn what of the run decides how it is recorded."""
        self.clock.set(run)
        record = run.config.record
        per_epoch = max(1, run.steps // run.config.epochs)
        self._keeping = Keeping(
            record.checkpoints_kept,
            every=per_epoch * record.checkpoint_every,
            start=run.parent_step or 0,
        )

    def started(self, *, remade: int) -> None:
        """Learn up to which step training could be made again in a moment."""
        self._keeping = replace(self._keeping, remade=remade)

    def record(self, record: StepRecord) -> None:
        self._put(record)

    def checkpoint(self, checkpoint: Checkpoint) -> None:
        self._last_snapshot = time.monotonic()
        self._put(Snapshot(checkpoint))

    def checkpoint_wanted(self) -> bool:
        return time.monotonic() - self._last_snapshot > self._interval

    def log(self, line: str) -> None:
        """Keep a line of the run's log."""
        self._lines.append(line)

    def stop_requested(self) -> bool:
        asked = self.request is not None or self._stop.is_set()
        return asked or self._lost is not None or self.clock.over

    def put(self, write: Write) -> None:
        """Have something else written, after everything that was recorded before it."""
        self._put(write)

    def conclude(self, write: Write, *, ends: bool) -> None:
        """Write the run's end, after all that was recorded, and wait for it; `ends`: for good."""
        self._put(_End(write, ends))
        self.close()

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
        """Stop writing of the run: a writer left behind would go on renewing its lease."""
        with self._changed:
            self._waiting.clear()
            self._held = []
        self._end()

    def _end(self) -> None:
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._writer.join()

    def _put(self, item: _Item) -> None:
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
            if self._held:
                self._heed(self.insist(partial(self._append, [], last=True)))
            self._write_lines()
        except Exception as error:
            self._lost = error
            with self._changed:
                self._changed.notify_all()

    def _take(self) -> list[_Item] | None:
        """What has gathered in a period, or None where nothing more will come."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._closing or len(self._waiting) >= ROOM // 2, timeout=self._period
            )
            self._period = PERIOD
            items, self._waiting = self._waiting, []
            self._changed.notify_all()
            return None if self._closing and not items else items

    def _writes(self, items: Iterable[_Item]) -> Iterator[Write]:
        """As few writes as keep the order: what follows one another is written together."""
        records: list[StepRecord] = []
        alive = False
        for item in items:
            if isinstance(item, StepRecord):
                records.append(item)
            elif isinstance(item, Snapshot):
                self._held.append(item)
            elif isinstance(item, _End):
                yield partial(self._append, records, last=True, ends=item.ends)
                yield item.write
                return
            else:
                if records:
                    yield partial(self._append, records)
                yield item
                records, alive = [], True
        if records or not alive:  # at least a heartbeat
            yield partial(self._append, records)

    def _append(
        self, records: list[StepRecord], *, last: bool = False, ends: bool = False
    ) -> Heartbeat:
        """Write records, and the checkpoints that wait where it is time to."""
        job, held = self._job, self._held if last or self._saves_now() else []
        begun = time.monotonic()
        heartbeat = self._store.history.append(
            job.run_id,
            job.attempt,
            records,
            lease=job.lease,
            seconds=self.clock.seconds,
            snapshots=held,
            keeping=replace(self._keeping, ended=ends),
            ends=ends,
        )
        if held:
            self._held = self._held[len(held) :]
            done = time.monotonic()
            self._next_save = done + min(COST * (done - begun), self._interval)
        return heartbeat

    def _saves_now(self) -> bool:
        size = sum(snapshot.nbytes for snapshot in self._held)
        return time.monotonic() >= self._next_save or size > HELD

    @property
    def _interval(self) -> float:
        """Between two snapshots: a little less than what may be lost, for they have to be saved."""
        return 0.9 * self._job.interval

    def _write_lines(self) -> None:
        job = self._job
        lines = [self._lines.popleft() for _ in range(len(self._lines))]
        if lines:
            self.insist(lambda: self._store.logs.append(job.run_id, job.attempt, lines))

    def _heed(self, heartbeat: Heartbeat) -> None:
        if not heartbeat.alive:
            raise AttemptLostError(Message("the run was given to another attempt"))
        self._lease_until = time.monotonic() + self._job.lease
        self.request = heartbeat.request
