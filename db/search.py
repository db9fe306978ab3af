"""How lists of runs are searched and sorted: by `run`, its summary and its hyperparameters only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    bindparam,
    func,
    select,
    true,
)
from sqlalchemy.sql.visitors import iterate

from db.models import RunRow, SummaryRow
from db.query.anywhere import contains, words_of
from db.query.conditions import condition
from db.query.meanings import meanings
from db.query.names import Name
from db.records import Shelf, Status
from db.scores import LATER_SCORES, score_column
from db.types import NAN, Number, seconds_between
from db.words import clean
from engine.errors import ConfigError, nearest
from engine.messages import Message

LARGEST_ID = 2**31 - 1
MOST_NAMED = 10_000  # ids in one statement, of the 32,766 values that SQLite takes
FEW = 500  # runs that are quicker sorted by their numbers than found a second time

_RUN_TABLE, _SUMMARY_TABLE = RunRow.__table__, SummaryRow.__table__
_RUN, _SUMMARY = _RUN_TABLE.c, _SUMMARY_TABLE.c

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
    "best_val_r2": _SUMMARY.best_val_r2,
    "baseline_loss": _SUMMARY.baseline_loss,
    **{name: score_column("last", name) for name in LATER_SCORES},
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


def portions(run_ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """As many ids at a time as one statement may name."""
    for start in range(0, len(run_ids), MOST_NAMED):
        yield run_ids[start : start + MOST_NAMED]


def conditions(
    *,
    text: str = "",
    statuses: Iterable[Status] = (),
    owner: str | None = None,
    shelf: Shelf | None = Shelf.ACTIVE,
    query: str = "",
    zone: tzinfo | None = None,
) -> list[ColumnElement[bool]]:
    """What a run must fulfil to be found by a `Search`; raises QueryError."""
    found = [contains(word) for word in words_of(clean(text))]
    found += [condition(query, zone)] if query.strip() else []
    found += _SHELVES[shelf] if shelf else []
    if statuses := tuple(statuses):
        found.append(RunRow.status.in_(statuses))
    if owner is not None:
        found.append(RunRow.owner == clean(owner))
    return found


@dataclass(frozen=True)
class Order:
    """A way to sort: first numbers, then NaN, then what is missing, whether up or down.

    Each of the three is a question of its own. So an index that holds a column in order answers
    with a page from thousands of runs, which it could not were they sorted as one.
    """

    column: ColumnElement[Any]
    source: FromClause  # where the column is: the run itself, or rows that belong to it
    descending: bool

    def parts(self, wanted: Sequence[ColumnElement[bool]]) -> Iterator[Select[int]]:
        """The numbers of the runs that fulfil all that is wanted, in order, part after part."""
        run_id = _RUN.id if self.source is _RUN_TABLE else self.source.c.run_id
        ordered = [self.column.desc(), run_id.desc()] if self.descending else [self.column, run_id]
        for part in self._values():
            yield self._runs().where(*wanted, part).order_by(*ordered)
        if self._may_lack:
            missing = self._runs(outer=True).where(*wanted, self.column.is_(None))
            yield missing.order_by(_RUN.id.desc() if self.descending else _RUN.id)

    def _values(self) -> list[ColumnElement[bool]]:
        """The conditions of the parts in which there is a value."""
        if isinstance(self.column.type, Number):
            return [self.column < NAN, self.column == NAN]
        return [self.column.is_not(None) if self._may_lack else true()]

    @property
    def _may_lack(self) -> bool:
        """Whether there may be runs without a value."""
        return self.source is not _RUN_TABLE or getattr(self.column, "nullable", True)

    def _runs(self, *, outer: bool = False) -> Select[int]:
        rows: FromClause = _RUN_TABLE
        if self.source is not _SUMMARY_TABLE:
            rows = _WITH_SUMMARY
        if self.source is not _RUN_TABLE:
            rows = rows.join(self.source, self.source.c.run_id == _RUN.id, isouter=outer)
        return select(_RUN.id).select_from(rows)


# Either database leaves the summary out where nothing asks it.
_WITH_SUMMARY = _RUN_TABLE.outerjoin(_SUMMARY_TABLE, _SUMMARY.run_id == _RUN.id)


def order(sort: str, *, descending: bool) -> Order:
    """How to sort by one of SORTS or a name of the query language; raises ConfigError."""
    if sort in SORTS:
        return Order(SORTS[sort], _source(SORTS[sort]), descending)
    name = _known(sort)
    if name.table is None:
        return Order(name.column, _source(name.column), descending)
    rows = select(name.table.c.run_id, name.column.label("value")).where(*name.scope).subquery()
    return Order(rows.c.value, rows, descending)


def named(text: str) -> ColumnElement[Any]:
    """What a name of the query language stands for, as a value of the run; raises ConfigError."""
    name = _known(text)
    if name.table is None:
        return name.column
    its_own = (name.table.c.run_id == RunRow.id, *name.scope)
    return select(name.column).where(*its_own).scalar_subquery()


def _known(text: str) -> Name:
    """A name that has one value per run."""
    name = next((meant for meant in meanings(text) if not meant.listed), None)
    if name is None:
        rule = Message("must be a known order").got(text)
        raise ConfigError.at(("sort",), rule.then(nearest(text, SORTS)))
    return name


def _source(column: ColumnElement[Any]) -> FromClause:
    """Where a column is: in the summary, or in the run (with or without its summary)."""
    return _SUMMARY_TABLE if getattr(column, "table", None) is _SUMMARY_TABLE else _RUN_TABLE


def find(
    connection: Connection,
    wanted: Sequence[ColumnElement[bool]],
    order: Order,
    *,
    limit: int,
    offset: int,
) -> tuple[list[int], int]:
    """The numbers of one page of runs, and how many runs there are in all.

    Where conditions leave few, these are looked for once, and then sorted.
    """
    rows = _WITH_SUMMARY if any(map(_asks_summary, wanted)) else _RUN_TABLE
    if len(wanted) > len(_SHELVES[Shelf.ACTIVE]):
        some = select(_RUN.id).select_from(rows).where(*wanted).limit(FEW + 1)
        few = connection.execute(some).scalars().all()
        if len(few) <= FEW:
            these = [_RUN.id.in_(bindparam("these", few, expanding=True))]
            return _page(connection, these, order, limit=limit, offset=offset), len(few)
    counted = select(func.count()).select_from(rows).where(*wanted)
    total = connection.execute(counted).scalar_one()
    return _page(connection, wanted, order, limit=limit, offset=offset), total


def _asks_summary(condition: ColumnElement[bool]) -> bool:
    return any(getattr(part, "table", None) is _SUMMARY_TABLE for part in iterate(condition))


def _page(
    connection: Connection,
    wanted: Sequence[ColumnElement[bool]],
    order: Order,
    *,
    limit: int,
    offset: int,
) -> list[int]:
    """The numbers of one page of runs."""
    found: list[int] = []
    for part in order.parts(wanted):
        some = part.limit(limit - len(found)).offset(offset)
        rows = connection.execute(some).scalars().all()
        found += rows
        if len(found) >= limit:
            break
        if offset and not rows:
            whole = select(func.count()).select_from(part.order_by(None).subquery())
            offset -= connection.execute(whole).scalar_one()
        else:
            offset = 0
    return found
