"""What a table's columns seem to be for: which is the target, which are no features.

A proposal is made where names and cells leave little doubt, and else none: a target that was taken
in silence because it stands last has taught networks the last pixel of a digit.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from engine.datasets.tables.format import is_number
from engine.datasets.tables.table import Column, Table
from engine.messages import Message

_TARGET = re.compile(
    r"(^|[_ .])(labels?|targets?|class(es)?|category|species|quality|survived|outcome|y|price"
    r"|charges|sale_?price|value)$|ラベル|正解|目的変数|品種|価格|分類",
    re.IGNORECASE,
)
_AMOUNT = re.compile(r"price|value|charges|cost|amount|salary|income|価格|金額|年収", re.IGNORECASE)
_IDENTIFIER = re.compile(r"(^|[_ ])(id|index|key)$|[a-z](Id|ID)$|番号$|^unnamed: 0$|^ID$")
_LOOKED_AT = 100  # rows
_FEW_WORDS = 0.5
"""Of the rows: more different words than that are no classes."""


def proposed_target(table: Table, left_out: Collection[str] = ()) -> str | None:
    """The one column that is named as targets are; where there is none, the one column of words,
    if it stands at either end. None where several are, or none."""
    columns = [column for column in table.columns if column.name not in left_out]
    named = [c.name for c in columns if table.form.header and _TARGET.search(c.name)]
    if len(named) > 1:  # a price beside a `value` of something else: only exact names are plain
        named = [name for name in named if name.lower() in ("label", "target", "class", "y")]
        return named[0] if len(named) == 1 else None
    words = [c.name for c in columns if c.kind == "words" and c.name not in named]
    if named:
        return named[0]
    at_an_end = (table.names[0], table.names[-1])
    if len(words) == 1 and words[0] in at_an_end and _are_classes(table.column(words[0])):
        return words[0]
    return None


def is_amount(name: str) -> bool:
    """Whether a column's name says that its whole numbers are numbers, not labels."""
    return bool(_AMOUNT.search(name))


def proposed_left_out(table: Table, targets: Collection[str] = ()) -> dict[str, Message]:
    """The columns that are no features, and why."""
    return dict(_left_out(column for column in table.columns if column.name not in targets))


def _left_out(columns: Iterator[Column]) -> Iterator[tuple[str, Message]]:
    for column in columns:
        if column.kind == "empty":
            yield column.name, Message("it is empty")
        elif _counts_rows(column):
            yield column.name, Message("it counts the rows")
        elif _names_rows(column):
            yield column.name, Message("it names the rows: each cell is another")


def _counts_rows(column: Column) -> bool:
    """Whether the cells are 0, 1, 2, ... or 1, 2, 3, ..."""
    if not pa.types.is_integer(column.cells.type) or column.missing or len(column.cells) < 3:
        return False
    start = column.cells[0].as_py()
    if start not in (0, 1) or column.cells[1].as_py() != start + 1:
        return False
    return bool((column.cells.to_numpy() == np.arange(start, start + len(column.cells))).all())


def _names_rows(column: Column) -> bool:
    """Whether no two cells are alike, and they are words or called an identifier. Numbers with a
    slip of the pen among them are no words."""
    if column.missing or len(column.cells) < 10:
        return False
    if column.kind == "words":
        if any(map(is_number, column.cells[:_LOOKED_AT].to_pylist())):
            return False
    elif not (_IDENTIFIER.search(column.name) and pa.types.is_integer(column.cells.type)):
        return False
    return bool(pc.count_distinct(column.cells).as_py() == len(column.cells))


def _are_classes(column: Column) -> bool:
    return bool(pc.count_distinct(column.cells).as_py() <= _FEW_WORDS * len(column.cells))
