"""Runs taken together: how many there are of each kind, and what they came to.

All of it is counted and summed by the database, so that ten thousand runs are one question. The
spread comes from the sum of squares, which is exact enough for scores between 0 and some thousand.
Runs of one configuration, seed included, from one checkpoint are copies: they come to the same and
are one observation.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, sqrt
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FunctionElement,
    Row,
    Select,
    String,
    Subquery,
    and_,
    case,
    cast,
    func,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from db.models import ConfigRow, RunRow, SummaryRow
from db.params import Param
from db.query.names import Kind, resolve
from db.records import GroupPage, RunGroup, Status, Tally
from db.scores import LATER_SCORES
from db.search import SORTS, named
from db.types import Number

SEED = "seed"
"""Groups of all but the seed, as against those of a name's values."""

SCORES = {
    name: SORTS[name]
    for name in (
        *("val_accuracy", "best_val_accuracy", "val_loss", "best_val_loss", "accuracy", "loss"),
        *("best_val_r2", "baseline_loss", *LATER_SCORES),
    )
}


class _WithoutSeed(FunctionElement[str]):
    """A configuration's JSON but for its seed: the same text for the same configuration."""

    type = String()
    inherit_cache = True


@compiles(_WithoutSeed, "sqlite")
def _on_sqlite(element: _WithoutSeed, compiler: SQLCompiler, **options: Any) -> str:
    return f"json_remove({compiler.process(element.clauses, **options)}, '$.seed')"


@compiles(_WithoutSeed, "postgresql")
def _on_postgresql(element: _WithoutSeed, compiler: SQLCompiler, **options: Any) -> str:
    config = compiler.process(element.clauses, **options)
    return f"CAST(CAST({config} AS JSONB) - 'seed' AS TEXT)"


def group(
    connection: Connection,
    by: str,
    wanted: Sequence[ColumnElement[bool]],
    *,
    sort: str,
    descending: bool,
    limit: int,
    offset: int,
) -> GroupPage:
    """The groups of the runs that fulfil the conditions, by a name of the query language or SEED;
    raises ConfigError for a name that is not known."""
    found = _grouped(_members(by, wanted))
    order = found.c[sort if sort in ("size", *SCORES) else "newest"]
    last = case((order.is_(None), 1), else_=0)
    page = (
        select(found, func.count().over().label("total"))
        .order_by(last, order.desc() if descending else order.asc(), found.c.newest.desc())
        .limit(limit)
        .offset(offset)
    )
    rows = connection.execute(page).all()
    is_flag = by != SEED and (name := resolve(by)) is not None and name.kind is Kind.FLAG
    groups = tuple(_group_of(row, by=by, is_flag=is_flag) for row in rows)
    return GroupPage(groups, rows[0].total if rows else 0)


def _members(by: str, wanted: Sequence[ColumnElement[bool]]) -> Subquery:
    """The runs, each with the value that it is grouped by."""
    runs = select(RunRow.id, RunRow.status).outerjoin(SummaryRow, SummaryRow.run_id == RunRow.id)
    runs = runs.join(ConfigRow, ConfigRow.run_id == RunRow.id)
    key: ColumnElement[Any] = _WithoutSeed(ConfigRow.config) if by == SEED else named(by)
    scores = [column.label(name) for name, column in SCORES.items()]
    return runs.add_columns(key.label("key"), _copy(key), *scores).where(*wanted).subquery()


def _copy(key: ColumnElement[Any]) -> ColumnElement[int]:
    """Which of its copies in a group a run is; the first, which counts, is the one that came
    furthest."""
    same = key, ConfigRow.config, RunRow.parent_id, RunRow.parent_step
    undone = case((RunRow.status == Status.DONE, 0), else_=1)
    furthest = undone, RunRow.step.desc(), RunRow.id
    return func.row_number().over(partition_by=same, order_by=furthest).label("copy")


def _grouped(members: Subquery) -> Subquery:
    """One row per group. `newest` orders; each score's mean goes by its own name."""
    run = members.c
    ids = func.aggregate_strings(cast(run.id, String), ",").label("ids")
    counts = [func.sum(case((run.status == s, 1), else_=0)).label(f"is_{s}") for s in Status]
    copies = func.sum(case((run.copy > 1, 1), else_=0)).label("copies")
    grouped: Select[Any] = select(
        run.key, func.count().label("size"), func.max(run.id).label("newest"), ids, copies, *counts
    )
    for name in SCORES:
        x = run[name]
        finite = and_(
            run.copy == 1, x < inf, x > -inf
        )  # NaN sorts above infinity on either database
        value = cast(case((finite, x)), Number())
        grouped = grouped.add_columns(
            func.avg(value).label(name),
            func.count(value).label(f"n_{name}"),
            func.sum(value * value).label(f"squares_{name}"),
        )
    return grouped.group_by(run.key).subquery()


def _group_of(row: Row[Any], *, by: str, is_flag: bool) -> RunGroup:
    held = row._mapping
    value: Param = None if by == SEED else _plain(held["key"], is_flag=is_flag)
    return RunGroup(
        value=value,
        run_ids=tuple(sorted(int(word) for word in held["ids"].split(","))),
        copies=int(held["copies"]),
        counts={status: int(held[f"is_{status}"]) for status in Status},
        scores={
            name: _tally(held[f"n_{name}"], held[name], held[f"squares_{name}"]) for name in SCORES
        },
    )


def _plain(value: Any, *, is_flag: bool) -> Param:
    if is_flag and value is not None:
        return bool(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    plain: Param = value
    return plain


def _tally(n: int, mean: float | None, squares: float | None) -> Tally:
    if not n or mean is None or squares is None:
        return Tally(0, None, None)
    mean, squares = float(mean), float(squares)
    spread = sqrt(max(0.0, squares - n * mean * mean) / (n - 1)) if n > 1 else None
    return Tally(n, mean, spread)
