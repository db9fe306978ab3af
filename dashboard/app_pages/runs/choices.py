"""What the page's address says: which list, which runs are in it, in which order, and how laid out.

Another list begins at its first page, with nothing selected: nothing shall happen to what nobody
sees. Another order keeps what is selected.
"""

from __future__ import annotations

from dashboard.state.choices import Numbers, OneOf, Several, Text
from dashboard.views.runs.columns import BASE, USUAL, hyperparameters
from db.groups import SEED
from db.query.syntax import LONGEST
from db.records import Shelf, Status

ALONE = "none"
FIRST_LAYER = ("layers.0.init.kind", "layers.0.units", "layers.1.kind")
"""Of layers, which have no names of their own, the ones that stand for the stack."""

_ANEW = ("page", "selected")

LIST = OneOf("list", "runs", _ANEW, ("runs", "sweeps"))
QUERY = Text("q", "", _ANEW, LONGEST)
STATUSES = Several("status", (), _ANEW, tuple(Status))
OWNER: OneOf[str | None] = OneOf("owner", None, _ANEW)
SHELF = OneOf("shelf", Shelf.ACTIVE, _ANEW, tuple(Shelf))
GROUP: OneOf[str] = OneOf("group", ALONE, _ANEW)
ORDER: OneOf[str] = OneOf("order", "created desc", ("page",))
COLUMNS: Several[str] = Several("cols", USUAL)
SELECTED = Numbers("selected", ())
"""Runs, or a sweep, or of each group the least number of its runs."""


def ways_to_group() -> tuple[str, ...]:
    """By what runs can be taken together."""
    return (ALONE, SEED, *FIRST_LAYER, "owner", *hyperparameters())


def every_column() -> tuple[str, ...]:
    """What columns there are."""
    return (*BASE, *hyperparameters())
