"""Runs that go on from another run's checkpoint, as they were or with a changed configuration.

A branch is a run like any other. It begins with a copy of the checkpoint, so that it needs its
parent no more, and trains from the step after it.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Literal

from sqlalchemy import Connection

from db.attempts import log
from db.checkpoints import Checkpoints, Snapshot, add
from db.connection import Database
from db.enqueue import NewRun, add_runs, check_launch, rows_of
from db.models import RunRow
from db.records import CheckpointInfo, EventKind, Run, Status
from db.rights import Action
from db.rows import run_of, select_runs
from db.trained_on import keep_trained_on
from engine.branching import branched, keeps_slots, shares_data
from engine.config import RunConfig
from engine.errors import ConfigError, DataError, LayerlabError
from engine.messages import Message
from engine.records import Checkpoint
from engine.trained_on import TrainedOn

_STANDS = {
    Status.QUEUED: Message("queued"),
    Status.RUNNING: Message("running"),
    Status.PAUSED: Message("paused"),
}

At = int | Literal["best", "last"]
"""From which checkpoint: the one of a step, of the best validation, or the newest."""


class Branches:
    """Every method adds a run whose parent and parent's step are kept with it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._checkpoints = Checkpoints(database)

    def prolong(
        self,
        run_id: int,
        *,
        epochs: int,
        owner: str,
        name: str = "",
        priority: int = 0,
        time_limit: float | None = None,
    ) -> Run:
        """Add a run that trains so many epochs more than one that has ended, from its end.

        Raises LayerlabError where that run is not there, has not ended, or diverged, or its data
        are not those that it trained on any more.
        """
        run = self._get(run_id)
        if epochs < 1:
            raise ConfigError.at(
                ("epochs",), Message("must be at least {least}", least=1).got(epochs)
            )
        if not run.status.ended:
            early = Message("run {id} has not ended yet: it is {status}")
            raise LayerlabError(early.filled(id=run_id, status=_STANDS[run.status]))
        if run.status is Status.DIVERGED:
            raise LayerlabError(
                Message(
                    "run {id} diverged and would again; branch it from an earlier checkpoint, with"
                    " other values",
                    id=run_id,
                )
            )
        checkpoint = self._checkpoint(run, "last")
        config = _with_epochs(run.config, checkpoint.epoch + epochs)
        asked = {"owner": owner, "name": name, "priority": priority, "time_limit": time_limit}
        return self._add(run, checkpoint, config, asked)

    def branch(
        self,
        run_id: int,
        config: RunConfig,
        *,
        at: At = "last",
        owner: str,
        name: str = "",
        priority: int = 0,
        time_limit: float | None = None,
    ) -> Run:
        """Add a run that goes on from a run's checkpoint by another configuration.

        Raises LayerlabError where there is no such checkpoint, or the data that it shares with that
        run are others now, and ConfigError where what was trained does not fit the configuration.
        """
        run = self._get(run_id)
        asked = {"owner": owner, "name": name, "priority": priority, "time_limit": time_limit}
        return self._add(run, self._checkpoint(run, at), config, asked)

    def _get(self, run_id: int) -> Run:
        with self._database.read() as connection:
            run = _run(connection, run_id)
        if run is None:
            raise LayerlabError(Message("there is no run {id}", id=run_id))
        return run

    def _checkpoint(self, run: Run, at: At) -> Checkpoint:
        """Raises LayerlabError, naming those that are kept, where there is none."""
        if at == "last":
            newest = self._checkpoints.latest(run.id)
            if newest is not None:
                return newest
            raise LayerlabError(Message("run {id} keeps no checkpoint to go on from", id=run.id))
        best = run.best and run.best.step
        step = at if isinstance(at, int) else best
        infos = self._checkpoints.list(run.id)
        info = next((info for info in infos if info.step == step), None)
        if info is None:
            raise LayerlabError(_not_kept(at).filled(id=run.id, steps=_steps(infos)))
        if not info.resumable and info.step == best:  # bare, where to make it again is quick
            with suppress(DataError):
                return self._checkpoints.again(run.id, info.step)
        return self._checkpoints.load(info.id)

    def _add(
        self, parent: Run, checkpoint: Checkpoint, config: RunConfig, asked: dict[str, Any]
    ) -> Run:
        check_launch(self._database, priority=asked["priority"])
        start = branched(checkpoint, parent.config, config)
        known = {}
        if checkpoint.data and shares_data(parent.config, config):
            _check_data(config, checkpoint.data)
            known = {config.dataset: checkpoint.data.info}
        asked |= {
            "owner": self._database.signed(asked["owner"]),
            "person_id": self._database.person_id,
        }
        origin: dict[str, Any] = {"parent_id": parent.id, "parent_step": checkpoint.step}
        new = NewRun(config=config, **asked | origin | {"name": asked["name"] or parent.name})
        rows, snapshot = rows_of([new], known), Snapshot(start)
        snapshot.pack()
        keeps = keeps_slots(checkpoint, parent.config, config)
        event: dict[str, Any] = {"parent": parent.id, "step": checkpoint.step}
        with self._database.change(Action.LAUNCH) as connection:
            (run_id,) = add_runs(connection, [new], rows)
            add(connection, run_id, 0, snapshot)
            if start.data:
                keep_trained_on(connection, run_id, start.data)
            log(connection, run_id, 0, EventKind.BRANCHED, optimizer_anew=not keeps, **event)
            self._database.made(connection, Action.LAUNCH, "run", [run_id])
            run = _run(connection, run_id)
        assert run is not None, "it has just been added"
        return run


def _check_data(config: RunConfig, kept: TrainedOn) -> None:
    """Raises DataError where the data that were trained on are gone or are others now."""
    from engine.samples import load_same  # whoever only reads runs need not wait for it

    load_same(config, kept)


def _with_epochs(config: RunConfig, epochs: int) -> RunConfig:
    return RunConfig.parse(config.model_dump(mode="json") | {"epochs": epochs})


def _run(connection: Connection, run_id: int) -> Run | None:
    row = connection.execute(select_runs().where(RunRow.id == run_id)).first()
    return None if row is None else run_of(row)


def _not_kept(at: At) -> Message:
    if at == "best":
        return Message("run {id} keeps no checkpoint of its best validation; kept: {steps}")
    return Message("run {id} keeps no checkpoint of step {step}; kept: {steps}", step=at)


def _steps(infos: Sequence[CheckpointInfo]) -> tuple[int, ...] | Message:
    return tuple(info.step for info in infos) or Message("none")
