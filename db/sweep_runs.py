"""The runs of a sweep's points: what a definition says and the tables lack.

So enqueueing, extending and repairing a sweep are the same thing, and doing it twice changes
nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, insert, select

from db.enqueue import NewRun, add_runs, rows_of
from db.models import RunRow, TrialRow
from engine.errors import ConfigError
from engine.messages import Message
from engine.sweeps.config import SweepConfig

Values = Mapping[str, Any]
"""A point of a sweep: a value for each axis, by its name."""


class PointRuns:
    """The runs of a sweep's points, each described once and before any transaction."""

    def __init__(
        self,
        config: SweepConfig,
        *,
        owner: str,
        person_id: int | None = None,
        name: str,
        priority: int,
    ) -> None:
        self.config = config
        self._common = NewRun(
            config=config.base, owner=owner, person_id=person_id, name=name, priority=priority
        )
        self._rows: dict[str, dict[str, Any] | None] = {}

    def prepare(self, points: Iterable[Values]) -> None:
        """Describe points; raises ConfigError or DataError where one of them could never train."""
        points = list(points)
        firsts = [self._first(values) for values in points]
        for values, row in zip(points, rows_of(firsts), strict=True):
            self._rows[_key(values)] = row

    def rows(self, points: Iterable[Values]) -> list[dict[str, Any]]:
        """What was described of `prepare`d points."""
        return [row for values in points if (row := self._rows[_key(values)])]

    def base(self) -> dict[str, Any]:
        """What all points start from, described."""
        return rows_of([self._common])[0]

    def accept(self, values: Values) -> None:
        """Describe a point that a model proposed; one that could never train will have no runs."""
        try:
            self.prepare([values])
        except ConfigError:
            self._rows[_key(values)] = None

    def of(
        self, sweep_id: int, trial: int, replicate: int, values: Values
    ) -> tuple[NewRun, dict[str, Any]] | None:
        """A run and its row: like the point's first, but for the seed."""
        prepared = self._rows[_key(values)]
        if prepared is None:
            return None
        config = self.config.run(dict(values), replicate)
        place = {"sweep_id": sweep_id, "trial": trial, "replicate": replicate}
        run = replace(self._common, config=config)
        return run, prepared | place | {"uid": str(uuid4())}

    def _first(self, values: Values) -> NewRun:
        try:
            return replace(self._common, config=self.config.run(dict(values), 0))
        except ConfigError as error:
            point = ", ".join(f"{name}={json.dumps(value)}" for name, value in values.items())
            at_point = Message("{rule} (at {point})", point=point)
            raise ConfigError(
                [replace(p, rule=at_point.filled(rule=p.rule)) for p in error.problems]
            ) from None


def complete(
    connection: Connection,
    sweep_id: int,
    runs: PointRuns,
    points: Iterable[Values],
    *,
    known: bool = True,
) -> int | None:
    """Add the trials and the runs of `points` that are not there; the number of the last trial.

    A point that is drawn twice is two trials. With `known=False` one that is there may come again:
    models propose what they like.
    """
    numbers = points_of(connection, sweep_id)
    by_point: dict[str, list[int]] = {}
    for number, values in sorted(numbers.items(), reverse=True) if known else ():
        by_point.setdefault(_key(values), []).append(number)
    there = select(RunRow.trial, RunRow.replicate).where(RunRow.sweep_id == sweep_id)
    made = {(row.trial, row.replicate) for row in connection.execute(there)}
    fresh: list[dict[str, Any]] = []
    wanted: list[tuple[NewRun, dict[str, Any]]] = []
    last = None
    for values in points:
        if same := by_point.get(_key(values)):
            last = same.pop()
        else:
            last = len(numbers) + len(fresh)
            fresh.append({"sweep_id": sweep_id, "number": last, "values": dict(values)})
        missing = (r for r in range(runs.config.seeds) if (last, r) not in made)
        wanted += [run for r in missing if (run := runs.of(sweep_id, last, r, values))]
    if fresh:
        connection.execute(insert(TrialRow), fresh)
    if wanted:
        add_runs(connection, [run for run, _ in wanted], [row for _, row in wanted])
    return last


def _key(values: Values) -> str:
    return json.dumps(values, sort_keys=True)


def points_of(connection: Connection, sweep_id: int) -> dict[int, Values]:
    """The points of a sweep by their numbers."""
    rows = select(TrialRow.number, TrialRow.values).where(TrialRow.sweep_id == sweep_id)
    return {row[0]: row[1] for row in connection.execute(rows)}
