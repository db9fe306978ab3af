"""One dispatcher per database: two would count the same workers' slots twice.

The lock is one that the operating system, or PostgreSQL, takes back by itself when its holder dies:
a locked file beside a SQLite database, an advisory lock of a session on PostgreSQL.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from filelock import FileLock, Timeout
from sqlalchemy import Connection, text

from db import address
from db.connection import Database
from db.errors import DatabaseError, translated
from engine.errors import LayerlabError
from engine.failures import why
from engine.messages import Message

_ADVISORY_KEY = 0x6469737061746368  # "dispatch" in ASCII; advisory locks are a database's own
_NOTICE_A_DEAD_HOST = (
    "SET tcp_keepalives_idle = 10",
    "SET tcp_keepalives_interval = 5",
    "SET tcp_keepalives_count = 3",
)


_PATIENCE = 1.0  # seconds: `is_served` holds the lock for a moment when it looks
_TAKEN = Message("another dispatcher already serves this database, and one is enough")


class AlreadyRunningError(LayerlabError):
    """Another dispatcher serves the database."""


class Lock(Protocol):
    """The right to dispatch the runs of one database."""

    def take(self) -> bool:
        """Take the lock, or make sure that it is still ours; False where another process has it."""

    def give_back(self) -> None: ...


def lock_of(database_url: str) -> Lock:
    """The lock of a database, not taken yet."""
    place = address.parse(database_url)
    return _FileLock(place.file) if place.file else _AdvisoryLock(place)


@contextlib.contextmanager
def held(database_url: str) -> Iterator[Lock]:
    """Hold a database's lock; raises AlreadyRunningError where another process keeps it."""
    lock = lock_of(database_url)
    deadline = time.monotonic() + _PATIENCE
    try:
        while not (taken := lock.take()) and time.monotonic() < deadline:
            time.sleep(0.1)
        if not taken:
            raise AlreadyRunningError(_TAKEN)
        yield lock
    finally:
        lock.give_back()


def is_served(database_url: str) -> bool:
    """Whether a dispatcher serves the database now."""
    lock = lock_of(database_url)
    try:
        return not lock.take()
    finally:
        lock.give_back()


class _FileLock:
    def __init__(self, database: Path) -> None:
        self._lock = FileLock(f"{database}.dispatcher")

    def take(self) -> bool:
        try:
            if not self._lock.is_locked:
                self._lock.acquire(blocking=False)
        except Timeout:
            return False
        except OSError as error:
            raise DatabaseError(
                Message(
                    "the folder of {file} cannot be written to ({why}); make it writable for you,"
                    " or name another database",
                    file=self._lock.lock_file,
                    why=why(error),
                )
            ) from None
        return True

    def give_back(self) -> None:
        self._lock.release()


class _AdvisoryLock:
    """Held by a connection of its own: where that breaks, the lock is gone, and taken again."""

    def __init__(self, place: address.Address) -> None:
        self._database = Database(place)
        self._connection: Connection | None = None

    def take(self) -> bool:
        with translated(self._database.address.shown):
            if self._connection is not None and self._answers(self._connection):
                return True
            self.give_back()
            connection = self._database.engine.connect()
            self._connection = connection.execution_options(isolation_level="AUTOCOMMIT")
            return self._lock(self._connection)

    def _lock(self, connection: Connection) -> bool:
        for setting in _NOTICE_A_DEAD_HOST:
            connection.execute(text(setting))
        query = text("SELECT pg_try_advisory_lock(:key)")
        if connection.scalar(query, {"key": _ADVISORY_KEY}):
            return True
        self.give_back()
        return False

    @staticmethod
    def _answers(connection: Connection) -> bool:
        with contextlib.suppress(DatabaseError), translated(""):
            return bool(connection.scalar(text("SELECT 1")))
        return False

    def give_back(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(DatabaseError), translated(""):
                self._connection.close()
            self._connection = None
        self._database.close()  # the pool's connections too: the lock is the session's
