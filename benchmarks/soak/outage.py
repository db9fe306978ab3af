"""A database that is away for a while: a file that another program locks, a server that lets nobody
in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager

from sqlalchemy import URL, make_url

from db.address import parse
from db.connection import Database


def away(url: str) -> AbstractContextManager[None]:
    """As long as this lasts nobody can write to the database, and on PostgreSQL nobody read it."""
    place = make_url(url)
    return _locked(url) if place.get_backend_name() == "sqlite" else _closed(place)


@contextmanager
def _locked(url: str) -> Iterator[None]:
    with closing(Database(parse(url))) as database, database.write():
        yield


@contextmanager
def _closed(place: URL) -> Iterator[None]:
    """Needs the rights of the database's owner, and the database `postgres` beside it."""
    name = place.database
    beside = place.set(database="postgres").render_as_string(hide_password=False)
    everybody = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
    with closing(Database(parse(beside))) as database, database.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        connection.exec_driver_sql(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        try:
            connection.exec_driver_sql(everybody, (name,))
            yield
        finally:
            connection.exec_driver_sql(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
