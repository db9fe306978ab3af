"""Connections: how each database is opened, and transactions that read or write."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, func, select, text

from db.address import Address
from db.errors import translated
from db.rights import Action, Kind
from db.sqlite_file import OpenFile, engine_of, is_read_only
from db.types import UtcDateTime

PATIENCE = 30  # seconds to wait for another writer, or for a server's answer


class Database:
    """One database, shared by the threads of a process."""

    def __init__(self, address: Address, *, patience: float = PATIENCE) -> None:
        self.address = address
        make = engine_of if address.file else _postgres
        self.engine = make(address, patience)
        self._file = OpenFile(address.file) if address.file else None
        self._writer = self.engine.execution_options(sqlite_begin="BEGIN IMMEDIATE")
        moment = {} if address.file else {"isolation_level": "REPEATABLE READ"}  # SQLite's is that
        self._reader = self.engine.execution_options(**moment)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that only reads and sees one moment, however many questions it asks."""
        with translated(self.address.shown), self._reader.connect() as connection:
            self._check_file()
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that commits at its end, or changes nothing where an error leaves it.

        On SQLite it takes the write lock at once: a transaction that began by reading could not
        wait for the lock later, it would fail.
        """
        with translated(self.address.shown), self._writer.begin() as connection:
            self._check_file()
            yield connection

    @contextmanager
    def change(
        self, action: Action, kind: Kind | None = None, keys: Iterable[Any] = ()
    ) -> Iterator[Connection]:
        """A transaction that writes what a person asks for, to the things of those keys.

        Here nobody asks but the program and whoever runs it; `db.acting.Acting` knows who does.
        """
        del action, kind, keys
        with self.write() as connection:
            yield connection

    def made(self, connection: Connection, action: Action, kind: Kind, keys: Sequence[Any]) -> None:
        """Note the things that are new by the person's action."""

    def noted(
        self,
        connection: Connection,
        action: Action,
        key: str,
        *,
        before: dict[str, Any] | None,
        after: dict[str, Any],
    ) -> None:
        """Note the person's action on what has no number."""

    def require(self, action: Action) -> None:
        """Raise RightsError where the person may not do this at all."""

    @property
    def person_id(self) -> int | None:
        """Who acts, where somebody is signed in."""
        return None

    def signed(self, name: str) -> str:
        """The name under which something is kept: the person's own, or else that which is given."""
        return name

    def may_change(self, action: Action, whose: int | None, connection: Connection) -> bool:
        """Whether the person may do this with what a person of that number made."""
        del action, whose, connection
        return True

    @cached_property
    def writable(self) -> bool:
        """Whether anything can be kept; a database that is read-only can be looked at."""
        if self._file:
            return not is_read_only(self.address)
        with self.read() as connection:
            return bool(connection.execute(text(_MAY_WRITE)).scalar_one())

    def _check_file(self) -> None:
        if self._file:
            self._file.check()

    def close(self) -> None:
        self.engine.dispose()


def now(connection: Connection) -> datetime:
    """The time by the database's clock, the one that all machines share. SQLite's is the host's."""
    if connection.dialect.name == "sqlite":
        return datetime.now(UTC)
    return connection.execute(select(func.clock_timestamp(type_=UtcDateTime()))).scalar_one()


_MAY_WRITE = """SELECT current_setting('transaction_read_only') = 'off'
    AND coalesce(has_table_privilege(to_regclass('run'), 'INSERT'), true)"""


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
