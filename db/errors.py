"""What can go wrong with a database, each one clear sentence: what happened, where, and the remedy.

    LayerlabError
    └── DatabaseError      read-only, not a database, refused
        ├── AwayError      cannot be reached, full, locked, busy: it may be back in a while
        └── SchemaError    made by another version of the program

No sentence holds a password: places are named by `db.address.Address.shown`.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import exc

from engine.errors import LayerlabError
from engine.messages import Message


class DatabaseError(LayerlabError):
    """The database does not do what was asked of it."""


class AwayError(DatabaseError):
    """The database does not do it now, by no fault of whoever asks."""


class SchemaError(DatabaseError):
    """The database's tables are not those that this version of the program knows."""


EXISTS = Message("The file {file} exists already; name one that does not.")
UNWRITTEN = Message("The file {file} cannot be written ({why}).")

_FULL = Message(
    "The disk that holds the database {place} is full, so this was not kept; free some space."
)
_READ_ONLY = Message(
    "The database {place} is read-only; make it (and a file's folder) writable for you."
)
_LOCKED = Message("The database {place} stayed locked by another program; close it and try again.")
_UNREACHABLE = Message(
    "The database {place} cannot be reached ({detail}); start its server, or correct the address"
    " in LAYERLAB_DATABASE_URL."
)
_NOT_OPENED = Message(
    "The database {place} cannot be opened; its folder must exist and you need the right to write"
    " there."
)
_DAMAGED = Message(
    "The file {place} is no SQLite database, or is damaged; restore it, or name another."
)
_IO = Message(
    "Reading or writing the database {place} failed ({detail}); check its disk for space."
)
_REFUSED = Message(
    "The database {place} refused the request ({detail}); give the account the right to it."
)
_BUSY = Message(
    "The database {place} has no free connection; try again, or allow it more connections."
)
_OTHER = Message("The database {place} failed: {detail}.")

_PASSING = (_FULL, _LOCKED, _UNREACHABLE, _IO, _BUSY)
OF_DRIVERS = (*_PASSING, _READ_ONLY, _NOT_OPENED, _DAMAGED, _REFUSED, _OTHER)
"""All that the errors of drivers may mean."""

_SQLITE = {  # by SQLite's primary result code
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_CANTOPEN: _NOT_OPENED,
    sqlite3.SQLITE_PERM: _NOT_OPENED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_IOERR: _IO,
}
_POSTGRES = {  # by SQLSTATE, or its class
    "53100": _FULL,
    "25006": _READ_ONLY,
    "55P03": _LOCKED,
    "53300": _BUSY,
    "42501": _REFUSED,
    "08": _UNREACHABLE,
    "28": _UNREACHABLE,
    "3D": _UNREACHABLE,
    "57": _UNREACHABLE,
}


@contextmanager
def translated(place: str) -> Iterator[None]:
    """Turn what SQLAlchemy and the drivers raise into a DatabaseError about `place`.

    Broken constraints pass as they are: they are mistakes of the program, not of its surroundings.
    """
    try:
        yield
    except exc.IntegrityError:
        raise
    except exc.TimeoutError as error:
        raise AwayError(_BUSY.filled(place=place)) from error
    except _drivers_errors() as error:
        cause = error.orig if isinstance(error, exc.DBAPIError) else error
        meant = _meant(cause)
        kind = AwayError if meant in _PASSING else DatabaseError
        raise kind(meant.filled(place=place, detail=_detail(cause))) from error


def _drivers_errors() -> tuple[type[Exception], ...]:
    return exc.DBAPIError, sqlite3.Error, *_psycopg_error()


def _psycopg_error() -> tuple[type[Exception], ...]:
    """What PostgreSQL's driver raises. Where nothing has loaded it, it has raised nothing, and a
    process that uses SQLite starts a tenth sooner without."""
    driver = sys.modules.get("psycopg")
    return (driver.Error,) if driver else ()


def _meant(error: BaseException | None) -> Message:
    if isinstance(error, sqlite3.Error):
        return _SQLITE.get(getattr(error, "sqlite_errorcode", 0) & 0xFF, _OTHER)
    if isinstance(error, _psycopg_error()):
        state = getattr(error, "sqlstate", None) or "08"  # without a state, no server ever answered
        return _POSTGRES.get(state) or _POSTGRES.get(state[:2], _OTHER)
    return _OTHER


def _detail(error: BaseException | None) -> str:
    """The first line of a driver's message."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0].rstrip(".")
