"""Databases and dispatchers that the tests of one kind of database share."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from db.store import Store
from tests.databases import new_database
from tests.runner.processes import dispatcher

KINDS = [
    pytest.param("sqlite", marks=pytest.mark.xdist_group("runner on SQLite")),
    pytest.param("postgresql", marks=pytest.mark.xdist_group("runner on PostgreSQL")),
]
"""Tests on one kind of database run one after another: never more than two share the cores."""


@dataclass(frozen=True)
class Served:
    """A database, and the dispatcher that serves it."""

    url: str
    store: Store
    dispatcher: psutil.Popen
    folder: Path


@pytest.fixture(scope="module", params=KINDS)
def served(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """A dispatcher with two workers at work on a database of its own."""
    folder = tmp_path_factory.mktemp("served")
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), folder / "layerlab.db")
        yield from _serve(f"sqlite:///{folder / 'layerlab.db'}", folder)
    else:
        server = request.getfixturevalue("postgres_server")
        with new_database(server, request.getfixturevalue("postgres_template")) as url:
            yield from _serve(url, folder)


def _serve(url: str, folder: Path) -> Iterator[Served]:
    with Store.open(url) as store, dispatcher(url, folder) as process:
        yield Served(url, store, process, folder)


@pytest.fixture(params=KINDS)
def fresh_url(request: pytest.FixtureRequest) -> str:
    """The address of a fresh database that nobody serves."""
    kind = {"sqlite": "sqlite_url", "postgresql": "postgres_url"}[request.param]
    return str(request.getfixturevalue(kind))


@pytest.fixture
def fresh(fresh_url: str) -> Iterator[Store]:
    """A fresh database that nobody serves."""
    with Store.open(fresh_url) as store:
        yield store
