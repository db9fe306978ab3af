"""New runs: from configurations to the rows of runs that wait in the queue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, insert

from db.connection import Database, now
from db.models import ConfigRow, EventRow, ParamRow, RunRow, SummaryRow
from db.params import param_rows
from db.records import EventKind, Status
from db.rights import Action
from db.words import clean_name, clean_owner
from engine.architecture import describe
from engine.config import RunConfig
from engine.datasets import AnyDataset, DatasetInfo
from engine.errors import ConfigError
from engine.messages import Message

MAX_ATTEMPTS = 3
MOST_PRIORITY = 1_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class NewRun:
    """What there is to say about a run before it exists."""

    config: RunConfig
    owner: str
    person_id: int | None = None
    name: str = ""
    priority: int = 0
    max_attempts: int = MAX_ATTEMPTS
    time_limit: float | None = None
    sweep_id: int | None = None
    trial: int | None = None
    replicate: int | None = None
    parent_id: int | None = None
    parent_step: int | None = None


def check_launch(database: Database, *, priority: int = 0) -> None:
    """Raise RightsError where the person may not launch, or not ahead of others: before data sets
    are read for it."""
    database.require(Action.LAUNCH)
    if priority:
        database.require(Action.PRIORITIZE)


def rows_of(
    runs: Sequence[NewRun], known: Mapping[AnyDataset, DatasetInfo] | None = None
) -> list[dict[str, Any]]:
    """The rows of runs; raises ConfigError or DataError where one of them could never train.

    Reads data sets, each one once but those that are `known`, and so belongs before the
    transaction.
    """
    infos = dict(known or {})
    return [_row(run, infos) for run in runs]


def _row(run: NewRun, infos: dict[AnyDataset, DatasetInfo]) -> dict[str, Any]:
    dataset = run.config.dataset
    if dataset not in infos:
        infos[dataset] = dataset.info()
    architecture = describe(run.config, infos[dataset])
    return {
        "uid": str(uuid4()),
        "name": clean_name(run.name),
        "owner": clean_owner(run.owner),
        "person_id": run.person_id,
        "status": Status.QUEUED,
        "priority": checked_priority(run.priority),
        "attempt": 0,
        "max_attempts": run.max_attempts,
        "step": run.parent_step or 0,
        "steps": architecture.steps,
        "parameters": architecture.parameters,
        "program": program(),
        "seconds": 0.0,
        "time_limit": checked_time_limit(run.time_limit),
        "gpu": run.config.backend == "cupy",
        "sweep_id": run.sweep_id,
        "trial": run.trial,
        "replicate": run.replicate,
        "parent_id": run.parent_id,
        "parent_step": run.parent_step,
    }


@cache
def program() -> str:
    """The version of this program: looked up once, since that reads a file."""
    return version("layerlab")


def add_runs(
    connection: Connection, runs: Sequence[NewRun], rows: Sequence[dict[str, Any]]
) -> list[int]:
    """Queue runs whose `rows_of` are at hand; their ids, in order."""
    time = now(connection)
    new = insert(RunRow).returning(RunRow.id, sort_by_parameter_order=True)
    ids = list(connection.execute(new, [row | {"created_at": time} for row in rows]).scalars())
    configs = [{"run_id": i, "config": r.config.to_json()} for i, r in zip(ids, runs, strict=True)]
    connection.execute(insert(ConfigRow), configs)
    params = [row for i, run in zip(ids, runs, strict=True) for row in param_rows(i, run.config)]
    connection.execute(insert(ParamRow), params)
    connection.execute(insert(SummaryRow), [{"run_id": run_id} for run_id in ids])
    queued = {"attempt": 0, "at": time, "kind": EventKind.ENQUEUED}
    events = [
        queued | {"run_id": run_id, "data": {"owner": row["owner"]}}
        for run_id, row in zip(ids, rows, strict=True)
    ]
    connection.execute(insert(EventRow), events)
    return ids


def checked_priority(priority: int) -> int:
    """A priority; raises ConfigError where the database could not hold it."""
    if abs(priority) > MOST_PRIORITY:
        rule = Message("must lie between {low:,} and {high:,}")
        rule = rule.filled(low=-MOST_PRIORITY, high=MOST_PRIORITY)
        raise ConfigError.at(("priority",), rule.got(priority))
    return priority


def checked_time_limit(seconds: float | None) -> float | None:
    """A time limit, or None for none; raises ConfigError where it is no positive number."""
    if seconds is not None and not 0 < seconds < 1e9:
        raise ConfigError.at(
            ("time_limit",), Message("must be seconds greater than 0").got(seconds)
        )
    return seconds
