"""Colours with one meaning each: a run keeps its colour on every page, a status everywhere.

Where runs outnumber hues, the next ones have another shade of them and another dash.
"""

from __future__ import annotations

from dashboard.views.charts.colors import hues, shade
from db.records import Status

_DASHES: tuple[list[int], ...] = ([1, 0], [6, 3], [2, 2])


def run_color(run_id: int, *, dark: bool = False) -> str:
    """The colour of a run: the hues in turn, then the same ones in other shades."""
    family = hues(dark=dark)
    color = family[run_id % len(family)]
    return shade(color, _turn(run_id), dark=dark)


def run_dash(run_id: int) -> list[int]:
    """The dash of a run's lines: solid for as many neighbouring ids as there are hues."""
    return _DASHES[_turn(run_id)]


def _turn(run_id: int) -> int:
    """How often all hues were used before this run's turn, starting over when dashes run out."""
    return run_id // len(hues(dark=False)) % len(_DASHES)


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

_TINTS_LIGHT = (
    "#E5E7EB",
    "#CFE0FF",
    "#E2D6FF",
    "#C6EEDC",
    "#FFD2A8",
    "#FFC9CE",
    "#FFEBA6",
    "#E5E7EB",
)
_TINTS_DARK = (
    "#3A3F4A",
    "#26407F",
    "#4B3387",
    "#14573F",
    "#7A3D0C",
    "#7A2430",
    "#5F4B00",
    "#3A3F4A",
)


def status_tints(*, dark: bool) -> list[str]:
    """The backgrounds of the states in a table's cells, in the order of `Status`."""
    return list(_TINTS_DARK if dark else _TINTS_LIGHT)
