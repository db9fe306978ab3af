"""A list in words: its columns, and a row of cells for each thing in it. How it is drawn, and what
happens to who clicks on it, is a widget's (`widgets/rows.py`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "number", "state", "tags", "curve"]
Cell = str | Sequence[str] | Sequence[float] | None
"""Words; for `state` these and the name of their colour, for `curve` numbers. None is a dash."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: what it is called and holds."""

    title: str
    kind: Kind = "text"
    help: str = ""
    sorts: str | None = None  # by what the whole list is sorted where its header is clicked


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its number and the name that opens it, and its cells by their columns."""

    id: int
    name: str
    cells: Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class Table:
    """A list: what the column of names is called, the columns beside it, and the rows."""

    heading: str
    columns: Mapping[str, Column]
    rows: Sequence[Row]
    sorts: str | None = None  # by what the list is sorted where the heading of names is clicked
