"""Numbers that are read at a glance."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Number:
    """A number, as it is shown: what it is called, what it rests on, and what it means."""

    label: str
    value: str
    note: str = ""
    help: str | None = None
