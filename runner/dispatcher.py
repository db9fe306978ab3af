"""The dispatcher: gives queued runs to free workers, and sees to it that every one of them ends.

It keeps no state that matters. The `run` rows are the queue; what an earlier dispatcher left
running is put back there at the start, so a dispatcher may be killed at any moment.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable

from distributed import CancelledError, Future
from distributed.scheduler import KilledWorker

from db.errors import DatabaseError
from db.records import SIGN_OF_LIFE, Run, Status
from db.store import Store
from engine.messages import Message
from runner import supervisor
from runner.cluster import Cluster, ClusterError, Hindrance, Slots
from runner.job import Ending, EndingKind, Job, unforeseen
from runner.lock import AlreadyRunningError, Lock, held
from runner.logs import hush_dask
from runner.settings import Settings
from runner.stopping import Stop
from runner.sweeps import Sweeper
from runner.watch import Watch

log = logging.getLogger(__name__)

_SCHEDULER_LOST = Message("the Dask scheduler was lost")
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


class Dispatcher:
    """Claims, submits, and concludes attempts."""

    def __init__(self, settings: Settings, store: Store, lock: Lock) -> None:
        self._settings, self._store, self._lock = settings, store, lock
        self._cluster: Cluster | None = None
        self._attempts: dict[Job, Future[Ending]] = {}
        self._ended: dict[Job, Ending] = {}  # but not yet written down
        self._watches: dict[Job, Watch] = {}
        self._killed: dict[Job, Message] = {}  # and why
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
            if slots.total > len(self._attempts):
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
        left = _jobs(cluster, self._settings.database_url)
        self._end(cluster, left)
        alive = {(job.run_id, job.attempt) for job in left}
        for run in self._running():
            in_order = (run.id, run.attempt) in alive
            reason = Message("the dispatcher before this one ended")
            if self._store.queue.release(
                run.id, run.attempt, reason=reason, spend_attempt=not in_order
            ):
                log.info("run %d was left by an earlier dispatcher; queued again", run.id)

    def _running(self) -> tuple[Run, ...]:
        return self._store.runs.find(statuses=[Status.RUNNING], limit=10_000).runs

    def _conclude(self) -> None:
        """Write down how attempts ended, where the child has not."""
        for job, future in list(self._attempts.items()):
            if future.done():
                self._ended[job] = _ending(future)
                del self._attempts[job]
        for job, ending in list(self._ended.items()):
            self._write_down(job, ending)
            del self._ended[job]
            self._watches.pop(job, None)
            self._killed.pop(job, None)

    def _write_down(self, job: Job, ending: Ending) -> None:
        if ending.log:
            log.error("%s: %s", job, ending.log)
        if ending.kind is EndingKind.ENDED:
            log.info("%s: %s", job, ending.detail)
            return
        reason = self._killed.get(job, ending.detail)
        spend = ending.kind is EndingKind.LOST and not self._stop.requested
        killed = job in self._killed
        if self._store.queue.release(
            job.run_id, job.attempt, reason=reason, spend_attempt=spend, killed=killed
        ):
            log.warning("%s was given up: %s", job, reason)

    def _reap(self) -> None:
        """Release runs that nobody watches over; its own attempts it watches by its own clock."""
        own = {(job.run_id, job.attempt) for job in self._attempts}
        for run_id in self._store.queue.reap(spare=own):
            log.warning("run %d was not heard of for a whole lease", run_id)

    def _oversee(self, cluster: Cluster) -> list[Run]:
        """Kill children that hang or will not stop; keep runs that are just starting.

        Gives back the runs that train.

        It only reads before it kills: a child that froze in the middle of a transaction has locked
        its run, and on SQLite the whole database, until it is gone.
        """
        if not self._attempts:
            return []
        try:
            running = {(run.id, run.attempt): run for run in self._running()}
        except DatabaseError:
            self._watches.clear()  # the children cannot renew their leases either
            raise
        doomed = {}
        for job in self._attempts:
            run = running.get((job.run_id, job.attempt))
            watch = self._watches.setdefault(job, Watch(self._settings.lease, self._settings.grace))
            if reason := watch.why_kill(run):
                doomed[job] = reason
        if doomed:
            self._killed |= doomed
            cluster.ask_workers(supervisor.kill, list(doomed))
        for job in self._attempts:
            run = running.get((job.run_id, job.attempt))
            if run and run.worker is None:  # from its start on, the child renews the lease itself
                self._store.queue.renew(job.run_id, job.attempt, lease=job.lease)
        return list(running.values())

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
            )
            try:
                self._attempts[job] = cluster.submit(job, lambda _: self._stop.wake())
            except ClusterError:
                self._ended[job] = Ending(EndingKind.STOPPED, _SCHEDULER_LOST)
                raise
            log.info("%s begins", job)

    def _free(self, slots: Slots) -> Slots:
        on_gpu = sum(job.on_gpu for job in self._attempts)
        others = len(self._attempts) - on_gpu
        return Slots(max(0, slots.gpu - on_gpu), max(0, slots.other - others))

    def _leave(self) -> None:
        """Have every child stop at a checkpoint and queue its run again; then end the workers."""
        self._stop.request()
        if self._cluster is None:
            return
        hush_dask()
        log.info("stopping; %d runs are queued again", len(self._attempts))
        try:
            self._end(self._cluster, list(self._attempts))
            _await(self._attempts.values(), seconds=1)
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
        while (left := set(jobs) & set(_jobs(cluster, url))) and time.monotonic() < deadline:
            time.sleep(_POLL)
        if left:
            cluster.ask_workers(supervisor.kill, left)

    def _disown(self, why: Message) -> None:
        """Give up every attempt that has not ended; the runs are not to blame."""
        for job, future in self._attempts.items():
            self._ended[job] = _ending(future) if future.done() else Ending(EndingKind.STOPPED, why)
        self._attempts.clear()


def _jobs(cluster: Cluster, database_url: str) -> list[Job]:
    """What the workers are at for a database."""
    return [job for jobs in cluster.ask_workers(supervisor.jobs, database_url) for job in jobs]


def _await(futures: Iterable[Future[Ending]], *, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not all(future.done() for future in futures) and time.monotonic() < deadline:
        time.sleep(_POLL)


def _ending(future: Future[Ending]) -> Ending:
    """What became of a task that is done, one way or another."""
    try:
        ending: Ending = future.result(timeout=10)
    except KilledWorker:
        return Ending(EndingKind.LOST, Message("its worker process died"))
    except CancelledError:
        return Ending(EndingKind.STOPPED, _SCHEDULER_LOST)
    except Exception as error:
        return Ending(EndingKind.LOST, unforeseen(error))
    return ending
