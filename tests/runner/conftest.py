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
from tests.runner.gates import Gate, gate_at
from tests.runner.processes import dispatcher

SERVED = {
    kind: pytest.param(kind, marks=pytest.mark.xdist_group(f"a dispatcher on {kind}"))
    for kind in ("sqlite", "postgresql")
}
FRESH = {
    kind: pytest.param(kind, marks=pytest.mark.xdist_group(f"dispatchers on {kind}"))
    for kind in ("sqlite", "postgresql")
}
"""Tests of one group run one after another in one process: those on a dispatcher that they share
(starting one takes seconds), and those that start their own."""


def served_on(kind: str) -> pytest.MarkDecorator:
    """For a test that uses `served` on one kind of database alone.

    What dies or hangs is the same on both, and what the database then answers tests/db asks of
    both. Both serve where locks, clocks or lost connections are the database's own.
    """
    return pytest.mark.parametrize("served", [SERVED[kind]], indirect=True)


@pytest.fixture
def gate() -> Iterator[Gate]:
    """A gate in the middle of a run, behind two of its checkpoints."""
    with gate_at(300) as closed:
        yield closed


@dataclass(frozen=True)
class Served:
    """A database, and the dispatcher that serves it."""

    url: str
    store: Store
    dispatcher: psutil.Popen
    folder: Path


@pytest.fixture(scope="package", params=SERVED.values())
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


@pytest.fixture(params=FRESH.values())
def fresh_url(request: pytest.FixtureRequest) -> str:
    """The address of a fresh database that nobody serves."""
    kind = {"sqlite": "sqlite_url", "postgresql": "postgres_url"}[request.param]
    return str(request.getfixturevalue(kind))


@pytest.fixture
def fresh(fresh_url: str) -> Iterator[Store]:
    """A fresh database that nobody serves."""
    with Store.open(fresh_url) as store:
        yield store
