"""Distributions and Batch Normalization by step: written and read as blocks (`db/blocks.py`).

What versions before revision 0005 kept, a row per step and layer, is read beside them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, repeat
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, Row, bindparam, delete, func, select

from db.blocks import (
    STATE,
    Columns,
    chosen,
    pack_histograms,
    pack_states,
    unpack_histograms,
    unpack_states,
)
from db.bulk import upsert
from db.models import QUANTITIES, Base, BatchNormRow, BlockRow, HistogramRow
from engine.records import BatchNormState, Histogram, Quantity, StepRecord

MOST = 200
"""Steps that stay of a run that has ended, and those of its checkpoints: no chart shows more."""
FEW = 4  # blocks of a layer that are left as they are

Item = Histogram | BatchNormState
_KINDS: dict[type[Base], Sequence[str]] = {
    HistogramRow: QUANTITIES,
    BatchNormRow: ("batch_norm",),
}
BLOCKS = frozenset(_KINDS)
"""The tables whose rows are kept packed now; files and frames still name them."""
_OLD = {kind: table for table, kinds in _KINDS.items() for kind in kinds}


def _fields(kind: str) -> tuple[str, ...]:
    """What is kept of a kind at a step of a layer."""
    return STATE if kind == "batch_norm" else ("low", "high", "counts")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which of what was recorded inside the layers of a run: of some kinds, of all layers and steps
    or of some."""

    run_id: int
    kinds: Sequence[str]
    layers: Collection[int] | None = None
    steps: Collection[int] | None = None
    after_step: int = -1

    def conditions(self, table: type[Base]) -> list[ColumnElement[bool]]:
        """What rows that may hold some of it fulfil."""
        columns = table.__table__.c
        found = [columns.run_id == self.run_id, columns.step > self.after_step]
        return found if self.layers is None else [*found, columns.layer.in_(self.layers)]

    def among(self, steps: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Which of the steps."""
        which: NDArray[np.bool_] = steps > self.after_step
        return which if self.steps is None else which & np.isin(steps, list(self.steps))


@dataclass(frozen=True, slots=True)
class Part:
    """What was recorded of one kind in one layer: a row per step in each column."""

    kind: str
    layer: int
    steps: NDArray[np.int32]
    columns: Columns

    @classmethod
    def of(cls, kind: str, layer: int, by_step: Mapping[int, Item]) -> Part:
        """From records; raises ValueError where their arrays differ in length."""
        items = [by_step[step] for step in sorted(by_step)]
        columns = {name: np.array([getattr(i, name) for i in items]) for name in _fields(kind)}
        return cls(kind, layer, np.array(sorted(by_step), np.int32), columns)

    def widened(self, bins: int) -> Part:
        """Histograms with so many bins, those beyond their own empty."""
        low, high, counts = self.columns.values()
        own = counts.shape[1]
        if own == bins:
            return self
        with np.errstate(invalid="ignore"):
            high = low + (high - low) * bins / own
        more = np.pad(counts, ((0, 0), (0, bins - own)))
        return replace(self, columns={"low": low, "high": high, "counts": more})

    def records(self) -> Iterator[Item]:
        steps, columns = self.steps.tolist(), list(self.columns.values())
        if self.kind == "batch_norm":
            return map(BatchNormState, steps, repeat(self.layer), *columns)
        low, high, counts = columns
        place = repeat(self.layer), repeat(cast(Quantity, self.kind))
        return map(Histogram, steps, *place, low.tolist(), high.tolist(), counts)


_BEYOND = BlockRow.run_id == bindparam("of_run"), BlockRow.step > bindparam("last")
_CUT = delete(BlockRow).where(*_BEYOND)
_REACHING = select(BlockRow.__table__).where(*_BEYOND, BlockRow.first_step <= bindparam("last"))


def add(connection: Connection, run_id: int, records: Sequence[StepRecord]) -> None:
    """Add what records hold, in the order of steps; steps that are there already are replaced."""
    items = (chain[Item](record.histograms, record.batch_norms) for record in records)
    parts = list(_gathered(chain.from_iterable(items)))
    if parts:
        cut(connection, run_id, min(int(part.steps[0]) for part in parts) - 1)
        _insert(connection, run_id, parts)


def cut(connection: Connection, run_id: int, last: int) -> None:
    """Remove what lies beyond a step."""
    place = {"of_run": run_id, "last": last}
    kept = [_part(block, block.steps <= last) for block in connection.execute(_REACHING, place)]
    connection.execute(_CUT, place)
    if kept:
        _insert(connection, run_id, kept)


def read(connection: Connection, wanted: Wanted) -> list[Any]:
    """Histograms or states, by step and layer."""
    found = [item for part in parts(connection, wanted) for item in part.records()]
    return sorted(found, key=lambda item: (item.step, item.layer))


def parts(connection: Connection, wanted: Wanted) -> Iterator[Part]:
    """What was recorded, kept in blocks or in rows of before revision 0005."""
    yield from _blocks(connection, wanted)
    yield from _old(connection, wanted)


def _blocks(connection: Connection, wanted: Wanted) -> Iterator[Part]:
    rows = select(BlockRow.__table__).where(*wanted.conditions(BlockRow))
    for block in connection.execute(rows.where(BlockRow.kind.in_(wanted.kinds))):
        which = wanted.among(block.steps)
        if which.any():
            yield _part(block, which)


def _old(connection: Connection, wanted: Wanted) -> Iterator[Part]:
    table = _OLD[wanted.kinds[0]]
    column = table.__table__.c
    rows = select(table.__table__).where(*wanted.conditions(table))
    if table is HistogramRow:
        rows = rows.where(column.quantity.in_(wanted.kinds))
    if wanted.steps is not None:
        rows = rows.where(column.step.in_(wanted.steps))
    for row in connection.execute(rows):
        kind = getattr(row, "quantity", "batch_norm")
        columns = {name: np.array([getattr(row, name)]) for name in _fields(kind)}
        yield Part(kind, row.layer, np.array([row.step], np.int32), columns)


def columns(connection: Connection, wanted: Wanted) -> Columns:
    """Histograms, or the states of one layer, as arrays: a row per step and layer, in that order.

    Where histograms have fewer bins than others, empty ones follow up to the end of the last.
    """
    found = list(parts(connection, wanted))
    if not found:
        names = _fields(wanted.kinds[0])
        arrays = {name: np.empty(0 if name in ("low", "high") else (0, 0)) for name in names}
        return {"step": np.empty(0, int), "layer": np.empty(0, int), **arrays}
    return _stacked(found)


def _stacked(parts: Sequence[Part]) -> Columns:
    """Parts of one kind as arrays, in the order of steps and layers."""
    if "counts" in parts[0].columns:
        bins = max(part.columns["counts"].shape[1] for part in parts)
        parts = [part.widened(bins) for part in parts]
    step = np.concatenate([part.steps for part in parts])
    layer = np.concatenate([np.full(len(part.steps), part.layer) for part in parts])
    values = {n: np.concatenate([part.columns[n] for part in parts]) for n in parts[0].columns}
    order = np.lexsort((layer, step))
    return {name: each[order] for name, each in {"step": step, "layer": layer, **values}.items()}


def rows(connection: Connection, run_id: int, table: type[Base]) -> list[tuple[Any, ...]]:
    """All there is as rows of an old table, in the order of its key, without the run's number."""
    items = read(connection, Wanted(run_id, _KINDS[table]))
    if table is HistogramRow:
        items.sort(key=lambda item: (QUANTITIES.index(item.quantity), item.step, item.layer))
    else:
        items.sort(key=lambda item: (item.layer, item.step))
    return [tuple(getattr(item, name) for name in _columns(table)) for item in items]


def add_rows(
    connection: Connection, run_id: int, table: type[Base], rows: Iterable[Sequence[Any]]
) -> None:
    """Add rows of an old table; raises ValueError where a layer's arrays differ in length."""
    record: Any = Histogram if table is HistogramRow else BatchNormState
    items = (record(**dict(zip(_columns(table), row, strict=True))) for row in rows)
    _insert(connection, run_id, _gathered(items))


def _gathered(items: Iterable[Item]) -> Iterator[Part]:
    """Records by kind and layer; of those of one step the last."""
    found: dict[tuple[str, int], dict[int, Item]] = defaultdict(dict)
    for item in items:
        found[getattr(item, "quantity", "batch_norm"), item.layer][item.step] = item
    return (Part.of(*place, by_step) for place, by_step in found.items())


def _columns(table: type[Base]) -> list[str]:
    return [column.name for column in table.__table__.columns if column.name != "run_id"]


def steps_of(connection: Connection, run_id: int, kinds: Sequence[str]) -> list[int]:
    """The steps at which anything of these kinds was recorded."""
    blocks = select(BlockRow.steps).where(BlockRow.run_id == run_id, BlockRow.kind.in_(kinds))
    steps = {step for each in connection.execute(blocks).scalars() for step in each.tolist()}
    old = _OLD[kinds[0]].__table__.c
    rows = select(old.step).where(old.run_id == run_id).distinct()
    return sorted(steps | set(connection.execute(rows).scalars()))


def settle(connection: Connection, run_id: int, needed: Iterable[int]) -> None:
    """What stays of a run that has ended: a block per layer, of no more steps than charts show."""
    of_run = BlockRow.run_id == run_id
    key = (BlockRow.kind, BlockRow.layer)
    counts = select(*key, func.count()).where(of_run).group_by(*key)
    keep: set[int] | None = None
    for kind, layer, blocks in connection.execute(counts).all():
        if keep is None:
            every = steps_of(connection, run_id, (kind,))
            if blocks <= FEW and len(every) <= MOST:
                return
            keep = set(chosen(every, most=MOST, needed=needed))
        of_layer = (of_run, BlockRow.kind == kind, BlockRow.layer == layer)
        kept = list(_blocks(connection, Wanted(run_id, (kind,), layers=(layer,), steps=keep)))
        connection.execute(delete(BlockRow).where(*of_layer))
        if kept:
            step, _layer, *values = _stacked(kept).values()
            columns = dict(zip(_fields(kind), values, strict=True))
            _insert(connection, run_id, [Part(kind, layer, step, columns)])


def _insert(connection: Connection, run_id: int, parts: Iterable[Part]) -> None:
    rows = []
    for part in parts:
        if len(part.steps):
            pack = pack_states if part.kind == "batch_norm" else pack_histograms
            place = (run_id, part.kind, part.layer, int(part.steps[-1]), int(part.steps[0]))
            rows.append((*place, part.steps, pack(part.columns)))
    upsert(connection, BlockRow.__table__, rows)


def _part(block: Row[Any], which: NDArray[np.bool_]) -> Part:
    """What a block holds, of the steps marked."""
    unpack = unpack_states if block.kind == "batch_norm" else unpack_histograms
    return Part(block.kind, block.layer, block.steps[which], unpack(block.data, which))
