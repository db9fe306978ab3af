"""One attempt at a run, in a child process: read it, train it, keep what it leaves, end it."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
import traceback
from collections.abc import Callable
from functools import cache, partial
from importlib.metadata import version

from db.errors import DatabaseError
from db.records import Heartbeat, Request, Run, Status
from db.store import Store
from engine.backend import Backend, choose
from engine.errors import BackendError, DataError, LayerlabError
from engine.messages import Message
from engine.records import Checkpoint
from engine.remaking import within_a_moment
from engine.training import Outcome, Trainer, train
from runner.capture import captured
from runner.job import Ending, EndingKind, Job, unforeseen
from runner.recording import AttemptLostError, CutOffError, StoreRecorder, insist

_log = logging.getLogger(__name__)


def make_attempt(job: Job, stop: threading.Event) -> Ending:
    """Train a run from its newest checkpoint; `stop` asks to leave it for another attempt."""
    try:
        store = _opened(job)
        with StoreRecorder(store, job, stop) as recorder, captured(recorder.log):
            return _Attempt(store, job, recorder, stop).make()
    except CutOffError as error:
        return Ending(EndingKind.CUT_OFF, error.message)
    except (AttemptLostError, DatabaseError) as error:
        return Ending(EndingKind.LOST, error.message)
    except Exception as error:
        return Ending(EndingKind.LOST, unforeseen(error), log=traceback.format_exc())


def _opened(job: Job) -> Store:
    """The database, waited for as for any other answer of it."""
    deadline = time.monotonic() + job.lease
    return insist(lambda: store_of(job.database_url), lease=job.lease, deadline=lambda: deadline)


@cache
def store_of(database_url: str) -> Store:
    """The database, opened once."""
    return Store.open(database_url)


class _Attempt:
    def __init__(
        self, store: Store, job: Job, recorder: StoreRecorder, stop: threading.Event
    ) -> None:
        self._store, self._job, self._recorder, self._stop = store, job, recorder, stop
        self._used_gpu = False

    def make(self) -> Ending:
        try:
            outcome = self._train()
        except AttemptLostError:
            raise
        except LayerlabError as error:
            return self._end(Status.FAILED, error=error.message)
        except Exception as error:
            return self._end(Status.FAILED, error=unforeseen(error), log=traceback.format_exc())
        if outcome.status != "stopped":
            return self._end(Status(outcome.status), step=outcome.step)
        if self._stop.is_set():
            self._recorder.close()
            return self._ending(
                EndingKind.STOPPED, Message("stopped at step {step}", step=outcome.step)
            )
        return self._leave(outcome.step)

    def _train(self) -> Outcome:
        run_id = self._job.run_id
        run = self._recorder.insist(lambda: self._store.runs.get(run_id))
        if run is None:
            raise AttemptLostError(Message("the run was deleted"))
        self._recorder.begin(run)
        checkpoint = self._recorder.insist(lambda: self._store.checkpoints.latest(run_id))
        if checkpoint is None and run.parent_step is not None:
            damaged = Message(
                "the checkpoint of step {step} of run {id} is damaged; branch that run again",
                step=run.parent_step,
                id=run.parent_id,
            )
            raise DataError(damaged)
        on_start = partial(self._started, run, checkpoint)
        backend = self._backend(run) if checkpoint else None
        return train(
            run.config, self._recorder, resume=checkpoint, backend=backend, on_start=on_start
        )

    def _backend(self, run: Run) -> Backend | None:
        """What a run that is resumed began with, or its parent, whatever `auto` would choose by
        now: only so does it go on to the last bit."""
        runs, parent = self._store.runs, run.parent_id
        before = self._recorder.insist(lambda: runs.backend(run.id))
        if before is None and parent is not None:
            before = self._recorder.insist(lambda: runs.backend(parent))
        if run.config.backend != "auto" or before is None:
            return None
        try:
            return choose(before)  # type: ignore[arg-type]
        except BackendError:  # it began on a machine with a GPU
            return None

    def _started(self, run: Run, checkpoint: Checkpoint | None, trainer: Trainer) -> None:
        backend = trainer.backend
        self._used_gpu = backend.name == "cupy"
        if run.parent_step is None and not self._used_gpu:
            self._recorder.started(remade=within_a_moment(trainer.plan))
        host, pid = socket.gethostname(), os.getpid()
        begins = f"from step {checkpoint.step}" if checkpoint else "from the start"
        _log.info(
            "attempt %d on %s (process %d), layerlab %s, %s (%s), %s",
            *(self._job.attempt, host, pid, version("layerlab")),
            *(backend.name, backend.reason, begins),
        )
        start = partial(
            self._store.queue.start,
            worker=f"{host}:{pid}",
            data={"backend": backend.name, "reason": backend.reason, "host": host, "pid": pid},
            trains_on=trainer.data,
            baseline_loss=trainer.baseline_loss,
            resume_step=checkpoint.step if checkpoint else None,
        )
        self._recorder.put(lambda: start(self._job.run_id, self._job.attempt))

    def _end(
        self,
        status: Status,
        *,
        error: Message | None = None,
        step: int | None = None,
        log: str = "",
    ) -> Ending:
        """End the run in the database, after all its records."""
        detail = error or Message("ended at step {step}", step=step)
        _log.info("%s", log or f"{status}: {detail}")
        end = partial(self._store.queue.finish, status=status, error=error, step=step)
        self._conclude(end, ends=status is not Status.FAILED)
        return self._ending(EndingKind.ENDED, detail, log)

    def _leave(self, step: int) -> Ending:
        """Leave the run after a last checkpoint: it was asked to stop, or its time is up."""
        _log.info("stopped at step %d", step)
        seconds = self._recorder.clock.seconds or 0.0
        leave = partial(self._store.queue.leave, step=step, seconds=seconds)
        self._conclude(leave, ends=self._recorder.request is not Request.PAUSE)
        return self._ending(EndingKind.ENDED, Message("stopped at step {step}", step=step))

    def _conclude(self, write: Callable[..., bool], *, ends: bool) -> None:
        def conclude() -> Heartbeat:
            return Heartbeat(alive=write(self._job.run_id, self._job.attempt))

        self._recorder.conclude(conclude, ends=ends)

    def _ending(self, kind: EndingKind, detail: Message, log: str = "") -> Ending:
        return Ending(kind, detail, log=log, used_gpu=self._used_gpu)
