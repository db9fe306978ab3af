"""What people do in a laboratory and what dies there, one thing after another, at random."""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress

import psutil

from benchmarks.soak.outage import away
from benchmarks.soak.struck_dispatcher import LEASE, Served
from db.errors import DatabaseError
from db.records import Run, Status
from db.store import Store
from engine.config import RecordSpec, RunConfig
from engine.errors import LayerlabError
from engine.initializers import He
from engine.layers import BatchNorm, ReLU
from engine.optimizers import SGD
from engine.stack import multilayer
from engine.sweeps.axes import Choices, Range
from engine.sweeps.config import SweepConfig
from engine.sweeps.pruning import MedianPruning
from engine.sweeps.samplers import TPE

SHORT = RunConfig(
    layers=multilayer([16], 10, activation=ReLU(), init=He(), batch_norm=BatchNorm()),
    batch_size=50,
    epochs=10,
    record=RecordSpec(every=50, histograms=False, checkpoint_every=2),
    backend="numpy",
)
LONG = SHORT.model_copy(update={"epochs": 200})
ENDLESS = SHORT.model_copy(update={"epochs": 100_000})
DIVERGING = SHORT.model_copy(update={"optimizer": SGD(lr=1e8)})

MOST_LIVE = 20  # runs that wait or train
ATTEMPTS = 1000  # so many that kills never use them up


