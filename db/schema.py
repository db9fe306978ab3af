"""The version of the tables: Alembic alone makes and changes them.

It is imported to do so only: an eighth of the time that a process takes to open a database.
"""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing, suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

from db import address
from db.connection import PATIENCE, Database
from db.errors import DatabaseError, SchemaError, translated
from engine.failures import why
from engine.messages import Message

if TYPE_CHECKING:
    from alembic.config import Config

VERSION_TABLE = "layerlab_version"
_MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 0x6C617965726C6162  # `layerlab`: the key of PostgreSQL's advisory lock


def upgrade(url: str | None = None) -> str:
    """Bring a database's tables up to date, made new where there is none; answers the revision.

    Several programs may do this at once: one does the work, the others wait for it. A database that
    is read-only is left as it is; raises SchemaError where that is too old.
    """
    from alembic import command

    database = Database(_private(address.parse(url)))
    with closing(database):
        if not database.writable:
            check(database)
            return head()
        if database.address.file:
            with translated(database.address.shown):
                _keep_log(database.engine)
        with database.write() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
            _refuse_foreign(connection, database.address.shown)
            command.upgrade(_config(connection), "head")
    return head()


def make_file(url: str | None = None) -> None:
    """Make the SQLite file that a URL names where it is not there yet; elsewhere do nothing."""
    file = address.parse(url).file
    if file and not file.exists():
        upgrade(url)


def check(database: Database) -> None:
    """Raise SchemaError unless the tables are those that this program knows."""
    place = database.address.shown
    file = database.address.file
    if file and not file.exists():
        none = Message("There is no database {place} yet; run `layerlab db upgrade`.", place=place)
        raise SchemaError(none)
    with database.read() as connection:
        revision = current(connection)
        if revision != head():
            _refuse_foreign(connection, place)
            raise SchemaError(
                Message(
                    "The tables of the database {place} are older than this program (revision"
                    " {revision}, needed {head}); run `layerlab db upgrade`.",
                    place=place,
                    revision=revision or Message("none"),
                    head=head(),
                )
            )


def current(connection: Connection) -> str | None:
    """The revision of the tables, or None where there are none."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    revision = connection.scalar(text(f"SELECT version_num FROM {VERSION_TABLE}"))
    return str(revision) if revision else None


def head() -> str:
    """The revision that this program knows."""
    return max(_known())


@cache
def _known() -> frozenset[str]:
    """Every revision: its migration's name begins with it."""
    migrations = (_MIGRATIONS / "versions").glob("[0-9]*.py")
    return frozenset(migration.name.partition("_")[0] for migration in migrations)


def _refuse_foreign(connection: Connection, place: str) -> None:
    """Raise SchemaError where the tables are a newer program's, or another program's."""
    revision = current(connection)
    if revision is None and inspect(connection).has_table("run"):
        raise SchemaError(
            Message(
                "The database {place} holds a table `run` that layerlab did not make; give layerlab"
                " a database of its own.",
                place=place,
            )
        )
    if revision is not None and revision not in _known():
        raise SchemaError(
            Message(
                "The database {place} was made by a newer layerlab (revision {revision}, this one"
                " knows {head}); update the program.",
                place=place,
                revision=revision,
                head=head(),
            )
        )


def _config(connection: Connection | None = None) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    config.attributes["version_table"] = VERSION_TABLE
    return config


def _private(place: address.Address) -> address.Address:
    """The place, where a new file is to lie: it and a folder made for it are its owner's alone, and
    so is what SQLite lays beside it."""
    if place.file and not place.file.exists():
        try:
            place.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise DatabaseError(
                Message(
                    "The folder {folder} for the database cannot be made ({why}); name another in"
                    " {variable}.",
                    folder=place.file.parent,
                    why=why(error),
                    variable=address.VARIABLE,
                )
            ) from None
        with suppress(OSError):  # SQLite will say what hinders
            os.close(os.open(place.file, os.O_CREAT | os.O_RDWR, mode=0o600))
    return place


def _keep_log(engine: Engine) -> None:
    """Let readers and one writer work side by side: a write-ahead log, a lasting mark of the file.
    A new file will be able to give space back, too, which can only be said before all else.

    SQLite does not wait its usual patience for this one lock, so starters that meet here try again.
    """
    deadline = time.monotonic() + PATIENCE
    with closing(engine.raw_connection()) as connection:
        while True:
            try:
                connection.cursor().execute("PRAGMA auto_vacuum=INCREMENTAL")
                connection.cursor().execute("PRAGMA journal_mode=WAL")
                return
            except sqlite3.OperationalError as error:
                locked = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
                if not locked or time.monotonic() > deadline:
                    raise
                time.sleep(0.02)
