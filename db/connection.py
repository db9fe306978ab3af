"""Connections: how each database is opened, and transactions that read or write."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, func, select

from db.address import Address
from db.errors import translated
from db.types import UtcDateTime

PATIENCE = 30  # seconds to wait for another writer, or for a server's answer


class Database:
    """One database, shared by the threads of a process."""

    def __init__(self, address: Address, *, patience: float = PATIENCE) -> None:
        self.address = address
        self.engine = _sqlite(address, patience) if address.file else _postgres(address, patience)
        self._writer = self.engine.execution_options(sqlite_begin="BEGIN IMMEDIATE")
        moment = {} if address.file else {"isolation_level": "REPEATABLE READ"}  # SQLite's is that
        self._reader = self.engine.execution_options(**moment)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that only reads and sees one moment, however many questions it asks."""
        with translated(self.address.shown), self._reader.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that commits at its end, or changes nothing where an error leaves it.

        On SQLite it takes the write lock at once: a transaction that began by reading could not
        wait for the lock later, it would fail.
        """
        with translated(self.address.shown), self._writer.begin() as connection:
            yield connection

    def close(self) -> None:
        self.engine.dispose()


def now(connection: Connection) -> datetime:
    """The time by the database's clock, the one that all machines share. SQLite's is the host's."""
    if connection.dialect.name == "sqlite":
        return datetime.now(UTC)
    return connection.execute(select(func.clock_timestamp(type_=UtcDateTime()))).scalar_one()


def _postgres(address: Address, patience: float) -> Engine:
    timeout = {} if "connect_timeout" in address.url.query else {"connect_timeout": 10}
    engine = create_engine(address.url, pool_pre_ping=True, connect_args=timeout)

    def set_patience(connection: Any, _record: Any) -> None:
        """Let nobody wait for ever on a row that a process locked before it froze."""
        connection.execute(f"SET lock_timeout = {round(1000 * patience)}")
        connection.execute(f"SET idle_in_transaction_session_timeout = {500 * PATIENCE}")
        connection.commit()

    event.listen(engine, "connect", set_patience)
    return engine


def _sqlite(address: Address, patience: float) -> Engine:
    # With isolation_level None the driver begins no transactions of its own: `_begin` does.
    engine = create_engine(address.url, connect_args={"isolation_level": None, "timeout": patience})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


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
