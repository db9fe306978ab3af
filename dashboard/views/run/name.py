"""What a run is called in charts, tables and lists."""

from __future__ import annotations

from db.records import Run

LONGEST = 28
"""Letters of a name that a legend has room for."""


def run_name(run: Run) -> str:
    """A run's number, which no other has, and as much of its name as fits."""
    name = run.name if len(run.name) <= LONGEST else f"{run.name[: LONGEST - 1]}…"
    return f"#{run.id} {name}".strip()
