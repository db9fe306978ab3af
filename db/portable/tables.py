"""History as arrays: each table is one structured NPY array, one field per column.

    pandas.DataFrame(numpy.load(archive.open("runs/<uid>/metric-0.npy")))

A column that may lack a value has a field `<column>_known` beside it. The packed arrays of a row
(histogram counts, BN channels) stand one after the other in a member of their own, `length` of them
a row; matrices (batch statistics) have `length` rows of `width` values. The fields follow from the
models alone, so that an array of any other type is refused before it is read.

Files of other versions: a column that a file does not have takes its `default`, and None where it
may lack a value. One that only the file has is left out where it may lack a value, and refused
otherwise. So a statistic may be added without another version of the format (docs/portable.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from io import BytesIO
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray
from sqlalchemy import Column
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from db.models import HISTORY, Base
from db.types import Matrix, Number, Packed, Word
from engine.errors import LayerlabError
from engine.messages import Message

TABLES: dict[str, type[Base]] = {table.__tablename__: table for table in HISTORY}
SIMPLE_ROWS = 50_000
ARRAY_ROWS = 1_000

Row = tuple[Any, ...]


class LayoutError(LayerlabError):
    """An array is not what its name says."""


def columns_of(table: type[Base]) -> list[Column[Any]]:
    """What is kept of a row: all but the run's number."""
    return [column for column in table.__table__.columns if column.name != "run_id"]


def arrays_of(table: type[Base]) -> list[Column[Any]]:
    """The columns that hold an array in each row."""
    return [column for column in columns_of(table) if isinstance(column.type, Packed | Matrix)]


def rows_a_part(table: type[Base]) -> int:
    """How many rows go into one member, so that it fits into memory."""
    return ARRAY_ROWS if arrays_of(table) else SIMPLE_ROWS


def encode(table: type[Base], rows: Sequence[Row]) -> Iterator[tuple[str, bytes]]:
    """Members for some rows: the table itself under "", its arrays under their columns' names."""
    columns = dict(zip(columns_of(table), zip(*rows, strict=True), strict=True))
    packed = [[np.asarray(array) for array in columns[column]] for column in arrays_of(table)]
    plain = np.zeros(len(rows), dtype=_layout(table))
    for column, values in columns.items():
        if isinstance(column.type, Packed | Matrix):
            continue
        if column.nullable:
            plain[f"{column.name}_known"] = [value is not None for value in values]
        plain[column.name] = [0 if value is None else value for value in values]
    if packed:
        plain["length"] = [len(array) for array in packed[0]]
    if "width" in (plain.dtype.names or ()):
        plain["width"] = [array.shape[1] for array in packed[-1]]
    yield "", _to_npy(plain)
    for column, arrays in zip(arrays_of(table), packed, strict=True):
        flat = np.concatenate([array.ravel() for array in arrays])
        yield column.name, _to_npy(flat.astype(flat.dtype.newbyteorder("<"), copy=False))


def decode(table: type[Base], members: Mapping[str, bytes]) -> list[Row]:
    """Rows from the members that `encode` made of them; raises LayoutError."""
    plain = _from_npy(members[""], lambda dtype: _fits(dtype, table))
    fields = plain.dtype.names or ()
    found: dict[str, Iterable[Any]] = {}
    for column in columns_of(table):
        name = column.name
        if isinstance(column.type, Packed | Matrix):
            flat = _from_npy(members[name], _dtypes(column).__contains__)
            found[name] = _split(flat, plain, matrix=isinstance(column.type, Matrix))
            continue
        if name not in fields:
            found[name] = [_before(column)] * len(plain)
            continue
        values = plain[name].tolist()
        _check(column, plain[name])
        if f"{name}_known" in fields:
            known = plain[f"{name}_known"].tolist()
            values = [v if k else None for v, k in zip(values, known, strict=True)]
        found[name] = values
    return list(zip(*found.values(), strict=True))


@cache
def _layout(table: type[Base]) -> np.dtype[Any]:
    """The type of a table's own array."""
    fields: list[tuple[str, str]] = []
    for column in columns_of(table):
        kind = column.type
        if isinstance(kind, Packed | Matrix):
            continue
        if isinstance(kind, Word):
            fields.append((column.name, f"<U{max(map(len, kind.words))}"))
        else:
            fields.append((column.name, "<f8" if isinstance(kind, Number) else "<i4"))
        if column.nullable:
            fields.append((f"{column.name}_known", "?"))
    fields += [("length", "<u4")] if arrays_of(table) else []
    matrices = any(isinstance(column.type, Matrix) for column in arrays_of(table))
    fields += [("width", "<u4")] if matrices else []
    return np.dtype(fields)


