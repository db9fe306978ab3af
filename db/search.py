"""How lists of runs are searched and sorted: by `run`, its summary and its hyperparameters only."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, case, func, select

from db.models import RunRow, SummaryRow
from db.query.anywhere import contains
from db.query.conditions import condition
from db.query.names import resolve
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
    query: str = "",
) -> list[ColumnElement[bool]]:
    """What a run must fulfil: hold every word of the text, stand, belong and lie where asked, and
    fulfil the query; raises QueryError."""
    found = [contains(word) for word in clean(text).split()]
    found += [condition(query)] if query.strip() else []
    found += _SHELVES[shelf] if shelf else []
    if statuses := tuple(statuses):
        found.append(RunRow.status.in_(statuses))
    if owner is not None:
        found.append(RunRow.owner == clean(owner))
    return found


def named(sort: str) -> ColumnElement[Any]:
    """What a name of the query language stands for, as a value of the run."""
    name = resolve(sort)
    if name is None or name.listed:
        known = nearest(sort, SORTS)
        raise ConfigError.at(("sort",), f"must be a known order; got {sort!r}; {known}")
    if name.table is None:
        return name.column
    its_own = (name.table.c.run_id == RunRow.id, *name.scope)
    return select(name.column).where(*its_own).scalar_subquery()


def order(sort: str, *, descending: bool) -> list[ColumnElement[Any]]:
    """How to sort: first numbers, then NaN, then what is missing, either way.

    `sort` is one of SORTS, or a name of the query language; raises ConfigError for another.
    """
    column = SORTS[sort] if sort in SORTS else named(sort)
    ordered: list[ColumnElement[Any]] = (
        [column.desc(), _RUN.id.desc()] if descending else [column.asc(), _RUN.id.asc()]
    )
    if sort == "created":  # never missing; so an index serves
        return ordered
    last: list[tuple[ColumnElement[bool], int]] = [(column.is_(None), 2)]
    if isinstance(column.type, Number):
        last.append((column == NAN, 1))
    return [case(*last, else_=0), *ordered]