class Chaos:
    """Does one thing at a time, and counts what it did."""

    def __init__(self, store: Store, served: Served, seed: int) -> None:
        self._store, self._served, self._random = store, served, random.Random(seed)
        self.done: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self._deeds: dict[Callable[[], bool], int] = {
            self._launch: 30,
            self._launch_a_sweep: 3,
            self._go_on_from_one: 9,
            self._cancel: 8,
            self._pause: 8,
            self._resume: 11,
            self._retry: 6,
            self._prioritize: 6,
            self._hold_the_queue: 3,
            self._look_around: 24,
            self._kill_a_child: 12,
            self._freeze_a_child: 3,
            self._kill_a_worker: 5,
            self._kill_the_dispatcher: 1,
            self._restart_the_dispatcher: 1,
            self._take_the_database_away_for_a_moment: 2,
        }

    def strike(self) -> None:
        """Do something, and wait a moment."""
        (deed,) = self._random.choices(list(self._deeds), weights=list(self._deeds.values()))
        name = deed.__name__.strip("_").replace("_", " ")
        try:
            if deed():
                self.done[name] += 1
        except LayerlabError:  # such as a run that ended a moment ago
            self.refused[name] += 1
        time.sleep(self._random.uniform(0, 0.6))

    def calm(self) -> bool:
        """Let everything come to its end, and say whether it has; a database that is away is asked
        again later."""
        try:
            self._let_all_end()
            return not self.live()
        except DatabaseError:
            self.refused["calm"] += 1
            return False

    def take_the_database_away(self, seconds: float) -> None:
        """Let nobody write to the database, or reach it, for so long."""
        with away(self._served.url):
            time.sleep(seconds)

    def _let_all_end(self) -> None:
        """What is paused goes on, what would not end is ended."""
        self._store.queue.hold(paused=False)
        for run in self._runs(Status.QUEUED, Status.RUNNING, Status.PAUSED):
            if run.config.epochs >= ENDLESS.epochs:
                self._store.queue.cancel(run.id, by="soak")
            else:
                self._store.queue.resume(run.id, by="soak")

    def live(self) -> int:
        depth = self._store.queue.depth()
        return sum(count for status, count in depth.items() if not status.ended)

    def _runs(self, *statuses: Status) -> list[Run]:
        return list(self._store.runs.find(statuses=statuses, limit=10_000).runs)

    def _any(self, *statuses: Status) -> Run | None:
        runs = self._runs(*statuses)
        return self._random.choice(runs) if runs else None

    def _launch(self) -> bool:
        if self.live() >= MOST_LIVE:
            return False
        kinds = [SHORT] * 3 + [LONG] * 5 + [ENDLESS, DIVERGING]
        config = self._random.choice(kinds)
        config = config.model_copy(update={"seed": self._random.randrange(3)})
        owner = self._random.choice(["anna", "ben", "mika"])
        self._store.queue.enqueue(config, owner=owner, max_attempts=ATTEMPTS)
        return True

    def _launch_a_sweep(self) -> bool:
        if self.live() >= MOST_LIVE:
            return False
        rate = Range(name="optimizer.lr", low=1e-3, high=1, log=True)
        size = Choices(name="batch_size", values=(50, 100))
        pruning = MedianPruning(startup=2, warm_up=1)
        sampler = TPE(trials=4, startup=2)
        config = SweepConfig(base=SHORT, axes=(rate, size), sampler=sampler, pruning=pruning)
        self._store.sweeps.enqueue(config, owner="sweeper")
        return True

    def _go_on_from_one(self) -> bool:
        parent = self._any(Status.DONE, Status.CANCELLED)
        if parent is None or parent.config.epochs > LONG.epochs or self.live() >= MOST_LIVE:
            return False
        if self._random.random() < 0.5:
            self._store.branches.prolong(parent.id, epochs=5, owner="anna")
        else:
            more = {"optimizer": SGD(lr=0.01), "epochs": parent.config.epochs + 5}
            config = parent.config.model_copy(update=more)
            self._store.branches.branch(parent.id, config, at="best", owner="ben")
        return True

    def _cancel(self) -> bool:
        run = self._any(Status.QUEUED, Status.RUNNING, Status.PAUSED)
        return run is not None and self._store.queue.cancel(run.id, by="soak")

    def _pause(self) -> bool:
        run = self._any(Status.QUEUED, Status.RUNNING)
        return run is not None and self._store.queue.pause(run.id, by="soak")

    def _resume(self) -> bool:
        run = self._any(Status.PAUSED, Status.RUNNING)
        return run is not None and self._store.queue.resume(run.id, by="soak")

    def _retry(self) -> bool:
        run = self._any(Status.CANCELLED)
        return run is not None and self._store.queue.retry(run.id, by="soak")

    def _prioritize(self) -> bool:
        run = self._any(Status.QUEUED, Status.RUNNING)
        priority = self._random.randrange(-3, 4)
        return run is not None and self._store.queue.prioritize(run.id, priority, by="soak")

    def _hold_the_queue(self) -> bool:
        self._store.queue.hold(paused=True)
        time.sleep(self._random.uniform(0, 1))
        self._store.queue.hold(paused=False)
        return True

    def _look_around(self) -> bool:
        """What pages ask, all the time."""
        page = self._store.runs.find(
            query="optimizer.lr > 0 and not diverged", sort="best.val_loss"
        )
        ids = [run.id for run in page.runs[:10]]
        self._store.history.metrics(ids)
        self._store.runs.sparklines(ids)
        self._store.queue.forecast()
        for run_id in ids[:3]:
            self._store.runs.events(run_id)
            self._store.logs.lines(run_id)
            self._store.checkpoints.latest(run_id)
        return True

    def _child(self) -> psutil.Process | None:
        """A process that trains; the dispatcher's own, and not one that has just been reused."""
        workers = [run.worker for run in self._runs(Status.RUNNING) if run.worker]
        if not workers:
            return None
        return self._served.own(int(self._random.choice(workers).rsplit(":")[-1]))

    def _kill_a_child(self) -> bool:
        child = self._child()
        if child is not None:
            with suppress(psutil.NoSuchProcess):
                child.kill()
        return child is not None

    def _freeze_a_child(self) -> bool:
        child = self._child()
        if child is not None:
            with suppress(psutil.NoSuchProcess):
                child.send_signal(signal.SIGSTOP)
        return child is not None

    def _kill_a_worker(self) -> bool:
        child = self._child()
        with suppress(psutil.NoSuchProcess):
            if child is not None and (worker := child.parent()) is not None:
                if worker.pid == self._served.process.pid:
                    return False
                worker.kill()
                return True
        return False

    def _kill_the_dispatcher(self) -> bool:
        self._served.kill()
        return True

    def _restart_the_dispatcher(self) -> bool:
        self._served.restart()
        return True

    def _take_the_database_away_for_a_moment(self) -> bool:
        """For less than a lease, or for more."""
        self.take_the_database_away(self._random.uniform(0.5, 1.5 * LEASE))
        return True
