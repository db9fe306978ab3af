"""Distributions and Batch Normalization by step: written and read as blocks (`db/blocks.py`).

What versions before revision 0005 kept, a row per step and layer, is read beside them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Row, delete, func, select

from db.blocks import chosen, pack_histograms, pack_states, unpack_histograms, unpack_states
from db.bulk import upsert
from db.models import QUANTITIES, Base, BatchNormRow, BlockRow, HistogramRow
from engine.records import BatchNormState, Histogram, StepRecord

MOST = 200
"""Steps that stay of a run that has ended, and those of its checkpoints: no chart shows more."""
FEW = 4  # blocks of a layer that are left as they are

Items = dict[tuple[str, int], dict[int, Histogram | BatchNormState]]
"""By kind and layer, by step."""
_KINDS: dict[type[Base], Sequence[str]] = {
    HistogramRow: QUANTITIES,
    BatchNormRow: ("batch_norm",),
}
BLOCKS = frozenset(_KINDS)
"""The tables whose rows are kept packed now; files and frames still name them."""
_RECORDS: dict[type[Base], Any] = {HistogramRow: Histogram, BatchNormRow: BatchNormState}
_OLD = {kind: table for table, kinds in _KINDS.items() for kind in kinds}


def add(connection: Connection, run_id: int, records: Sequence[StepRecord]) -> None:
    """Add what records hold, in the order of steps; steps that are there already are replaced."""
    items: Items = defaultdict(dict)
    for record in records:
        for histogram in record.histograms:
            items[histogram.quantity, histogram.layer][record.step] = histogram
        for state in record.batch_norms:
            items["batch_norm", state.layer][record.step] = state
    if items:
        cut(connection, run_id, min(min(steps) for steps in items.values()) - 1)
        _insert(connection, run_id, items)


def cut(connection: Connection, run_id: int, last: int) -> None:
    """Remove what lies beyond a step."""
    beyond = (BlockRow.run_id == run_id, BlockRow.step > last)
    reaching = select(BlockRow.__table__).where(*beyond, BlockRow.first_step <= last)
    items: Items = {}
    for block in connection.execute(reaching):
        kept = _unpacked(block, block.steps <= last)
        items[block.kind, block.layer] = {item.step: item for item in kept}
    connection.execute(delete(BlockRow).where(*beyond))
    _insert(connection, run_id, items)


def read(
    connection: Connection,
    run_id: int,
    kinds: Sequence[str],
    *,
    layers: Collection[int] | None = None,
    steps: Collection[int] | None = None,
    after_step: int = -1,
) -> list[Any]:
    """Histograms or states, by step and layer: of some kinds, layers and steps."""
    found = [
        *_old(connection, run_id, kinds, layers, steps, after_step),
        *_new(connection, run_id, kinds, layers, steps, after_step),
    ]
    return sorted(found, key=lambda item: (item.step, item.layer))


def rows(connection: Connection, run_id: int, table: type[Base]) -> list[tuple[Any, ...]]:
    """All there is as rows of an old table, in the order of its key, without the run's number."""
    items = read(connection, run_id, _KINDS[table])
    if table is HistogramRow:
        items.sort(key=lambda item: (QUANTITIES.index(item.quantity), item.step, item.layer))
    else:
        items.sort(key=lambda item: (item.layer, item.step))
    return [tuple(getattr(item, name) for name in _columns(table)) for item in items]


def add_rows(
    connection: Connection, run_id: int, table: type[Base], rows: Iterable[Sequence[Any]]
) -> None:
    """Add rows of an old table; raises ValueError where a layer's arrays differ in length."""
    items: Items = defaultdict(dict)
    for row in rows:
        item = _RECORDS[table](**dict(zip(_columns(table), row, strict=True)))
        items[getattr(item, "quantity", "batch_norm"), item.layer][item.step] = item
    _insert(connection, run_id, items)


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
        kept = {item.step: item for item in _new(connection, run_id, (kind,), (layer,), keep, -1)}
        of_layer = (of_run, BlockRow.kind == kind, BlockRow.layer == layer)
        connection.execute(delete(BlockRow).where(*of_layer))
        _insert(connection, run_id, {(kind, layer): kept})


def _insert(
    connection: Connection, run_id: int, items: Mapping[tuple[str, int], Mapping[int, Any]]
) -> None:
    rows = []
    for (kind, layer), by_step in items.items():
        steps = sorted(by_step)
        of_layer = [by_step[step] for step in steps]
        data = (pack_states if kind == "batch_norm" else pack_histograms)(of_layer)
        if steps:
            place = (run_id, kind, layer, steps[-1], steps[0])
            rows.append((*place, np.array(steps, np.int32), data))
    upsert(connection, BlockRow.__table__, rows)


def _new(
    connection: Connection,
    run_id: int,
    kinds: Sequence[str],
    layers: Collection[int] | None,
    steps: Collection[int] | None,
    after_step: int,
) -> Iterator[Any]:
    rows = select(BlockRow.__table__).where(
        BlockRow.run_id == run_id, BlockRow.kind.in_(kinds), BlockRow.step > after_step
    )
    if layers is not None:
        rows = rows.where(BlockRow.layer.in_(layers))
    for block in connection.execute(rows):
        which = block.steps > after_step
        if steps is not None:
            which &= np.isin(block.steps, list(steps))
        if which.any():
            yield from _unpacked(block, which)


def _unpacked(block: Row[Any], which: NDArray[np.bool_]) -> Sequence[Any]:
    """What a block holds, of the steps marked."""
    if block.kind == "batch_norm":
        return unpack_states(block.layer, block.steps, block.data, which)
    return unpack_histograms(block.layer, block.kind, block.steps, block.data, which)


def _old(
    connection: Connection,
    run_id: int,
    kinds: Sequence[str],
    layers: Collection[int] | None,
    steps: Collection[int] | None,
    after_step: int,
) -> Iterator[Any]:
    """Rows of before revision 0005."""
    table = _OLD[kinds[0]]
    record = _RECORDS[table]
    columns = table.__table__.c
    rows = select(*(columns[field.name] for field in fields(record))).where(
        columns.run_id == run_id, columns.step > after_step
    )
    if table is HistogramRow:
        rows = rows.where(columns.quantity.in_(kinds))
    if layers is not None:
        rows = rows.where(columns.layer.in_(layers))
    if steps is not None:
        rows = rows.where(columns.step.in_(steps))
    for row in connection.execute(rows):
        yield record(*row)
