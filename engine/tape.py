"""The calls of a pass, noted while it is made, so that the next one need only repeat them.

Layers keep their working arrays, so a step on another batch of the same size makes the same calls
with the same arrays: which ones, Python decides once. In a network whose products take microseconds
that is half of a step's time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.loops import Loop

Call = tuple[Callable[..., object], tuple[Any, ...]]


class Tape:
    """`calls` is a new list from `begin` on: whoever kept the list knows by it that nothing was
    passed through the network since."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Forget the calls that were noted."""
        self.calls: list[Call] = []

    def do(self, work: Callable[..., object], *values: Any) -> None:
        """Call `work`, which leaves its results in arrays, and note the call."""
        work(*values)
        self.calls.append((work.made_for(*values) if isinstance(work, Loop) else work, values))

    def repeat(self) -> None:
        """Make the noted calls again."""
        for work, values in self.calls:
            work(*values)
