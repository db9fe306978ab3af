"""What a pass does, decided from shapes alone before there are values, and run for each batch.

Layers keep their working arrays, so one batch after another of the same size is the same calls on
the same arrays: which ones, Python decides once. In a network whose products take microseconds that
is half of a step's time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.loops import Loop

Call = tuple[Callable[..., object], tuple[Any, ...]]


class Plan:
    """Calls in their order; `run` makes them, on what their arrays hold by then."""

    def __init__(self, calls: list[Call]) -> None:
        self._calls = calls

    def __add__(self, after: Plan) -> Plan:
        return Plan(self._calls + after._calls)

    def run(self) -> None:
        for work, values in self._calls:
            work(*values)


class Planner:
    """Gathers calls without making any: so nothing that is planned can depend on a value."""

    def __init__(self) -> None:
        self._calls: list[Call] = []

    def do(self, work: Callable[..., object], *values: Any) -> None:
        """Plan `work(*values)`, which leaves its results in arrays."""
        self._calls.append((work.made_for(*values) if isinstance(work, Loop) else work, values))

    def finish(self) -> Plan:
        """What was gathered since the last time."""
        plan, self._calls = Plan(self._calls), []
        return plan
