"""The dispatcher: gives queued runs to free workers, and sees to it that every one of them ends.

It keeps no state that matters. The `run` rows are the queue; what an earlier dispatcher left
running is put back there at the start, so a dispatcher may be killed at any moment.

A job that it gives to a worker may bring several attempts: after a short run the child takes the
next by itself (`following.py`). Which of the running attempts are a job's, the claims say.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Set
from dataclasses import dataclass

from distributed import CancelledError, Future
from distributed.scheduler import KilledWorker

from db.errors import DatabaseError
from db.records import SIGN_OF_LIFE, Attempt, Run, Status
from db.store import Store
from engine.messages import Message
from runner import supervisor
from runner.cluster import Cluster, ClusterError, Hindrance, Slots
from runner.job import Ending, EndingKind, Job, Made, unforeseen
from runner.lock import AlreadyRunningError, Lock, held
from runner.logs import hush_dask
from runner.settings import Settings
from runner.stopping import Stop
from runner.sweeps import Sweeper
from runner.watch import Watch

log = logging.getLogger(__name__)

_SCHEDULER_LOST = Message("the Dask scheduler was lost")
_NOT_BEGUN = Message("the process that took it ended before it began")
_PATIENCE = 2.0  # seconds to wait for a locked database: a child that froze may have locked it
_LOOK = 2.0  # seconds between two looks at runs that no worker can take
_GLANCE = 0.2  # seconds between two glances at the queue while there is nothing to do
_POLL = 0.05  # seconds between two looks at children that were asked to stop


def dispatch(settings: Settings) -> None:
    """Serve the database until a signal comes.

    Raises AlreadyRunningError where another dispatcher does, and DatabaseError where it cannot be
    reached to begin with.
    """
    url = settings.database_url
    with Store.open(url, patience=_PATIENCE) as store, held(url) as lock:
        Dispatcher(settings, store, lock).serve()


@dataclass(frozen=True, slots=True)
class _Seen:
    """The attempt that a job's child was last seen at."""

    at: Attempt
    watch: Watch


