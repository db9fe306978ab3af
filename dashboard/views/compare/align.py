"""Layers of different stacks on common rows: layers of one name stand beside one another."""

from __future__ import annotations

from collections.abc import Sequence


def aligned(stacks: Sequence[Sequence[str]]) -> list[str]:
    """Every layer name once, each after those that stand before it in its own stack."""
    rows: list[str] = []
    for names in stacks:
        place = 0
        for name in names:
            if name in rows:
                place = rows.index(name) + 1
            else:
                rows.insert(place, name)
                place += 1
    return rows
