"""One attempt at a run, in a child process: read it, train it, keep what it leaves, end it."""

from __future__ import annotations

import os
import socket
import threading
import traceback
from functools import cache, partial

from db.errors import DatabaseError
from db.records import Heartbeat, Status
from db.store import Store
from engine.backend import Backend
from engine.errors import LayerlabError
from engine.records import Checkpoint
from engine.training import Outcome, train
from runner.job import Ending, Fate, Job
from runner.recording import AttemptLostError, StoreRecorder

_STATUS = {"done": Status.DONE, "diverged": Status.DIVERGED, "stopped": Status.CANCELLED}


def make_attempt(job: Job, stop: threading.Event) -> Ending:
    """Train a run from its newest checkpoint; `stop` asks to leave it for another attempt."""
    try:
        store = _store(job.database_url)
        with StoreRecorder(store, job, stop) as recorder:
            return _Attempt(store, job, recorder).make()
    except (AttemptLostError, DatabaseError) as error:
        return Ending(Fate.LOST, str(error).rstrip("."))
    except Exception as error:
        return Ending(Fate.LOST, f"{type(error).__name__}: {error}", log=traceback.format_exc())


@cache
def _store(database_url: str) -> Store:
    return Store.open(database_url)


class _Attempt:
    def __init__(self, store: Store, job: Job, recorder: StoreRecorder) -> None:
        self._store, self._job, self._recorder = store, job, recorder
        self._used_gpu = False

    def make(self) -> Ending:
        try:
            outcome = self._train()
        except AttemptLostError:
            raise
        except LayerlabError as error:
            return self._end(Status.FAILED, error=str(error))
        except Exception as error:
            message = f"{type(error).__name__}: {error}"
            return self._end(Status.FAILED, error=message, log=traceback.format_exc())
        if outcome.status == "stopped" and not self._recorder.cancelled:
            self._recorder.close()
            return self._ending(Fate.STOPPED, f"stopped at step {outcome.step}")
        return self._end(_STATUS[outcome.status], step=outcome.step)

    def _train(self) -> Outcome:
        run_id = self._job.run_id
        run = self._recorder.insist(lambda: self._store.runs.get(run_id))
        if run is None:
            raise AttemptLostError("the run was deleted")
        checkpoint = self._recorder.insist(lambda: self._store.checkpoints.latest(run_id))
        on_start = partial(self._started, checkpoint)
        return train(run.config, self._recorder, resume=checkpoint, on_start=on_start)

    def _started(self, checkpoint: Checkpoint | None, backend: Backend) -> None:
        self._used_gpu = backend.name != "numpy"
        host, pid = socket.gethostname(), os.getpid()
        start = partial(
            self._store.queue.start,
            worker=f"{host}:{pid}",
            data={"backend": backend.name, "reason": backend.reason, "host": host, "pid": pid},
            resume_step=checkpoint.step if checkpoint else None,
        )
        self._recorder.put(lambda: start(self._job.run_id, self._job.attempt))

    def _end(
        self, status: Status, *, error: str | None = None, step: int | None = None, log: str = ""
    ) -> Ending:
        """End the run in the database, after all its records."""
        finish = partial(self._store.queue.finish, error=error, step=step)

        def write() -> Heartbeat:
            won = finish(self._job.run_id, self._job.attempt, status)
            return Heartbeat(alive=won, cancel=False)

        self._recorder.put(write)
        self._recorder.close()
        where = error or f"at step {step}"
        return self._ending(Fate.ENDED, f"{status}: {where}", log)

    def _ending(self, fate: Fate, detail: str, log: str = "") -> Ending:
        return Ending(fate, detail, log=log, used_gpu=self._used_gpu)
