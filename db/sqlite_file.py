"""A SQLite file: how it is opened, whether it may be written to, and whether it is still there."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event

from db.address import Address
from db.errors import AwayError
from engine.messages import Message


def engine_of(address: Address, patience: float) -> Engine:
    """The engine of a file, of whose transactions we decide how they begin."""

    def look() -> sqlite3.Connection:
        assert address.file is not None
        return _for_reading(address.file, patience)

    # With isolation_level None the driver begins no transactions of its own: `_begin` does.
    arguments = {"isolation_level": None, "timeout": patience}
    plain = address.url.difference_update_query(["mode"])
    if is_read_only(address):
        engine = create_engine(plain, creator=look)
    else:
        engine = create_engine(plain, connect_args=arguments)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def is_read_only(address: Address) -> bool:
    """Whether a file may only be looked at: the address says so (`?mode=ro`), or its disk."""
    file = address.file
    if file is None or not file.exists():
        return False
    asked = address.url.query.get("mode") == "ro"
    return asked or not (os.access(file, os.W_OK) and os.access(file.parent, os.W_OK))


class OpenFile:
    """The file that was opened, as its disk tells it from others whatever they are called."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._opened: tuple[int, int] | None = None

    def check(self) -> None:
        """Raise AwayError where another file, or none, is at the place by now: connections would go
        on with one that nobody finds again."""
        found = self._identity()
        if self._opened is None:
            self._opened = found
        elif found != self._opened:
            raise AwayError(
                Message(
                    "The database {place} was moved, deleted or replaced while it was open, so"
                    " nothing is read or kept; put it back, or start again with what is there now.",
                    place=str(self._file),
                )
            )

    def _identity(self) -> tuple[int, int] | None:
        try:
            found = self._file.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino


def _for_reading(file: Path, patience: float) -> sqlite3.Connection:
    """A connection that only reads. Where not even the write-ahead log's index can be made beside
    the file, nobody writes to it either, and it is read as it lies there."""
    try:
        return _opened(file, "mode=ro", patience)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF not in _NO_LOG:
            raise
    return _opened(file, "immutable=1", patience)


def _opened(file: Path, mode: str, patience: float) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"file:{quote(str(file))}?{mode}",
        uri=True,
        isolation_level=None,
        timeout=patience,
        check_same_thread=False,
    )
    try:
        connection.execute("SELECT 1 FROM sqlite_master LIMIT 1")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


_NO_LOG = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)


def _prepare(connection: Any, _record: Any) -> None:
    # SQLite's own `lower` knows the letters A to Z alone.
    connection.create_function("lower", 1, _lower, deterministic=True)
    for pragma in ("foreign_keys=ON", "synchronous=NORMAL", "cache_size=-16000"):
        connection.execute(f"PRAGMA {pragma}")


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    connection.exec_driver_sql(options.get("sqlite_begin", "BEGIN"))