class Dispatcher:
    """Claims, submits, and concludes attempts."""

    def __init__(self, settings: Settings, store: Store, lock: Lock) -> None:
        self._settings, self._store, self._lock = settings, store, lock
        self._cluster: Cluster | None = None
        self._jobs: dict[Job, Future[list[Made]]] = {}
        self._ended: dict[Job, list[Made]] = {}  # but not yet written down
        self._of: dict[Attempt, Attempt] = {}  # what runs, and the first attempt of its job
        self._seen: dict[Job, _Seen] = {}
        self._killed: dict[Attempt, Message] = {}  # and why
        self._stop = Stop()
        self._sweeper = Sweeper(store)
        self._slots = 0  # as the database was told
        self._idle = False  # whether a run could begin, and the newest of those that may not yet
        self._newest: int | None = None
        self._complaint = ""
        self._next_look = 0.0
        self._next_sign = 0.0

    def serve(self) -> None:
        """Take turns until a signal comes, then leave in order."""
        with self._stop.on_signals():
            log.info("serving %s", self._store.location)
            try:
                while not self._stop.requested:
                    self._turn()
                    self._rest()
            finally:
                self._leave()

    def _rest(self) -> None:
        """Wait for the next turn, which begins at once where a run arrives at an idle worker."""
        until = time.monotonic() + self._settings.tick
        while (left := until - time.monotonic()) > 0 and not self._stop.requested:
            if self._stop.wait(min(left, _GLANCE)):
                return
            if self._idle and self._arrived():
                return

    def _arrived(self) -> bool:
        """Whether a run waits that did not when the last turn ended."""
        try:
            return self._store.queue.newest_waiting() not in (None, self._newest)
        except DatabaseError:
            return False  # the next turn says so

    def _turn(self) -> None:
        """All there is to do now; without a database or a cluster it waits for a later turn."""
        try:
            if not self._lock.take():
                taken = Message("another dispatcher has taken this database over")
                raise AlreadyRunningError(taken)
            cluster = self._cluster or self._connect()
            slots = cluster.slots()
            running = self._oversee(cluster)
            self._conclude()
            self._reap()
            self._announce(slots.total)
            self._explain(cluster.hindrance(slots))
            self._sweeper.prune(running)
            if slots.total > len(self._jobs):
                self._sweeper.propose()
            self._claim(cluster, slots)
            self._idle = self._free(slots).total > 0
            self._newest = self._store.queue.newest_waiting() if self._idle else None
        except DatabaseError as error:
            self._complain(str(error))
        except ClusterError as error:
            self._complain(f"the Dask scheduler does not answer: {error}")
            self._disconnect()
        else:
            self._complain("")

    def _announce(self, slots: int) -> None:
        """Tell how many runs can train at a time, where it has changed and as a heartbeat."""
        if slots != self._slots:
            log.info("%d runs can train at a time", slots)
        elif time.monotonic() < self._next_sign:
            return
        self._store.queue.serve(slots)
        self._slots, self._next_sign = slots, time.monotonic() + SIGN_OF_LIFE

    def _explain(self, hindrance: Hindrance | None) -> None:
        """Write down on runs that wait for what no worker has why they do."""
        if hindrance is None or time.monotonic() < self._next_look:
            return
        self._next_look = time.monotonic() + _LOOK
        for run_id in self._store.queue.explain(hindrance.reason, gpu=hindrance.gpu):
            log.warning("run %d waits: %s", run_id, hindrance.reason)

    def _complain(self, complaint: str) -> None:
        """Log what keeps the dispatcher from its work, once, and that it is over."""
        if complaint and complaint != self._complaint:
            log.warning("%s", complaint)
        elif self._complaint and not complaint:
            log.info("all is well again")
        self._complaint = complaint

    def _connect(self) -> Cluster:
        self._conclude()  # what was lost with an earlier cluster, by no fault of its own
        settings = self._settings
        cluster = Cluster(
            settings.scheduler_address, settings.workers, compile_ahead=settings.compile_ahead
        )
        try:
            self._take_over(cluster)
        except BaseException:
            cluster.close()
            raise
        self._cluster = cluster
        return cluster

    def _disconnect(self) -> None:
        self._disown(_SCHEDULER_LOST)
        if self._cluster:
            self._cluster.close()
            self._cluster = None

    def _take_over(self, cluster: Cluster) -> None:
        """Queue again what an earlier dispatcher left running: nobody would see how it ends."""
        left = _given(cluster, self._settings.database_url)
        self._end(cluster, left)
        alive = {job.key for job in left}
        for (run_id, attempt), first in self._look(self._store.queue.running()).items():
            reason = Message("the dispatcher before this one ended")
            if self._store.queue.release(
                run_id, attempt, reason=reason, spend_attempt=first not in alive
            ):
                log.info("run %d was left by an earlier dispatcher; queued again", run_id)

    def _look(self, running: Set[Attempt]) -> dict[Attempt, Attempt]:
        """The attempts under way, each with the first of its job, which for most is itself."""
        unknown = running - self._of.keys()
        known = self._of | {each: each for each in unknown} | self._store.queue.taken(unknown)
        self._of = {each: known[each] for each in running}
        return self._of

    def _running(self) -> tuple[Run, ...]:
        return self._store.runs.find(statuses=[Status.RUNNING], limit=10_000).runs

    def _conclude(self) -> None:
        """Write down how attempts ended, where the child has not."""
        for job, future in list(self._jobs.items()):
            if future.done():
                self._ended[job] = _made(future)
                del self._jobs[job]
        for job, made in list(self._ended.items()):
            self._write_down(job, made)
            del self._ended[job]
            self._seen.pop(job, None)
            for attempt in (job.key, *(each.job.key for each in made if each.job)):
                self._killed.pop(attempt, None)

    def _write_down(self, job: Job, made: list[Made]) -> None:
        """The last of a job's attempts may have ended otherwise than in order: then whatever of the
        job is still under way was lost with it."""
        for each in made:
            if each.ending.log:
                log.error("%s: %s", each.job or job, each.ending.log)
            if each.ending.kind is EndingKind.ENDED:
                log.info("%s: %s", each.job or job, each.ending.detail)
        last = made[-1]
        if last.ending.kind is EndingKind.ENDED:
            return
        for attempt, first in self._look(self._store.queue.running()).items():
            if first == job.key:
                begun = last.job is None or last.job.key == attempt
                self._give_up(attempt, last.ending if begun else None)

    def _give_up(self, attempt: Attempt, ending: Ending | None) -> None:
        """Release an attempt that ended so, or that was never begun by who took it."""
        run_id, number = attempt
        if ending is None:
            reason, spend = _NOT_BEGUN, False
        else:
            reason = self._killed.get(attempt, ending.detail)
            spend = ending.kind is EndingKind.LOST and not self._stop.requested
        killed = ending is not None and attempt in self._killed
        if self._store.queue.release(
            run_id, number, reason=reason, spend_attempt=spend, killed=killed
        ):
            log.warning("run %d (attempt %d) was given up: %s", run_id, number, reason)

    def _reap(self) -> None:
        """Release runs that nobody watches over; its own attempts it watches by its own clock."""
        jobs = {job.key for job in (*self._jobs, *self._ended)}
        for attempt, first in list(self._of.items()):
            if attempt != first and first not in jobs:
                self._give_up(attempt, None)
        own = {attempt for attempt, first in self._of.items() if first in jobs}
        for run_id in self._store.queue.reap(spare=own | jobs):
            log.warning("run %d was not heard of for a whole lease", run_id)

    def _oversee(self, cluster: Cluster) -> list[Run]:
        """Kill children that hang or will not stop; keep runs that are just starting.

        Gives back the runs that train.

        It only reads before it kills: a child that froze in the middle of a transaction has locked
        its run, and on SQLite the whole database, until it is gone.
        """
        try:
            if not self._jobs:
                self._look(self._store.queue.running())
                return []
            running = {(run.id, run.attempt): run for run in self._running()}
            of = self._look(running.keys())
        except DatabaseError:
            self._seen.clear()  # the children cannot renew their leases either
            raise
        doomed: dict[Job, Attempt | None] = {}
        now_at = {first: attempt for attempt, first in of.items()}
        for job in self._jobs:
            seen = self._seen_at(job, now_at.get(job.key))
            if reason := seen.watch.why_kill(running.get(seen.at)):
                doomed[job] = seen.at
                self._killed[seen.at] = reason
        if doomed:
            cluster.ask_workers(supervisor.kill, doomed)
        for job in self._jobs:
            run = running.get(job.key)
            if run and run.worker is None:  # from its start on, the child renews the lease itself
                self._store.queue.renew(*job.key, lease=job.lease)
        return list(running.values())

    def _seen_at(self, job: Job, at: Attempt | None) -> _Seen:
        """What a job's child is at, or was when it was last seen at anything, since when."""
        seen = self._seen.get(job)
        if seen is None or at not in (None, seen.at):
            watch = Watch(self._settings.lease, self._settings.grace)
            seen = self._seen[job] = _Seen(at or job.key, watch)
            if seen.at != job.key:
                log.info("run %d (attempt %d) was taken after %s", *seen.at, job)
        return seen

    def _claim(self, cluster: Cluster, slots: Slots) -> None:
        """Give free slots to waiting runs; Dask itself is never given more than it can begin.

        A run that insists on a GPU waits for a slot with one; others take one as the last resort.
        """
        settings = self._settings
        while (free := self._free(slots)).total > 0:
            any_run = None if free.gpu > 0 else False
            claim = self._store.queue.claim(lease=settings.lease, gpu=any_run)
            if claim is None:
                return
            on_gpu = claim.config.backend == "cupy" or free.other <= 0
            job = Job(
                claim.run_id,
                claim.attempt,
                settings.database_url,
                settings.lease,
                on_gpu,
                settings.interval,
                goes_on=not on_gpu or slots.other == 0,  # else a place with a GPU is the last one
            )
            try:
                self._jobs[job] = cluster.submit(job, lambda _: self._stop.wake())
            except ClusterError:
                self._ended[job] = [Made(job, Ending(EndingKind.STOPPED, _SCHEDULER_LOST))]
                raise
            log.info("%s begins", job)

    def _free(self, slots: Slots) -> Slots:
        on_gpu = sum(job.on_gpu for job in self._jobs)
        others = len(self._jobs) - on_gpu
        return Slots(max(0, slots.gpu - on_gpu), max(0, slots.other - others))

    def _leave(self) -> None:
        """Have every child stop at a checkpoint and queue its run again; then end the workers."""
        self._stop.request()
        if self._cluster is None:
            return
        hush_dask()
        log.info("stopping; %d runs are queued again", len(self._jobs))
        try:
            self._end(self._cluster, list(self._jobs))
            _await(self._jobs.values(), seconds=1)
            self._disown(Message("the dispatcher stopped"))
            self._conclude()
        except (DatabaseError, ClusterError) as error:
            log.warning("runs stay claimed until their lease expires: %s", error)
        self._cluster.close()

    def _end(self, cluster: Cluster, jobs: list[Job]) -> None:
        """Ask children to stop, and kill those that have not after the grace."""
        if not jobs:
            return
        cluster.ask_workers(supervisor.stop, jobs)
        deadline = time.monotonic() + self._settings.grace
        url = self._settings.database_url
        while (left := set(jobs) & set(_given(cluster, url))) and time.monotonic() < deadline:
            time.sleep(_POLL)
        if left:
            cluster.ask_workers(supervisor.kill, dict.fromkeys(left))

    def _disown(self, why: Message) -> None:
        """Give up every job that has not ended; the runs are not to blame."""
        for job, future in self._jobs.items():
            stopped = Made(None, Ending(EndingKind.STOPPED, why))
            self._ended[job] = _made(future) if future.done() else [stopped]
        self._jobs.clear()


def _given(cluster: Cluster, database_url: str) -> list[Job]:
    """What the workers were given for a database and are at, or have gone on from."""
    return [job for jobs in cluster.ask_workers(supervisor.jobs, database_url) for job in jobs]


def _await(futures: Iterable[Future[list[Made]]], *, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not all(future.done() for future in futures) and time.monotonic() < deadline:
        time.sleep(_POLL)


def _made(future: Future[list[Made]]) -> list[Made]:
    """What became of a task that is done, one way or another."""
    try:
        made: list[Made] = future.result(timeout=10)
    except KilledWorker:
        return [Made(None, Ending(EndingKind.LOST, Message("its worker process died")))]
    except CancelledError:
        return [Made(None, Ending(EndingKind.STOPPED, _SCHEDULER_LOST))]
    except Exception as error:
        return [Made(None, Ending(EndingKind.LOST, unforeseen(error)))]
    return made
