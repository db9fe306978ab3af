"""Column types that mean the same on SQLite and on PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import DateTime, Dialect, Double, LargeBinary, SmallInteger, Text, TypeDecorator
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from engine.messages import Message

NAN = float("nan")


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: an aware datetime in UTC. SQLite keeps it as text without the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value and value.astimezone(UTC)

    def result_processor(
        self, dialect: Dialect, coltype: object
    ) -> Callable[[Any], datetime | None]:
        read = self.impl_instance.dialect_impl(dialect).result_processor(dialect, coltype)

        def process(value: Any) -> datetime | None:
            moment: datetime | None = read(value) if read else value
            if moment is None:
                return None
            return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)

        return process


class Number(TypeDecorator[float]):
    """A double in which None, NaN, +inf and -inf stay apart.

    SQLite would turn NaN into NULL. There it is kept as the text 'NaN', which SQLite sorts above
    every number, infinity included, and finds equal to itself: just as PostgreSQL does its own NaN.
    """

    impl = Double
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[float | None], Any]:
        return _to_sqlite if dialect.name == "sqlite" else _to_float

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], float | None]:
        return _to_float


def _to_float(value: Any) -> float | None:
    return None if value is None else float(value)


def _to_sqlite(value: float | None) -> float | str | None:
    if value is None:
        return None
    return float(value) if value == value else "NaN"


class Packed(TypeDecorator[NDArray[Any]]):
    """A one-dimensional array as its bytes, little-endian whatever the machine."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, dtype: str) -> None:
        super().__init__()
        self.dtype = dtype

    def process_bind_param(self, value: NDArray[Any] | None, dialect: Dialect) -> bytes | None:
        return None if value is None else np.asarray(value, dtype=self.dtype).tobytes()

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> NDArray[Any] | None:
        if value is None:
            return None
        native = np.dtype(self.dtype).newbyteorder("=")
        return np.frombuffer(value, dtype=self.dtype).astype(native, copy=False)


class Matrix(TypeDecorator[NDArray[Any]]):
    """An array of any shape and precision in NumPy's own format, which tells both."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: NDArray[Any] | None, dialect: Dialect) -> bytes | None:
        if value is None:
            return None
        file = BytesIO()
        np.save(file, value, allow_pickle=False)
        return file.getvalue()

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> NDArray[Any] | None:
        return None if value is None else np.load(BytesIO(value), allow_pickle=False)


class Word(TypeDecorator[str]):
    """One of a few fixed words, kept as its place among them: one byte per row, not a text.

    Words may be added at the end, never moved.
    """

    impl = SmallInteger
    cache_ok = True

    def __init__(self, words: tuple[str, ...]) -> None:
        super().__init__()
        self.words = words

    def process_bind_param(self, value: str | None, dialect: Dialect) -> int | None:
        return None if value is None else self.words.index(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> str | None:
        return None if value is None else self.words[value]


class Json(TypeDecorator[Mapping[str, Any]]):
    """A small object as JSON text, messages as their templates and values; NaN and infinities
    survive, as Python writes them."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Mapping[str, Any] | None, dialect: Dialect) -> str | None:
        return None if value is None else json.dumps(dict(value), default=_to_json)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)


def _to_json(value: object) -> Any:
    return value.to_json() if isinstance(value, Message) else str(value)


class seconds_between(FunctionElement[float]):  # noqa: N801 (used as a function)
    """How many seconds lie between two moments, in SQL."""

    type = Double()
    inherit_cache = True


@compiles(seconds_between, "postgresql")
def _seconds_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    start, end = (compiler.process(clause, **options) for clause in element.clauses)
    return f"EXTRACT(EPOCH FROM {end} - {start})"


@compiles(seconds_between, "sqlite")
def _seconds_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    start, end = (compiler.process(clause, **options) for clause in element.clauses)
    return f"((julianday({end}) - julianday({start})) * 86400)"
