"""Colours with one meaning each: a run keeps its look, a status its colour everywhere.

A look is a hue with a dash. There are twenty-one; of more lines nobody could tell which is which.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from dashboard.views.charts.colors import MUTED, hues
from db.records import Status

_DASHES: tuple[list[int], ...] = ([1, 0], [6, 3], [2, 2])

_HUES = len(hues(dark=False))

LOOKS = _HUES * len(_DASHES)
"""The looks, counted from 0: all hues solid, then dashed, then dotted."""

_NONE: Mapping[int, int] = MappingProxyType({})


def looks_of(ids: Iterable[int], held: Mapping[int, int] = _NONE) -> dict[int, int]:
    """A look for each of at most `LOOKS` runs, no two alike.

    A run keeps the look in which it is `held`. Another gets a hue that none of these runs has and a
    look in which no run is held, as far as there are any; among those, its number chooses, so that
    it tends to look the same to everybody.
    """
    found: dict[int, int] = {}
    ordered = sorted(set(ids))
    for run_id in ordered:
        if run_id in held and held[run_id] not in found.values():
            found[run_id] = held[run_id]
    for run_id in ordered:
        if run_id not in found:
            found[run_id] = _free(run_id, found.values(), set(held.values()))
    return found


def _free(run_id: int, taken: Iterable[int], held: set[int]) -> int:
    used = set(taken)
    hues_used = Counter(look % _HUES for look in used)

    def cost(look: int) -> tuple[int, bool, int, int]:
        return hues_used[look % _HUES], look in held, look // _HUES, (look - run_id) % _HUES

    return min((look for look in range(LOOKS) if look not in used), key=cost)


def look_color(look: int | None, *, dark: bool) -> str:
    """The colour of a look; grey for what has none."""
    return MUTED if look is None else hues(dark=dark)[look % _HUES]


def look_dash(look: int | None) -> list[int]:
    """The dash of a look's lines; what has none is solid."""
    return _DASHES[0 if look is None else look // _HUES]


STATUS_COLORS: dict[Status, str] = {
    Status.QUEUED: "gray",
    Status.RUNNING: "blue",
    Status.PAUSED: "violet",
    Status.DONE: "green",
    Status.DIVERGED: "orange",
    Status.FAILED: "red",
    Status.STOPPED: "yellow",
    Status.CANCELLED: "gray",
}
"""Streamlit's names, so that the theme decides the shade."""