def _fits(dtype: np.dtype[Any], table: type[Base]) -> bool:
    """Whether an array is that table's: columns apart that this program or the file may lack."""
    known: Mapping[str, Any] = _layout(table).fields or {}
    fields: Mapping[str, Any] = dtype.fields or {}
    missing = known.keys() - fields.keys()
    unknown = fields.keys() - known.keys()
    return (
        all(_holds(known[name][0], fields[name][0]) for name in fields.keys() & known.keys())
        and missing <= _addable(table)
        and all(_may_lack(name, fields) and fields[name][0].kind in "iufb" for name in unknown)
    )


def _holds(known: np.dtype[Any], found: np.dtype[Any]) -> bool:
    """Whether a type of today holds all of a file's: the longest of some words may have grown."""
    return found.kind == known.kind and np.can_cast(found, known, "safe") and _is_little(found)


def _is_little(dtype: np.dtype[Any]) -> bool:
    return dtype == dtype.newbyteorder("<")


def must_have(table: type[Base]) -> list[str]:
    """The columns, with their types, that every file of this version has in a table."""
    plain, addable = _layout(table), _addable(table)
    arrays = [f"{column.name}: {_dtypes(column)}" for column in arrays_of(table)]
    return [f"{n}: {plain[n].str}" for n in plain.names or () if n not in addable] + arrays


def _may_lack(name: str, fields: Mapping[str, Any]) -> bool:
    return name.endswith("_known") or f"{name}_known" in fields


def _addable(table: type[Base]) -> set[str]:
    """The fields that a file from before they were added does not have."""
    columns = [column for column in columns_of(table) if column.nullable or column.default]
    return {name for column in columns for name in (column.name, f"{column.name}_known")}


def _before(column: Column[Any]) -> Any:
    """What a row has in a column that was added after it was written."""
    return column.default.arg if isinstance(column.default, ScalarElementColumnDefault) else None


def _dtypes(column: Column[Any]) -> list[np.dtype[Any]]:
    kind = column.type
    names = [kind.dtype] if isinstance(kind, Packed) else ["<f4", "<f8"]
    return [np.dtype(name) for name in names]


def _check(column: Column[Any], values: NDArray[Any]) -> None:
    if isinstance(column.type, Word) and not set(values.tolist()) <= set(column.type.words):
        rule = Message("`{name}` is one of {choices}", name=column.name, choices=column.type.words)
        raise LayoutError(rule)
    if values.dtype.kind == "i" and np.any(values < 0):
        raise LayoutError(Message("`{name}` must be at least 0", name=column.name))


def _split(flat: NDArray[Any], plain: NDArray[Any], *, matrix: bool) -> list[NDArray[Any]]:
    """The array of each row."""
    shapes: list[tuple[int, ...]] = [(n,) for n in plain["length"].tolist()]
    if matrix:
        shapes = [(*n, m) for n, m in zip(shapes, plain["width"].tolist(), strict=True)]
    ends = [0]
    for shape in shapes:
        ends.append(ends[-1] + int(np.prod(shape, dtype=object)))
    if ends[-1] != len(flat):
        uneven = Message("it holds {found:,} values where its table counts {counted:,}")
        raise LayoutError(uneven.filled(found=len(flat), counted=ends[-1]))
    parts = (flat[start:end] for start, end in pairwise(ends))
    return [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)]


def _to_npy(array: NDArray[Any]) -> bytes:
    file = BytesIO()
    npy.write_array(file, array, version=(1, 0), allow_pickle=False)
    return file.getvalue()


def _from_npy(data: bytes, fits: Callable[[np.dtype[Any]], bool]) -> NDArray[Any]:
    """A one-dimensional array of a type that fits, exactly as long as its bytes."""
    file = BytesIO(data)
    try:
        if npy.read_magic(file) != (1, 0):
            raise LayoutError(Message("it is of another version of the NPY format"))
        shape, _, dtype = npy.read_array_header_1_0(file)
    except LayoutError:
        raise
    except Exception as error:  # its header is parsed as Python: a dozen kinds may come
        raise LayoutError(Message("it is no NPY array")) from error
    if len(shape) != 1 or not fits(dtype):
        strange = Message("it is an array of {dtype} with {n} dimensions", n=len(shape))
        raise LayoutError(strange.filled(dtype=str(dtype)[:60]))
    if len(data) - file.tell() != shape[0] * dtype.itemsize:
        raise LayoutError(Message("it is cut short"))
    return np.frombuffer(data, dtype, offset=file.tell())
