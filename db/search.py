"""How lists of runs are searched and sorted: by `run`, its summary and its hyperparameters only."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, case, func, or_, select

from db.models import ParamRow, RunRow, SummaryRow
from db.records import Shelf, Status
from db.types import NAN, Number, seconds_between
from db.words import clean
from engine.errors import ConfigError, nearest

LARGEST_ID = 2**31 - 1

_RUN = RunRow.__table__.c
_SUMMARY = SummaryRow.__table__.c

# What a list may be sorted by.
SORTS: dict[str, ColumnElement[Any]] = {
    "created": _RUN.created_at,
    "started": _RUN.started_at,
    "ended": _RUN.ended_at,
    "duration": seconds_between(_RUN.started_at, _RUN.ended_at),
    "name": func.lower(_RUN.name),
    "owner": func.lower(_RUN.owner),
    "status": _RUN.status,
    "priority": _RUN.priority,
    "parameters": _RUN.parameters,
    "step": _RUN.step,
    "steps": _RUN.steps,
    "loss": _SUMMARY.last_loss,
    "accuracy": _SUMMARY.last_accuracy,
    "val_loss": _SUMMARY.last_val_loss,
    "val_accuracy": _SUMMARY.last_val_accuracy,
    "best_val_loss": _SUMMARY.best_val_loss,
    "best_val_accuracy": _SUMMARY.best_val_accuracy,
}


# The runs on each shelf. What was deleted is not shown as archived, whatever it was before.
_SHELVES: dict[Shelf, list[ColumnElement[bool]]] = {
    Shelf.ACTIVE: [_RUN.archived_at.is_(None), _RUN.deleted_at.is_(None)],
    Shelf.ARCHIVED: [_RUN.archived_at.is_not(None), _RUN.deleted_at.is_(None)],
    Shelf.DELETED: [_RUN.deleted_at.is_not(None)],
}


def possible(run_ids: Iterable[int]) -> list[int]:
    """Each id once, without what no run can have: ids come out of links that people edit."""
    return [i for i in dict.fromkeys(run_ids) if 0 < i <= LARGEST_ID]


def conditions(
    *,
    text: str = "",
    statuses: Iterable[Status] = (),
    owner: str | None = None,
    shelf: Shelf | None = None,
) -> list[ColumnElement[bool]]:
    """What a run must fulfil: hold every word of the text, stand, belong and lie where asked."""
    found = [_contains(word) for word in clean(text).split()]
    found += _SHELVES[shelf] if shelf else []
    if statuses := tuple(statuses):
        found.append(RunRow.status.in_(statuses))
    if owner is not None:
        found.append(RunRow.owner == clean(owner))
    return found


def order(sort: str, *, descending: bool) -> list[ColumnElement[Any]]:
    """How to sort by one of SORTS: first numbers, then NaN, then what is missing, either way.

    Raises ConfigError for a name that is not known.
    """
    if sort not in SORTS:
        known = nearest(sort, SORTS)
        raise ConfigError.at(("sort",), f"must be a known order; got {sort!r}; {known}")
    column = SORTS[sort]
    ordered: list[ColumnElement[Any]] = (
        [column.desc(), _RUN.id.desc()] if descending else [column.asc(), _RUN.id.asc()]
    )
    if sort == "created":  # never missing; so an index serves
        return ordered
    last: list[tuple[ColumnElement[bool], int]] = [(column.is_(None), 2)]
    if isinstance(column.type, Number):
        last.append((column == NAN, 1))
    return [case(*last, else_=0), *ordered]


def _contains(word: str) -> ColumnElement[bool]:
    """Whether a word stands anywhere in what people know a run by."""
    # IS NOT NULL says nothing new, but lets the index on texts serve.
    in_params = select(ParamRow.run_id).where(
        ParamRow.text.is_not(None), ParamRow.text.icontains(word, autoescape=True)
    )
    places: list[ColumnElement[bool]] = [
        RunRow.name.icontains(word, autoescape=True),
        RunRow.owner.icontains(word, autoescape=True),
        RunRow.id.in_(in_params),
    ]
    number = word.removeprefix("#")
    if number.isascii() and number.isdigit() and len(number) <= 10:
        places.append(RunRow.id == int(number))
    return or_(*places)
