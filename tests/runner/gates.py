"""Gates that a run does not pass before a test opens them, so that no strike comes too late."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).with_name("gate")
"""What makes a process heed gates, where it is on Python's path."""


@dataclass(frozen=True)
class Gate:
    """A step, and a file that exists as long as runs wait there."""

    step: int
    file: Path

    def __str__(self) -> str:
        """As a run's name."""
        return f"held at {self.step} by {self.file}"

    def open(self) -> None:
        self.file.unlink(missing_ok=True)


@contextmanager
def gate_at(step: int) -> Iterator[Gate]:
    """A closed gate that is open in the end: who waits there holds a worker that others need."""
    with tempfile.NamedTemporaryFile(prefix="gate-", delete=False) as file:
        gate = Gate(step, Path(file.name))
    try:
        yield gate
    finally:
        gate.open()


FAR = Gate(1_000_000, Path(tempfile.gettempdir()))
"""Beyond what any test waits for, and never opened: a run that waits here trains until then, and
does not end by itself on the fastest machine."""
