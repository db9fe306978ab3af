"""When runs will begin and end, from what the queue itself has measured.

A step's time is taken from the run's own steps, before it has any from runs of as many parameters,
else from all that trained of late. The queue is then played forward over the slots of the last
dispatcher: whoever is next in priority and age takes the slot that falls free first. Of runs that
wait for what no worker has, nothing is foretold.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from heapq import heapify, heapreplace
from statistics import median
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from db.models import QueueRow, RunRow
from db.reasons import CANNOT_BE_PLACED
from db.records import Expectation, Status

_RECENT = 100  # ended runs that tell how long a step takes
_ENOUGH = 20  # steps of its own that a run is judged by


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is expected of every run that waits or runs; none where nothing has been measured."""

    runs: Mapping[int, Expectation]

    @property
    def seconds(self) -> float:
        """Until the queue has run dry."""
        return max((run.ends for run in self.runs.values()), default=0.0)


def forecast(connection: Connection) -> Forecast:
    running = connection.execute(_runs().where(RunRow.status == Status.RUNNING)).all()
    order = RunRow.priority.desc(), RunRow.id
    waiting = connection.execute(
        _runs().where(RunRow.status == Status.QUEUED, ~CANNOT_BE_PLACED).order_by(*order)
    ).all()
    paces, slots = _measured(connection)
    return Forecast(_play(running, waiting, paces, slots) if paces.known else {})


def seconds_for(connection: Connection, wanted: Iterable[Mapping[str, Any]]) -> float | None:
    """How long new runs would train on an empty queue, from their `parameters` and `steps`; None
    where nothing has been measured."""
    paces, slots = _measured(connection)
    if not paces.known:
        return None
    free = [0.0] * max(1, slots)
    for run in wanted:
        heapreplace(free, free[0] + paces.of_size(run["parameters"]) * run["steps"])
    return max(free)


def _measured(connection: Connection) -> tuple[_Paces, int]:
    """What recent runs and running ones took a step, and on how many slots."""
    ended = _runs().where(RunRow.ended_at.is_not(None)).order_by(RunRow.ended_at.desc())
    running = _runs().where(RunRow.status == Status.RUNNING)
    recent = [*connection.execute(ended.limit(_RECENT)), *connection.execute(running)]
    return _Paces(recent), connection.execute(select(QueueRow.slots)).scalar_one()


def _runs() -> Select[*tuple[Any, ...]]:
    run = RunRow
    return select(run.id, run.step, run.steps, run.parameters, run.seconds, run.parent_step)


class _Paces:
    """Seconds per step, as measured."""

    def __init__(self, measured: Iterable[Row[*tuple[Any, ...]]]) -> None:
        self._of: dict[int, float] = {}
        by_size: dict[int, list[float]] = {}
        for run in measured:
            made = run.step - (run.parent_step or 0)
            if made > 0 and run.seconds > 0:
                by_size.setdefault(run.parameters, []).append(run.seconds / made)
                if made >= _ENOUGH:
                    self._of[run.id] = run.seconds / made
        self._by_size = {size: median(paces) for size, paces in by_size.items()}
        self.known = bool(by_size)
        self._typical = median(self._by_size.values()) if by_size else 0.0

    def left(self, run: Row[*tuple[Any, ...]]) -> float:
        """The seconds that a run has yet to train."""
        pace = self._of.get(run.id) or self.of_size(run.parameters)
        return float(max(0, run.steps - run.step) * pace)

    def of_size(self, parameters: int) -> float:
        """The seconds that a step takes with so many parameters."""
        return self._by_size.get(parameters, self._typical)


def _play(
    running: Iterable[Row[*tuple[Any, ...]]],
    waiting: Iterable[Row[*tuple[Any, ...]]],
    paces: _Paces,
    slots: int,
) -> dict[int, Expectation]:
    expected = {run.id: Expectation(0.0, paces.left(run)) for run in running}
    free = [each.ends for each in expected.values()]
    free += [0.0] * max(slots - len(free), 0 if free else 1)
    heapify(free)
    for run in waiting:
        begins = free[0]
        expected[run.id] = Expectation(begins, begins + paces.left(run))
        heapreplace(free, expected[run.id].ends)
    return expected
